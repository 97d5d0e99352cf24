#include <sys/param.h>

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "server/board.h"
#include "server/charge.h"
#include "server/crew.h"
#include "server/deaths.h"
#include "server/device.h"
#include "server/master_state.h"
#include "server/object.h"
#include "server/peers.h"
#include "server/pidfile.h"
#include "server/priv.h"
#include "server/signals.h"
#include "server/slots.h"
#include "server/staff.h"
#include "server/stop.h"
#include "server/succession.h"
#include "server/tell.h"
#include "server/upgrade.h"
#include "server/watch.h"

struct master master;

void
master_report_error(const char *message)
{
	log_error("%s", message);
}

void
master_report_warning(const char *message)
{
	log_warn("%s", message);
}

void
master_leave(void)
{
	signals_leave();
	tell_close();
	pidfile_forget();
	upgrade_leave();
	inherit_close(&master.inherited);
	listeners_leave(&master.listeners, &master.inherited.listeners);
	listeners_forget(&master.doomed, &master.listeners);
}

const struct steer *
master_steer(void)
{
	return master.policy == BALANCE_IDLE ? &master.steering.steer : NULL;
}

static int64_t
next_deadline(void)
{
	int64_t at = tell_deadline();

	at = MIN(at, upgrade_deadline());
	at = MIN(at, deaths_deadline());
	at = MIN(at, watch_deadline(master.conf));
	at = MIN(at, stop_deadline());
	if (master.phase == PHASE_RUNNING)
		at = MIN(at, staff_deadline());
	return at;
}

static void
wait_for_something(void)
{
	struct pollfd p[] = {
		{ .fd = signals_fd(), .events = POLLIN },
		{ .fd = crew_fd(), .events = POLLIN },
		{ .fd = upgrade_fd(), .events = POLLIN },
		{ .fd = master.inherited.channel, .events = POLLIN },
	};
	int64_t at = next_deadline();

	poll(p, sizeof(p) / sizeof(p[0]),
	    at == INT64_MAX ? -1 : clock_poll_ms(clock_mono(), at));
}

/* The state is brought up to what was asked; nothing here waits. */
static void
decide(void)
{
	int64_t now = clock_mono();

	deaths_tick(now);
	if (master.phase == PHASE_RUNNING)
		stop_if_crashed(now);
	watch_look(master.conf, now);
	if (master.phase == PHASE_RUNNING)
		staff_keep(now);
	else
		stop_enforce(now);
	/* When the last old worker is gone, that is news. */
	if (now >= tell_deadline() || tell_is_stale())
		tell_send("", master.policy);
}

/*
 * `idle' needs more of the kernel than others may get: it can do without, but
 * not where the old master has it.
 */
static unsigned int
open_policy(struct conf *c, conf_report *report)
{
	const int heir = master.inherited.channel != -1;

	if (heir && c->balance != master.inherited.policy) {
		conf_error(c, 0, master_report_warning,
		    "balance: only a restart puts `%s' in force; `%s' stays",
		    conf_balance_name(c->balance),
		    conf_balance_name(master.inherited.policy));
		c->balance = master.inherited.policy;
	}
	master.policy = c->balance;
	if (master.policy != BALANCE_IDLE ||
	    steering_open(&master.steering, master.inherited.baton,
	    master.fallback, sizeof(master.fallback)) == 0)
		return 0;
	master.policy = BALANCE_SHARED;
	if (heir)
		conf_error(c, 0, report, "balance idle: %s", master.fallback);
	return heir;
}

static void
give_back(void)
{
	listeners_shut(&master.listeners, NULL);
	pidfile_drop();
}

enum master_exit
master_open(struct conf *c, conf_report *report)
{
	static const struct listeners none;
	unsigned int errors;

	master.conf = c;
	c->loaded_at = clock_mono();
	staff_configure();
	if (inherit_import(&master.inherited, report) == -1)
		return MASTER_FAILED;
	if (charge_open(master.inherited.channel == -1) == -1) {
		log_error("cannot start: %s", strerror(errno));
		return MASTER_FAILED;
	}
	errors = priv_check(c, report);
	errors += open_policy(c, report);
	errors += listeners_open(&master.listeners, c,
	    &master.inherited.listeners, &none, master_steer(), report);
	errors += logs_open(&master.logs, c, report);
	errors += pidfile_open_for(c, &master.inherited, report);
	if (errors > 0) {
		give_back();
		return MASTER_BAD_CONF;
	}
	if (board_open() == -1 || device_open() == -1 || peers_open() == -1 ||
	    crew_open() == -1 || signals_open() == -1) {
		log_error("cannot start: %s", strerror(errno));
		give_back();
		return MASTER_FAILED;
	}
	deaths_open();
	device_assign(c, NULL);
	object_init();
	/* The service manager hears nothing of a master that is not its own. */
	if (master.inherited.channel == -1)
		tell_open();
	return MASTER_STOPPED;
}

/* What an operator looks for first. */
static void
log_start(void)
{
	char text[ADDR_TEXT];
	size_t i;

	log_notice("spindled " VERSION ": %u worker%s, balance %s",
	    master.muster.wanted, PLURAL(master.muster.wanted),
	    conf_balance_name(master.policy));
	if (master.fallback[0] != '\0')
		log_warn("balance idle: %s; shared is in force",
		    master.fallback);
	if (geteuid() != 0 && (master.conf->user[0] != '\0' ||
	    master.conf->group[0] != '\0'))
		log_notice("user and group have no effect: this is not root");
	staff_confine();
	for (i = 0; i < master.listeners.n; i++)
		log_notice("listening on %s",
		    addr_text(&master.listeners.v[i].addr, text,
		    sizeof(text)));
}

/* What there was to do, for who wonders afterwards. */
static void
log_served(void)
{
	struct board_sum sum = board_sum();

	log_info("served %" PRIu64 " requests, %" PRIu64 " errors, %" PRIu64
	    " clients gone", sum.requests, sum.errors, sum.aborted);
	if (master.policy == BALANCE_IDLE)
		log_info("idle: %" PRIu64 " steered, %" PRIu64 " shared; own "
		    "shut %" PRIu64 " times, %" PRIu64 " claims expired, %"
		    PRIu64 " wake-ups empty", sum.steered, sum.shared,
		    sum.shut, sum.expired, sum.empty);
}

/*
 * Before this line an error ends the program.  Behind it the master must not
 * die: it logs, and tries again by a deadline.
 */

enum master_exit
master_run(int verbose)
{
	log_open((enum log_target)master.conf->error_log, verbose);
	setproctitle("master, %s", master.conf->file);
	log_start();
	tell_send("", master.policy);
	while (master.phase == PHASE_RUNNING || slots_alive() > 0) {
		decide();
		wait_for_something();
		succession_hear();
		signals_take();
		crew_hear();
		if (master.bereaved) {
			/* Who was named is replaced, then others are sought. */
			decide();
			staff_reap_all();
			master.bereaved = 0;
		}
	}
	pidfile_drop();
	log_served();
	log_notice("stopped");
	return master.end;
}

