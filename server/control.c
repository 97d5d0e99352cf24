#include <sys/param.h>

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/units.h"
#include "server/admin/admin.h"
#include "server/control.h"
#include "server/device.h"
#include "server/master_state.h"
#include "server/reload.h"
#include "server/slots.h"
#include "server/staff.h"
#include "server/stop.h"
#include "server/succession.h"

/* What a reload finds wrong, for who has asked for it. */
static char errors[CHANNEL_TEXT];

static int ended;		/* another master is in charge */

void
control_keep(int64_t now)
{
	static const struct hall nobody;

	/*
	 * Until the old master has let go, its own is the one to ask; once it
	 * has, those that have not ended are only seen to.
	 */
	admin_keep(master.conf, !ended && master.inherited.channel == -1 ?
	    &master.hall : &nobody, &master.listeners, now);
}

int64_t
control_deadline(void)
{
	return admin_deadline();
}

void
control_end(void)
{
	ended = 1;
	admin_finish(clock_mono());
}

static void __attribute__((format(printf, 3, 4)))
say(struct channel_reply *m, enum channel_result result, const char *fmt, ...)
{
	va_list ap;

	m->result = result;
	va_start(ap, fmt);
	vsnprintf(m->text, sizeof(m->text), fmt, ap);
	va_end(ap);
}

/* Lines, as many as there is room for. */
static void
report_error(const char *message)
{
	const size_t len = strlen(errors);

	master_report_error(message);
	if (len + strlen(message) + 3 > sizeof(errors))
		return;
	if (len > 0)
		strlcat(errors, "\n", sizeof(errors));
	strlcat(errors, message, sizeof(errors));
}

static void
reload(struct channel_reply *m)
{
	unsigned int n;

	errors[0] = '\0';
	n = reload_conf(report_error);
	if (n == 0)
		say(m, CHANNEL_DONE, "reload: %u worker%s to take over",
		    master.muster.wanted, PLURAL(master.muster.wanted));
	else
		say(m, CHANNEL_REFUSED, "%s", errors[0] != '\0' ? errors :
		    "the reload has failed; the log says why");
}

static void
upgrade(struct channel_reply *m)
{
	if (succession_begin() == -1)
		say(m, CHANNEL_REFUSED, "the upgrade has failed; the log says "
		    "why");
	else
		say(m, CHANNEL_DONE, "the new program is started; it takes "
		    "over once it is ready");
}

static void
workers(const struct channel_request *q, struct channel_reply *m)
{
	const struct muster *mu = &master.muster;
	const unsigned int max = mu->spare > 0 ? mu->max : CONF_WORKERS_MAX;

	if (q->n < 1 || q->n > max || staff_set((unsigned int)q->n) == -1)
		say(m, CHANNEL_BAD, "expected a number of workers from 1 to %u",
		    max);
	else
		say(m, CHANNEL_DONE, "workers: %u wanted", mu->wanted);
}

static const struct conf_disk *
find_disk(const char *name)
{
	const struct conf *c = master.conf;
	size_t i;

	for (i = 0; i < c->ndisks; i++)
		if (strcmp(c->disks[i].name, name) == 0)
			return &c->disks[i];
	return NULL;
}

/* Its hash; 0: it is none of this disk's. */
static uint64_t
find_condition(const struct conf_disk *d, const char *name)
{
	size_t i;

	for (i = 0; i < d->nforced; i++)
		if (strcmp(d->models[i].name, name) == 0)
			return d->models[i].hash;
	return 0;
}

/* Those that it has, each behind a blank.  Gives buf. */
static const char *
list_conditions(const struct conf_disk *d, char *buf, size_t size)
{
	size_t i;

	buf[0] = '\0';
	for (i = 0; i < d->nforced; i++) {
		strlcat(buf, " ", size);
		strlcat(buf, d->models[i].name, size);
	}
	return buf;
}

static void
force(const struct conf_disk *d, const struct channel_request *q,
    struct channel_reply *m)
{
	const int64_t now = clock_mono();
	const uint64_t hash = find_condition(d, q->condition);
	char names[CONF_CONDITION_MAX * (SCHEDULE_NAME_MAX + 1) + 1];
	char text[UNITS_TEXT], limit[UNITS_TEXT + 8] = "";
	int64_t until = INT64_MAX;

	if (hash == 0) {
		say(m, CHANNEL_BAD, "disk %s has no condition %s: expected one "
		    "of%s", d->name, q->condition, list_conditions(d, names,
		    sizeof(names)));
		return;
	}
	if (q->for_ns > 0) {
		if (__builtin_add_overflow(now, q->for_ns, &until))
			until = INT64_MAX;
		snprintf(limit, sizeof(limit), " for %s",
		    units_time_text(q->for_ns, text, sizeof(text)));
	}
	device_force(d->device, hash, until);
	say(m, CHANNEL_DONE, "disk %s: condition %s%s", d->name, q->condition,
	    limit);
}

static void
condition(const struct channel_request *q, struct channel_reply *m)
{
	const struct conf_disk *d = find_disk(q->name);

	if (d == NULL) {
		say(m, CHANNEL_NONE, "there is no such disk");
	} else if (q->condition[0] == '\0' ||
	    (strcmp(q->condition, "schedule") == 0 &&
	    find_condition(d, q->condition) == 0)) {
		device_force(d->device, 0, 0);
		say(m, CHANNEL_DONE, "disk %s: back to its schedule", d->name);
	} else {
		force(d, q, m);
	}
}

static void
drain(const struct channel_request *q, struct channel_reply *m)
{
	char why[CHANNEL_FROM + 16];

	snprintf(why, sizeof(why), "drain, by %s", q->from);
	stop_ask(STOP_DRAIN, why);
	say(m, CHANNEL_DONE, "drains: %u worker%s to finish", slots_alive(),
	    PLURAL(slots_alive()));
}

static void
carry_out(const struct channel_request *q, struct channel_reply *m)
{
	switch ((enum channel_verb)q->verb) {
	case CHANNEL_CONDITION:
		condition(q, m);
		break;
	case CHANNEL_WORKERS:
		workers(q, m);
		break;
	case CHANNEL_RELOAD:
		reload(m);
		break;
	case CHANNEL_UPGRADE:
		upgrade(m);
		break;
	case CHANNEL_DRAIN:
		drain(q, m);
		break;
	case CHANNEL_VERBS:
		break;
	}
}

/* Why it is not done now, or NULL. */
static const char *
refusal(const struct channel_request *q)
{
	/*
	 * By a Unix socket that it may connect to, where its user may.  One
	 * that has asked and ended is nobody's worker any more; who waits for
	 * an answer is there.
	 */
	if (q->pid > 0 && slots_find(q->pid) != -1)
		return "a worker asks for nothing";
	if (q->pid > 0 && kill(q->pid, 0) == -1 && errno == ESRCH)
		return "the process that asked has ended";
	if (q->verb == CHANNEL_DRAIN && !ended)
		return NULL;
	if (master.phase != PHASE_RUNNING)
		return "this master stops";
	return succession_is_open() ? "an upgrade is under way" : NULL;
}

static void
answer(const struct channel_request *q, struct channel_reply *m)
{
	static const char *const verbs[CHANNEL_VERBS] = {
		[CHANNEL_CONDITION] = "condition", [CHANNEL_WORKERS] = "workers",
		[CHANNEL_RELOAD] = "reload", [CHANNEL_UPGRADE] = "upgrade",
		[CHANNEL_DRAIN] = "drain",
	};
	const char *why = refusal(q);

	if (why != NULL) {
		say(m, CHANNEL_REFUSED, "%s", why);
		log_warn("admin: %s asked for by %s: refused: %s",
		    verbs[q->verb], q->from, why);
		return;
	}
	log_notice("admin: %s asked for by %s", verbs[q->verb], q->from);
	carry_out(q, m);
	if (m->result != CHANNEL_DONE || q->verb == CHANNEL_CONDITION)
		log_notice("admin: %s", m->text);
}

void
control_hear(void)
{
	admin_hear(answer);
}
