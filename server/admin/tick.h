/*
 * What happened within the last second or so: what the live page draws.  A
 * tick is the difference of two snapshots; a history of them is kept in
 * memory that outlives who makes them.
 */
#ifndef SERVER_ADMIN_TICK_H
#define SERVER_ADMIN_TICK_H

#include <stdio.h>

#include "server/admin/snapshot.h"

#define TICK_FIRST	16	/* the lowest row of a heat map: 2^16 ns */
#define TICK_ROWS	23	/* octaves: the last one ends at 2^39 ns */
#define TICKS_KEPT	300

struct tick_disk {
	char name[CONF_NAME_MAX + 1];
	char condition[SCHEDULE_NAME_MAX + 1];
	int forced;
	int64_t until;			/* clock_real(); INT64_MAX: never */
	unsigned int lanes, lanes_busy, limit, inside;
	uint32_t heat[TICK_ROWS];	/* reads that took so long */
};

/* Rates are a second's. */
struct tick {
	int64_t wall;			/* its end, clock_real() */
	unsigned int queue;		/* connections that wait */
	double requests, errors, bytes;
	int64_t p50[BOARD_TIMES], p99[BOARD_TIMES];	/* ns; -1: nothing came */
	unsigned int ndisks;
	struct tick_disk disks[CONF_DISK_MAX];
};

/* The snapshot before, as far as the next tick needs it. */
struct tick_base {
	int64_t now;			/* 0: there is none */
	struct totals totals;
	struct {
		char name[CONF_NAME_MAX + 1];
		struct histogram latency;
	} disks[CONF_DISK_MAX];
	size_t ndisks;
};

/* The last ticks: number i is at i % TICKS_KEPT.  All zeros is none. */
struct tick_history {
	uint64_t n;			/* that there ever were */
	struct tick ticks[TICKS_KEPT];
};

/*
 * Makes the tick from base to the snapshot, which becomes the base.  Gives 0,
 * or -1: the base was none, and there is no tick yet.
 */
int	tick_take(struct tick *, struct tick_base *, const struct snapshot *);

void	tick_keep(struct tick_history *, const struct tick *);

/*
 * Writes an event for server-sent events: one tick, with a letter for each
 * slot; or the whole history, whatever another process has made of it, or does
 * meanwhile.
 */
void	tick_write(const struct tick *, const struct snapshot *, FILE *);
void	tick_write_history(const struct tick_history *, FILE *);

#endif
