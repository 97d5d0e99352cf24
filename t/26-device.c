/*
 * Devices: the queue against one that is simulated tick by tick, and under
 * processes that fight for it; seats, and what becomes of them when a worker
 * is killed, at whatever instruction.
 */
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <err.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/draw.h"
#include "server/board.h"
#include "server/device.h"
#include "t/check.h"
#include "t/queue.h"

#define ARRIVALS	3000	/* of a simulation */
#define FIGHTERS	4	/* processes in one queue */
#define FIGHTS		((size_t)20000)	/* of each of them */
#define ROUNDS		6	/* of names, more than devices */
#define SITTERS		8	/* processes that take seats */
#define KILLS		400
#define PLACES		3	/* seats that they fight for */

static int64_t now = -1;	/* what the clock says, ns; -1: the real one */

/* Takes libc's place. */
int
clock_gettime(clockid_t id, struct timespec *ts)
{
	if (now == -1)
		return (int)syscall(SYS_clock_gettime, id, ts);
	*ts = clock_timespec(now);
	return 0;
}

/* A device that nobody has used yet. */
static unsigned int
new_device(void)
{
	static struct conf c;
	static int n;

	c.ndisks = 1;
	snprintf(c.disks[0].name, sizeof(c.disks[0].name), "new%d", n++);
	device_assign(&c, NULL);
	return c.disks[0].device;
}

static void *
shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		err(1, "mmap");
	return p;
}

/* A whole number from 0 to n - 1, the same in each run. */
static int64_t
chance(uint64_t what, int64_t n)
{
	return (int64_t)(draw_unit(draw_key(26, what), 0) * (double)n);
}

/*
 * The queue in slow motion: at each tick, servers that are through are free,
 * then who has waited longest goes to one that is.
 */
static void
simulate(struct customer *v, size_t n, int64_t lanes)
{
	int64_t left[QUEUE_SERVERS] = { 0 }, t;
	size_t next = 0, i;

	for (t = 0; next < n; t++) {
		for (i = 0; i < (size_t)lanes; i++)
			while (left[i] == 0 && next < n &&
			    v[next].arrival <= t) {
				v[next].begin = t;
				left[i] = v[next++].service;
			}
		for (i = 0; i < (size_t)lanes; i++)
			left[i] -= left[i] > 0;
	}
}

static void
test_queue(int64_t lanes, int64_t longest)
{
	static struct customer v[ARRIVALS];
	unsigned int device = new_device();
	size_t i, wrong = 0, waited = 0;
	unsigned int lane;
	int64_t at, t = 1;

	for (i = 0; i < ARRIVALS; i++) {
		v[i].arrival = t += chance(2 * i, 3);
		v[i].service = 1 + chance(2 * i + 1, longest);
	}
	simulate(v, ARRIVALS, lanes);
	for (i = 0; i < ARRIVALS; i++) {
		now = v[i].arrival;
		wrong += device_queue(device, lanes, v[i].service, &at, &lane) !=
		    v[i].begin || at != now;
		waited += v[i].begin > v[i].arrival;
	}
	now = -1;
	is_int((long long)wrong, 0, "%d reads of up to %d ns on %d lanes",
	    ARRIVALS, (int)longest, (int)lanes);
	ok(waited > ARRIVALS / 20 && waited < ARRIVALS, "%zu of them waited",
	    waited);
}

static void
test_lanes(void)
{
	unsigned int device = new_device(), other = new_device(), lane;
	int64_t at;

	now = 1000;
	is_int(device_queue(device, 2, 100, &at, &lane), 1000, "a read begins");
	is_int(device_queue(device, 1, 50, &at, &lane), 1100,
	    "it has taken the first of two lanes");
	is_int(device_queue(device, 2, 10, &at, &lane), 1000, "the other is free");
	is_int(device_queue(other, 1, 10, &at, &lane), 1000, "so is any other device");
	is_int(device_queue(device, CONF_LANES_MAX, 7, &at, &lane), 1000,
	    "there may be many");
	now = 5000;
	is_int(device_queue(device, 1, DIST_FOREVER - 10, &at, &lane), 5000,
	    "a read may be too long for this world");
	is_int(device_queue(device, 1, 10, &at, &lane), DIST_FOREVER,
	    "who waits for it waits for ever");
	is_int(at, 5000, "since then");
	now = -1;
}

/*
 * Who has had a lane before is known by the time at which it leaves: whoever
 * was overtaken between the two steps makes nobody take him for another.
 */
static void
test_follow(void)
{
	const uint64_t id = UINT64_C(0x5555555500000000);
	const uint64_t last = id + UINT32_MAX;
	unsigned int device = new_device();

	ok(device_follow(device, 0, 100, 200, id + 1) == 0,
	    "the first follows nobody");
	ok(device_follow(device, 0, 200, 300, id + 2) == id + 1,
	    "the next one follows it");
	ok(device_follow(device, 1, 300, 400, id + 3) == 0,
	    "another lane is another queue");
	ok(device_follow(device, 0, 400, 500, id + 4) == 0,
	    "who begins later follows nobody, or somebody who is not known");
	ok(device_follow(device, 0, 300, 400, id + 5) == 0,
	    "who comes late does not follow who has overtaken him");
	ok(device_follow(device, 0, 500, 600, last - 2) == 0,
	    "nor is he taken for that one");
	ok(device_follow(device, 0, 600, 700, last + 2) == last - 2,
	    "ids carry over into the upper half");
	ok(device_follow(device, 0, 700, 800, last - 1) == last + 2,
	    "in either direction");
}

/* Many at once. */

static void
fight(unsigned int device, int64_t lanes, struct customer *v, uint64_t who,
    _Atomic int *ready)
{
	unsigned int lane;
	uint64_t i;

	/* All at once: else each would be through before the next begins. */
	(*ready)++;
	while (*ready < FIGHTERS)
		sched_yield();
	for (i = 0; i < FIGHTS; i++) {
		/* Mostly short ones, which are the hardest to tell apart. */
		v[i].service = 1 + chance(who * FIGHTS + i, i % 4 == 0 ?
		    20 * CLOCK_US : 2);
		v[i].begin = device_queue(device, lanes, v[i].service,
		    &v[i].arrival, &lane);
	}
}

static void
test_fight(int64_t lanes)
{
	const size_t n = FIGHTERS * FIGHTS;
	struct customer *v = shared(n * sizeof(*v));
	_Atomic int *ready = shared(sizeof(*ready));
	unsigned int device = new_device();
	size_t i;
	int status, died = 0;

	for (i = 0; i < FIGHTERS; i++)
		if (fork() == 0) {
			fight(device, lanes, v + i * FIGHTS, i, ready);
			_exit(0);
		}
	while (wait(&status) > 0)
		died += status != 0;
	is_int(died, 0, "%d processes queue for %d lanes", FIGHTERS,
	    (int)lanes);
	is_int((long long)queue_serve(v, n, (size_t)lanes), 0,
	    "each begins when its place in the queue says");
	munmap(v, n * sizeof(*v));
	munmap(ready, sizeof(*ready));
}

static void
test_arrivals(void)
{
	unsigned int device = new_device();
	_Atomic unsigned char *seen = shared(FIGHTERS * FIGHTS);
	size_t i, once = 0;

	for (i = 0; i < FIGHTERS; i++)
		if (fork() == 0) {
			for (i = 0; i < FIGHTS; i++)
				seen[device_arrival(device)]++;
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	for (i = 0; i < FIGHTERS * FIGHTS; i++)
		once += seen[i] == 1;
	is_int((long long)once, (long long)(FIGHTERS * FIGHTS),
	    "each arrival has a number");
	is_int((long long)device_arrival(new_device()), 0, "from 0");
}

/* Seats. */

static void
test_seats(void)
{
	unsigned int d = new_device(), e = new_device(), i;
	int a, b, c;

	a = device_enter(d, 2, 7);
	b = device_enter(d, 2, BOARD_SLOTS - 1);
	ok(a >= 0 && a < 2 && b >= 0 && b < 2 && a != b, "two seats for two");
	is_int(device_enter(d, 2, 9), -1, "none for a third");
	is_int(device_inside(d), 2, "two are inside");
	ok((c = device_enter(e, 1, 9)) == 0, "another disk has its own");
	device_leave(d, a);
	a = device_enter(d, 2, 10);
	ok(a >= 0 && a < 2, "who leaves makes room");
	device_bury(7);
	is_int(device_inside(d), 2, "the dead one's old seat is another's now");
	device_bury(10);
	is_int(device_inside(d), 1, "the dead give back what they have");
	device_bury(10);
	device_bury(11);
	is_int(device_inside(d), 1, "once, and only if they have something");
	is_int(device_enter(d, 1, 12), b == 0 ? -1 : 0, "a limit may shrink");
	device_leave(e, c);
	is_int(device_inside(e), 0, "nobody is left");
	for (i = 0; i < BOARD_SLOTS; i++)
		if (device_enter(e, BOARD_SLOTS, i) == -1)
			break;
	is_int(i, BOARD_SLOTS, "there is a seat for each slot");
	is_int(device_inside(e), BOARD_SLOTS, "all are taken");
}

/* Takes and leaves seats until it is killed. */
static pid_t
sit(unsigned int device, unsigned int slot)
{
	pid_t pid = fork();
	int seat;

	if (pid == -1)
		err(1, "fork");
	if (pid > 0)
		return pid;
	for (;;)
		if ((seat = device_enter(device, PLACES, slot)) != -1)
			device_leave(device, seat);
}

static void
bury(pid_t pid, unsigned int slot)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	device_bury(slot);
}

static void
test_kill(void)
{
	unsigned int device = new_device(), i, slot, sitting = 0;
	pid_t pids[SITTERS];

	for (i = 0; i < SITTERS; i++)
		pids[i] = sit(device, i);
	for (i = 0; i < KILLS; i++) {
		slot = (unsigned int)chance(i, SITTERS);
		kill(pids[slot], SIGKILL);
		waitpid(pids[slot], NULL, 0);
		sitting += device_inside(device) > 0;
		device_bury(slot);
		pids[slot] = sit(device, slot);
	}
	for (i = 0; i < SITTERS; i++)
		bury(pids[i], i);
	is_int(device_inside(device), 0, "%d kills leave no seat taken "
	    "(%u found one taken)", KILLS, sitting);
}

/*
 * Kills a worker after so many instructions of taking a seat and leaving it.
 * Gives whether it was through with that; -1: it cannot be traced.
 */
static int
kill_after(unsigned int device, unsigned int slot, int instructions,
    _Atomic int *through)
{
	pid_t pid;
	int i;

	*through = 0;
	if ((pid = fork()) == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == -1)
			_exit(1);
		raise(SIGSTOP);
		device_leave(device, device_enter(device, 1, slot));
		*through = 1;
		_exit(0);
	}
	if (waitpid(pid, &i, 0) == -1 || !WIFSTOPPED(i))
		return -1;
	for (i = 0; i < instructions && !*through; i++)
		if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) == -1 ||
		    waitpid(pid, NULL, 0) == -1)
			err(1, "ptrace");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return *through;
}

static void
test_every_instruction(void)
{
	unsigned int device = new_device(), leaks = 0, taken = 0;
	_Atomic int *through = shared(sizeof(*through));
	int n = 0, end;

	while ((end = kill_after(device, 5, n, through)) == 0) {
		taken += device_inside(device);
		device_bury(5);
		leaks += device_inside(device);
		n++;
	}
	if (end == -1) {
		skip(2, "nothing may be traced here");
		return;
	}
	is_int(leaks, 0, "no seat is lost, after whichever of %d instructions",
	    n);
	ok(taken > 0 && (int)taken < n, "after %u of them it was taken", taken);
}

/* Names. */

static void
name_disks(struct conf *c, const char *prefix, size_t n)
{
	size_t i;

	c->ndisks = n;
	for (i = 0; i < n; i++)
		snprintf(c->disks[i].name, sizeof(c->disks[i].name), "%s%zu",
		    prefix, i);
}

static void
test_assign(void)
{
	unsigned int lane;
	static struct conf a, b;
	size_t i, j, same = 0;
	unsigned int first;
	char prefix[8];
	int64_t at;

	name_disks(&a, "x", 3);
	device_assign(&a, NULL);
	first = a.disks[0].device;
	ok(first != a.disks[1].device && first != a.disks[2].device &&
	    a.disks[1].device != a.disks[2].device, "each has its own");
	name_disks(&b, "x", CONF_DISK_MAX);
	snprintf(b.disks[1].name, sizeof(b.disks[1].name), "y");
	device_assign(&b, &a);
	ok(b.disks[0].device == first && b.disks[2].device ==
	    a.disks[2].device, "a name keeps its device over a reload");
	ok(b.disks[1].device != a.disks[1].device, "another name gets another");

	/* As many names as nobody has. */
	device_arrival(first);
	now = 1000;
	device_queue(first, 1, CLOCK_S, &at, &lane);
	for (i = 0; i < ROUNDS; i++) {
		snprintf(prefix, sizeof(prefix), "z%zu-", i);
		name_disks(i % 2 ? &a : &b, prefix, CONF_DISK_MAX);
		device_assign(i % 2 ? &a : &b, i % 2 ? &b : &a);
	}
	for (i = 0; i < CONF_DISK_MAX; i++)
		for (j = 0; j < CONF_DISK_MAX; j++)
			same += a.disks[i].device == b.disks[j].device;
	is_int((long long)same, 0, "names that come and go never meet");
	for (i = 0; i < CONF_DISK_MAX; i++)
		if (a.disks[i].device == first || b.disks[i].device == first)
			break;
	if (i < CONF_DISK_MAX) {
		is_int((long long)device_arrival(first), 0, "one that has "
		    "changed hands begins anew");
		is_int(device_queue(first, 1, 1, &at, &lane), 1000, "with free lanes");
	} else {
		skip(2, "the first device is another's");
	}
	now = -1;
}

int
main(void)
{
	static const int64_t lanes[] = { 1, 2, 3, 8, 64 };
	size_t i;

	plan_no_plan();
	if (device_open() == -1)
		err(1, "device_open");
	for (i = 0; i < sizeof(lanes) / sizeof(lanes[0]); i++)
		test_queue(lanes[i], 2 * lanes[i]);
	test_lanes();
	test_follow();
	test_fight(1);
	test_fight(3);
	test_arrivals();
	test_seats();
	test_kill();
	test_every_instruction();
	test_assign();
	return exit_status();
}
