/*
 * The seven steps.  Bit i is "worker i is idle"; `own' are the listeners that
 * the worker bound for itself, one for each address, `shared' the master's.
 *
 *   busy:  the bit is clear
 *   1      shared has one: accept it; got it -> serve
 *   2      own is shut, and has been for long enough -> open it;
 *          own is open -> set the bit
 *   3      wait for own, shared, and the baton
 *   4      clear the bit; it was clear already -> owed++
 *   5      accept from own; got one -> owed--, serve
 *   6      accept from shared; got one -> serve
 *   7      nothing: own is open, and no claim is younger than 1 s -> set the
 *          bit; back to 3
 *   serve  a  owed > 0 -> shut own
 *          b  shut own, or woken for shared: another one waits there
 *             -> pass the baton
 *   leave  own is open -> shut it; one waits in shared -> pass the baton
 *
 * Who shall retire leaves, and for a while who cannot accept.
 *
 * A claim is a bit that somebody else has cleared: the program, for a SYN
 * whose handshake may complete on own any time later.  A worker that is owed
 * one must not go to sleep with own open, or the connection waits behind it.
 * Once own is shut, the kernel moves what is queued there, and what completes
 * late, to the shared listener, where whoever is idle takes it.
 *
 * If own listened again too early, it would get the late ones after all.  So
 * it stays shut until the kernel has given up on the last of them.  Until then
 * the program does not know of the worker, which takes from shared alone: a
 * flood of SYNs that never become connections turns `idle' into `shared', and
 * so do clients that connect and say nothing, whose handshakes the kernel keeps
 * half-open for as long as it defers them (listener.h).
 *
 * The wait is exclusive: the kernel wakes one worker for each connection in
 * shared.  That worker may take one from own instead, or die; and not every
 * kernel wakes anybody for a connection that was moved there.  Hence the
 * baton: who was woken, or has moved something, and leaves a connection behind
 * wakes the next one.
 */

#include <sys/epoll.h>
#include <sys/socket.h>

#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "server/idle.h"

_Static_assert(BOARD_SLOTS <= STEER_SLOTS, "a bit for each slot");
_Static_assert(CONF_LISTEN_MAX <= STEER_GROUPS, "a group for each address");

/* When own would not listen: how long until the next try. */
#define RETRY		CLOCK_S

/* How long a claim keeps the bit clear: most handshakes take far less. */
#define CLAIM_YOUNG	CLOCK_S

int
idle_open(struct idle *w, struct waiter *waiter, const struct listeners *ls,
    const struct steering *s, unsigned int slot, int backlog)
{
	const struct listener *l;
	int fd;

	memset(w, 0, sizeof(*w));
	own_init(&w->own, &s->steer, slot, ls->v[0].deferral);
	w->steering = s;
	w->slot = slot;
	w->board = board_slot(slot);
	w->backlog = backlog;
	w->forget = steering_forget(s, ls->v[0].deferral);
	w->shut = 1;
	/* What the program may have left set for whoever was here before. */
	steer_busy(&s->steer, slot);
	for (l = ls->v; l < ls->v + ls->n; l++) {
		w->groups[w->n] = l->group;
		w->shared[w->n] = l->fd;
		if ((fd = listener_own(l)) == -1 ||
		    own_add(&w->own, fd) == -1 ||
		    waiter_add(waiter, l->fd, EPOLLIN | EPOLLEXCLUSIVE,
		    WAITER_SHARED) == -1)
			return -1;
		w->n++;
	}
	gates_leave(&s->steer.gates);
	/* Edge-triggered: each write wakes one, and nobody has to read it. */
	return waiter_add(waiter, s->baton,
	    EPOLLIN | EPOLLEXCLUSIVE | EPOLLET, WAITER_BATON);
}

/*
 * The kernel moves what is queued, and what completes late, to shared.  A shut
 * listener would end every wait, so it leaves the set.
 */
static void
shut_own(struct idle *w, struct waiter *waiter)
{
	const int owed = w->own.owed > 0;
	size_t i;

	for (i = 0; i < w->n; i++)
		waiter_remove(waiter, w->own.fds[i]);
	own_shut(&w->own);
	w->shut = 1;
	w->reopen_at = owed ? clock_mono() + w->forget : 0;
	board_count(&w->board->shut);
}

/* Own listen, and the program finds them.  Needs no privilege. */
static int
open_own(struct idle *w, struct waiter *waiter)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (own_listen(&w->own, i, w->backlog) == -1 ||
		    waiter_add(waiter, w->own.fds[i], EPOLLIN,
		    WAITER_OWN) == -1 || steer_group_put(&w->groups[i],
		    w->slot, w->own.fds[i]) == -1) {
			if (!w->failing)
				log_warn_errno("worker %u: its own listener; "
				    "shared ones will do", w->slot);
			w->failing = 1;
			shut_own(w, waiter);
			w->reopen_at = clock_mono() + RETRY;
			return -1;
		}
	own_open(&w->own);
	w->shut = w->failing = 0;
	return 0;
}

static void
set_bit(struct idle *w)
{
	steer_idle(&w->steering->steer, w->slot);
	w->armed = 1;
}

/* Once for each time that it was set: a claim is counted once. */
static void
clear_bit(struct idle *w)
{
	if (w->armed && !steer_busy(&w->steering->steer, w->slot)) {
		w->own.owed++;
		w->own.claimed_at = clock_mono();
	}
	w->armed = 0;
}

/* Steps 2 and 7: gives for how long to wait then, in ms; -1: for ever. */
static int
become_idle(struct idle *w, struct waiter *waiter)
{
	int64_t now;

	if (!w->shut && w->own.owed == 0) {
		set_bit(w);
		return -1;
	}
	now = clock_mono();
	if (w->shut) {
		if (now < w->reopen_at)
			return clock_poll_ms(now, w->reopen_at);
		if (open_own(w, waiter) == -1)
			return clock_poll_ms(now, w->reopen_at);
	}
	if (w->own.owed > 0 && now >= w->own.claimed_at + w->forget) {
		/* The kernel has given up: nothing will come of them. */
		w->own.owed = 0;
		board_count(&w->board->expired);
	}
	if (w->own.owed > 0 && now < w->own.claimed_at + CLAIM_YOUNG)
		return clock_poll_ms(now, w->own.claimed_at + CLAIM_YOUNG);
	set_bit(w);
	return -1;
}

/* Steps a and b.  told: the wait has reported shared, or the baton. */
static void
before_serving(struct idle *w, struct waiter *waiter, int told)
{
	int moved = w->own.owed > 0;

	if (moved)
		shut_own(w, waiter);
	if ((moved || told) && waiter_pending(w->shared, w->n))
		steering_pass(w->steering);
}

/* Steps 5 and 6: a connection, or -1. */
static int
take(struct idle *w, struct waiter *waiter, struct addr *peer)
{
	int fd = -1;

	if (!w->shut && (fd = waiter_accept(waiter, w->own.fds, w->n,
	    peer)) != -1) {
		own_took(&w->own);
		board_count(&w->board->ways[BOARD_STEERED]);
	} else if ((fd = waiter_accept(waiter, w->shared, w->n,
	    peer)) != -1) {
		board_count(&w->board->ways[BOARD_SHARED]);
	}
	return fd;
}

/* The bit is clear: what is left for this worker goes to shared. */
static void
leave(struct idle *w, struct waiter *waiter)
{
	if (!w->shut)
		shut_own(w, waiter);
	if (waiter_pending(w->shared, w->n))
		steering_pass(w->steering);
}

int
idle_leave(struct idle *w, struct waiter *waiter)
{
	leave(w, waiter);
	return -1;
}

int
idle_accept(struct idle *w, struct waiter *waiter, struct addr *peer)
{
	int fd, ms, what;

	/* Under overload step 1 follows upon step 1: no wait would tell. */
	if (w->hurried && waiter_retiring(waiter)) {
		leave(w, waiter);
		return -1;
	}
	/* accept(2) in vain costs much more than the question. */
	fd = -1;
	if (w->hurried || waiter_pending(w->shared, w->n))
		fd = waiter_accept(waiter, w->shared, w->n, peer);
	w->hurried = fd != -1;
	if (fd != -1) {
		board_count(&w->board->ways[BOARD_SHARED]);
		before_serving(w, waiter, 0);
		return fd;
	}
	for (;;) {
		ms = waiter->pause_until != 0 ? -1 : become_idle(w, waiter);
		what = waiter_wait(waiter, ms);
		clear_bit(w);
		if (what & WAITER_RETIRE) {
			leave(w, waiter);
			if (what & WAITER_ORPHANED)
				waiter_shut(w->shared, w->n);
			return -1;
		}
		if ((fd = take(w, waiter, peer)) != -1) {
			before_serving(w, waiter,
			    what & (WAITER_SHARED | WAITER_BATON));
			return fd;
		}
		if (what != 0)
			board_count(&w->board->empty);
		/* Who cannot accept now is not idle, and keeps nothing. */
		if (waiter->pause_until != 0)
			leave(w, waiter);
	}
}
