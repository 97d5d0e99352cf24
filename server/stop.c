#include <inttypes.h>
#include <stdio.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/units.h"
#include "server/board.h"
#include "server/deaths.h"
#include "server/master_state.h"
#include "server/slots.h"
#include "server/stop.h"
#include "server/tell.h"
#include "server/upgrade.h"

/* A second STOP_SOON that comes this long after the first cannot wait. */
#define IMPATIENCE	CLOCK_S

/* What the service manager gives us to end in, beside stop-timeout. */
#define PATIENCE	(5 * CLOCK_S)

static void
kill_all(void)
{
	unsigned int busy = board_sum().busy;

	if (busy > 0)
		log_warn("stop: workers are killed, %u of them with a request",
		    busy);
	slots_kill_all();
	master.phase = PHASE_KILLED;
}

/* The manager's patience must not end before ours does. */
static void
tell_stopping(enum stop how)
{
	char state[96];

	if (how == STOP_DRAIN)
		snprintf(state, sizeof(state), "STOPPING=1\n");
	else
		snprintf(state, sizeof(state), "STOPPING=1\n"
		    "EXTEND_TIMEOUT_USEC=%" PRId64 "\n",
		    (master.conf->stop_timeout + PATIENCE) / CLOCK_US);
	tell_send(state, master.policy);
}

static void
begin(enum stop how)
{
	upgrade_cancel();
	inherit_close(&master.inherited);
	if (master.phase == PHASE_RUNNING) {
		/* In this order: whoever sees the end is no longer idle. */
		slots_retire_all();
		if (master.policy == BALANCE_IDLE)
			steering_stop(&master.steering);
		listeners_shut(&master.doomed, &master.listeners);
		listeners_shut(&master.listeners, NULL);
	}
	master.phase = how == STOP_DRAIN ? PHASE_DRAINING : PHASE_STOPPING;
	master.stopped_at = clock_mono();
	master.stop_at = master.stopped_at + master.conf->stop_timeout;
	tell_stopping(how);
}

void
stop_ask(enum stop how, const char *why)
{
	if (master.phase == PHASE_STOPPING && how == STOP_SOON) {
		/* timeout(1), among others, sends each signal twice. */
		if (clock_mono() - master.stopped_at >= IMPATIENCE)
			kill_all();
		return;
	}
	if (master.phase == PHASE_STOPPING || master.phase == PHASE_KILLED ||
	    (master.phase == PHASE_DRAINING && how == STOP_DRAIN))
		return;
	begin(how);
	log_notice("stop: %s, %u worker%s to finish", why, slots_alive(),
	    PLURAL(slots_alive()));
}

/* Who watches over the master may know what to do about it. */
static void
give_up(void)
{
	char within[UNITS_TEXT];

	log_error("crash-limit: %" PRId64 " workers died within %s; giving up",
	    master.conf->crash_limit,
	    units_time_text(master.conf->crash_within, within, sizeof(within)));
	master.end = MASTER_CRASHED;
	begin(STOP_SOON);
}

void
stop_if_crashed(int64_t now)
{
	const struct conf *c = master.conf;

	if (c->crash_limit > 0 &&
	    deaths_reached(c->crash_limit, c->crash_within, now))
		give_up();
}

void
stop_enforce(int64_t now)
{
	if (now >= stop_deadline())
		kill_all();
}

int64_t
stop_deadline(void)
{
	return master.phase == PHASE_STOPPING ? master.stop_at : INT64_MAX;
}
