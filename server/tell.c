#include <sys/param.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/sdnotify.h"
#include "server/board.h"
#include "server/conf.h"
#include "server/slots.h"
#include "server/halts.h"
#include "server/tell.h"
#include "server/totals.h"
#include "server/watch.h"

/* How often the service manager hears how things are. */
#define STATUS_EVERY	(5 * CLOCK_S)

static int notify = -1;			/* to the service manager */
static int64_t watchdog;		/* how often it wants to hear, or 0 */
static int64_t next_at = INT64_MAX;	/* when it hears next */
static int draining;			/* it has heard of retiring workers */
static unsigned int reload_errors;	/* the last reload's */
static int upgrade_failed;		/* the last upgrade */
static unsigned int stopped;		/* workers, as it has heard */

void
tell_open(void)
{
	notify = sdnotify_open();
	if (notify == -1 && errno != 0)
		log_warn_errno("NOTIFY_SOCKET");
	watchdog = sdnotify_watchdog();
}

void
tell_close(void)
{
	if (notify != -1)
		close(notify);
}

static unsigned int
retiring(void)
{
	return slots_count(SLOT_RETIRING) + slots_old(SLOT_RETIRING);
}

static void
status_text(int policy, char *buf, size_t size)
{
	struct board_sum sum = totals_sum();
	char extra[64] = "", failed[96] = "", stuck[64] = "";

	draining = retiring() > 0;
	if (draining)
		snprintf(extra, sizeof(extra), ", %u retiring", retiring());
	if (reload_errors > 0)
		snprintf(failed, sizeof(failed), "; the last reload failed: %u "
		    "error%s", reload_errors, reload_errors == 1 ? "" : "s");
	if (upgrade_failed)
		strlcat(failed, "; the last upgrade failed", sizeof(failed));
	if (watch_stuck() > 0)
		snprintf(stuck, sizeof(stuck), ", %u of them stuck",
		    watch_stuck());
	stopped = halts_count();
	if (stopped > 0)
		snprintf(extra + strlen(extra), sizeof(extra) - strlen(extra),
		    ", %u stopped", stopped);
	snprintf(buf, size, "%u worker%s: %u idle, %u busy%s%s; %" PRIu64
	    " requests, %" PRIu64 " errors; balance %s%s", slots_alive(),
	    slots_alive() == 1 ? "" : "s", sum.idle, sum.busy, stuck, extra,
	    sum.requests, sum.errors, conf_balance_name(policy), failed);
}

void
tell_end(void)
{
	tell_close();
	notify = -1;
	next_at = INT64_MAX;
	draining = 0;
}

void
tell_upgrade(int failed)
{
	upgrade_failed = failed;
}

void
tell_reload(unsigned int errors)
{
	reload_errors = errors;
}

void
tell_send(const char *state, int policy)
{
	char status[320];
	int64_t every = STATUS_EVERY;

	if (notify == -1)
		return;
	/* Twice as often as it wants, so that one delay is forgiven. */
	if (watchdog > 0 && watchdog / 2 < every)
		every = MAX(watchdog / 2, CLOCK_MS);
	next_at = clock_mono() + every;
	status_text(policy, status, sizeof(status));
	if (sdnotify_send(notify, "%s%sSTATUS=%s", state,
	    watchdog > 0 ? "WATCHDOG=1\n" : "", status) == -1)
		log_debug("the service manager does not listen: %s",
		    strerror(errno));
}

void
tell_reloading(int policy)
{
	char state[64];

	snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%" PRId64
	    "\n", clock_mono() / CLOCK_US);
	tell_send(state, policy);
}

int64_t
tell_deadline(void)
{
	return next_at;
}

int
tell_is_stale(void)
{
	return notify != -1 &&
	    ((draining && retiring() == 0) || stopped != halts_count());
}
