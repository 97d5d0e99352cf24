#include <sys/param.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/units.h"
#include "server/board.h"
#include "server/device.h"
#include "server/slots.h"
#include "server/watch.h"

/* How often to look: a tenth of the time in question, within these. */
#define OFTEN		(100 * CLOCK_MS)
#define SELDOM		CLOCK_S

/* Who was killed is gone by then, unless the kernel holds it in a call. */
#define DYING		(5 * CLOCK_S)

static int64_t looked_at;
static unsigned int stuck, undead;

/* Those that have become stuck since the last look: the first, and a count. */
struct news {
	unsigned int n, slot;
	pid_t pid;
	int64_t since;
	const char *disk;
};

static int64_t
period(const struct conf *c)
{
	int64_t least = INT64_MAX;

	if (c->stuck_after != CONF_OFF)
		least = c->stuck_after;
	if (c->worker_timeout != CONF_OFF)
		least = MIN(least, c->worker_timeout);
	return least == INT64_MAX ? least : MAX(MIN(least / 10, SELDOM), OFTEN);
}

int64_t
watch_deadline(const struct conf *c)
{
	const int64_t p = period(c);

	return p == INT64_MAX ? p : looked_at + p;
}

static void
look_for_stuck(struct board_slot *b, unsigned int slot, pid_t pid,
    int64_t after, int64_t now, struct news *news)
{
	const int64_t since = b->read_at;

	if (after == CONF_OFF || since == 0 || now - since < after)
		return;
	stuck++;
	if (b->told == since)
		return;
	b->told = since;
	if (news->n++ > 0)
		return;
	news->slot = slot;
	news->pid = pid;
	news->since = since;
	news->disk = device_name(b->device);
}

static void
kill_overdue(struct board_slot *b, unsigned int slot, pid_t pid, int64_t after,
    int64_t now)
{
	const int64_t begun = b->begun;
	char text[UNITS_TEXT];

	if (after == CONF_OFF || begun == 0 || now - begun < after)
		return;
	log_warn("worker %u (pid %d) has had a request for %s%s%s: killed, and "
	    "replaced", slot, (int)pid,
	    units_time_text((now - begun) / CLOCK_MS * CLOCK_MS, text,
	    sizeof(text)), b->read_at != 0 ? ", and reads disk " : "",
	    b->read_at != 0 ? device_name(b->device) : "");
	slots_kill(slot, now);
}

/* Where the kernel holds a process, as far as it says. */
static void
read_proc(pid_t pid, const char *file, char *buf, size_t size)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	buf[0] = '\0';
	if ((f = fopen(path, "re")) == NULL)
		return;
	if (fgets(buf, (int)size, f) == NULL)
		buf[0] = '\0';
	fclose(f);
}

static void
tell_of_undead(unsigned int slot, pid_t pid)
{
	char stat[256], wchan[64];
	const char *state;

	read_proc(pid, "stat", stat, sizeof(stat));
	read_proc(pid, "wchan", wchan, sizeof(wchan));
	state = strrchr(stat, ')');
	log_error("worker %u (pid %d) was killed and does not die: it is in "
	    "state %c, in the kernel's %s; others take its place", slot,
	    (int)pid, state != NULL && strlen(state) > 2 ? state[2] : '?',
	    wchan[0] != '\0' ? wchan : "?");
}

static void
look_for_undead(struct board_slot *b, unsigned int slot, pid_t pid,
    int64_t killed_at, int64_t now)
{
	if (now - killed_at < DYING)
		return;
	undead++;
	if (b->told == killed_at)
		return;
	b->told = killed_at;
	tell_of_undead(slot, pid);
}

static void
tell_of_stuck(const struct news *news, int64_t now)
{
	char text[UNITS_TEXT], others[64] = "";

	if (news->n > 1)
		snprintf(others, sizeof(others), ", and so are %u more",
		    news->n - 1);
	log_notice("worker %u (pid %d) is stuck: it has read disk %s for %s%s",
	    news->slot, (int)news->pid, news->disk,
	    units_time_text((now - news->since) / CLOCK_MS * CLOCK_MS, text,
	    sizeof(text)), others);
}

void
watch_look(const struct conf *c, int64_t now)
{
	struct news news = { .n = 0 };
	struct board_slot *b;
	int64_t killed_at;
	unsigned int i;
	pid_t pid;

	if (now < watch_deadline(c))
		return;
	looked_at = now;
	stuck = undead = 0;
	for (i = 0; i < slots_used(); i++) {
		if ((pid = slots_pid(i)) == 0)
			continue;
		b = board_slot(i);
		if ((killed_at = slots_killed_at(i)) != 0) {
			look_for_undead(b, i, pid, killed_at, now);
			continue;
		}
		look_for_stuck(b, i, pid, c->stuck_after, now, &news);
		kill_overdue(b, i, pid, c->worker_timeout, now);
	}
	if (news.n > 0)
		tell_of_stuck(&news, now);
}

unsigned int
watch_stuck(void)
{
	return stuck;
}

unsigned int
watch_undead(void)
{
	return undead;
}
