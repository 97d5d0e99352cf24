/*
 * Steering on real sockets, in a network of its own: who gets a connection,
 * what becomes of it when a listener goes, and which privileges that takes.
 * Design section 4 relies on each of these facts about the kernel.
 */
#include <linux/capability.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/steer.h"
#include "t/check.h"

#define DEADLINE 5000		/* ms; what happens at all, happens at once */
#define NOBODY 65534

/* One listen address. */
struct place {
	struct sockaddr_storage ss;
	socklen_t len;
	struct steer_group group;
	int shared;
};

static struct steer steer;

/* A listener at the place's address, in its SO_REUSEPORT group; or -1. */
static int
listener(struct place *p)
{
	const int on = 1;
	int fd;

	fd = socket(p->ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) == -1 ||
	    bind(fd, (struct sockaddr *)&p->ss, p->len) == -1 ||
	    listen(fd, 1000) == -1 ||
	    getsockname(fd, (struct sockaddr *)&p->ss, &p->len) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

static void
address(struct place *p, int family, int port)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&p->ss;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&p->ss;

	memset(p, 0, sizeof(*p));
	p->ss.ss_family = (sa_family_t)family;
	if (family == AF_INET) {
		p->len = sizeof(*v4);
		v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		v4->sin_port = htons((uint16_t)port);
	} else {
		p->len = sizeof(*v6);
		v6->sin6_addr = in6addr_loopback;
		v6->sin6_port = htons((uint16_t)port);
	}
}

/* A steered place at a port; 0: any that is free. */
static int
place_open(struct place *p, int family, int port)
{
	address(p, family, port);
	if ((p->shared = listener(p)) == -1)
		return -1;
	return steer_group_open(&p->group, &steer, p->shared);
}

static void
place_close(struct place *p)
{
	close(p->shared);
	steer_group_close(&p->group);
}

/* A listener in the slot; its worker is not idle yet. */
static int
own(struct place *p, unsigned int slot)
{
	int fd = listener(p);

	if (fd != -1 && steer_group_put(&p->group, slot, fd) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

static int
client(const struct place *p)
{
	int fd = socket(p->ss.ss_family, SOCK_STREAM, 0);

	if (connect(fd, (const struct sockaddr *)&p->ss, p->len) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

/* What waits at a listener, or comes before the deadline; else -1. */
static int
accepted(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	poll(&pfd, 1, DEADLINE);
	return accept(fd, NULL, NULL);
}

/* Whether a new connection comes to this listener; its bytes do, too. */
static int
lands(const struct place *p, int at)
{
	int from = client(p), to = accepted(at);
	char c = 0;

	if (from != -1 && to != -1 && send(from, "x", 1, MSG_NOSIGNAL) == 1)
		recv(to, &c, 1, 0);
	close(from);
	close(to);
	return c == 'x';
}

/* Runs f in a child; gives its exit status, or -1 when a signal ended it. */
static int
in_child(int (*f)(void *), void *arg)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(f(arg));
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int
become_nobody(void)
{
	return setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0
	    && setresuid(NOBODY, NOBODY, NOBODY) == 0;
}

static void
test_code(void)
{
	int status = system("sh t/steer-code.sh -c");

	if (WEXITSTATUS(status) == 77)
		skip(1, "no clang of the right version");
	else
		is_int(status, 0, "steer_code.h is what steer.bpf.c says");
}

static void
test_steering(void)
{
	static const unsigned int slots[] = { 0, 63, 64, 4095, 4096, 8192,
	    12287, 16383 };
	struct place p;
	int64_t begin = clock_mono();
	char log[4096];
	int fd, fds[8];
	size_t i;

	is_int(place_open(&p, AF_INET, 0), 0, "a group");
	diag("a group opens in %.2f ms",
	    (double)(clock_mono() - begin) / (double)CLOCK_MS);
	is_int(steer_explain(&steer, log, sizeof(log)), 0, "the verifier");
	has_string(log, "processed", "tells what the program costs");
	diag("%.*s", (int)strcspn(strstr(log, "processed"), "\n"),
	    strstr(log, "processed"));

	ok(lands(&p, p.shared), "nobody is there: shared");
	fd = own(&p, 7);
	ok(lands(&p, p.shared), "nobody is idle: shared");
	steer_idle(&steer, 7);
	ok(lands(&p, fd), "one is idle: its own listener");
	is_int(steer_busy(&steer, 7), 0, "its bit was claimed");
	ok(lands(&p, p.shared), "it is claimed once");
	steer_idle(&steer, 7);
	is_int(steer_busy(&steer, 7), 1, "a bit that nobody claimed");
	is_int(steer_busy(&steer, 7), 0, "is cleared once");
	ok(lands(&p, p.shared), "a worker that is busy: shared");
	close(fd);
	is_int((long long)steer_count(&steer, STEER_TO_IDLE), 1, "count: idle");
	is_int((long long)steer_count(&steer, STEER_TO_SHARED), 4,
	    "count: shared");

	for (i = 0; i < 8; i++)
		fds[i] = own(&p, slots[i]);
	for (i = 0; i < 8; i++) {
		steer_idle(&steer, slots[i]);
		ok(lands(&p, fds[i]), "slot %u alone is found", slots[i]);
	}
	for (i = 0; i < 8; i++)
		steer_idle(&steer, slots[i]);
	for (i = 0; i < 8; i++)
		ok(lands(&p, fds[i]), "slot %u is found in its turn",
		    slots[i]);
	for (i = 0; i < 4; i++)
		is_int((long long)steer.words[STEER_SUMMARY + i], 0,
		    "word %zu of the summary is clear", i);
	for (i = 0; i < 8; i++)
		close(fds[i]);
	place_close(&p);
}

/* What a worker may leave behind when it is killed, or clears its own bit. */
static void
test_leftovers(void)
{
	struct place p;
	int fd;

	place_open(&p, AF_INET, 0);
	fd = own(&p, 300);
	steer_idle(&steer, 0);
	steer_busy(&steer, 0);
	steer_idle(&steer, 300);
	ok(lands(&p, fd), "a word without bits does not hide the next");
	is_int((long long)steer.words[STEER_SUMMARY], 0,
	    "and leaves the summary");

	steer_idle(&steer, 5);
	steer_idle(&steer, 300);
	ok(lands(&p, fd), "a slot without a listener does not, either");
	is_int(steer_busy(&steer, 5), 0, "and loses its bit");

	steer_idle(&steer, 300);
	close(fd);
	ok(lands(&p, p.shared), "nobody else: shared");
	place_close(&p);
}

/* The shared listener is gone: the address is being given up. */
static void
test_given_up(void)
{
	int from, to, one, two;
	struct place p;

	place_open(&p, AF_INET, 0);
	one = own(&p, 1);
	two = own(&p, 2);
	steer_idle(&steer, 1);
	from = client(&p);
	shutdown(p.shared, SHUT_RD);
	errno = 0;
	is_int(client(&p), -1, "without a shared listener");
	is_int(errno, ECONNREFUSED, "who finds nobody idle is refused");
	steer_idle(&steer, 2);
	ok(lands(&p, two), "who finds somebody is not");
	shutdown(one, SHUT_RD);
	to = accepted(two);
	ok(to != -1, "what is moved goes to any other listener");
	close(to);
	close(from);
	close(one);
	close(two);
	place_close(&p);
}

#define CROWD 128

static int
crowd(void *arg)
{
	int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (i = 0; i < CROWD / 2; i++)
		if (client(arg) == -1)
			return 1;
	pause();
	return 1;
}

/* Four clients at once, twice as many connections as workers. */
static void
test_once(void)
{
	int fds[CROWD], i, once = 0, more = 0, rest = 0;
	uint64_t found = steer_count(&steer, STEER_TO_IDLE);
	struct place p;
	pid_t pids[4];

	place_open(&p, AF_INET, 0);
	for (i = 0; i < CROWD; i++) {
		fds[i] = own(&p, (unsigned int)i);
		steer_idle(&steer, (unsigned int)i);
	}
	for (i = 0; i < 4; i++)
		if ((pids[i] = fork()) == 0)
			_exit(crowd(&p));
	for (i = 0; i < CROWD; i++)
		once += accepted(fds[i]) != -1;
	for (i = 0; i < CROWD; i++)
		rest += accepted(p.shared) != -1;
	for (i = 0; i < CROWD; i++)
		more += accept(fds[i], NULL, NULL) != -1;
	is_int(once, CROWD, "each worker got a connection");
	is_int(more, 0, "none got two");
	is_int(rest, CROWD, "the others are at the shared listener");
	is_int((long long)(steer_count(&steer, STEER_TO_IDLE) - found), CROWD,
	    "as many were steered");
	for (i = 0; i < 4; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
	for (i = 0; i < CROWD; i++)
		close(fds[i]);
	place_close(&p);
}

static void
test_groups(void)
{
	struct place a, b;
	int in_a, in_b;

	is_int(place_open(&a, AF_INET, 0), 0, "a group for IPv4");
	is_int(place_open(&b, AF_INET6, 0), 0, "and one for IPv6");
	in_a = own(&a, 1);
	in_b = own(&b, 1);
	steer_idle(&steer, 1);
	ok(lands(&b, in_b), "an idle worker is found by one");
	ok(lands(&a, a.shared), "and then by no other");
	steer_idle(&steer, 1);
	ok(lands(&a, in_a), "or the other way");
	ok(lands(&b, b.shared), "round");

	errno = 0;
	is_int(steer_group_put(&a.group, 2, in_a), -1, "in a group already");
	is_int(errno, EBUSY, "EBUSY");
	is_int(steer_group_take(&a.group, 1), 0, "taken out");
	steer_idle(&steer, 1);
	ok(lands(&a, a.shared), "no longer found");
	is_int(steer_group_put(&a.group, 2, in_a), 0, "put in elsewhere");
	steer_idle(&steer, 2);
	ok(lands(&a, in_a), "found there");
	close(in_a);
	close(in_b);
	place_close(&a);
	place_close(&b);
}

/* A SYN cookie's ACK is not in the group's SYNs: it must claim nobody. */
static void
test_cookies(void)
{
	int fd = open("/proc/sys/net/ipv4/tcp_syncookies", O_WRONLY);
	struct place p;
	int a, b;

	place_open(&p, AF_INET, 0);
	a = own(&p, 1);
	b = own(&p, 2);
	steer_idle(&steer, 1);
	steer_idle(&steer, 2);
	is_int(write(fd, "2", 1), 1, "SYN cookies for everybody");
	ok(lands(&p, p.shared), "completed by a cookie: shared");
	is_int(steer_busy(&steer, 1), 0, "the SYN claimed a worker");
	is_int(steer_busy(&steer, 2), 1, "the ACK did not");
	is_int(write(fd, "1", 1), 1, "back to normal");
	close(fd);
	close(a);
	close(b);
	place_close(&p);
}

enum departure { SHUTDOWN, CLOSE, KILL };

/* Holds the slot's listener until it is killed; says so when it is there. */
static pid_t
holder(struct place *p, int *fd, enum departure how)
{
	int ready[2];
	pid_t pid;
	char c;

	if (how != KILL) {
		*fd = own(p, 3);
		steer_idle(&steer, 3);
		return 0;
	}
	if (pipe(ready) == -1 || (pid = fork()) == -1)
		return -1;
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		own(p, 3);
		steer_idle(&steer, 3);
		if (write(ready[1], "r", 1) == 1)
			pause();
		_exit(1);
	}
	if (read(ready[0], &c, 1) != 1)
		return -1;
	close(ready[0]);
	close(ready[1]);
	return pid;
}

/* Sleeps at the shared listener, as an idle worker does. */
static int
sleeper(void *arg)
{
	struct pollfd pfd = { .fd = ((struct place *)arg)->shared,
	    .events = POLLIN };

	return poll(&pfd, 1, DEADLINE) == 1 ? 0 : 1;
}

/* Returns when the process sleeps; that it is about to is not enough. */
static void
await_sleep(pid_t pid)
{
	char path[64], line[256] = "", *state;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	do {
		if ((f = fopen(path, "r")) == NULL)
			return;
		if (fgets(line, sizeof(line), f) == NULL)
			line[0] = '\0';
		fclose(f);
		state = strrchr(line, ')');
	} while (state == NULL || strncmp(state, ") S", 3) != 0);
}

static void
test_departure(enum departure how, const char *name)
{
	uint64_t moved = steer_count(&steer, STEER_MIGRATED);
	int from, to, status, idle, fd = -1;
	char data[8] = "";
	struct place p;
	pid_t pid, waiter;

	place_open(&p, AF_INET, 0);
	idle = own(&p, 4);
	pid = holder(&p, &fd, how);
	from = client(&p);
	is_int(send(from, "hello", 5, 0), 5, "%s: a request is queued", name);
	is_int(accept(p.shared, NULL, NULL), -1, "%s: not on shared", name);
	if ((waiter = fork()) == 0) {
		close(fd);
		_exit(sleeper(&p));
	}
	await_sleep(waiter);
	steer_idle(&steer, 4);
	if (how == SHUTDOWN) {
		shutdown(fd, SHUT_RD);
	} else if (how == CLOSE) {
		close(fd);
	} else {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	waitpid(waiter, &status, 0);
	if (status == 0)
		ok(1, "%s: who sleeps at shared wakes", name);
	else
		skip(1, "this kernel wakes nobody; the daemon's baton does");
	to = accepted(p.shared);
	ok(to != -1, "%s: the connection is on shared", name);
	recv(to, data, 5, MSG_WAITALL);
	is_string(data, "hello", "%s: with what it has sent", name);
	is_int((long long)(steer_count(&steer, STEER_MIGRATED) - moved), 1,
	    "%s: it was counted", name);
	is_int(steer_busy(&steer, 4), 1, "%s: it has claimed nobody", name);
	steer_idle(&steer, 3);
	ok(lands(&p, p.shared), "%s: and so is the next", name);

	if (how == SHUTDOWN) {
		is_int(listen(fd, 1000), 0, "it listens again");
		is_int(steer_group_put(&p.group, 3, fd), 0, "is put again");
		steer_idle(&steer, 3);
		ok(lands(&p, fd), "and is steered to");
		close(fd);
	}
	close(idle);
	close(from);
	close(to);
	place_close(&p);
}

/* What a worker does after it has dropped its privileges. */
static int
unprivileged_worker(void *arg)
{
	struct place *p = arg;
	int fd = own(p, 9);

	if (!become_nobody() || listener(p) != -1)
		return 1;
	steer_shut(&steer, &fd, 1, 0, 0);
	if (listen(fd, 1000) == -1)
		return 2;
	if (steer_group_put(&p->group, 9, fd) == -1)
		return 3;
	steer_idle(&steer, 9);
	return lands(p, fd) ? 0 : 4;
}

static int
unprivileged_master(void *arg)
{
	struct steer s;

	(void)arg;
	return become_nobody() && steer_open(&s) == -1 && errno == EPERM &&
	    s.fd == -1 ? 0 : 1;
}

/* Another user, and no capability but one. */
static int
bpf_master(void *arg)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];
	struct place p;
	int fd;

	(void)arg;
	memset(data, 0, sizeof(data));
	data[CAP_TO_INDEX(CAP_BPF)].effective =
	    data[CAP_TO_INDEX(CAP_BPF)].permitted = CAP_TO_MASK(CAP_BPF);
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == -1 || !become_nobody() ||
	    syscall(SYS_capset, &header, data) == -1)
		return 1;
	if (steer_open(&steer) == -1)
		return 2;
	if (place_open(&p, AF_INET, 0) == -1)
		return 3;
	if ((fd = own(&p, 11)) == -1)
		return 4;
	steer_idle(&steer, 11);
	return lands(&p, fd) && lands(&p, p.shared) ? 0 : 5;
}

static void
test_privileges(void)
{
	struct place p;
	int port;

	place_open(&p, AF_INET, 0);
	is_int(in_child(unprivileged_worker, &p), 0, "after the drop: bind "
	    "fails; shut, listen, put and being found do not");
	place_close(&p);
	for (port = 1; port < 1024 && place_open(&p, AF_INET, port) == -1;)
		port++;
	ok(port < 1024, "a port below 1024");
	is_int(in_child(unprivileged_worker, &p), 0, "there, too");
	place_close(&p);
	is_int(in_child(unprivileged_master, NULL), 0,
	    "without CAP_BPF: EPERM");
	is_int(in_child(bpf_master, NULL), 0, "CAP_BPF alone suffices");
}

static int
private_network(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd, up;

	if (unshare(CLONE_NEWNET) == -1)
		return -1;
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	up = ioctl(fd, SIOCSIFFLAGS, &lo);
	close(fd);
	return up;
}

int
main(void)
{
	char migrate = 0;
	int fd;

	plan_no_plan();
	alarm(120);
	test_code();
	if (geteuid() != 0 || private_network() == -1) {
		skip(1, "needs root, and a network of its own");
		return exit_status();
	}
	if (steer_open(&steer) == -1) {
		skip(1, "no bitmap: %s", strerror(errno));
		return exit_status();
	}
	fd = open("/proc/sys/net/ipv4/tcp_migrate_req", O_RDONLY);
	ok(read(fd, &migrate, 1) == 1 && migrate == '0',
	    "the kernel moves connections for steering alone");
	close(fd);
	test_steering();
	test_leftovers();
	test_given_up();
	test_once();
	test_groups();
	test_cookies();
	test_departure(SHUTDOWN, "shutdown");
	test_departure(CLOSE, "close");
	test_departure(KILL, "death");
	test_privileges();
	steer_close(&steer);
	return exit_status();
}
