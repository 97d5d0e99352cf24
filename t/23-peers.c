/*
 * Which clients workers have: what a client is, that none has more than it
 * may, whoever tries at the same time, and what becomes of its place when a
 * worker is killed, at whatever instruction.
 */
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <err.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "common/draw.h"
#include "server/board.h"
#include "server/peers.h"
#include "t/check.h"

#define CROWD		4	/* processes that try at the same time */
#define TURNS		5000	/* of each of them */
#define PLACES		2	/* that they fight for */
#define KILLS		400
#define FIGHT_SECONDS	60	/* it takes less than one */
#define STRIDES		12	/* of each of two who meet */

#define KEY		UINT64_C(0x20010db800000001)
#define OTHER		UINT64_C(0x20010db800000002)
#define ANY		INT64_C(1000)	/* more than there are in a test */

/* Shared by all processes of a test. */
static struct scene {
	_Atomic int ready;	/* processes that have come to the start */
	_Atomic int inside;	/* of them, with a place */
	_Atomic int most;	/* that inside has been */
	_Atomic int refused;
	_Atomic int through;	/* one of two, traced: it has tried */
	_Atomic int result[2];	/* what came of that */
} *scene;

static void
clear(void)
{
	unsigned int slot;

	for (slot = 0; slot < CROWD; slot++)
		peers_bury(slot);
	scene->ready = scene->inside = scene->most = scene->refused = 0;
	scene->through = 0;
}

static int64_t
served(uint64_t key)
{
	return peers_count(PEERS_SERVED, key, ANY);
}

/* Keys. */

static uint64_t
key(int family, const char *text)
{
	struct addr a = { .ss.ss_family = (sa_family_t)family };
	void *to = family == AF_INET ?
	    (void *)&((struct sockaddr_in *)&a.ss)->sin_addr :
	    (void *)&((struct sockaddr_in6 *)&a.ss)->sin6_addr;

	if (inet_pton(family, text, to) != 1)
		errx(1, "%s is no address", text);
	return peers_key(&a);
}

static void
test_keys(void)
{
	static const struct {
		const char *a, *b;
		int same;
	} pairs[] = {
		{ "127.0.0.1", "127.0.0.1", 1 },
		{ "127.0.0.1", "127.0.0.2", 0 },
		{ "1.0.0.127", "127.0.0.1", 0 },
		{ "0.0.0.0", "::", 0 },
		{ "0.0.0.1", "::1", 0 },
		{ "255.255.255.255", "ffff:ffff::", 0 },
		{ "::1", "::1", 1 },
		{ "::ffff:192.0.2.7", "192.0.2.7", 1 },
		{ "::ffff:192.0.2.7", "::ffff:192.0.2.8", 0 },
		{ "64:ff9b::192.0.2.7", "192.0.2.7", 1 },
		{ "64:ff9b::192.0.2.7", "64:ff9b::192.0.2.8", 0 },
		{ "64:ff9b:1::192.0.2.7", "192.0.2.7", 0 },
		{ "2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff", 1 },
		{ "2001:db8:0:1::1", "2001:db8:0:2::1", 0 },
		{ "2001:db8::1", "2001:db9::1", 0 },
		{ "fe80::1", "fe80::2", 0 },
		{ "fe80::1", "fe80:0:0:1::1", 1 },
		{ "fe80::1", "febf::1", 1 },
		{ "fe80::1", "fec0::1", 0 },
		{ "fe80::1:0:1", "fe80::1", 0 },
	};
	size_t i;
	uint64_t a, b;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		a = key(strchr(pairs[i].a, ':') != NULL ? AF_INET6 : AF_INET,
		    pairs[i].a);
		b = key(strchr(pairs[i].b, ':') != NULL ? AF_INET6 : AF_INET,
		    pairs[i].b);
		ok(a != 0 && b != 0 && (a == b) == pairs[i].same,
		    "%s and %s are %s", pairs[i].a, pairs[i].b,
		    pairs[i].same ? "one client" : "two");
	}
}

/* One after the other. */

static void
test_places(void)
{
	clear();
	is_int(peers_enter(PEERS_SERVED, 0, KEY, 2), 0, "a first");
	is_int(peers_enter(PEERS_SERVED, 1, KEY, 2), 0, "a second");
	is_int(peers_enter(PEERS_SERVED, 2, KEY, 2), -1, "no third of two");
	is_int(served(KEY), 2, "who is refused is not counted");
	is_int(peers_enter(PEERS_SERVED, 2, OTHER, 2), 0, "another client");
	is_int(peers_enter(PEERS_ENDING, 3, KEY, 1), 0,
	    "those whose end is waited for are counted by themselves");
	is_int(peers_enter(PEERS_ENDING, 2, KEY, 1), -1, "likewise");
	peers_leave(PEERS_SERVED, 0);
	is_int(peers_enter(PEERS_SERVED, 3, KEY, 2), 0, "who leaves makes room");
	is_int(peers_enter(PEERS_SERVED, 0, KEY, 1), -1, "a limit may shrink");
	is_int(peers_enter(PEERS_SERVED, 0, KEY, CONF_OFF), 0, "or be none");
	is_int(served(KEY), 3, "who has none is counted by those who have");
	is_int(peers_count(PEERS_SERVED, KEY, 2), 2, "as far as is asked for");
	peers_bury(3);
	is_int(served(KEY), 2, "the dead are not counted");
	is_int(peers_count(PEERS_ENDING, KEY, ANY), 0, "in no part");
	is_int(served(OTHER), 1, "others are not touched by that");
}

/* All at once. */

static pid_t
start(void (*run)(unsigned int), unsigned int slot)
{
	pid_t pid = fork();

	if (pid == -1)
		err(1, "fork");
	if (pid == 0) {
		run(slot);
		_exit(0);
	}
	return pid;
}

static void
fight(unsigned int slot)
{
	int i, n, most;

	/* If all are refused for ever, this ends it. */
	alarm(FIGHT_SECONDS);
	scene->ready++;
	while (scene->ready < CROWD)
		sched_yield();
	for (i = 0; i < TURNS; i++) {
		while (peers_enter(PEERS_SERVED, slot, KEY, PLACES) == -1) {
			scene->refused++;
			sched_yield();
		}
		n = ++scene->inside;
		most = scene->most;
		while (n > most && !atomic_compare_exchange_strong(
		    &scene->most, &most, n))
			;
		/* Long enough for others to find it. */
		if (i % 4 == 0)
			sched_yield();
		scene->inside--;
		peers_leave(PEERS_SERVED, slot);
	}
}

static void
test_fight(void)
{
	int status, died = 0;
	unsigned int i;

	clear();
	for (i = 0; i < CROWD; i++)
		start(fight, i);
	while (wait(&status) > 0)
		died += status != 0;
	is_int(died, 0, "%d processes, %d places", CROWD, PLACES);
	ok(scene->most <= PLACES, "never more than %d of them have one",
	    scene->most);
	ok(scene->refused > 0, "%d times one was refused", scene->refused);
	is_int(served(KEY), 0, "nobody is left");
}

/* Tries, from the beginning to the end of one worker's life, until killed. */
static void
come_and_go(unsigned int slot)
{
	for (;;)
		if (peers_enter(PEERS_SERVED, slot, KEY, PLACES) == 0)
			peers_leave(PEERS_SERVED, slot);
}

static void
test_kill(void)
{
	unsigned int i, slot, found = 0;
	pid_t pids[CROWD];

	clear();
	for (i = 0; i < CROWD; i++)
		pids[i] = start(come_and_go, i);
	for (i = 0; i < KILLS; i++) {
		slot = (unsigned int)(draw_key(23, i) % CROWD);
		kill(pids[slot], SIGKILL);
		waitpid(pids[slot], NULL, 0);
		found += served(KEY) > 0;
		peers_bury(slot);
		pids[slot] = start(come_and_go, slot);
	}
	for (i = 0; i < CROWD; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
		peers_bury(i);
	}
	is_int(served(KEY), 0, "%d kills leave no place taken "
	    "(%u found one taken)", KILLS, found);
	is_int(peers_enter(PEERS_SERVED, 0, KEY, 1), 0, "nor the last one");
}

/* Step by step. */

/* It has few instructions of its own, which raise(3) has not. */
static void
stop(void)
{
	kill(getpid(), SIGSTOP);
}

/* One try of a traced process, which says what came of it. */
static void
try_traced(unsigned int slot)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == -1)
		_exit(1);
	stop();
	scene->result[slot] = peers_enter(PEERS_SERVED, slot, KEY, 1);
	scene->through |= 1 << slot;
	stop();
}

/* Gives its process, which has not begun; or -1: it cannot be traced. */
static pid_t
trace(unsigned int slot)
{
	pid_t pid = start(try_traced, slot);
	int status;

	if (waitpid(pid, &status, 0) == -1 || !WIFSTOPPED(status))
		return -1;
	return pid;
}

static int
is_through(unsigned int slot)
{
	return scene->through & 1 << slot;
}

/* So many instructions, or until it is through; gives how many. */
static int
step(pid_t pid, unsigned int slot, int instructions)
{
	int n;

	for (n = 0; n < instructions && !is_through(slot); n++)
		if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) == -1 ||
		    waitpid(pid, NULL, 0) == -1)
			err(1, "ptrace");
	return n;
}

/* All that are left, at once. */
static void
go_on(pid_t pid, unsigned int slot)
{
	if (is_through(slot))
		return;
	if (ptrace(PTRACE_CONT, pid, NULL, NULL) == -1 ||
	    waitpid(pid, NULL, 0) == -1 || !is_through(slot))
		errx(1, "a try does not end");
}

static void
end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* After each instruction of a try, the worker is killed. */
static void
test_every_instruction(int length)
{
	int n, counted = 0, left = 0;
	pid_t pid;

	for (n = 0; n < length; n++) {
		clear();
		pid = trace(0);
		step(pid, 0, n);
		end(pid);
		counted += served(KEY) != 0;
		peers_bury(0);
		left += peers_enter(PEERS_SERVED, 1, KEY, 1) != 0;
	}
	is_int(left, 0, "no place is lost, after whichever of %d instructions",
	    length);
	ok(counted > 0 && counted < length, "after %d of them it was taken",
	    counted);
}

/*
 * After some instructions of one try, and some of another, both go on, the one
 * or the other first: one of them gets the place.
 */
static void
meet(int one, int other, int first, int *both, int *none)
{
	pid_t pids[2];
	int got;

	clear();
	pids[0] = trace(0);
	pids[1] = trace(1);
	step(pids[0], 0, one);
	step(pids[1], 1, other);
	go_on(pids[first], (unsigned int)first);
	go_on(pids[!first], !first);
	end(pids[0]);
	end(pids[1]);
	got = (scene->result[0] == 0) + (scene->result[1] == 0);
	*both += got == 2;
	*none += got == 0;
}

static void
test_meetings(int length)
{
	const int stride = length / STRIDES + 1;
	int one, other, n = 0, both = 0, none = 0;

	for (one = 0; one <= length; one += stride)
		for (other = 0; other <= length; other += stride, n++)
			meet(one, other, n % 2, &both, &none);
	/* All of one in the middle of the other. */
	for (one = 0; one <= length; one++, n++)
		meet(one, 0, 1, &both, &none);
	is_int(both, 0, "of two who meet, in any of %d ways, none is too many",
	    n);
	is_int(none, 0, "and they are never both refused");
}

static void
test_steps(void)
{
	pid_t pid;
	int length;

	clear();
	if ((pid = trace(0)) == -1) {
		skip(5, "nothing may be traced here");
		return;
	}
	length = step(pid, 0, INT_MAX);
	end(pid);
	ok(scene->through && scene->result[0] == 0, "%d instructions", length);
	test_every_instruction(length);
	test_meetings(length);
}

int
main(void)
{
	unsigned int slot;

	plan_no_plan();
	scene = mmap(NULL, sizeof(*scene), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (scene == MAP_FAILED || board_open() == -1 || peers_open() == -1)
		err(1, "shared memory");
	test_keys();
	for (slot = 0; slot < 2; slot++)
		board_enter(slot);
	test_steps();
	for (; slot < CROWD; slot++)
		board_enter(slot);
	test_places();
	test_fight();
	test_kill();
	return exit_status();
}
