/* The master's eye on workers: stuck, overdue, and not even to be killed. */

#include <sys/ptrace.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"
#include "t/reader.h"

static struct daemon d;
static struct response r;

static int
is_gone(void *pid)
{
	return kill(*(pid_t *)pid, 0) == -1 && errno == ESRCH;
}

static void
test_stuck(void)
{
	static const char *const expected[] = { "workers are killed", NULL };
	int a, b;

	daemon_configure(&d, "balance shared\nworkers 4\nstop-timeout 0\n"
	    "stuck-after 200ms\ndisk sdb {\n\tread hang\n}\n");
	daemon_start(&d);
	is_int(client_get(d.port, "/200,1,x", &r), 200, "a read that is short");
	a = reader_ask(&d, "/sdb/x");
	daemon_await_log(&d, "is stuck: it has read disk sdb for ", 0);
	ok(1, "one that is not is told of, with its disk");
	daemon_await_notify(&d, "1 of them stuck");
	ok(1, "the service manager hears of it");
	b = reader_ask(&d, "/sdb/x");
	daemon_await_notify(&d, "2 of them stuck");
	ok(1, "and of another one");
	close(a);
	close(b);
	daemon_finish(&d, expected);
}

static void
test_timeout(void)
{
	static const char *const expected[] = {
		"has had a request for", "by worker-timeout",
		"workers are killed", NULL
	};
	pid_t pid;
	int fd;

	daemon_configure(&d, "balance shared\nworkers 2\nstop-timeout 0\n"
	    "worker-timeout 300ms\ndisk sdb {\n\tread hang\n}\n");
	daemon_start(&d);
	fd = reader_ask(&d, "/sdb/x");
	daemon_await_reading(&d, 1);
	pid = reader_pid(&d, 0);
	client_receive(fd, &r, 1);
	is_int(r.status, 0, "a request that takes too long gets no answer");
	close(fd);
	daemon_await_log(&d, ", and reads disk sdb: killed, and replaced", 0);
	daemon_await_log(&d, "was killed by signal 9 (Killed), by "
	    "worker-timeout", 0);
	daemon_until(is_gone, &pid);
	daemon_await_workers(&d, 2);
	ok(1, "its worker is killed, and replaced");
	is_int(client_get(d.port, "/200,10,x", &r), 200, "it serves");
	daemon_finish(&d, expected);
}

/*
 * A debugger can hold a process that has been killed at its exit, as a device
 * can in a call.
 */
static void
test_undead(void)
{
	static const char *const expected[] = {
		"has had a request for", "does not die", "by worker-timeout",
		"workers are killed", NULL
	};
	pid_t pid;
	int fd, status;

	daemon_configure(&d, "balance shared\nworkers 2\nstop-timeout 0\n"
	    "worker-timeout 300ms\ndisk sdb {\n\tread hang\n}\n");
	daemon_start(&d);
	fd = reader_ask(&d, "/sdb/x");
	daemon_await_reading(&d, 1);
	pid = reader_pid(&d, 0);
	if (ptrace(PTRACE_SEIZE, pid, NULL,
	    (void *)(uintptr_t)PTRACE_O_TRACEEXIT) == -1) {
		skip(2, "ptrace: %s", strerror(errno));
	} else {
		waitpid(pid, &status, __WALL);
		daemon_await_log(&d, ") was killed and does not die: it is in "
		    "state ", 0);
		ok(kill(pid, 0) == 0, "one that does not die is told of");
		daemon_await_workers(&d, 3);
		ok(1, "and replaced beside itself");
		ptrace(PTRACE_DETACH, pid, NULL, NULL);
	}
	close(fd);
	daemon_await_workers(&d, 2);
	is_int(client_get(d.port, "/200,10,x", &r), 200, "it serves");
	daemon_finish(&d, expected);
}

int
main(void)
{
	plan_no_plan();
	test_stuck();
	test_timeout();
	test_undead();
	return exit_status();
}
