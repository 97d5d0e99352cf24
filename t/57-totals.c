/*
 * Counters over upgrades: whoever reads them before, during and after never
 * sees one go back, and in the end they are what the clients have counted.
 */
#include <sys/socket.h>

#include <err.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"
#include "t/heir.h"
#include "t/work.h"

#define UPGRADES	3
#define ERRORS		7L	/* of each master */

/* How often the daemon tells, twice as often as this: us. */
#define WATCHDOG	"40000"

static const char *const expected[] = { "only a restart", NULL };

static struct daemon d;
static struct work work;
static struct response r;

/* What the service manager has heard. */
static struct {
	uint64_t requests, errors;
	unsigned int times, back;
} told;

static void
take(const char *message)
{
	const char *p = strstr(message, "busy"), *semicolon;
	uint64_t requests, errors;

	semicolon = p == NULL ? NULL : strchr(p, ';');
	if (semicolon == NULL || sscanf(semicolon, "; %" SCNu64 " requests, %"
	    SCNu64 " errors", &requests, &errors) != 2)
		return;
	told.times++;
	if (requests < told.requests || errors < told.errors) {
		told.back++;
		diag("%" PRIu64 " requests, %" PRIu64 " errors; then %s",
		    told.requests, told.errors, semicolon);
	}
	told.requests = requests;
	told.errors = errors;
}

/* Hears messages until one has the text, or requests are as many. */
static int
hear(const char *text, uint64_t requests)
{
	struct pollfd p = { .fd = d.notify, .events = POLLIN };
	int64_t deadline = clock_mono() + DAEMON_PATIENCE_MS * CLOCK_MS;
	char buf[2048];
	ssize_t n;

	while (poll(&p, 1, clock_poll_ms(clock_mono(), deadline)) == 1) {
		if ((n = recv(d.notify, buf, sizeof(buf) - 1, 0)) == -1)
			err(1, "notify");
		buf[n] = '\0';
		take(buf);
		if (text != NULL ? strstr(buf, text) != NULL :
		    told.requests >= requests)
			return 1;
	}
	return 0;
}

static pid_t
upgrade(void)
{
	pid_t old = d.pid;

	daemon_signal(&d, SIGUSR2);
	if (!hear("MAINPID=", 0) || !hear("READY=1", 0))
		errx(1, "the upgrade does not come to its end");
	d.pid = heir_pid(&d);
	return old;
}

static void
make_errors(void)
{
	int i, wrong = 0;

	for (i = 0; i < ERRORS; i++)
		wrong += client_get(d.port, "/503,0,x", &r) != 503;
	is_int(wrong, 0, "%ld errors", ERRORS);
}

/* A read that is in the hands of the first master's worker to the end. */
static int
begin_long_read(void)
{
	int fd = client_connect(d.port);

	client_send(fd, "GET /200,4000,x HTTP/1.0\r\n\r\n", 28);
	daemon_await_reading(&d, 1);
	return fd;
}

static void
test_upgrades(const char *policy)
{
	pid_t olds[UPGRADES];
	struct work_sum l;
	uint64_t want;
	int i, fd;

	memset(&told, 0, sizeof(told));
	if (heir_start(&d, policy, "workers 24\n") == -1)
		return;
	fd = begin_long_read();
	work_start(&work, d.port);
	make_errors();
	for (i = 0; i < UPGRADES; i++) {
		olds[i] = upgrade();
		make_errors();
	}
	client_receive(fd, &r, 1);
	is_int(r.status, 200, "%s: a read that has outlived them all", policy);
	close(fd);
	work_end(&work, &l);
	want = l.answered + l.reset + 1 +
	    (uint64_t)((UPGRADES + 1) * ERRORS);
	is_int((long long)l.others, 0, "%s: each request is accounted for",
	    policy);
	for (i = 0; i < UPGRADES; i++)
		is_int(heir_wait(olds[i]), 0, "%s: master %d has ended",
		    policy, i + 1);
	hear(NULL, want);
	ok(told.times > 2 * UPGRADES, "%s: told of %u times", policy,
	    told.times);
	is_int(told.back, 0, "%s: no counter has gone back", policy);
	/* Who was reset in a queue was never served. */
	if (l.reset == 0)
		is_int((long long)told.requests, (long long)want,
		    "%s: requests are what the clients have counted", policy);
	is_int((long long)told.errors, (UPGRADES + 1) * ERRORS,
	    "%s: errors too", policy);

	/* One more, with everybody gone: all is in one ledger. */
	heir_wait(upgrade());
	hear("STATUS=", 0);
	if (l.reset == 0)
		is_int((long long)told.requests, (long long)want,
		    "%s: the same after another upgrade", policy);
	is_int(told.back, 0, "%s: none has gone back", policy);
	daemon_finish(&d, expected);
}

/* One that fails hands nothing on, and loses nothing. */
static void
test_failure(void)
{
	memset(&told, 0, sizeof(told));
	if (heir_start(&d, "shared", "workers 2\n") == -1)
		return;
	is_int(client_get(d.port, "/200,0,x", &r), 200, "a request");
	heir_program(&d, "#!/bin/sh\nexit 1\n");
	daemon_signal(&d, SIGUSR2);
	hear("the last upgrade failed", 0);
	is_int(client_get(d.port, "/200,0,x", &r), 200, "another one");
	heir_real_program(&d);
	heir_wait(upgrade());
	is_int(client_get(d.port, "/200,0,x", &r), 200, "and one more");
	hear(NULL, 3);
	is_int((long long)told.requests, 3, "three in all");
	is_int(told.back, 0, "counted one by one");
	daemon_finish(&d, (const char *[]){ "the new master", NULL });
}

int
main(void)
{
	setenv("SPINDLED", daemon_program(), 0);
	setenv("WATCHDOG_USEC", WATCHDOG, 1);
	plan_no_plan();
	heir_open();
	test_upgrades("shared");
	test_upgrades("idle");
	test_failure();
	return exit_status();
}
