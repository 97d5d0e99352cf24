/*
 * More clients than workers, all the time: what is asked of the master then
 * must happen all the same, and cost nobody a reply.
 */
#include <sys/mman.h>
#include <sys/wait.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"

#define CLIENTS	12
#define WORKERS	2

/* Shared with the clients' processes. */
struct load {
	_Atomic int stop;
	_Atomic int answered;
	_Atomic int lost;
};

static struct daemon d;
static struct load *load;
static pid_t pids[CLIENTS];

static void
client(void)
{
	static struct response mine;

	while (!load->stop) {
		if (client_get(d.port, "/200,5,x", &mine) == 200)
			load->answered++;
		else
			load->lost++;
	}
	_exit(0);
}

static void
start_load(void)
{
	int i;

	memset(load, 0, sizeof(*load));
	fflush(stdout);
	for (i = 0; i < CLIENTS; i++)
		if ((pids[i] = fork()) == 0)
			client();
}

static void
end_load(void)
{
	int i;

	load->stop = 1;
	for (i = 0; i < CLIENTS; i++)
		waitpid(pids[i], NULL, 0);
	ok(load->answered > 0, "there was load");
	is_int(load->lost, 0, "none of %d requests is lost", load->answered);
}

static void
test_reload(const char *policy)
{
	pid_t workers[64];
	int i;

	diag("balance %s", policy);
	daemon_rewrite(&d, "workers %d\nbalance %s\nqueue-timeout off\n",
	    WORKERS, policy);
	for (i = 0; i < 5; i++)
		daemon_reload(&d);
	/* While the load goes on: the old ones must not wait for its end. */
	daemon_await_workers(&d, WORKERS);
	ok(daemon_workers(&d, workers, 64) == WORKERS,
	    "old workers go although there is always a next connection");
}

/* Twice in a row, the second before the first is through. */
static void
test_reload_at_once(const char *policy)
{
	size_t from = daemon_log_length(&d);
	int i;

	daemon_rewrite(&d, "workers 40\nbalance %s\nqueue-timeout off\n",
	    policy);
	for (i = 0; i < 4; i++)
		daemon_signal(&d, SIGHUP);
	daemon_await_log(&d, "ready: 40 workers", from);
	daemon_await_workers(&d, 40);
	ok(!daemon_has_logged(&d, "it is replaced"),
	    "nobody leaves before a successor is ready");
}

static void
test_policy(const char *policy)
{
	static const char *const expected[] = { "shared is in force", NULL };

	daemon_configure(&d, "workers %d\nbalance %s\nqueue-timeout off\n",
	    WORKERS, policy);
	daemon_start(&d);
	start_load();
	test_reload(policy);
	test_reload_at_once(policy);
	end_load();
	daemon_finish(&d, expected);
}

int
main(void)
{
	plan_no_plan();
	load = mmap(NULL, sizeof(*load), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (load == MAP_FAILED)
		return 1;
	test_policy("shared");
	test_policy("idle");
	return exit_status();
}
