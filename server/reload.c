#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "server/admin/admin.h"
#include "server/admin/token.h"
#include "server/device.h"
#include "server/master_state.h"
#include "server/priv.h"
#include "server/reload.h"
#include "server/staff.h"
#include "server/tell.h"

/* What is opened for a configuration, until it is in force. */
struct next {
	struct listeners ls;
	struct logs logs;
	struct hall hall;
	struct token token;
};

/*
 * The new configuration is built and everything of it opened beside the old
 * one; only when nothing is left that could fail does it replace that.
 */
static unsigned int
load_next(struct conf *next, struct next *n, conf_report *report)
{
	unsigned int errors;
	char text[128];

	if (next == NULL) {
		snprintf(text, sizeof(text), "the configuration: %s",
		    strerror(errno));
		report(text);
		return 1;
	}
	errors = conf_load(next, master.conf->file, report);
	if (errors > 0)
		return errors;
	next->loaded_at = clock_mono();
	conf_keep_fixed(master.conf, next, master_report_warning);
	errors = priv_check(next, report);
	errors += logs_open(&n->logs, next, report);
	errors += token_read(&n->token, next, report);
	if (errors == 0)
		errors = hall_open(&n->hall, next, &master.hall, report);
	if (errors == 0 && (errors = listeners_open(&n->ls, next,
	    &master.listeners, &master.doomed, master_steer(), report)) > 0)
		hall_close(&n->hall, &master.hall);
	if (errors > 0) {
		logs_close(&n->logs);
		explicit_bzero(&n->token, sizeof(n->token));
	}
	return errors;
}

/* These logs, of the configuration in force, are for new workers. */
static void
replace_logs(const struct logs *logs)
{
	logs_close(&master.logs);
	master.logs = *logs;
	log_open((enum log_target)master.conf->error_log, log_verbose());
	staff_renew();
	admin_renew();
}

static void
replace_conf(struct conf *next, struct next *n)
{
	device_assign(next, master.conf);
	conf_free(master.conf);
	master.conf = next;
	listeners_doom(&master.doomed, &master.listeners, &n->ls);
	master.listeners = n->ls;
	hall_close(&master.hall, &n->hall);
	master.hall = n->hall;
	token_set(&n->token);
	staff_configure();
	replace_logs(&n->logs);
}

unsigned int
reload_conf(conf_report *report)
{
	struct conf *next = conf_new();
	struct next n = { .logs = { { .fd = -1 }, { .fd = -1 } } };
	unsigned int errors;

	tell_reloading(master.policy);
	errors = load_next(next, &n, report);
	tell_reload(errors);
	master.reloads++;
	master.reloads_failed += errors > 0;
	master.reloaded = clock_real();
	master.reload_failed = errors > 0;
	if (errors > 0) {
		conf_free(next);
		log_error("reload: %u error%s in %s; nothing has changed",
		    errors, PLURAL(errors), master.conf->file);
		/* Else whoever waits for the start waits on. */
		if (master.announced)
			tell_send("READY=1\n", master.policy);
		return errors;
	}
	replace_conf(next, &n);
	log_notice("reload: %u worker%s to take over", master.muster.wanted,
	    PLURAL(master.muster.wanted));
	staff_confine();
	return 0;
}

/* Workers cannot reopen what root opened: new ones inherit the new file. */
unsigned int
reload_logs(conf_report *report)
{
	struct logs logs;
	unsigned int errors = logs_open(&logs, master.conf, report);

	if (errors > 0)
		return errors;
	replace_logs(&logs);
	log_notice("log files reopened: %u worker%s to take over",
	    master.muster.wanted, PLURAL(master.muster.wanted));
	return 0;
}
