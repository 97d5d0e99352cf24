/*
 * What the master replaces while it serves: its configuration, and the files
 * of its logs.  New workers get the new one, and the old ones retire as those
 * become ready.
 *
 * Only for a master that runs, while no upgrade is open (succession.h).
 */
#ifndef SERVER_RELOAD_H
#define SERVER_RELOAD_H

#include "server/conf.h"

/*
 * Reads the configuration anew.  Gives 0, or the number of errors, each of
 * which has been reported, and nothing has changed.
 */
unsigned int	reload_conf(conf_report *);

/* Opens the files of the logs anew.  The same. */
unsigned int	reload_logs(conf_report *);

#endif
