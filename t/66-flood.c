/*
 * A flood of SYNs from addresses that never answer, which fills every queue for
 * half-open handshakes: a healthy stream goes on, under `idle', all of whose
 * claims come to nothing then, and under `shared'.  SYN cookies are what the
 * system has by default.
 *
 * `make check' sends 40,000 of them, `make torture' a million for each policy,
 * from a network of the test's own into another.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "t/check.h"
#include "t/daemon.h"
#include "t/flood.h"
#include "t/healthy.h"
#include "t/network.h"
#include "t/torture.h"

#define RATE	10000		/* SYNs a second */

static struct daemon d;
static struct flood flood;
static struct addr server;
static unsigned int count, sent;

static void
attack(int on)
{
	if (on)
		flood_begin(&flood, &server, count, RATE);
	else
		sent += flood_end(&flood);
}

static void
start(const char *policy)
{
	const char *plain = getenv("SPINDLED_PLAIN");
	char text[ADDR_TEXT];

	setenv("SPINDLED", plain != NULL ? plain : "build/spindled", 1);
	daemon_configure(&d, "balance %s\nworkers 64\nlisten "
	    FLOOD_ADDRESS ":0\n", policy);
	daemon_start(&d);
	snprintf(text, sizeof(text), FLOOD_ADDRESS ":%d", d.port);
	if (addr_parse(text, &server) == -1)
		exit(1);
}

static void
test(const char *policy)
{
	static const char *const expected[] = { "shared is in force", NULL };
	const int turns = torture_pick(1, 3);
	long long cookies = network_count("SyncookiesSent");
	long long used = network_count("SyncookiesRecv");
	struct healthy h = {
		.rate = 100, .read_ms = 20, .attack = attack, .turns = turns,
		.quiet = torture_pick(1500, 10000) * CLOCK_MS,
		.between = 100 * CLOCK_MS,
	};
	struct healthy_sum sum;

	count = (unsigned int)torture_pick(20000, 1000000 / turns);
	/* The last SYN has been sent before its turn is over. */
	h.attacked = (int64_t)count * CLOCK_S / RATE + 500 * CLOCK_MS;
	sent = 0;
	start(policy);
	healthy_run(&h, &server, &sum);
	healthy_check(&sum, policy);
	is_int(sent, (long long)count * turns, "%s: the flood was sent",
	    policy);
	cookies = network_count("SyncookiesSent") - cookies;
	used = network_count("SyncookiesRecv") - used;
	diag("%s: %lld SYN cookies, %lld of them came back", policy, cookies,
	    used);
	ok(cookies > sent / 4, "%s: the queues were full for most of it",
	    policy);
	ok(used > 0, "%s: healthy ones got through by their cookies", policy);
	healthy_free(&sum);
	daemon_finish(&d, expected);
}

int
main(void)
{
	if (flood_open(&flood) == -1)
		plan_skip_all("needs root, ip(8), nsenter(1), and two networks "
		    "that can be wired");
	plan_no_plan();
	test("idle");
	test("shared");
	flood_close(&flood);
	return exit_status();
}
