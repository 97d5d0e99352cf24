/*
 * The addresses to listen on: who is in the way of whom, in the daemon's own
 * words, and the defaults.
 *
 * One daemon, d, runs.  Others, configured by x, are started beside it, mostly
 * to fail.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"
#include "t/network.h"
#include "t/run.h"
#include "t/text.h"

#define IN_USE "the address is in use, by another spindled or another program"

static struct daemon d, x;

/* The last is left out where it is not to be had. */
static const char *const policies[] = { "shared", "hash", "idle" };
static size_t npolicies = 2;

static void
find_policies(void)
{
	static const char *const expected[] = { "shared is in force", NULL };

	daemon_configure(&d, "user nobody\nbalance idle\nworkers 1\n");
	daemon_start(&d);
	if (!daemon_has_logged(&d, expected[0]))
		npolicies = 3;
	else
		skip(1, "balance idle is not to be had here");
	daemon_finish(&d, expected);
}

static void
test_other_program(void)
{
	char reasons[512], what[64];
	size_t i;
	int fd, port;

	fd = network_port(INADDR_LOOPBACK, 1, &port);
	for (i = 0; i < npolicies; i++) {
		daemon_rewrite(&x, "user nobody\nbalance %s\n"
		    "listen 127.0.0.1:%d\n", policies[i], port);
		reasons[0] = '\0';
		run_reason(&x, reasons, sizeof(reasons), 3,
		    "listen 127.0.0.1:%d: " IN_USE, port);
		snprintf(what, sizeof(what), "%s, another program's port",
		    policies[i]);
		run_is_refused(&x, reasons, what);
	}
	close(fd);

	fd = network_port(INADDR_ANY, 1, &port);
	daemon_rewrite(&x, "user nobody\nlisten 127.0.0.1:%d\n"
	    "balance shared\n", port);
	reasons[0] = '\0';
	run_reason(&x, reasons, sizeof(reasons), 2,
	    "listen 127.0.0.1:%d: " IN_USE, port);
	run_is_refused(&x, reasons, "a port of all addresses");
	close(fd);
}

/* SO_REUSEPORT would let the second one of the same user in. */
static void
test_duplicate(const char *first)
{
	char reasons[512], what[64];
	size_t i;

	daemon_configure(&d, "user nobody\nbalance %s\nworkers 2\n"
	    "listen 127.0.0.1:0\n", first);
	daemon_start(&d);
	for (i = 0; i < npolicies; i++) {
		daemon_rewrite(&x, "user nobody\nbalance %s\n"
		    "listen 127.0.0.1:%d\n", policies[i], d.port);
		reasons[0] = '\0';
		run_reason(&x, reasons, sizeof(reasons), 3,
		    "listen 127.0.0.1:%d: " IN_USE, d.port);
		snprintf(what, sizeof(what), "%s beside %s", policies[i],
		    first);
		run_is_refused(&x, reasons, what);
	}
	daemon_rewrite(&x, "user nobody\nlisten 0.0.0.0:%d\n"
	    "balance shared\n", d.port);
	reasons[0] = '\0';
	run_reason(&x, reasons, sizeof(reasons), 2,
	    "listen 0.0.0.0:%d: " IN_USE, d.port);
	snprintf(what, sizeof(what), "all addresses beside %s", first);
	run_is_refused(&x, reasons, what);
	is_int(client_get(d.port, "/200,0,x", NULL), 200,
	    "and %s is not disturbed", first);
	daemon_finish(&d, NULL);
}

/* The default addresses, in networks of our own, where they are free. */

/* Gives -1 where the kernel has no IPv6, or does not let us. */
static int
disable_ipv6(void)
{
	static const char *const files[] = {
		"/proc/sys/net/ipv6/conf/all/disable_ipv6",
		"/proc/sys/net/ipv6/conf/default/disable_ipv6",
		"/proc/sys/net/ipv6/conf/lo/disable_ipv6",
	};
	size_t i;
	int fd;

	for (i = 0; i < 3; i++) {
		if ((fd = open(files[i], O_WRONLY | O_CLOEXEC)) == -1)
			return -1;
		if (write(fd, "1", 1) != 1) {
			close(fd);
			return -1;
		}
		close(fd);
	}
	return 0;
}

/* The comment keeps the harness from writing one. */
#define DEFAULTS "# no listen here\nbalance shared\nworkers 1\n"
#define LEFT_OUT ": this machine has no such address; this default is left out"

static void
test_both_defaults(void)
{
	char reasons[512] = "";

	daemon_configure(&d, DEFAULTS);
	daemon_start(&d);
	ok(daemon_has_logged(&d, "listening on 127.0.0.1:7000\n"),
	    "no listen: IPv4");
	ok(daemon_has_logged(&d, "listening on [::1]:7000\n"),
	    "no listen: IPv6");

	/* Addresses that are in use are not left out. */
	daemon_rewrite(&x, DEFAULTS);
	run_reason(&x, reasons, sizeof(reasons), 0,
	    "listen 127.0.0.1:7000: " IN_USE);
	run_reason(&x, reasons, sizeof(reasons), 0,
	    "listen [::1]:7000: " IN_USE);
	run_is_refused(&x, reasons, "no listen, and the defaults are in use");
	daemon_finish(&d, NULL);
}

static void
test_without_ipv6(void)
{
	char reasons[512] = "", log[512];

	daemon_configure(&d, DEFAULTS);
	daemon_start(&d);
	is_int(d.port, 7000, "without IPv6: IPv4 will do");
	is_int(client_get(7000, "/200,0,x", NULL), 200,
	    "without IPv6: it serves");
	ok(!daemon_has_logged(&d, "listening on ["),
	    "without IPv6: no address of it");
	text_read(d.log, log, sizeof(log));
	log[strcspn(log, "\n")] = '\0';
	snprintf(reasons, sizeof(reasons), "%s: listen [::1]:7000" LEFT_OUT,
	    d.conf);
	is_string(log, reasons, "without IPv6: and says so");
	daemon_finish(&d, NULL);

	/* Nobody is asked for less than what the file says. */
	daemon_rewrite(&x, "user nobody\nlisten 127.0.0.1:7000\n"
	    "listen [::1]:7000\n");
	reasons[0] = '\0';
	run_reason(&x, reasons, sizeof(reasons), 3,
	    "listen [::1]:7000: this machine has no such address");
	run_is_refused(&x, reasons, "without IPv6, an address of it");
}

static void
test_defaults(void)
{
	if (geteuid() != 0 || network_own() == -1) {
		skip(1, "no network of our own: %s", geteuid() != 0 ?
		    "not root" : strerror(errno));
		return;
	}
	if (access("/proc/sys/net/ipv6", F_OK) == -1) {
		skip(1, "the kernel has no IPv6");
		return;
	}
	test_both_defaults();
	if (disable_ipv6() == -1) {
		skip(1, "IPv6 stays: %s", strerror(errno));
		return;
	}
	test_without_ipv6();
}

int
main(void)
{
	size_t i;

	plan_no_plan();
	daemon_configure(&x, "user nobody\n");
	find_policies();
	test_other_program();
	for (i = 0; i < npolicies; i++)
		test_duplicate(policies[i]);
	test_defaults();
	return exit_status();
}
