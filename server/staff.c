#include <sys/param.h>

#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "server/balance.h"
#include "server/confine.h"
#include "server/crew.h"
#include "server/device.h"
#include "server/master_state.h"
#include "server/peers.h"
#include "server/publish.h"
#include "server/slots.h"
#include "server/staff.h"
#include "server/tell.h"

/* How often to look whether enough workers are idle. */
#define MUSTER_EVERY	(100 * CLOCK_MS)

void
staff_configure(void)
{
	const struct conf *c = master.conf;

	muster_configure(&master.muster, (unsigned int)c->workers,
	    (unsigned int)c->workers_max, (unsigned int)c->spare, c->calm,
	    clock_mono());
}

int
staff_set(unsigned int n)
{
	struct muster *m = &master.muster;
	unsigned int max = m->spare > 0 ? m->max : n;

	if (n < 1 || n > CONF_WORKERS_MAX || n > max)
		return -1;
	muster_configure(m, n, max, m->spare, m->calm, clock_mono());
	log_notice("workers: %u wanted", n);
	staff_confine();
	return 0;
}

void
staff_change(int by)
{
	const unsigned int n = master.muster.min;

	if (staff_set(n + (unsigned int)by) == -1)
		log_warn("workers: %u is the %s", n,
		    by < 0 ? "fewest" : "most");
}

void
staff_renew(void)
{
	slots_new_generation();
	master.announced = 0;
}

void
staff_confine(void)
{
	static char last[256];
	char text[sizeof(last)];

	confine_prepare(master.conf, master.policy, master.muster.max);
	confine_text(text, sizeof(text));
	if (strcmp(text, last) != 0)
		log_notice("confinement: %s", text);
	strlcpy(last, text, sizeof(last));
}

/* When more workers may be wanted, or fewer, or INT64_MAX. */
static int64_t
muster_deadline(void)
{
	return master.muster.spare > 0 && master.announced ?
	    master.mustered_at + MUSTER_EVERY : INT64_MAX;
}

/* As many as what they do asks for. */
static void
muster(int64_t now)
{
	struct muster *m = &master.muster;
	const unsigned int before = m->wanted;
	struct muster_census c;

	master.mustered_at = now;
	slots_census(&c.idle, &c.busy);
	c.queued = master.policy == BALANCE_HASH ? 0 :
	    listeners_queued(&master.listeners);
	muster_decide(m, &c, now);
	if (m->wanted != before)
		log_info("workers: %u wanted, as %u are busy and %u "
		    "connections wait", m->wanted, c.busy, c.queued);
}

/* Forks who is missing, and retires who is too many. */
static void
fill(int64_t now)
{
	struct worker_setup setup = {
		.conf = master.conf,
		.logs = &master.logs,
		.balance = {
			.policy = master.policy,
			.listeners = &master.listeners,
			.steering = &master.steering,
			.backlog = (int)master.conf->backlog,
		},
	};

	crew_staff(&setup, master.muster.wanted, now, master_leave);
}

void
staff_keep(int64_t now)
{
	if (now >= muster_deadline())
		muster(now);
	fill(now);
	if (!master.announced &&
	    slots_count(SLOT_READY) == master.muster.wanted)
		staff_announce();
}

int64_t
staff_deadline(void)
{
	return MIN(crew_deadline(), muster_deadline());
}

void
staff_announce(void)
{
	const unsigned int n = master.muster.wanted;

	master.announced = 1;
	if (master.inherited.channel != -1) {
		inherit_ready(&master.inherited);
		return;
	}
	listeners_shut(&master.doomed, &master.listeners);
	/* Who hears of it may look. */
	publish();
	log_notice("ready: %u worker%s", n, PLURAL(n));
	tell_send("READY=1\n", master.policy);
}

static void
buried(unsigned int slot)
{
	device_bury(slot);
	peers_bury(slot);
	if (master.policy == BALANCE_IDLE)
		steering_bury(&master.steering, slot);
}

/* Nobody is to be sent to it; who was, or will be, is for the others. */
static void
stopped(unsigned int slot)
{
	if (master.policy == BALANCE_IDLE)
		steering_halt(&master.steering, slot);
}

static const struct crew_ends ends = { .buried = buried, .stopped = stopped };

void
staff_reap(pid_t pid)
{
	crew_reap(pid, clock_mono(), &ends);
}

void
staff_reap_all(void)
{
	crew_reap_all(clock_mono(), &ends);
}
