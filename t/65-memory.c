/*
 * Memory that runs out: a control group of the test's own has little of it, and
 * a worker eats that up, until the kernel kills it.  The daemon goes on, and
 * says why; and never says so of a worker that died of something else.
 *
 * A worker does not eat memory by itself.  So this program is the daemon, with
 * a handler for a signal that the daemon does not know.
 */
#include <sys/mman.h>
#include <sys/wait.h>

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "t/cgroup.h"
#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"
#include "t/heir.h"
#include "t/reader.h"
#include "t/standin.h"
#include "t/torture.h"
#include "t/work.h"

#define WORKERS	12
#define LIMIT	(256LL << 20)
#define PIECE	((size_t)1 << 20)

#define EAT	(SIGRTMIN + 1)

#define KILLED	" was killed by signal 9 (Killed)"
#define OUT	", as memory had run out"
#define PERHAPS	", perhaps as memory had run out"

static struct daemon d;
static struct work work;

/* Until it is killed; or the system has no more, which is said. */
static void
eat(int sig)
{
	size_t n;
	void *p;

	(void)sig;
	for (n = 0; n < 64 * (size_t)LIMIT / PIECE; n++) {
		/* A system call, and no lock: NOLINTNEXTLINE(bugprone-signal-handler) */
		p = mmap(NULL, PIECE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (p == MAP_FAILED)
			break;
		memset(p, 1, PIECE);
	}
	/* The test has failed then: NOLINTNEXTLINE(bugprone-signal-handler) */
	log_warn("nobody stops who eats memory");
}

static int
serve(const char *file)
{
	signal(EAT, eat);
	if (cgroup_enter(standin_variable("T_CGROUP"), getpid()) == -1)
		err(126, "its control group");
	return standin_serve(file);
}

/* Whoever else is in a group: it eats when it is told to. */
static pid_t
neighbour(const struct cgroup *c)
{
	pid_t parent = getpid(), pid;

	fflush(stdout);
	/* It may be told before it has run. */
	signal(EAT, eat);
	if ((pid = fork()) == -1)
		err(1, "fork");
	if (pid == 0) {
		while (getppid() == parent)
			pause();
		_exit(0);
	}
	if (cgroup_enter(c->dir, pid) == -1)
		err(1, "%s", c->dir);
	return pid;
}

static void
eat_and_die(pid_t pid)
{
	int status;

	kill(pid, EAT);
	waitpid(pid, &status, 0);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
	    "somebody else eats memory, and is killed");
}

static void
start(const struct cgroup *c)
{
	setenv("T_CGROUP", c->dir, 1);
	standin_begin();
	daemon_configure(&d, "balance idle\nworkers %d\n", WORKERS);
	daemon_start(&d);
	standin_end();
	work_start(&work, d.port);
}

static pid_t
some_reader(void)
{
	pid_t pid;

	do
		daemon_await_reading(&d, 1);
	while ((pid = reader_pid(&d, 0)) == -1);
	return pid;
}

/* A worker dies by the signal, and the log says how. */
static void
is_told(int sig, const char *why, const char *what)
{
	const size_t from = daemon_log_length(&d);
	const pid_t pid = some_reader();
	char text[128], line[2048];
	int as_said = 0;
	FILE *f;

	kill(pid, sig);
	snprintf(text, sizeof(text), "(pid %d)" KILLED, (int)pid);
	daemon_await_log(&d, text, from);
	daemon_await_workers(&d, WORKERS);
	if ((f = fopen(d.log, "r")) == NULL)
		err(1, "%s", d.log);
	strlcat(text, why, sizeof(text));
	while (fgets(line, sizeof(line), f) != NULL)
		if (strstr(line, text) != NULL)
			/* Nothing more, or what becomes of the slot. */
			as_said = strchr("; \n", *(strstr(line, text) +
			    strlen(text))) != NULL;
	fclose(f);
	ok(as_said, "%s: it is told%s", what, why);
}

static void
finish(size_t killed)
{
	static const char *const expected[] = { "worker", HEIR_FALLBACK, NULL };

	work_judge(&work, killed, "memory");
	ok(!daemon_has_logged(&d, "nobody stops"), "who ate was killed");
	daemon_finish(&d, expected);
}

/* Alone in its group, the daemon knows. */
static void
test_alone(const struct cgroup *c, const struct cgroup *other, size_t rounds)
{
	size_t i;

	start(c);
	is_told(SIGKILL, "", "killed by somebody");
	for (i = 0; i < rounds; i++)
		is_told(EAT, OUT, "a worker eats memory");
	is_told(SIGKILL, "", "killed by somebody, later");
	eat_and_die(neighbour(other));
	is_told(SIGKILL, "", "killed by somebody, as memory ran out elsewhere");
	finish(rounds + 3);
}

/* With others in it, it does not. */
static void
test_shared(const struct cgroup *c)
{
	const pid_t pid = neighbour(c);

	start(c);
	is_told(SIGKILL, "", "not alone: killed by somebody");
	is_told(EAT, PERHAPS, "not alone: a worker eats memory");
	is_told(SIGKILL, "", "not alone: killed by somebody, later");
	eat_and_die(pid);
	is_told(SIGKILL, PERHAPS, "not alone: it was another who ate");
	finish(4);
}

int
main(int argc, char *argv[])
{
	struct cgroup c, other;
	const char *why;

	if (argc > 3 && standin_is_called(argv))
		return serve(argv[3]);
	plan_no_plan();
	if (geteuid() != 0)
		why = "only root may make control groups";
	else if ((why = cgroup_make(&c, "memory")) == NULL)
		why = cgroup_make(&other, "memory");
	if (why != NULL) {
		skip(1, "%s", why);
		return exit_status();
	}
	cgroup_limit(&c, LIMIT);
	cgroup_limit(&other, LIMIT / 4);
	heir_open();
	test_alone(&c, &other, (size_t)torture_pick(3, 60));
	test_shared(&c);
	return exit_status();
}
