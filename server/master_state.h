/*
 * The state of the master: for the files that are the master (master.c,
 * signals.c, staff.c, reload.c, stop.c, succession.c, publish.c), and for
 * nobody else.
 */
#ifndef SERVER_MASTER_STATE_H
#define SERVER_MASTER_STATE_H

#include <stdint.h>

#include "server/admin/hall.h"
#include "server/inherit.h"
#include "server/listener.h"
#include "server/logs.h"
#include "server/master.h"
#include "server/muster.h"
#include "server/steering.h"

#define PLURAL(n)	((n) == 1 ? "" : "s")

enum phase {
	PHASE_RUNNING,
	PHASE_DRAINING,		/* workers end when they are done */
	PHASE_STOPPING,		/* the same, until stop_at */
	PHASE_KILLED		/* nobody was spared */
};

struct master {
	enum phase phase;
	struct conf *conf;	/* the one in force */
	struct listeners listeners;	/* the ones in force */
	struct listeners doomed;	/* the old ones, until new workers are
					   ready */
	struct logs logs;	/* for new workers */
	struct hall hall;	/* where the status process is asked */
	int policy;		/* enum conf_balance, the one in force */
	struct steering steering;	/* under `idle' */
	char fallback[192];	/* why `idle' is not in force; or empty */
	struct inherit inherited;	/* until the old master has let go */

	struct muster muster;	/* how many workers are wanted */
	int64_t mustered_at;	/* when that was last decided, clock_mono */
	int announced;		/* those wanted of this generation were all
				   ready once */

	uint64_t reloads, reloads_failed;
	int64_t reloaded;	/* the last time, clock_real(); 0: never */
	int reload_failed;	/* then */
	uint64_t upgrades, upgrades_failed;	/* that were begun */

	int bereaved;		/* a child has died, perhaps several */

	int64_t stopped_at;	/* when the stop was asked for, clock_mono */
	int64_t stop_at;	/* STOPPING: then workers are killed */
	enum master_exit end;	/* what it ends with */
};

extern struct master master;

/* Closes in a child what it has inherited and must not have. */
void	master_leave(void);

/* What steers connections, or NULL. */
const struct steer	*master_steer(void);

/* Of type conf_report: what is wrong goes to the log. */
void	master_report_error(const char *message);
void	master_report_warning(const char *message);

#endif
