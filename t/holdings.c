#include <string.h>
#include <unistd.h>

#include "t/check.h"
#include "t/client.h"
#include "t/holdings.h"
#include "t/insides.h"

struct wanted {
	pid_t master;
	int bits;
};

static int
all_bits_are_set(void *arg)
{
	const struct wanted *w = arg;

	return insides_bits(w->master) == w->bits;
}

struct holdings
holdings_of(const struct daemon *d, int workers)
{
	struct holdings h = { .master = insides_descriptors(d->pid) };
	struct wanted wanted = { d->pid, workers };
	pid_t pids[HOLDINGS_WORKERS];
	size_t i, n;

	daemon_until(all_bits_are_set, &wanted);
	h.bits = insides_bits(d->pid);
	h.entries = insides_entries(d->pid);
	h.gated = insides_gated(d->pid);
	h.listeners = insides_listeners();
	n = daemon_workers(d, pids, HOLDINGS_WORKERS);
	for (i = 0; i < n; i++)
		h.worker += insides_descriptors(pids[i]);
	return h;
}

void
holdings_wake(const struct daemon *d, int workers)
{
	static const char request[] = "GET /200,200,all HTTP/1.0\r\n\r\n";
	int fds[HOLDINGS_WORKERS], i;

	for (i = 0; i < workers; i++) {
		fds[i] = client_connect(d->port);
		client_send(fds[i], request, sizeof(request) - 1);
	}
	for (i = 0; i < workers; i++) {
		client_closed(fds[i]);
		close(fds[i]);
	}
}

void
holdings_check(const struct holdings *before, const struct daemon *d,
    int workers)
{
	struct holdings now;

	holdings_wake(d, workers);
	now = holdings_of(d, workers);
	is_int(now.bits, workers, "every idle worker has its bit");
	is_int(now.entries, workers + 1,
	    "the program finds their listeners and the shared one");
	is_int(now.gated, workers, "and gates are before theirs alone");
	is_int((long long)now.listeners, workers + 1,
	    "there are no others in the network");
	is_int((long long)now.master, (long long)before->master,
	    "the master has no descriptor more than before");
	is_int((long long)now.worker, (long long)before->worker,
	    "nor have the workers");
}
