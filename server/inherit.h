/*
 * What a new master inherits of the old one at an upgrade, and how it takes
 * over.  upgrade.h is the old one's side.
 *
 * Descriptors come by their numbers, in the environment:
 *
 *   SPINDLED_UPGRADE="pid=71 channel=9 balance=idle pid-file=5 baton=12
 *       totals=14 7=127.0.0.1:7000 8=[::1]:7000 admin=10,0,0,127.0.0.1:7001
 *       admin=11,24,1205,unix:/run/spindled/spindled.admin"
 *
 * pid is the process that this is for.  With each address of the status process
 * is the device and the inode of the file that was made for it, for whoever
 * removes that in the end.  Words that are not known are left
 * alone: another version may say more.
 *
 * The channel is a pair of sockets with a message in each packet:
 *
 *   new -> old   pid N	  before it is executed
 *   new -> old   ready	  its first workers can accept
 *   old -> new   go	  the addresses are yours; mine retire
 *
 * An end of the channel before `go' is the end of the new one.
 */
#ifndef SERVER_INHERIT_H
#define SERVER_INHERIT_H

#include "server/admin/hall.h"
#include "server/listener.h"
#include "server/totals.h"

#define INHERIT_READY	"ready"
#define INHERIT_GO	"go"

struct inherit {
	int channel;		/* to the old master; -1: there is none */
	int policy;		/* enum conf_balance, the one in force */
	int pid_file;		/* -1: none */
	int totals[TOTALS_LEDGERS];	/* what was counted before, see there */
	size_t ntotals;
	int baton;		/* `idle': for us; the old one passes it, when
				   it has moved connections; else -1 */
	struct listeners listeners;	/* without groups */
	struct hall hall;
};

enum inherit_event {
	INHERIT_NOTHING,
	INHERIT_TAKE_OVER,	/* the old master has let go */
	INHERIT_END		/* it is gone, or does not want us any more */
};

/*
 * Puts it into the environment of this process, which is about to execute the
 * new program, and keeps its descriptors open for that.  Gives 0, or -1.
 */
int	inherit_export(const struct inherit *);

/*
 * Takes it out of the environment, and makes sure that it is what it says.
 * Gives 0, also where there is nothing, or -1 and reports what is wrong.
 */
int	inherit_import(struct inherit *, conf_report *);

/* Says that we can serve.  Once; from then on only `go' is waited for. */
void	inherit_ready(struct inherit *);

/* What the old master says; the channel is readable. */
enum inherit_event	inherit_hear(struct inherit *);

/* Closes the channel. */
void	inherit_close(struct inherit *);

#endif
