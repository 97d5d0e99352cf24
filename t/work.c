#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <err.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "t/check.h"
#include "t/daemon.h"
#include "t/traffic/client.h"
#include "t/work.h"

#define STREAMS 3

/* So many answers, and the work is under way. */
#define BEGUN 50

/* What the process with the clients and this one share. */
struct work_shared {
	_Atomic int stop;
	_Atomic uint64_t answered;
	struct work_sum sum;
};

/* These are the clients' alone. */
static struct stream streams[STREAMS];
static struct work_shared *mine;

static void
look(struct watcher *w, const struct stream *s, size_t n, int64_t now)
{
	size_t i;

	(void)w;
	(void)s;
	for (i = 0; i < n && mine->stop; i++)
		if (streams[i].end > now)
			streams[i].end = now;
}

static void
count(const struct stream *s, int64_t due, int64_t took, enum outcome o)
{
	(void)s;
	(void)due;
	(void)took;
	mine->answered += o == OUTCOME_OK;
}

static void
sum_up(struct work_sum *sum)
{
	size_t i, k;

	for (i = 0; i < STREAMS; i++) {
		sum->sent += client_sent(&streams[i]);
		sum->answered += streams[i].outcomes[OUTCOME_OK];
		sum->reset += streams[i].outcomes[OUTCOME_RESET];
		for (k = 0; k < streams[i].queue.n; k++)
			if (streams[i].queue.v[k] > sum->worst)
				sum->worst = streams[i].queue.v[k];
	}
	sum->others = sum->sent - sum->answered - sum->reset;
}

_Noreturn static void
work(int port)
{
	static const struct stream kinds[STREAMS] = {
		{ .name = "short", .clients = 8,
		    .request = "GET /200,3,x HTTP/1.1\r\nHost: t\r\n\r\n" },
		{ .name = "long", .clients = 4,
		    .request = "GET /200,400,x HTTP/1.1\r\nHost: t\r\n\r\n" },
		{ .name = "none", .rate = 150, .poisson = true, .seed = 57,
		    .request = "GET /200,0,x HTTP/1.1\r\nHost: t\r\n\r\n" },
	};
	struct watcher w = { .every = 5 * CLOCK_MS, .look = look };
	struct addr addr;
	char text[32];
	size_t i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(text, sizeof(text), "127.0.0.1:%d", port);
	addr_parse(text, &addr);
	for (i = 0; i < STREAMS; i++) {
		streams[i] = kinds[i];
		streams[i].end = INT64_MAX / 2;
		streams[i].timeout = 10 * CLOCK_S;
		streams[i].asked = -1;
		streams[i].over = count;
	}
	client_run(&addr, streams, STREAMS, &w);
	sum_up(&mine->sum);
	_exit(0);
}

static int
has_done(void *arg)
{
	const struct work *w = arg;

	return w->shared->answered > w->awaited;
}

void
work_await(struct work *w, uint64_t more)
{
	w->awaited = w->shared->answered + more;
	if (!daemon_until(has_done, w))
		errx(1, "no request is answered");
}

void
work_start(struct work *w, int port)
{
	w->shared = mmap(NULL, sizeof(*w->shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (w->shared == MAP_FAILED)
		err(1, "mmap");
	fflush(stdout);
	if ((w->pid = fork()) == -1)
		err(1, "fork");
	if (w->pid == 0) {
		mine = w->shared;
		work(port);
	}
	work_await(w, BEGUN);
}

static int
has_ended(void *arg)
{
	const struct work *w = arg;
	siginfo_t si = { .si_pid = 0 };

	return waitid(P_PID, (id_t)w->pid, &si, WEXITED | WNOHANG | WNOWAIT) ==
	    0 && si.si_pid == w->pid;
}

void
work_end(struct work *w, struct work_sum *sum)
{
	int status;

	w->shared->stop = 1;
	if (!daemon_until(has_ended, w) ||
	    waitpid(w->pid, &status, 0) != w->pid || status != 0)
		errx(1, "the clients have failed");
	*sum = w->shared->sum;
	munmap(w->shared, sizeof(*w->shared));
}

void
work_judge(struct work *w, size_t killed, const char *what)
{
	const size_t most = killed == 0 ? 0 : killed + killed / 1000 + 1;
	struct work_sum l;

	work_end(w, &l);
	diag("%s: %llu requests, %llu cut off, %llu others, %zu workers killed",
	    what, (unsigned long long)l.sent, (unsigned long long)l.reset,
	    (unsigned long long)l.others, killed);
	is_int((long long)l.others, 0, "%s: each is answered, or cut off",
	    what);
	ok(l.reset <= most, "%s: at most %zu of them", what, most);
}
