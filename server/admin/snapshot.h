/*
 * Everything that is shown of the daemon, at about one moment: what the views
 * are made of.  A view reads nothing else, so that all of them agree.
 *
 * Times are in ns; points in time are clock_mono()'s where nothing else is
 * said.  Names are of the one who took the snapshot, and outlive it.
 */
#ifndef SERVER_ADMIN_SNAPSHOT_H
#define SERVER_ADMIN_SNAPSHOT_H

#include <sys/types.h>

#include <stdint.h>

#include "common/histogram.h"
#include "server/conf.h"
#include "server/deaths.h"
#include "server/error.h"

/* What a slot is seen to do.  snapshot_letter() and _state_name() name it. */
enum seen {
	SEEN_EMPTY,
	SEEN_STARTING,
	SEEN_IDLE,
	SEEN_READING,		/* a request */
	SEEN_QUEUED,		/* waits for a lane of its disk */
	SEEN_DISK,
	SEEN_REPLYING,
	SEEN_KEPT,		/* waits for the next request of a client */
	SEEN_DRAINING,		/* retires, and has still something to do */
	SEEN_STUCK,		/* in its disk for stuck-after, or undead */
	SEEN_STATES
};

enum snapshot_phase {
	SNAPSHOT_STARTING,
	SNAPSHOT_RUNNING,
	SNAPSHOT_UPGRADING,
	SNAPSHOT_DRAINING,
	SNAPSHOT_STOPPING
};

/* How a request's connection came to its worker. */
enum arrival {
	ARRIVAL_STEERED,	/* `idle': by a listener of its own */
	ARRIVAL_SHARED,
	ARRIVAL_HASH,
	ARRIVAL_KEPT,		/* it was there already */
	ARRIVALS
};

enum span {
	SPAN_QUEUE,		/* until a worker has read the request */
	SPAN_LANE,		/* until a lane is free */
	SPAN_DISK,		/* in the lane */
	SPAN_LATE,		/* longer than was drawn */
	SPAN_TOTAL,		/* from arrival to the end of the reply */
	SPANS
};

/* What is counted, over all workers that there ever were. */
struct snapshot_counts {
	uint64_t responses[6];		/* by hundreds of their status; [0]:
					   those without a reply */
	uint64_t errors[ERROR_KINDS];
	uint64_t bytes;			/* of bodies */
	uint64_t arrivals[ARRIVALS];
	uint64_t shut, expired, empty;	/* see board.h */
	struct histogram spans[SPANS];
};

struct snapshot_listen {
	char address[ADDR_TEXT];
	unsigned int queue;		/* connections that wait */
	unsigned int limit;
};

struct snapshot_disk {
	const struct conf_disk *conf;
	const char *condition;		/* that holds now */
	int forced;			/* it was asked for */
	int64_t until;			/* when that ends; INT64_MAX: never */
	unsigned int lanes_busy;
	unsigned int reading;		/* workers in it, in a lane */
	unsigned int waiting;		/* and waiting for one */
	unsigned int inside;		/* seats taken, where there is a limit;
					   else both of the above */
	unsigned int stuck;		/* of the workers in it */
	uint64_t reads, failed;
	struct histogram latency;	/* lane and service */
};

struct snapshot_slot {
	unsigned int slot;
	pid_t pid;			/* 0: none */
	enum seen seen;
	int64_t since;			/* of this state */
	const char *disk;		/* NULL: in none */
	const char *condition;
	uint64_t requests, errors, bytes;
	uint64_t request;		/* the id of the one at hand; 0: none */
};

struct snapshot {
	int64_t now;
	int64_t wall;			/* the same moment, clock_real() */
	const struct conf *conf;

	/* The master's. */
	pid_t pid;
	int64_t started;		/* clock_real() */
	enum snapshot_phase phase;
	int balance;			/* in force, enum conf_balance */
	const char *fallback;		/* why it is; NULL: as configured */
	const char *confinement;
	unsigned int generation;
	unsigned int wanted, min, max, spare;
	unsigned int waiting;		/* slots that wait for a back-off */
	unsigned int undead;
	uint64_t deaths[DEATH_CAUSES];
	uint64_t reloads, reloads_failed;
	int64_t reloaded;		/* clock_real(); 0: never */
	int reload_failed;		/* the last one did */
	uint64_t upgrades, upgrades_failed;

	struct snapshot_listen listens[CONF_LISTEN_MAX];
	size_t nlistens;
	unsigned int seen[SEEN_STATES];	/* how many slots are seen in each */
	int64_t taken;			/* the last time that any worker took a
					   connection; 0: never */
	struct snapshot_counts counts;
	struct snapshot_disk disks[CONF_DISK_MAX];
	size_t ndisks;
	struct snapshot_slot *slots;	/* up to the last that was ever used */
	size_t nslots;
};

char		snapshot_letter(enum seen);
const char	*snapshot_state_name(enum seen);
const char	*snapshot_phase_name(enum snapshot_phase);
const char	*snapshot_arrival_name(enum arrival);
const char	*snapshot_death_name(enum death_cause);

/* Workers that are in something, whatever it is. */
unsigned int	snapshot_busy(const struct snapshot *);

/* All requests that have ended. */
uint64_t	snapshot_requests(const struct snapshot_counts *);

#endif
