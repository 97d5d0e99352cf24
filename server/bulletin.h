/*
 * What the master says of itself, in memory that all processes share: it
 * writes, anybody reads.
 */
#ifndef SERVER_BULLETIN_H
#define SERVER_BULLETIN_H

#include <sys/types.h>

#include <stdint.h>

#include "server/deaths.h"

enum bulletin_phase {
	BULLETIN_STARTING,	/* not all of its first workers are ready */
	BULLETIN_RUNNING,
	BULLETIN_UPGRADING,	/* another program is about to take over */
	BULLETIN_DRAINING,	/* it has, or a graceful stop was asked for */
	BULLETIN_STOPPING
};

struct bulletin {
	pid_t pid;
	int phase;		/* enum bulletin_phase */
	int64_t started;	/* clock_real() */
	int policy;		/* in force, enum conf_balance */
	unsigned int generation;	/* of the configuration, from 0 */
	unsigned int wanted, min, max, spare;	/* workers */
	unsigned int waiting;	/* slots that wait for a back-off */
	unsigned int stuck, undead;	/* workers, at the last look */
	int reload_failed;	/* the last one did */
	uint64_t deaths[DEATH_CAUSES];
	uint64_t reloads, reloads_failed;	/* all of them; and of them */
	int64_t reloaded;	/* the last one, clock_real(); 0: never */
	uint64_t upgrades, upgrades_failed;	/* begun; and of them */
	char fallback[192];	/* why `idle' is not in force, or empty */
	char confinement[256];	/* of workers */
};

/* Makes it, before the first fork.  Gives 0, or -1 and errno. */
int	bulletin_open(void);

/* Replaces it, where it is another one.  For the master. */
void	bulletin_publish(const struct bulletin *);

/*
 * Copies it.  Gives 0, or -1: the master is gone in the middle of a change,
 * and what was copied may be part old, part new.
 */
int	bulletin_read(struct bulletin *);

/* "starting" and so on. */
const char	*bulletin_phase_name(int phase);

#endif
