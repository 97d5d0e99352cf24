#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/param.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "t/loiter.h"

/* A slow one has its turn once a second: so many turns, a part of them each. */
#define TICKS		100
#define TICK		(CLOCK_S / TICKS)

#define EVENTS		256

#define NICE		10

/* Shared with the process. */
struct loiter_shared {
	struct loiter_sum sums[LOITER_KINDS];
};

struct loiterer {
	int fd;			/* -1: not there */
	int64_t since;		/* clock_mono() */
	size_t said;		/* bytes of its request */
	int heard;		/* a 408 has begun to come */
};

/* The process' own. */
static struct loiter_plan plan;
static struct loiter_sum *sums;
static struct loiterer *all;
static int epoll, come;
static int there[LOITER_KINDS];

/* Of all in a row, the silent are as far from each other as can be. */
static enum loiter_kind
kind_of(const struct loiterer *l)
{
	const long n = plan.silent + plan.slow, i = l - all;

	return i * plan.silent / n < (i + 1) * plan.silent / n ?
	    LOITER_SILENT : LOITER_SLOW;
}

/* One byte of a head that has no end; to who is gone it is in vain. */
static void
say(struct loiterer *l)
{
	static const char head[] = "GET /200,0,slow HTTP/1.1\r\nHost: t\r\nX: ";
	const char *c = l->said < strlen(head) ? &head[l->said] : "x";

	/* Until then it was as good as silent, and cost nobody anything. */
	if (l->said == 0)
		l->since = clock_mono();
	l->said += send(l->fd, c, 1, MSG_NOSIGNAL) == 1;
}

static void
begin(struct loiterer *l)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = l };
	const enum loiter_kind kind = kind_of(l);
	struct loiter_sum *sum = &sums[kind];

	sum->begun++;
	l->fd = socket(plan.server.ss.ss_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (l->fd == -1 ||
	    (connect(l->fd, (struct sockaddr *)&plan.server.ss,
	    plan.server.len) == -1 && errno != EINPROGRESS) ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, l->fd, &ev) == -1) {
		sum->failed++;
		if (l->fd != -1)
			close(l->fd);
		l->fd = -1;
		return;
	}
	l->since = clock_mono();
	l->said = 0;
	l->heard = 0;
	there[kind]++;
	sum->most = MAX(sum->most, there[kind]);
	if (kind == LOITER_SLOW)
		say(l);
}

static void
leave(struct loiterer *l)
{
	close(l->fd);
	l->fd = -1;
	there[kind_of(l)]--;
}

/* The server has answered, or has had enough. */
static void
hear(struct loiterer *l)
{
	static const char late[] = "HTTP/1.1 408 ";
	struct loiter_sum *sum = &sums[kind_of(l)];
	char text[1024];
	ssize_t n = recv(l->fd, text, sizeof(text), 0);
	int64_t life;

	if (n == -1 && errno == EAGAIN)
		return;
	if (n > 0 && (l->heard || ((size_t)n >= strlen(late) &&
	    memcmp(text, late, strlen(late)) == 0))) {
		l->heard = 1;
		return;
	}
	if (n > 0)
		sum->others++;
	else if (l->heard)
		sum->late++;
	else if (n == 0)
		sum->closed++;
	else
		sum->reset++;
	life = clock_mono() - l->since;
	sum->longest = MAX(sum->longest, life);
	leave(l);
}

/* The tickth part of all has its turn. */
static void
turn(int tick)
{
	static int at;
	int n = plan.silent + plan.slow, i, left = plan.rate / TICKS;

	for (i = tick; i < n; i += TICKS)
		if (all[i].fd != -1 && kind_of(&all[i]) == LOITER_SLOW)
			say(&all[i]);
	for (i = 0; come && i < n && left > 0; i++, at = (at + 1) % n)
		if (all[at].fd == -1) {
			begin(&all[at]);
			left--;
		}
}

/* What the test wants; -1: nothing yet. */
static int
order(int orders)
{
	char c;
	ssize_t n = read(orders, &c, 1);

	if (n == 0)
		_exit(0);
	return n == 1 ? c : -1;
}

static void
obey(int orders)
{
	int i, wanted = order(orders);

	if (wanted == -1)
		return;
	come = wanted;
	for (i = 0; !come && i < plan.silent + plan.slow; i++)
		if (all[i].fd != -1)
			leave(&all[i]);
}

static void
loiter(int orders)
{
	struct epoll_event ev[EVENTS];
	int64_t now, next = clock_mono();
	int i, n, tick = 0;

	for (;;) {
		n = epoll_wait(epoll, ev, EVENTS,
		    clock_poll_ms(clock_mono(), next));
		for (i = 0; i < n; i++)
			hear(ev[i].data.ptr);
		if ((now = clock_mono()) < next)
			continue;
		obey(orders);
		turn(tick);
		tick = (tick + 1) % TICKS;
		/* Who is late does not hurry: it would be more of an attack. */
		next = now + TICK;
	}
}

void
loiter_open(struct loiter *l, const struct loiter_plan *p)
{
	int fds[2], i, n = p->silent + p->slow;

	l->shared = mmap(NULL, sizeof(*l->shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (l->shared == MAP_FAILED || pipe2(fds, O_CLOEXEC | O_NONBLOCK) == -1)
		err(1, "loiterers");
	if ((l->pid = fork()) == -1)
		err(1, "fork");
	l->orders = fds[1];
	if (l->pid > 0) {
		close(fds[0]);
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* Elsewhere they would not take the processors of whom they hurt. */
	if (setpriority(PRIO_PROCESS, 0, NICE) == -1)
		err(1, "setpriority");
	close(fds[1]);
	plan = *p;
	sums = l->shared->sums;
	if ((all = calloc((size_t)n, sizeof(*all))) == NULL ||
	    (epoll = epoll_create1(EPOLL_CLOEXEC)) == -1)
		_exit(1);
	for (i = 0; i < n; i++)
		all[i].fd = -1;
	loiter(fds[0]);
}

void
loiter_order(struct loiter *l, int on)
{
	const char c = (char)on;

	if (write(l->orders, &c, 1) != 1)
		err(1, "loiterers");
}

void
loiter_close(struct loiter *l, struct loiter_sum out[LOITER_KINDS])
{
	int status;

	close(l->orders);
	waitpid(l->pid, &status, 0);
	if (status != 0)
		errx(1, "loiterers ended with status %d", status);
	memcpy(out, l->shared->sums, sizeof(l->shared->sums));
	munmap(l->shared, sizeof(*l->shared));
}
