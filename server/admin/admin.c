#include <sys/mman.h>
#include <sys/param.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/units.h"
#include "server/admin/admin.h"
#include "server/admin/status.h"
#include "server/admin/token.h"
#include "server/board.h"
#include "server/confine.h"
#include "server/deaths.h"

/* How long one that finishes is waited for: longer than it takes. */
#define PATIENCE	(8 * CLOCK_S)

/*
 * One that ends by itself soon after its start would do so again: its successor
 * waits, twice as long each time.  Who was killed has been a victim, and is
 * replaced at once, but not in a tight loop.
 */
#define SOON		(10 * CLOCK_S)
#define BACKOFF_FIRST	CLOCK_S
#define BACKOFF_LAST	(30 * CLOCK_S)
#define EVERY		(100 * CLOCK_MS)

/* Requests that are heard at once, at most. */
#define HEAR_MAX	16

struct hand {
	pid_t pid;		/* 0: there is none */
	int channel;
	int64_t kill_at;	/* INT64_MAX: it is the one in force */
};

static struct hand hands[ADMIN_MAX];
static struct hand *serving;	/* NULL: none */
static int wanted;		/* there is to be one */
static int stale;		/* what it serves with has changed */
static int64_t started_at;	/* the last one */
static int64_t start_at;	/* not before */
static int64_t backoff;		/* 0: the last one was well */
static int troubled;		/* it was logged that there is none */
static struct status_shared *shared;

#define EACH(h)	((h) = hands; (h) < hands + ADMIN_MAX; (h)++)

int
admin_open(void)
{
	void *p = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return -1;
	shared = p;
	return token_open();
}

void
admin_leave(void)
{
	struct hand *h;

	for EACH(h)
		if (h->pid != 0)
			close(h->channel);
	if (shared != NULL)
		munmap(shared, sizeof(*shared));
}

static struct hand *
find(pid_t pid)
{
	struct hand *h;

	for EACH(h)
		if (h->pid == pid)
			return h;
	return NULL;
}

/* A place for one more; who has had most time to finish has to go. */
static struct hand *
make_room(void)
{
	struct hand *h = find(0), *oldest = NULL;

	if (h != NULL)
		return h;
	for EACH(h)
		if (h != serving && (oldest == NULL ||
		    h->kill_at < oldest->kill_at))
			oldest = h;
	kill(oldest->pid, SIGKILL);
	return NULL;
}

/* It gets the token, which nobody else does who is forked. */
static pid_t
fork_status(const struct status_setup *setup)
{
	pid_t pid = -1;

	if (token_share(1) == 0 && (pid = fork()) == 0)
		status_run(setup);
	/* A kernel that could do the one can do the other. */
	(void)token_share(0);
	return pid;
}

static void
retry(int64_t now)
{
	backoff = backoff == 0 ? BACKOFF_FIRST :
	    MIN(backoff * 2, BACKOFF_LAST);
	start_at = now + backoff;
}

static void
start_failed(int64_t now)
{
	/* Once a spell: it ends with the first that is forked. */
	if (!troubled)
		log_warn_errno("status process, which is tried again");
	troubled = 1;
	retry(now);
}

/* Gives where it is, or NULL: it has to be tried again. */
static struct hand *
start(const struct conf *c, const struct hall *hall,
    const struct listeners *ls, int64_t now)
{
	struct status_setup setup = {
		.conf = c, .hall = hall, .listeners = ls, .shared = shared,
		.master = getpid(),
	};
	struct hand *h = make_room();
	int pair[2];
	pid_t pid;

	if (h == NULL) {
		start_at = now + EVERY;
		return NULL;
	}
	if (channel_open(pair) == -1) {
		start_failed(now);
		return NULL;
	}
	setup.channel = pair[1];
	shared->refused = BOARD_NONE_REFUSED;
	pid = fork_status(&setup);
	close(pair[1]);
	if (pid == -1) {
		start_failed(now);
		close(pair[0]);
		return NULL;
	}
	*h = (struct hand){ pid, pair[0], INT64_MAX };
	return h;
}

static void
finish(struct hand *h, int64_t now)
{
	const struct channel_reply m = { .number = CHANNEL_FINISH };

	/* Who does not hear it is killed. */
	if (channel_answer(h->channel, &m) == -1)
		kill(h->pid, SIGKILL);
	h->kill_at = now + PATIENCE;
}

static void
kill_overdue(int64_t now)
{
	struct hand *h;

	for EACH(h)
		if (h->pid != 0 && now >= h->kill_at) {
			kill(h->pid, SIGKILL);
			h->kill_at = now + PATIENCE;
		}
}

void
admin_keep(const struct conf *c, const struct hall *hall,
    const struct listeners *ls, int64_t now)
{
	struct hand *next;

	kill_overdue(now);
	wanted = hall->n > 0;
	if (!wanted) {
		admin_finish(now);
		return;
	}
	if ((serving != NULL && !stale) || now < start_at)
		return;
	if ((next = start(c, hall, ls, now)) == NULL)
		return;
	if (serving != NULL)
		finish(serving, now);
	serving = next;
	started_at = now;
	start_at = now + EVERY;
	stale = troubled = 0;
}

int64_t
admin_deadline(void)
{
	int64_t at = INT64_MAX;
	struct hand *h;

	for EACH(h)
		if (h->pid != 0)
			at = MIN(at, h->kill_at);
	return wanted && (serving == NULL || stale) ? MIN(at, start_at) : at;
}

void
admin_renew(void)
{
	stale = serving != NULL;
	start_at = 0;
}

void
admin_finish(int64_t now)
{
	if (serving != NULL)
		finish(serving, now);
	serving = NULL;
	wanted = stale = 0;
}

nfds_t
admin_wait(struct pollfd *p)
{
	struct hand *h;

	for EACH(h)
		*p++ = (struct pollfd){
			.fd = h->pid != 0 ? h->channel : -1, .events = POLLIN,
		};
	return ADMIN_MAX;
}

static void
hear(struct hand *h, void (*answer)(const struct channel_request *,
    struct channel_reply *))
{
	struct channel_request q;
	struct channel_reply m;
	int i, got = 0;

	/* Who does nothing but ask cannot keep the master here. */
	for (i = 0; i < HEAR_MAX && h->pid != 0 &&
	    (got = channel_take_request(h->channel, &q)) == 1; i++) {
		memset(&m, 0, sizeof(m));
		answer(&q, &m);
		m.number = q.number;
		/* Who has no room for it does not hear it. */
		(void)channel_answer(h->channel, &m);
	}
	/* One that lives on without it would wake us for ever. */
	if (h->pid != 0 && got == -1)
		kill(h->pid, SIGKILL);
}

void
admin_hear(void (*answer)(const struct channel_request *,
    struct channel_reply *))
{
	struct hand *h;

	for EACH(h)
		if (h->pid != 0)
			hear(h, answer);
}

/* The one in force is gone. */
static void
lost(int status, int64_t now)
{
	serving = NULL;
	start_at = MAX(now, started_at + EVERY);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return;
	if (now - started_at >= SOON)
		backoff = 0;
	else
		retry(now);
}

static void
bury(struct hand *h, int status, int64_t now)
{
	const int was_serving = h == serving;
	char how[DEATH_TEXT], text[UNITS_TEXT];

	if (was_serving)
		lost(status, now);
	if (was_serving || (status != 0 && h->kill_at > now))
		log_warn("status process (pid %d) %s%s%s", (int)h->pid,
		    deaths_how(status, how), !was_serving ? "" : start_at > now ?
		    "; the next one starts in " : "; the next one starts",
		    was_serving && start_at > now ?
		    units_time_text((start_at - now) / CLOCK_MS * CLOCK_MS,
		    text, sizeof(text)) : "");
	confine_bury_status(shared->refused, h->pid, status);
	close(h->channel);
	h->pid = 0;
}

int
admin_reap(pid_t pid, int64_t now)
{
	struct hand *h = pid > 0 ? find(pid) : NULL;
	int status;

	if (h == NULL)
		return 0;
	if (waitpid(pid, &status, WNOHANG) == pid)
		bury(h, status, now);
	return 1;
}

void
admin_reap_all(int64_t now)
{
	struct hand *h;

	for EACH(h)
		if (h->pid != 0)
			admin_reap(h->pid, now);
}
