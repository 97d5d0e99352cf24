/*
 * A healthy stream of requests, and an attack that comes and goes: quiet and
 * attacked by turns, so that whatever else the machine does meanwhile befalls
 * both.  Each request is accounted for, those in between as well.
 */
#ifndef T_HEALTHY_H
#define T_HEALTHY_H

#include <stdint.h>

#include "common/addr.h"
#include "t/traffic/samples.h"

struct healthy {
	double rate;		/* requests a second */
	int read_ms;		/* what each of them reads */
	int64_t quiet, attacked; /* how long a turn takes, ns */
	int64_t between;	/* behind an attack, until it is quiet; ns */
	int turns;		/* of each, at most HEALTHY_TURNS */
	void (*attack)(int on);	/* begins, and ends; must not wait */
};

#define HEALTHY_TURNS 3

/* What came of it. */
struct healthy_sum {
	uint64_t sent, good;
	struct samples quiet, attacked;	/* latencies, sorted, ns */
	int64_t lag;		/* p99 of how late the client itself was when
				   under attack, ns */
};

/* Asks the server at the address.  Ends the program where it cannot. */
void	healthy_run(const struct healthy *, const struct addr *,
	    struct healthy_sum *);

/*
 * Reports: none has failed, and the p99 under attack is within twice the quiet
 * one.  Two tests, named by name.
 *
 * In the short form of a torture test others run beside it, and may take the
 * processors from anybody for longer than a read takes.  That makes the client
 * late as well, which counts as latency; so that much is allowed on top there.
 * Where it may, the client runs before the others.
 */
void	healthy_check(const struct healthy_sum *, const char *name);

void	healthy_free(struct healthy_sum *);

#endif
