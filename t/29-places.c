/*
 * The places of the status process' clients: how many there are, whose place a
 * new client takes, and what happens when no descriptor is left for it.  Time
 * is what the test says it is.
 */
#include <sys/resource.h>
#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/admin/places.h"
#include "t/check.h"

#define START	(1000 * CLOCK_S)

static struct hall_door door;
static int fds[PLACES_MAX + 1];	/* the clients' ends; -1: none */

static void
open_door(void)
{
	if (addr_parse("127.0.0.1:0", &door.addr) == -1)
		errx(1, "addr_parse");
	door.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (door.fd == -1 || bind(door.fd, (struct sockaddr *)&door.addr.ss,
	    door.addr.len) == -1 || listen(door.fd, 128) == -1 ||
	    getsockname(door.fd, (struct sockaddr *)&door.addr.ss,
	    &door.addr.len) == -1)
		err(1, "a door");
}

/* Somebody connects, and says nothing. */
static int
knock(void)
{
	const int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd == -1 || connect(fd, (struct sockaddr *)&door.addr.ss,
	    door.addr.len) == -1)
		err(1, "a client");
	return fd;
}

static int
is_closed(int fd)
{
	char c;

	return recv(fd, &c, 1, MSG_DONTWAIT) != -1 || errno != EAGAIN;
}

/* The first whose connection has been closed since; -1: none. */
static int
who_went(int n)
{
	int i, who = -1;

	for (i = 0; i < n; i++)
		if (fds[i] != -1 && is_closed(fds[i])) {
			if (who != -1)
				diag("%d has gone, and %d", who, i);
			close(fds[i]);
			fds[i] = -1;
			who = who == -1 ? i : PLACES_MAX + 1;
		}
	return who;
}

/* So many at once, and then one in each millisecond. */
static void
fill(void)
{
	int i;

	is_int(places_taken(), 0, "nobody is there");
	ok(places_deadline(START) == INT64_MAX, "and nothing is waited for");
	for (i = 0; i < 20; i++)
		fds[i] = knock();
	places_accept(&door, START);
	is_int(places_taken(), 16, "a door has 16 at once taken");
	places_accept(&door, START);
	is_int(places_taken(), 20, "and the rest the next time");
	for (; i < PLACES_MAX; i++) {
		fds[i] = knock();
		places_accept(&door, START + i * CLOCK_MS);
	}
	is_int(places_taken(), PLACES_MAX, "all places are taken");
	is_int(who_went(PLACES_MAX), -1, "nobody had to go");
}

/* Who comes next, at this time.  Gives who had to go. */
static int
one_more(int64_t now)
{
	int who;

	ok(places_have_room(now), "one more has room");
	fds[PLACES_MAX] = knock();
	places_accept(&door, now);
	is_int(places_taken(), PLACES_MAX, "and no more than that");
	who = who_went(PLACES_MAX + 1);
	if (who >= 0 && who < PLACES_MAX) {
		fds[who] = fds[PLACES_MAX];
		fds[PLACES_MAX] = -1;
	}
	return who;
}

static void
test_order(void)
{
	/* Of all who have just come, the one who did so first. */
	is_int(one_more(START + 70 * CLOCK_MS), 0, "the first one goes");
	/* These 19 were there at once. */
	is_int(one_more(START + 71 * CLOCK_MS), 1, "then the second");
	is_int(one_more(START + 105 * CLOCK_MS), 2, "then who has had time");
}

static void
test_requests(void)
{
	struct pollfd p[PLACES_MAX];
	struct look look = { .workers = LOOK_NO_USER };
	const int64_t now = START + 200 * CLOCK_MS;
	static const char get[] = "GET /nowhere HTTP/1.0\r\n\r\n";
	const int fd = fds[40];
	char reply[1024] = "";
	nfds_t n;

	fds[40] = -1;
	if (send(fd, get, sizeof(get) - 1, 0) != sizeof(get) - 1)
		err(1, "send");
	n = places_wait(p);
	is_int((long long)n, PLACES_MAX, "all of them are waited for");
	is_int(poll(p, n, -1), 1, "one has something to say");
	places_serve(p, n, &look, -1, now);
	(void)recv(fd, reply, sizeof(reply) - 1, 0);
	has_string(reply, " 404 ", "and has its reply");
	/* Who now has what it wanted has been so for less long. */
	is_int(one_more(now), 3, "who is silent for longest goes");
	close(fd);
	n = places_wait(p);
	is_int(poll(p, n, -1), 1, "who has had its reply goes");
	places_serve(p, n, &look, -1, now);
	is_int(places_taken(), PLACES_MAX - 1, "and has no place any more");
}

/* The lowest descriptor that is free: more than that are not to be had. */
static void
limit_descriptors(int on, struct rlimit *had)
{
	struct rlimit now = *had;
	int fd;

	if (on) {
		if (getrlimit(RLIMIT_NOFILE, had) == -1 || (fd = dup(0)) == -1)
			err(1, "descriptors");
		close(fd);
		now = (struct rlimit){ (rlim_t)fd, had->rlim_max };
	}
	if (setrlimit(RLIMIT_NOFILE, &now) == -1)
		err(1, "setrlimit");
}

/* Who waits at the door would wake the process for ever. */
static void
test_descriptors(void)
{
	const int64_t now = START + 300 * CLOCK_MS;
	struct rlimit had;

	fds[40] = knock();
	limit_descriptors(1, &had);
	places_accept(&door, now);
	is_int(places_taken(), PLACES_MAX - 1, "no descriptor: nobody comes");
	ok(!places_have_room(now), "nobody is asked for then");
	ok(!places_have_room(now + 99 * CLOCK_MS), "nor soon");
	is_int(places_deadline(now) - now, 100 * CLOCK_MS, "but this is");
	ok(places_have_room(now + 100 * CLOCK_MS), "somebody has room again");
	limit_descriptors(0, &had);
	places_accept(&door, now + 100 * CLOCK_MS);
	is_int(places_taken(), PLACES_MAX, "and comes");
	ok(!is_closed(fds[40]), "with nobody's harm");
}

static void
test_expire(void)
{
	const int64_t last = START + 400 * CLOCK_MS;

	places_expire(START + 5 * CLOCK_S);
	is_int(places_taken(), PLACES_MAX - 16,
	    "those who were there first, and are silent, go after 5 seconds");
	ok(places_deadline(START + 5 * CLOCK_S) == START + 5 * CLOCK_S +
	    20 * CLOCK_MS, "the next one in time");
	places_expire(last + 5 * CLOCK_S - 1);
	is_int(places_taken(), 1, "but the last one, before its time");
	places_expire(last + 5 * CLOCK_S);
	is_int(places_taken(), 0, "at its time, too");
}

int
main(void)
{
	plan_no_plan();
	open_door();
	fill();
	test_order();
	test_requests();
	test_descriptors();
	test_expire();
	return exit_status();
}
