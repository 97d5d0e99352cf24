#include <sys/param.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "server/admin/channel.h"
#include "server/admin/places.h"
#include "server/admin/status.h"
#include "server/admin/token.h"
#include "server/confine.h"
#include "server/priv.h"
#include "server/shared.h"

/* For those who are there, once another process has taken over. */
#define FINISH_TIME	(5 * CLOCK_S)

/* A tick that comes later than this begins a new row of them. */
#define TICK		CLOCK_S

struct status {
	struct hall hall;	/* n is 0 when another one has taken over */
	struct listeners listeners;
	struct look look;
	int channel;
	int64_t tick_at;	/* the next one */
	int64_t finish_at;	/* INT64_MAX: nobody has taken over */
};

static struct status st;

/* Descriptors. */

#define KEPT_MAX	(CONF_ADMIN_MAX + LISTENERS_MAX + 1)

static int
compare(const void *a, const void *b)
{
	const int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

/*
 * Closes all but these: logs, maps of programs, pipes of workers, disks, and
 * whatever else the master has open, today or later.
 */
static void
keep_only(int *kept, size_t n)
{
	unsigned int from = STDERR_FILENO + 1;
	size_t i;

	qsort(kept, n, sizeof(kept[0]), compare);
	for (i = 0; i < n; i++) {
		if (kept[i] < (int)from)
			continue;
		if (kept[i] > (int)from)
			close_range(from, (unsigned int)kept[i] - 1, 0);
		from = (unsigned int)kept[i] + 1;
	}
	close_range(from, ~0U, 0);
}

static void
close_others(const struct conf *c)
{
	int kept[KEPT_MAX];
	size_t n = 0, i;

	kept[n++] = st.channel;
	for (i = 0; i < st.hall.n; i++)
		kept[n++] = st.hall.v[i].fd;
	for (i = 0; i < st.listeners.n; i++)
		kept[n++] = st.listeners.v[i].fd;
	keep_only(kept, n);
	/* The C library's own was among them. */
	log_open(LOG_TO_STDERR, log_verbose());
	log_open((enum log_target)c->error_log, log_verbose());
}

/* The start. */

/* The kernel's signals of a terminal are for the master. */
static void
ignore_signals(void)
{
	static const int ignored[] = {
		SIGINT, SIGHUP, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGTTIN,
		SIGTTOU
	};
	size_t i;

	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
}

_Noreturn static void
give_up(const char *what)
{
	log_warn_errno("status process: %s", what);
	_exit(1);
}

static void
prepare(const struct status_setup *setup)
{
	const char *what;

	setproctitle("status");
	ignore_signals();
	st.hall = *setup->hall;
	st.listeners = *setup->listeners;
	st.channel = setup->channel;
	close_others(setup->conf);
	st.look = (struct look){
		.conf = setup->conf, .listeners = &st.listeners,
		.token = token_get(), .history = &setup->shared->history,
		.workers = geteuid() == 0 ? setup->conf->uid : LOOK_NO_USER,
	};
	if (look_open(&st.look) == -1)
		give_up("memory");
	if (priv_drop(setup->conf, &what) == -1)
		give_up(what);
	if (shared_protect() == -1)
		give_up("what is shared with workers");
	/* Last, for it ends most of what was done above. */
	if (confine_enter_status(&setup->shared->refused, &what) == -1)
		give_up(what);
	st.tick_at = clock_mono();
	st.finish_at = INT64_MAX;
}

/* The loop. */

static void
take_over_done(int64_t now)
{
	size_t i;

	if (st.finish_at != INT64_MAX)
		return;
	for (i = 0; i < st.hall.n; i++)
		close(st.hall.v[i].fd);
	for (i = 0; i < st.listeners.n; i++)
		close(st.listeners.v[i].fd);
	st.hall.n = st.listeners.n = 0;
	places_end_streams();
	st.finish_at = now + FINISH_TIME;
}

static void
hear_master(int64_t now)
{
	struct channel_reply m;
	int got;

	while ((got = channel_take_reply(st.channel, &m)) == 1) {
		if (m.number == CHANNEL_FINISH)
			take_over_done(now);
		else
			places_conclude(&m, now);
	}
	if (got != -1)
		return;
	/* Nobody is there to say anything of any more; or another one is. */
	if (st.finish_at == INT64_MAX)
		_exit(0);
	close(st.channel);
	st.channel = -1;
}

static void
tick(int64_t now)
{
	struct sheet *s;

	if (now < st.tick_at || st.finish_at != INT64_MAX)
		return;
	s = look_tick(&st.look, places_want_event());
	if (s != NULL)
		places_event(s, now);
	sheet_drop(s);
	st.tick_at += TICK;
	if (st.tick_at <= now)
		st.tick_at = now + TICK;
}

static int64_t
next_deadline(int64_t now)
{
	const int64_t at = places_deadline(now);

	return st.finish_at != INT64_MAX ? MIN(at, st.finish_at) :
	    MIN(at, st.tick_at);
}

/* Doors come first in p, then the channel, then clients. */
static nfds_t
list(struct pollfd *p, int64_t now)
{
	const int room = places_have_room(now);
	nfds_t n = 0;

	for (; n < st.hall.n; n++)
		p[n] = (struct pollfd){
			.fd = room ? st.hall.v[n].fd : -1, .events = POLLIN,
		};
	p[n++] = (struct pollfd){ .fd = st.channel, .events = POLLIN };
	return n + places_wait(p + n);
}

/*
 * Clients before new ones, who may get their places; and the master last, for
 * it may end the round.
 */
static void
turn(void)
{
	struct pollfd p[CONF_ADMIN_MAX + 1 + PLACES_MAX];
	int64_t now = clock_mono();
	const nfds_t doors = st.hall.n, n = list(p, now);
	nfds_t i;

	if (poll(p, n, clock_poll_ms(now, next_deadline(now))) == -1)
		return;
	now = clock_mono();
	places_serve(p + doors + 1, n - doors - 1, &st.look, st.channel, now);
	for (i = 0; i < doors; i++)
		if (p[i].revents != 0)
			places_accept(&st.hall.v[i], now);
	if (p[doors].revents != 0)
		hear_master(now);
	tick(now);
	places_expire(now);
}

void
status_run(const struct status_setup *setup)
{
	/* The master's end of the channel is closed here, or there is none. */
	prepare(setup);
	if (getppid() != setup->master)
		_exit(0);
	while (st.finish_at == INT64_MAX || (places_taken() > 0 &&
	    clock_mono() < st.finish_at))
		turn();
	_exit(0);
}
