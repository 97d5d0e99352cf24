#include <sys/param.h>
#include <sys/prctl.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "server/board.h"
#include "server/confine.h"
#include "server/conn.h"
#include "server/exchange.h"
#include "server/peers.h"
#include "server/priv.h"
#include "server/reply.h"
#include "server/request.h"
#include "server/worker.h"

/*
 * What a client may still send after its last reply, and for how long; and how
 * much of that others have to wait for, when no worker is idle.
 */
#define LINGER_BYTES	(INT64_C(1) << 20)
#define LINGER_TIME	(2 * CLOCK_S)
#define LINGER_ANYWAY	(100 * CLOCK_MS)

/* When a client may come again to a disk that is full, or itself, seconds. */
#define RETRY_AFTER	1

/* A shorter read is over before anybody has looked at ps(1). */
#define TITLE_WORTH	(10 * CLOCK_MS)

struct worker {
	const struct conf *conf;
	const struct logs *logs;
	unsigned int slot;
	struct board_slot *board;
	struct balance balance;
	int64_t left;		/* requests until it leaves; CONF_OFF: any */
	int lifeline;
};

static void
idle(struct worker *w)
{
	board_set(w->board, BOARD_IDLE);
}

/* What came of the read, now that it is over. */
static void
conclude(const struct worker *w, struct exchange *x, int broken)
{
	const int64_t timeout = w->conf->read_timeout;

	x->status = x->read.draw.status;
	if (x->read.how == DISK_GONE) {
		x->status = 499;
	} else if (timeout != CONF_OFF && disk_time(&x->read) >= timeout) {
		x->status = 504;
		x->why = "the read took longer than read-timeout";
	} else if (x->status != 200) {
		x->why = "the read failed";
	} else if (broken) {
		x->status = 500;
		x->why = "the file cannot be read";
	}
}

/* Blocks for as long as the disk does. */
static void
sleep_on_disk(struct worker *w, struct exchange *x, int fd)
{
	const int titled = x->read.draw.service >= TITLE_WORTH ||
	    x->read.lane >= TITLE_WORTH;
	int broken = 0;

	board_set(w->board, BOARD_IN_DISK);
	board_read(w->board, x->disk->device, x->read.arrival);
	if (titled)
		setproctitle("worker %u, %s, reading", w->slot, x->disk->name);
	disk_wait(x->disk, fd, &x->read);
	/* One that has failed, or that nobody wants any more, reads nothing. */
	if (x->read.how == DISK_READ && x->read.draw.status == 200)
		broken = object_read(&x->object) == -1;
	if (broken)
		log_warn_errno("disk %s: cannot read %.*s", x->disk->name,
		    (int)MIN(x->name.len, OBJECT_NAME_LOGGED), x->name.p);
	disk_end(&x->read);
	board_read_over(w->board);
	if (titled)
		setproctitle("worker %u, idle", w->slot);
	conclude(w, x, broken);
}

/* The disk's part: this is where the worker sleeps. */
static void
read_disk(struct worker *w, struct exchange *x, int fd)
{
	struct request_wish wish;

	if (disk_enter(w->conf, x->disk, w->slot, x->name.p, x->name.len,
	    &x->read) == -1) {
		x->status = 503;
		x->why = "the disk is at its limit";
		x->retry_after = RETRY_AFTER;
		return;
	}
	wish = request_wish(x);
	x->keep = wish.close != 1;
	x->status = object_open(&x->object, x->disk, x->name.p, x->name.len,
	    wish.size, &x->why);
	if (x->status == 200) {
		disk_begin(w->conf, x->disk, x->object.size, wish.delay,
		    wish.status, &x->read);
		sleep_on_disk(w, x, fd);
	}
	/* What is left of a file is read while it is sent. */
	if (!object_is_unread(&x->object))
		disk_leave(x->disk, &x->read);
}

/* Whether the client wants to go on, and nobody is kept waiting by that. */
static int
may_keep(const struct worker *w, const struct exchange *x)
{
	return w->conf->keepalive_timeout != CONF_OFF &&
	    x->http.keep_alive && !x->http.has_body &&
	    !w->balance.retiring && w->left != 1 &&
	    !balance_wanted(&w->balance);
}

/*
 * How many bytes the client may still be sending: a body's rest, at most what
 * it announced; and something, where it has sent what nobody asked for.
 */
static int64_t
still_coming(const struct worker *w, const struct conn *c,
    const struct exchange *x, enum conn_result got)
{
	int64_t behind = (int64_t)(c->len - x->http.head_len);

	if (got == CONN_LATE)
		return 0;
	if (got == CONN_BAD || x->http.chunked)
		return LINGER_BYTES;
	if (x->http.content_length > behind)
		return MIN(x->http.content_length - behind, LINGER_BYTES);
	/* Who could expect to be kept may be sending the next request. */
	if (w->conf->keepalive_timeout != CONF_OFF && x->http.keep_alive)
		return LINGER_BYTES;
	return conn_has_unread(c) ? LINGER_BYTES : 0;
}

/*
 * A close with bytes unread, or before bytes that are on their way, makes the
 * kernel answer with a reset, which can overtake the reply.  So what comes is
 * read away for a while first; or without patience, what has come.
 */
static void
linger(struct worker *w, struct conn *c, int64_t bytes, int patience)
{
	int64_t start = clock_mono(), n;
	enum balance_event e;

	while (bytes > 0 && (n = conn_discard(c, bytes)) != -1) {
		bytes -= n;
		if (n > 0)
			continue;
		if (!patience)
			return;
		e = balance_keep(&w->balance, c->fd, start + LINGER_ANYWAY,
		    start + LINGER_TIME);
		if (e != BALANCE_READY)
			return;
	}
}

/* Sends the reply, unless nobody is there to take it. */
static void
reply(struct worker *w, struct exchange *x, struct conn *c)
{
	board_set(w->board, BOARD_REPLYING);
	if (x->read.how == DISK_GONE ||
	    reply_send(x, c, w->conf->request_timeout) == -1) {
		x->keep = 0;
		board_count(&w->board->aborted);
	}
	object_close(&x->object);
	if (x->read.how != DISK_NONE)
		disk_leave(x->disk, &x->read);
	board_count(&w->board->requests);
	if (x->status >= 400)
		board_count(&w->board->errors);
	if (w->left > 1)
		w->left--;
	else if (w->left == 1)
		balance_retire(&w->balance);
}

/* The end of a connection.  Who sees it may come again, and has its place. */
static void
hang_up(struct worker *w, struct conn *c)
{
	peers_leave(PEERS_SERVED, w->slot);
	conn_close(c);
}

/*
 * Whether the worker may wait for the end of a connection.  As it waits for no
 * more of a client than it would serve, nobody can have workers by that.
 */
static int
may_linger(const struct worker *w, const struct conn *c)
{
	return peers_enter(PEERS_ENDING, w->slot, peers_key(&c->peer),
	    w->conf->max_per_address) == 0;
}

/*
 * After the last reply.  Its end leaves with the end of the connection, so
 * neither waits for the log.
 */
static void
finish(struct worker *w, struct conn *c, const struct exchange *x,
    enum conn_result got)
{
	int64_t bytes = still_coming(w, c, x, got);
	int patience;

	if (bytes == 0) {
		hang_up(w, c);
		logs_write(w->logs, x, c, w->slot);
		return;
	}
	patience = may_linger(w, c);
	peers_leave(PEERS_SERVED, w->slot);
	conn_finish(c);
	logs_write(w->logs, x, c, w->slot);
	linger(w, c, bytes, patience);
	peers_leave(PEERS_ENDING, w->slot);
	conn_close(c);
}

/* One request.  Gives whether the connection stays. */
static int
serve_request(struct worker *w, struct conn *c)
{
	const int64_t now = clock_mono();
	struct exchange x;
	enum conn_result got;

	memset(&x, 0, sizeof(x));
	board_set(w->board, BOARD_READING);
	board_begin(w->board, now);
	got = conn_read(c, &x.http, (size_t)w->conf->request_limit,
	    now + w->conf->request_timeout);
	if (got == CONN_GONE || (got == CONN_LATE && c->len == 0)) {
		/* Who has said nothing, or is gone, gets no answer. */
		if (c->len > 0)
			board_count(&w->board->aborted);
		hang_up(w, c);
		return 0;
	}
	/* Of a request that never came, the wait was the client's. */
	if (got != CONN_LATE)
		x.queue = conn_queue_time(c);
	request_judge(&x, w->conf, got);
	if (x.why == NULL) {
		read_disk(w, &x, c->fd);
		x.keep = x.keep && may_keep(w, &x);
	}
	reply(w, &x, c);
	if (!x.keep) {
		finish(w, c, &x, got);
		return 0;
	}
	logs_write(w->logs, &x, c, w->slot);
	conn_next(c, x.http.head_len);
	return 1;
}

/* One connection too many.  Nobody reads what it wants. */
static void
refuse(struct worker *w, struct conn *c)
{
	struct exchange x;

	memset(&x, 0, sizeof(x));
	x.status = 429;
	x.why = "this address has max-per-address connections already";
	x.retry_after = RETRY_AFTER;
	board_begin(w->board, clock_mono());
	reply(w, &x, c);
	finish(w, c, &x, CONN_BAD);
	board_end(w->board);
}

/* A connection, from its first request to its last. */
static void
serve(struct worker *w, int fd, const struct addr *peer)
{
	struct conn c;

	conn_open(&c, fd, peer, listener_deferral(w->conf) * CLOCK_S);
	if (peers_enter(PEERS_SERVED, w->slot, peers_key(peer),
	    w->conf->max_per_address) == -1) {
		refuse(w, &c);
		return;
	}
	while (serve_request(w, &c)) {
		board_end(w->board);
		if (c.len > 0)
			continue;	/* the next request came along */
		if (balance_keep(&w->balance, fd, 0, clock_mono() +
		    w->conf->keepalive_timeout) != BALANCE_READY) {
			hang_up(w, &c);
			break;
		}
	}
	board_end(w->board);
}

/* Everything that can fail, before the first byte from a client. */
static void
prepare(struct worker *w, const struct balance_setup *balance)
{
	static const int ignored[] = {
		SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGTTIN, SIGTTOU
	};
	const char *what;
	size_t i;

	/* A terminal's ^C is for the master, which will tell us. */
	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	if (balance_open(&w->balance, balance) == -1) {
		log_warn_errno("worker %u: its listeners", w->slot);
		_exit(1);
	}
	if (priv_drop(w->conf, &what) == -1) {
		log_warn_errno("worker %u: %s", w->slot, what);
		_exit(1);
	}
	/* A sleep ends when it should, not up to 50 us later. */
	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
	setproctitle("worker %u, idle", w->slot);
	/* Last, for it ends most of what was done above. */
	if (confine_enter(w->board, &what) == -1) {
		log_warn_errno("worker %u: %s", w->slot, what);
		_exit(1);
	}
}

static void
say(const struct worker *w, enum worker_news news)
{
	const struct worker_message m = { news, w->slot, getpid() };

	/* Where this fails, the master is gone, and accept will see it. */
	if (write(w->lifeline, &m, sizeof(m)) == -1)
		log_debug("worker %u: the master is gone", w->slot);
}

/*
 * After how many requests it leaves: fewer than it may have, by chance, so that
 * workers which were started together do not all leave together.
 */
static int64_t
lifetime(const struct conf *c)
{
	const int64_t spread = c->max_requests * c->max_requests_jitter /
	    1000000;

	if (c->max_requests == CONF_OFF)
		return CONF_OFF;
	return MAX(c->max_requests - arc4random_uniform((uint32_t)spread + 1),
	    1);
}

void
worker_run(const struct worker_setup *setup, unsigned int slot, int lifeline)
{
	struct worker w = {
		.conf = setup->conf,
		.logs = setup->logs,
		.slot = slot,
		.board = board_slot(slot),
		.left = lifetime(setup->conf),
		.lifeline = lifeline,
	};
	struct balance_setup balance = setup->balance;
	struct addr peer;
	int fd;

	balance.slot = slot;
	balance.lifeline = lifeline;
	prepare(&w, &balance);
	idle(&w);
	say(&w, WORKER_READY);
	while (balance_accept(&w.balance, &fd, &peer) == BALANCE_CONNECTION) {
		serve(&w, fd, &peer);
		idle(&w);
	}
	/* What it had for itself is shut: nobody is sent to it any more. */
	if (w.balance.leaving)
		say(&w, WORKER_LEAVES);
	log_debug("worker %u: ends", slot);
	/* What the master would do at its exit is not ours to do. */
	_exit(0);
}
