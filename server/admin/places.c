#include <sys/param.h>
#include <sys/socket.h>

#include <errno.h>

#include "common/clock.h"
#include "server/admin/client.h"
#include "server/admin/places.h"

/* From one door at a time, so that no other waits for its flood to end. */
#define ACCEPT_MAX	16

/* Who has said nothing by then had time to. */
#define NEW_TIME	(100 * CLOCK_MS)

/* What is missing for one more connection is there by then, or is not. */
#define ACCEPT_PAUSE	(100 * CLOCK_MS)

static struct client places[PLACES_MAX];
static int64_t accept_at;	/* nobody is let in before */

#define EACH(c)	((c) = places; (c) < places + PLACES_MAX; (c)++)

/*
 * Whose place a new client gets, by this order, and of several whoever has been
 * so for longest: who has not said what it wants, though it had time to, or has
 * what it wanted; who reads its reply, which anybody may do slowly; who gets
 * events; who has just come.  Who waits for the master keeps its place: it has
 * a deadline.
 */
enum hurry {
	HURRY_NONE,
	HURRY_REPLY,
	HURRY_EVENTS,
	HURRY_NEW,
	HURRY_MASTER
};

static enum hurry
hurry(const struct client *c, int64_t now)
{
	switch (c->state) {
	case CLIENT_READING:
		return now - c->since < NEW_TIME ? HURRY_NEW : HURRY_NONE;
	case CLIENT_SENDING:
		return HURRY_REPLY;
	case CLIENT_STREAMING:
		return HURRY_EVENTS;
	case CLIENT_ASKING:
		return HURRY_MASTER;
	default:
		return HURRY_NONE;
	}
}

static struct client *
find_place(int64_t now)
{
	enum hurry least = HURRY_MASTER, h;
	struct client *c, *found = NULL;

	for EACH(c) {
		if (c->state == CLIENT_NONE)
			return c;
		h = hurry(c, now);
		if (h < least || (h == least && found != NULL &&
		    c->since < found->since)) {
			least = h;
			found = c;
		}
	}
	return found;
}

int
places_have_room(int64_t now)
{
	return now >= accept_at && find_place(now) != NULL;
}

void
places_accept(const struct hall_door *d, int64_t now)
{
	struct client *c;
	struct addr peer;
	int fd, i;

	for (i = 0; i < ACCEPT_MAX && (c = find_place(now)) != NULL; i++) {
		peer.len = sizeof(peer.ss);
		fd = accept4(d->fd, (struct sockaddr *)&peer.ss, &peer.len,
		    SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd == -1) {
			/* The connection waits on, and would wake us. */
			if (errno != EAGAIN && errno != ECONNABORTED)
				accept_at = now + ACCEPT_PAUSE;
			return;
		}
		if (c->state != CLIENT_NONE)
			client_end(c);
		client_begin(c, fd, d, &peer, now);
	}
}

nfds_t
places_wait(struct pollfd *p)
{
	const struct client *c;

	for EACH(c)
		*p++ = (struct pollfd){
			.fd = c->state == CLIENT_NONE ? -1 : c->fd,
			.events = client_wants(c),
		};
	return PLACES_MAX;
}

void
places_serve(const struct pollfd *p, nfds_t n, struct look *look, int master,
    int64_t now)
{
	nfds_t i;

	for (i = 0; i < n; i++)
		if (p[i].revents != 0 && p[i].fd == places[i].fd &&
		    places[i].state != CLIENT_NONE)
			client_serve(&places[i], p[i].revents, look, master,
			    now);
}

void
places_conclude(const struct channel_reply *m, int64_t now)
{
	struct client *c;

	for EACH(c)
		if (client_conclude(c, m, now))
			return;
}

int
places_want_event(void)
{
	const struct client *c;

	for EACH(c)
		if (client_takes_event(c))
			return 1;
	return 0;
}

/* Who has not taken the last one loses this one. */
void
places_event(struct sheet *s, int64_t now)
{
	struct client *c;

	for EACH(c)
		if (client_takes_event(c))
			client_event(c, s, now);
}

void
places_end_streams(void)
{
	struct client *c;

	for EACH(c)
		if (c->state == CLIENT_STREAMING)
			client_end(c);
}

void
places_expire(int64_t now)
{
	struct client *c;

	for EACH(c)
		if (c->state != CLIENT_NONE && now >= c->deadline)
			client_expire(c, now);
}

int64_t
places_deadline(int64_t now)
{
	int64_t at = accept_at > now ? accept_at : INT64_MAX;
	const struct client *c;

	for EACH(c)
		if (c->state != CLIENT_NONE)
			at = MIN(at, c->deadline);
	return at;
}

unsigned int
places_taken(void)
{
	const struct client *c;
	unsigned int n = 0;

	for EACH(c)
		n += c->state != CLIENT_NONE;
	return n;
}
