#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/bulletin.h"
#include "server/confine.h"
#include "server/master_state.h"
#include "server/publish.h"
#include "server/slots.h"
#include "server/upgrade.h"
#include "server/watch.h"

static enum bulletin_phase
phase(void)
{
	static int begun;

	switch (master.phase) {
	case PHASE_RUNNING:
		break;
	case PHASE_DRAINING:
		return BULLETIN_DRAINING;
	default:
		return BULLETIN_STOPPING;
	}
	/* An heir begins when the old master has let go. */
	begun |= master.announced && master.inherited.channel == -1;
	if (!begun)
		return BULLETIN_STARTING;
	return upgrade_is_under_way() ? BULLETIN_UPGRADING : BULLETIN_RUNNING;
}

void
publish(void)
{
	static struct bulletin b;
	int i;

	if (b.started == 0) {
		b.started = clock_real();
		b.pid = getpid();
	}
	b.phase = (int)phase();
	b.policy = master.policy;
	b.generation = slots_generation();
	b.wanted = master.muster.wanted;
	b.min = master.muster.min;
	b.max = master.muster.max;
	b.spare = master.muster.spare;
	b.waiting = slots_count(SLOT_WAITING);
	b.stuck = watch_stuck();
	b.undead = watch_undead();
	for (i = 0; i < DEATH_CAUSES; i++)
		b.deaths[i] = deaths_count((enum death_cause)i);
	b.reloads = master.reloads;
	b.reloads_failed = master.reloads_failed;
	b.reloaded = master.reloaded;
	b.reload_failed = master.reload_failed;
	b.upgrades = master.upgrades;
	b.upgrades_failed = master.upgrades_failed;
	strlcpy(b.fallback, master.fallback, sizeof(b.fallback));
	confine_text(b.confinement, sizeof(b.confinement));
	bulletin_publish(&b);
}
