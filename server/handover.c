#include <stdio.h>
#include <unistd.h>

#include "common/log.h"
#include "server/charge.h"
#include "server/conf.h"
#include "server/handover.h"
#include "server/pidfile.h"
#include "server/slots.h"
#include "server/tell.h"
#include "server/totals.h"
#include "server/upgrade.h"

/*
 * The service manager hears of the new master before that speaks to it.
 * Behind `go' there is no way back.
 */
int
handover_give(const struct handover *h, pid_t *heir)
{
	struct hall none = { .n = 0 };
	char state[32];
	int baton;

	*heir = upgrade_release();
	snprintf(state, sizeof(state), "MAINPID=%d\n", (int)*heir);
	tell_send(state, h->policy);
	/* What anybody has seen of our counts, they will see of the other's. */
	totals_update();
	/*
	 * Should this master be killed from now on, its workers must not shut
	 * what is the other's.
	 */
	listeners_shut(h->doomed, h->listeners);
	charge_set(0);
	if (upgrade_go(&baton) == -1) {
		charge_set(1);
		return -1;
	}
	tell_end();
	/* In this order: whoever sees the end is no longer idle. */
	slots_retire_all();
	if (h->policy == BALANCE_IDLE) {
		steering_stop(h->steering);
		/* What our workers leave behind is for those of the other. */
		close(h->steering->baton);
		h->steering->baton = baton;
	}
	listeners_forget(h->listeners, NULL);
	/* They are the other's, whatever our workers make of the charge. */
	hall_leave(h->hall, &none);
	pidfile_drop();
	return 0;
}

int
handover_take(const struct handover *h, struct inherit *inherited)
{
	inherit_close(inherited);
	charge_set(1);
	hall_close(&inherited->hall, h->hall);
	if (listeners_take_over(h->listeners, &inherited->listeners,
	    h->policy == BALANCE_IDLE ? &h->steering->steer : NULL) == -1)
		return -1;
	/* What has moved just now may have woken nobody. */
	if (h->policy == BALANCE_IDLE)
		steering_pass(h->steering);
	if (pidfile_put() == -1)
		log_warn_errno("pid-file");
	tell_open();
	return 0;
}
