/* Workers that crash again and again, and a master that gives up. */

#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "common/clock.h"
#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"

static struct daemon d;
static struct response r;

static void
start(const char *conf)
{
	daemon_configure(&d, "balance shared\n%s", conf);
	daemon_start(&d);
}

/* The worker that was ready first, or one of those. */
static pid_t
some_worker(void)
{
	pid_t pids[8];

	return daemon_workers(&d, pids, 8) > 0 ? pids[0] : -1;
}

static int
is_gone(void *pid)
{
	return kill(*(pid_t *)pid, 0) == -1 && errno == ESRCH;
}

static void
end_worker(pid_t pid, int sig)
{
	kill(pid, sig);
	daemon_until(is_gone, &pid);
}

/* Who dies before it has served anybody is not replaced at once. */
static void
test_useless(void)
{
	static const char *const expected[] = { "worker", NULL };
	pid_t pids[4], other;

	start("workers 2\n");
	other = some_worker();
	daemon_workers(&d, pids, 4);
	end_worker(pids[1], SIGABRT);
	daemon_await_log(&d, "was killed by signal 6 (Aborted)", 0);
	daemon_await_log(&d, "before it served anybody; its slot rests for 1 s",
	    0);
	is_int(client_get(d.port, "/200,0,x", &r), 200, "the other one serves");
	daemon_await_workers(&d, 2);
	daemon_await_idle(&d, 2);
	daemon_workers(&d, pids, 4);
	end_worker(pids[0] == other ? pids[1] : pids[0], SIGABRT);
	daemon_await_log(&d, "before it served anybody; its slot rests for 2 s",
	    0);
	ok(1, "each time it waits longer");
	/* Somebody who is killed, or has served, is replaced at once. */
	end_worker(other, SIGKILL);
	daemon_await_log(&d, "was killed by signal 9 (Killed); it is replaced",
	    0);
	daemon_await_workers(&d, 1);
	ok(1, "who was killed is replaced at once");
	daemon_finish(&d, expected);
}

static void
test_spell(void)
{
	static const char *const expected[] = { "worker", NULL };
	size_t i;

	start("workers 4\n");
	for (i = 0; i < 5; i++) {
		end_worker(some_worker(), SIGKILL);
		daemon_await_workers(&d, 4);
	}
	daemon_await_log(&d, "warning: 4 more workers died within ", 0);
	daemon_await_log(&d, ": 4 was killed by signal 9 (Killed)", 0);
	ok(1, "a line for all that came behind the first");
	daemon_finish(&d, expected);
}

static void
test_limit(void)
{
	int status, i;

	start("workers 4\ncrash-limit 3 in 1h\n");
	for (i = 0; i < 2; i++) {
		end_worker(some_worker(), SIGKILL);
		daemon_await_workers(&d, 4);
		daemon_await_idle(&d, 4);
	}
	is_int(client_get(d.port, "/200,0,x", &r), 200, "two are not enough");
	end_worker(some_worker(), SIGKILL);
	status = daemon_wait(&d);
	ok(WIFEXITED(status), "the third ends the daemon");
	is_int(WEXITSTATUS(status), 3, "its status");
	ok(daemon_has_logged(&d, "error: crash-limit: 3 workers died within "
	    "1h; giving up"), "the log says why");
	ok(client_is_refused(&d.port), "nobody listens any more");
}

int
main(void)
{
	plan_no_plan();
	test_useless();
	test_spell();
	test_limit();
	return exit_status();
}
