#include <sys/param.h>
#include <sys/signalfd.h>

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/units.h"
#include "server/balance.h"
#include "server/board.h"
#include "server/charge.h"
#include "server/confine.h"
#include "server/crew.h"
#include "server/deaths.h"
#include "server/device.h"
#include "server/handover.h"
#include "server/listener.h"
#include "server/logs.h"
#include "server/master.h"
#include "server/memory.h"
#include "server/muster.h"
#include "server/object.h"
#include "server/pidfile.h"
#include "server/priv.h"
#include "server/slots.h"
#include "server/stops.h"
#include "server/tell.h"
#include "server/upgrade.h"
#include "server/watch.h"

/* A second TERM or INT that comes this long after the first cannot wait. */
#define IMPATIENCE	CLOCK_S

/* What the service manager gives us to end in, beside stop-timeout. */
#define PATIENCE	(5 * CLOCK_S)

/* How often to look whether enough workers are idle. */
#define MUSTER_EVERY	(100 * CLOCK_MS)

#define PLURAL(n)	((n) == 1 ? "" : "s")

enum phase {
	RUNNING,
	DRAINING,		/* workers end when they are done */
	STOPPING,		/* the same, until stop_at */
	KILLED			/* nobody was spared */
};

static struct master {
	enum phase phase;
	struct conf *conf;		/* the one in force */
	struct listeners listeners;
	struct listeners doomed;	/* the old ones, until workers are ready */
	struct logs logs;
	int policy;			/* enum conf_balance, the one in force */
	struct steering steering;	/* under `idle' */
	char fallback[192];		/* why `idle' is not in force; or empty */
	struct inherit inherited;	/* until the old master has let go */
	struct muster muster;		/* how many workers are wanted */
	int64_t mustered_at;		/* when that was last decided */
	int announced;			/* they were all ready once */

	int signals;			/* the signals, as a descriptor */
	int bereaved;			/* a child has died, perhaps several */

	int64_t stopped_at;		/* when the stop was asked for */
	int64_t stop_at;		/* STOPPING: then workers are killed */
	enum master_exit end;		/* what it ends with */
} m;

static void
report_error(const char *message)
{
	log_error("%s", message);
}

static void
report_warning(const char *message)
{
	log_warn("%s", message);
}

static void
tell(const char *state)
{
	tell_send(state, m.policy);
}

/* What a worker has inherited and must not have. */
static void
close_masters(void)
{
	close(m.signals);
	tell_close();
	pidfile_forget();
	memory_leave();
	upgrade_leave();
	inherit_close(&m.inherited);
	listeners_leave(&m.listeners, &m.inherited.listeners);
	listeners_forget(&m.doomed, &m.listeners);
}

static void
buried(unsigned int slot)
{
	device_bury(slot);
	if (m.policy == BALANCE_IDLE)
		steering_bury(&m.steering, slot);
}

/* Nobody is to be sent to it; who was, or will be, is for the others. */
static void
stopped(unsigned int slot)
{
	if (m.policy == BALANCE_IDLE)
		steering_bury(&m.steering, slot);
}

static const struct crew_ends ends = { .buried = buried, .stopped = stopped };

static void
staff(int64_t now)
{
	struct worker_setup setup = {
		.conf = m.conf,
		.logs = &m.logs,
		.balance = {
			.policy = m.policy,
			.listeners = &m.listeners,
			.steering = &m.steering,
			.backlog = (int)m.conf->backlog,
		},
	};

	crew_staff(&setup, m.muster.wanted, now, close_masters);
}

static void
configure_muster(void)
{
	const struct conf *c = m.conf;

	muster_configure(&m.muster, (unsigned int)c->workers,
	    (unsigned int)c->workers_max, (unsigned int)c->spare, c->calm,
	    clock_mono());
}

/* When more workers may be wanted, or fewer, or INT64_MAX. */
static int64_t
muster_deadline(void)
{
	return m.muster.spare > 0 && m.announced ?
	    m.mustered_at + MUSTER_EVERY : INT64_MAX;
}

/* As many as what they do asks for. */
static void
muster(int64_t now)
{
	const unsigned int before = m.muster.wanted;
	struct muster_census c;

	m.mustered_at = now;
	slots_census(&c.idle, &c.busy);
	c.queued = m.policy == BALANCE_HASH ? 0 : listeners_queued(&m.listeners);
	muster_decide(&m.muster, &c, now);
	if (m.muster.wanted != before)
		log_info("workers: %u wanted, as %u are busy and %u "
		    "connections wait", m.muster.wanted, c.busy, c.queued);
}

/* All workers of this generation have been ready at once. */
static void
announce(void)
{
	m.announced = 1;
	if (m.inherited.channel != -1) {
		inherit_ready(&m.inherited);
		return;
	}
	listeners_shut(&m.doomed, &m.listeners);
	log_notice("ready: %u worker%s", m.muster.wanted, PLURAL(m.muster.wanted));
	tell("READY=1\n");
}

/* Of new workers; told at the start, and whenever it has changed. */
static void
confine(void)
{
	static char last[256];
	char text[sizeof(last)];

	confine_prepare(m.conf, m.policy, m.muster.max);
	confine_text(text, sizeof(text));
	if (strcmp(text, last) != 0)
		log_notice("confinement: %s", text);
	strlcpy(last, text, sizeof(last));
}

static void
new_generation(void)
{
	slots_new_generation();
	m.announced = 0;
}

/* What steers connections, or NULL. */
static const struct steer *
steer(void)
{
	return m.policy == BALANCE_IDLE ? &m.steering.steer : NULL;
}

/*
 * The new configuration is built and everything of it opened beside the old
 * one; only when nothing is left that could fail does it replace that.
 */
static unsigned int
load_next(struct conf *next, struct listeners *ls, struct logs *logs)
{
	unsigned int errors;

	if (next == NULL) {
		log_error("the configuration: %s", strerror(errno));
		return 1;
	}
	errors = conf_load(next, m.conf->file, report_error);
	if (errors > 0)
		return errors;
	next->loaded_at = clock_mono();
	conf_keep_fixed(m.conf, next, report_warning);
	errors = priv_check(next, report_error);
	errors += logs_open(logs, next, report_error);
	if (errors == 0)
		errors = listeners_open(ls, next, &m.listeners, &m.doomed,
		    steer(), report_error);
	if (errors > 0)
		logs_close(logs);
	return errors;
}

/* These logs, of the configuration in force, are for new workers. */
static void
replace_logs(const struct logs *logs)
{
	logs_close(&m.logs);
	m.logs = *logs;
	log_open((enum log_target)m.conf->error_log, log_verbose());
	new_generation();
}

static void
tell_reloading(void)
{
	char state[64];

	snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%" PRId64
	    "\n", clock_mono() / CLOCK_US);
	tell(state);
}

static void
reload(void)
{
	struct conf *next = conf_new();
	struct listeners ls;
	struct logs logs = { { .fd = -1 }, { .fd = -1 } };
	unsigned int errors;

	tell_reloading();
	errors = load_next(next, &ls, &logs);
	tell_reload(errors);
	if (errors > 0) {
		conf_free(next);
		log_error("reload: %u error%s in %s; nothing has changed",
		    errors, PLURAL(errors), m.conf->file);
		/* Else whoever waits for the start waits on. */
		if (m.announced)
			tell("READY=1\n");
		return;
	}
	device_assign(next, m.conf);
	conf_free(m.conf);
	m.conf = next;
	listeners_doom(&m.doomed, &m.listeners, &ls);
	m.listeners = ls;
	configure_muster();
	replace_logs(&logs);
	log_notice("reload: %u worker%s to take over", m.muster.wanted,
	    PLURAL(m.muster.wanted));
	confine();
}

/* Workers cannot reopen what root opened: new ones inherit the new file. */
static void
reopen_logs(void)
{
	struct logs logs;

	if (logs_open(&logs, m.conf, report_error) > 0)
		return;
	replace_logs(&logs);
	log_notice("log files reopened: %u worker%s to take over", m.muster.wanted,
	    PLURAL(m.muster.wanted));
}

/* One more or one fewer of those who are there in any case. */
static void
change_wanted(int by)
{
	unsigned int n = m.muster.min + (unsigned int)by;
	unsigned int max = m.muster.spare > 0 ? m.muster.max : n;

	if (n < 1 || n > CONF_WORKERS_MAX || n > max) {
		log_warn("workers: %u is the %s", m.muster.min,
		    by < 0 ? "fewest" : "most");
		return;
	}
	muster_configure(&m.muster, n, max, m.muster.spare, m.muster.calm,
	    clock_mono());
	log_notice("workers: %u wanted", n);
	confine();
}

/* Nothing has changed, and why has been logged. */
static void
upgrade_has_failed(void)
{
	tell_upgrade(1);
	if (m.announced)
		tell("READY=1\n");
	upgrade_forward(getpid());
}

/* Another program is to take over; meanwhile, this one serves. */
static void
upgrade(void)
{
	struct inherit h = {
		.policy = m.policy, .pid_file = pidfile_fd(),
		.listeners = m.listeners,
	};

	if (m.phase != RUNNING || upgrade_is_under_way() ||
	    m.inherited.channel != -1) {
		log_warn("upgrade: refused: %s", m.phase != RUNNING ?
		    "this master stops" : "one is under way");
		return;
	}
	tell_reloading();
	if (upgrade_begin(&h, clock_mono(), m.conf->upgrade_timeout) == -1)
		upgrade_has_failed();
}

/* From now on this master is the old one. */
static void
drain(pid_t heir)
{
	m.phase = DRAINING;
	setproctitle("master, %s, finishing", m.conf->file);
	log_notice("upgrade: process %d has taken over, %u worker%s to finish",
	    (int)heir, slots_alive(), PLURAL(slots_alive()));
	upgrade_forward(heir);
}

/* From here on, or not at all, this master is no longer the new one. */
static void
take_over(const struct handover *h, enum inherit_event e)
{
	if (e == INHERIT_TAKE_OVER && handover_take(h, &m.inherited) == 0) {
		announce();
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

/* What the old master says to the new one, and the other way round. */
static void
hear_masters(void)
{
	const struct handover h = {
		m.policy, &m.steering, &m.listeners, &m.doomed
	};
	enum inherit_event said;
	enum upgrade_event e;
	pid_t heir;

	if (m.inherited.channel != -1 &&
	    (said = inherit_hear(&m.inherited)) != INHERIT_NOTHING)
		take_over(&h, said);
	e = upgrade_hear(clock_mono());
	if (e == UPGRADE_READY && handover_give(&h, &heir) == 0)
		drain(heir);
	else if (e != UPGRADE_NOTHING)
		upgrade_has_failed();
}

static void
kill_all(void)
{
	unsigned int busy = board_sum().busy;

	if (busy > 0)
		log_warn("stop: workers are killed, %u of them with a request",
		    busy);
	slots_kill_all();
	m.phase = KILLED;
}

/* Nobody new is served, and workers end when they are done, or at stop_at. */
static void
begin_stop(int quit)
{
	char state[96];

	upgrade_cancel();
	inherit_close(&m.inherited);
	if (m.phase == RUNNING) {
		/* In this order: whoever sees the end is no longer idle. */
		slots_retire_all();
		if (m.policy == BALANCE_IDLE)
			steering_stop(&m.steering);
		listeners_shut(&m.doomed, &m.listeners);
		listeners_shut(&m.listeners, NULL);
	}
	m.phase = quit ? DRAINING : STOPPING;
	m.stopped_at = clock_mono();
	m.stop_at = m.stopped_at + m.conf->stop_timeout;
	/* The manager's patience must not end before ours does. */
	if (quit)
		snprintf(state, sizeof(state), "STOPPING=1\n");
	else
		snprintf(state, sizeof(state), "STOPPING=1\n"
		    "EXTEND_TIMEOUT_USEC=%" PRId64 "\n",
		    (m.conf->stop_timeout + PATIENCE) / CLOCK_US);
	tell(state);
}

/* QUIT drains without limit, TERM and INT do not wait for ever. */
static void
stop(int sig)
{
	int quit = sig == SIGQUIT;

	if (m.phase == STOPPING && !quit) {
		/* timeout(1), among others, sends each signal twice. */
		if (clock_mono() - m.stopped_at >= IMPATIENCE)
			kill_all();
		return;
	}
	if (m.phase == STOPPING || m.phase == KILLED ||
	    (m.phase == DRAINING && quit))
		return;
	begin_stop(quit);
	log_notice("stop: %s, %u worker%s to finish", strsignal(sig),
	    slots_alive(), PLURAL(slots_alive()));
}

/* Who watches over the master may know what to do about it. */
static void
give_up(void)
{
	char within[UNITS_TEXT];

	log_error("crash-limit: %" PRId64 " workers died within %s; giving up",
	    m.conf->crash_limit, units_time_text(m.conf->crash_within, within,
	    sizeof(within)));
	m.end = MASTER_CRASHED;
	begin_stop(0);
}

static int
has_crashed(int64_t now)
{
	return m.conf->crash_limit > 0 &&
	    deaths_reached(m.conf->crash_limit, m.conf->crash_within, now);
}

static void
take_signal(int sig, pid_t sender)
{
	switch (sig) {
	case SIGCHLD:
		crew_reap(sender, clock_mono(), &ends);
		m.bereaved = 1;
		return;
	case SIGTERM:
	case SIGINT:
	case SIGQUIT:
		stop(sig);
		return;
	case SIGUSR2:
		upgrade();
		return;
	}
	if (upgrade_is_under_way())
		upgrade_defer(sig);
	/* Whoever put it off has said `go' before. */
	if (m.inherited.channel != -1)
		hear_masters();
	if (m.phase != RUNNING || upgrade_is_under_way() ||
	    m.inherited.channel != -1)
		return;
	switch (sig) {
	case SIGHUP:
		reload();
		break;
	case SIGUSR1:
		reopen_logs();
		break;
	case SIGTTIN:
		change_wanted(1);
		break;
	case SIGTTOU:
		change_wanted(-1);
		break;
	}
}

static void
take_signals(void)
{
	struct signalfd_siginfo si;

	while (read(m.signals, &si, sizeof(si)) == (ssize_t)sizeof(si))
		take_signal((int)si.ssi_signo, (pid_t)si.ssi_pid);
}

static int64_t
next_deadline(void)
{
	int64_t at = tell_deadline();

	at = MIN(at, upgrade_deadline());
	at = MIN(at, deaths_deadline());
	at = MIN(at, watch_deadline(m.conf));
	at = MIN(at, stops_deadline(m.conf));
	if (m.phase == STOPPING)
		at = MIN(at, m.stop_at);
	if (m.phase == RUNNING)
		at = MIN(at, MIN(crew_deadline(), muster_deadline()));
	return at;
}

static void
wait_for_something(void)
{
	struct pollfd p[] = {
		{ .fd = m.signals, .events = POLLIN },
		{ .fd = crew_fd(), .events = POLLIN },
		{ .fd = upgrade_fd(), .events = POLLIN },
		{ .fd = m.inherited.channel, .events = POLLIN },
	};
	int64_t at = next_deadline();

	poll(p, 4, at == INT64_MAX ? -1 : clock_poll_ms(clock_mono(), at));
}

/* The state is brought up to what was asked; nothing here waits. */
static void
decide(void)
{
	int64_t now = clock_mono();

	deaths_tick(now);
	if (m.phase == RUNNING && has_crashed(now))
		give_up();
	watch_look(m.conf, now);
	stops_look(m.conf, now);
	if (m.phase == RUNNING) {
		if (now >= muster_deadline())
			muster(now);
		staff(now);
		if (!m.announced && slots_count(SLOT_READY) == m.muster.wanted)
			announce();
	} else if (m.phase == STOPPING && now >= m.stop_at) {
		kill_all();
	}
	/* When the last old worker is gone, that is news. */
	if (now >= tell_deadline() || tell_is_stale())
		tell("");
}

static int
open_signals(void)
{
	static const int wanted[] = {
		SIGHUP, SIGTERM, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGTTIN,
		SIGTTOU, SIGCHLD
	};
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		sigaddset(&set, wanted[i]);
	/* A client that is gone, or a log that is full, ends nobody's life. */
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1 ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
	    signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
		return -1;
	m.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return m.signals == -1 ? -1 : 0;
}

/*
 * `idle' needs more of the kernel than others may get: it can do without, but
 * not where the old master has it.
 */
static unsigned int
open_policy(struct conf *c, conf_report *report)
{
	const int heir = m.inherited.channel != -1;

	if (heir && c->balance != m.inherited.policy) {
		conf_error(c, 0, report_warning, "balance: only a restart puts "
		    "`%s' in force; `%s' stays", conf_balance_name(c->balance),
		    conf_balance_name(m.inherited.policy));
		c->balance = m.inherited.policy;
	}
	m.policy = c->balance;
	if (m.policy != BALANCE_IDLE || steering_open(&m.steering,
	    m.inherited.baton, m.fallback, sizeof(m.fallback)) == 0)
		return 0;
	m.policy = BALANCE_SHARED;
	if (heir)
		conf_error(c, 0, report, "balance idle: %s", m.fallback);
	return heir;
}

static void
give_back(void)
{
	listeners_shut(&m.listeners, NULL);
	pidfile_drop();
}

enum master_exit
master_open(struct conf *c, conf_report *report)
{
	static const struct listeners none;
	unsigned int errors;

	m.conf = c;
	/* What is tried below is tried in children, too. */
	memory_open();
	c->loaded_at = clock_mono();
	configure_muster();
	if (inherit_import(&m.inherited, report) == -1)
		return MASTER_FAILED;
	if (charge_open(m.inherited.channel == -1) == -1) {
		log_error("cannot start: %s", strerror(errno));
		return MASTER_FAILED;
	}
	errors = priv_check(c, report);
	errors += open_policy(c, report);
	errors += listeners_open(&m.listeners, c, &m.inherited.listeners, &none,
	    steer(), report);
	errors += logs_open(&m.logs, c, report);
	errors += pidfile_open_for(c, &m.inherited, report);
	if (errors > 0) {
		give_back();
		return MASTER_BAD_CONF;
	}
	if (board_open() == -1 || device_open() == -1 || crew_open() == -1 ||
	    open_signals() == -1) {
		log_error("cannot start: %s", strerror(errno));
		give_back();
		return MASTER_FAILED;
	}
	device_assign(c, NULL);
	object_init();
	/* The service manager hears nothing of a master that is not its own. */
	if (m.inherited.channel == -1)
		tell_open();
	return MASTER_STOPPED;
}

/* What an operator looks for first. */
static void
log_start(void)
{
	char text[ADDR_TEXT];
	size_t i;

	log_notice("spindled " VERSION ": %u worker%s, balance %s", m.muster.wanted,
	    PLURAL(m.muster.wanted), conf_balance_name(m.policy));
	if (m.fallback[0] != '\0')
		log_warn("balance idle: %s; shared is in force", m.fallback);
	if (geteuid() != 0 && (m.conf->user[0] != '\0' ||
	    m.conf->group[0] != '\0'))
		log_notice("user and group have no effect: this is not root");
	confine();
	for (i = 0; i < m.listeners.n; i++)
		log_notice("listening on %s", addr_text(&m.listeners.v[i].addr,
		    text, sizeof(text)));
}

/* What there was to do, for who wonders afterwards. */
static void
log_served(void)
{
	struct board_sum sum = board_sum();

	log_info("served %" PRIu64 " requests, %" PRIu64 " errors, %" PRIu64
	    " clients gone", sum.requests, sum.errors, sum.aborted);
	if (m.policy == BALANCE_IDLE)
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
	log_open((enum log_target)m.conf->error_log, verbose);
	setproctitle("master, %s", m.conf->file);
	log_start();
	tell("");
	while (m.phase == RUNNING || slots_alive() > 0) {
		decide();
		wait_for_something();
		hear_masters();
		take_signals();
		crew_hear();
		if (m.bereaved) {
			/* Who was named is replaced before others are sought. */
			decide();
			crew_reap_all(clock_mono(), &ends);
			m.bereaved = 0;
		}
	}
	pidfile_drop();
	log_served();
	log_notice("stopped");
	return m.end;
}

