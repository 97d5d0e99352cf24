#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "server/control.h"
#include "server/handover.h"
#include "server/master_state.h"
#include "server/pidfile.h"
#include "server/publish.h"
#include "server/slots.h"
#include "server/staff.h"
#include "server/succession.h"
#include "server/tell.h"
#include "server/totals.h"
#include "server/upgrade.h"

int
succession_is_open(void)
{
	return upgrade_is_under_way() || master.inherited.channel != -1;
}

/* Nothing has changed, and why has been logged. */
static void
upgrade_has_failed(void)
{
	totals_keep();
	master.upgrades_failed++;
	tell_upgrade(1);
	if (master.announced)
		tell_send("READY=1\n", master.policy);
	upgrade_forward(getpid());
}

int
succession_begin(void)
{
	struct inherit h = {
		.policy = master.policy, .pid_file = pidfile_fd(),
		.listeners = master.listeners, .hall = master.hall,
	};

	if (master.phase != PHASE_RUNNING || succession_is_open()) {
		log_warn("upgrade: refused: %s",
		    master.phase != PHASE_RUNNING ? "this master stops" :
		    "one is under way");
		return -1;
	}
	tell_reloading(master.policy);
	master.upgrades++;
	publish();
	if ((h.ntotals = totals_export(h.totals)) == 0)
		log_warn_errno("upgrade: the new program counts from 0");
	if (upgrade_begin(&h, clock_mono(),
	    master.conf->upgrade_timeout) == -1) {
		upgrade_has_failed();
		return -1;
	}
	return 0;
}

/* From now on this master is the old one. */
static void
drain(pid_t heir)
{
	master.phase = PHASE_DRAINING;
	control_end();
	setproctitle("master, %s, finishing", master.conf->file);
	log_notice("upgrade: process %d has taken over, %u worker%s to finish",
	    (int)heir, slots_alive(), PLURAL(slots_alive()));
	upgrade_forward(heir);
}

/* From here on, or not at all, this master is no longer the new one. */
static void
take_over(const struct handover *h, enum inherit_event e)
{
	if (e == INHERIT_TAKE_OVER &&
	    handover_take(h, &master.inherited) == 0) {
		staff_announce();
		return;
	}
	if (e == INHERIT_END)
		log_error("upgrade: the old master has ended");
	else
		log_error("upgrade: the program: %s", strerror(errno));
	/* Our workers see to it by themselves. */
	pidfile_drop();
	exit(MASTER_FAILED);
}

/* As the new master first, then as the old one. */
void
succession_hear(void)
{
	const struct handover h = {
		master.policy, &master.steering, &master.listeners,
		&master.doomed, &master.hall
	};
	enum inherit_event said;
	enum upgrade_event e;
	pid_t heir;

	if (master.inherited.channel != -1 &&
	    (said = inherit_hear(&master.inherited)) != INHERIT_NOTHING)
		take_over(&h, said);
	e = upgrade_hear(clock_mono());
	if (e == UPGRADE_READY && handover_give(&h, &heir) == 0)
		drain(heir);
	else if (e != UPGRADE_NOTHING)
		upgrade_has_failed();
}
