/*
 * Everything that is shown of the daemon, at about one moment: what the views
 * are made of.  A view reads nothing else, so that all of them agree.
 *
 * Times are in ns; points in time are clock_mono()'s where nothing else is
 * said.
 */
#ifndef SERVER_ADMIN_SNAPSHOT_H
#define SERVER_ADMIN_SNAPSHOT_H

#include <sys/types.h>

#include <stdint.h>

#include "server/board.h"
#include "server/bulletin.h"
#include "server/conf.h"
#include "server/device.h"
#include "server/listener.h"
#include "server/totals.h"

struct snapshot_listen {
	char address[ADDR_TEXT];
	unsigned int queue;		/* connections that wait */
	unsigned int limit;
};

struct snapshot_disk {
	unsigned int device;
	struct device_about about;
	const char *condition;		/* that holds now */
	int forced;			/* it was asked for */
	int64_t until;			/* when that ends; INT64_MAX: never */
	unsigned int lanes_busy;
	unsigned int reading;		/* workers in it, in a lane */
	unsigned int waiting;		/* and waiting for one */
	unsigned int stuck;		/* and of them, for too long */
	struct totals_disk totals;
};

struct snapshot_slot {
	unsigned int slot;
	struct board_view view;
	const struct snapshot_disk *disk;	/* NULL: in none */
	const char *condition;		/* that its read met; NULL: none */
};

struct snapshot {
	int64_t now;
	int64_t wall;			/* the same moment, clock_real() */
	const struct conf *conf;
	struct bulletin master;

	struct snapshot_listen listens[CONF_LISTEN_MAX];
	size_t nlistens;		/* 0 under `hash': nobody knows */
	unsigned int seen[BOARD_SEEN];	/* how many slots are seen in each */
	int64_t taken;			/* the last time that any worker took a
					   request; 0: never */
	struct totals totals;
	struct snapshot_disk disks[CONF_DISK_MAX];	/* of the configuration
					   in force */
	size_t ndisks;
	struct snapshot_slot slots[BOARD_SLOTS];	/* up to the last that
					   was ever used */
	size_t nslots;
};

/*
 * Takes it, for the configuration in force and its shared listeners.  It is
 * large, and only what is used of it is touched.
 */
void	snapshot_take(struct snapshot *, const struct conf *,
	    const struct listeners *);

/* Workers that are in something, whatever it is. */
unsigned int	snapshot_busy(const struct snapshot *);

/* Requests that ended badly, of whatever kind. */
uint64_t	snapshot_errors(const struct totals *);

/* A point of clock_mono() as one of clock_real(). */
int64_t	snapshot_wall(const struct snapshot *, int64_t mono);

#endif
