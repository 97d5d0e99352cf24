#include <sys/param.h>
#include <sys/wait.h>

#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/units.h"
#include "server/board.h"
#include "server/slots.h"
#include "server/halts.h"

/* Who stops within this is told of in one line. */
#define TOGETHER	(100 * CLOCK_MS)

static int64_t stopped_at[BOARD_SLOTS];	/* 0: it runs */
static unsigned int count;

/* What has not been told yet: the first, by which signal, and how many. */
static struct {
	unsigned int n, slot;
	pid_t pid;
	int sig;
	int64_t at;
} news;
static int told;		/* that some are stopped */

static void
forget(unsigned int slot)
{
	if (stopped_at[slot] == 0)
		return;
	stopped_at[slot] = 0;
	board_slot(slot)->stopped = 0;
	count--;
}

void
halts_note(unsigned int slot, pid_t pid, int status, int64_t now)
{
	forget(slot);
	if (!WIFSTOPPED(status))
		return;
	stopped_at[slot] = now;
	board_slot(slot)->stopped = 1;
	count++;
	if (news.n++ > 0)
		return;
	news.slot = slot;
	news.pid = pid;
	news.sig = WSTOPSIG(status);
	news.at = now;
}

void
halts_bury(unsigned int slot)
{
	forget(slot);
}

static void
tell(void)
{
	char others[64] = "";

	if (news.n > 1)
		snprintf(others, sizeof(others), ", and so were %u more",
		    news.n - 1);
	log_warn("worker %u (pid %d) was stopped by signal %d (%s)%s",
	    news.slot, (int)news.pid, news.sig, strsignal(news.sig), others);
	news.n = 0;
	told = 1;
}

static int
is_useless(unsigned int slot)
{
	return stopped_at[slot] != 0 && slots_killed_at(slot) == 0 &&
	    board_slot(slot)->begun == 0;
}

static void
kill_overdue(int64_t after, int64_t now)
{
	char text[UNITS_TEXT];
	unsigned int i;

	for (i = 0; i < slots_used(); i++) {
		if (!is_useless(i) || now - stopped_at[i] < after)
			continue;
		log_warn("worker %u (pid %d) has been stopped for %s: killed, "
		    "and replaced", i, (int)slots_pid(i),
		    units_time_text((now - stopped_at[i]) / CLOCK_MS *
		    CLOCK_MS, text, sizeof(text)));
		slots_kill(i, now);
	}
}

void
halts_look(const struct conf *c, int64_t now)
{
	/* Who goes on at once, or is gone, is no news. */
	if (count == 0)
		news.n = 0;
	if (news.n > 0 && now >= news.at + TOGETHER)
		tell();
	if (count > 0 && c->worker_timeout != CONF_OFF)
		kill_overdue(c->worker_timeout, now);
	if (count == 0 && told) {
		log_notice("no worker is stopped any more");
		told = 0;
	}
}

int64_t
halts_deadline(const struct conf *c)
{
	int64_t at = news.n > 0 ? news.at + TOGETHER : INT64_MAX;
	unsigned int i;

	if (count == 0 || c->worker_timeout == CONF_OFF)
		return at;
	for (i = 0; i < slots_used(); i++)
		if (is_useless(i))
			at = MIN(at, stopped_at[i] + c->worker_timeout);
	return at;
}

unsigned int
halts_count(void)
{
	return count;
}
