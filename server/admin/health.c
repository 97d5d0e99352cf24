#include "common/brief.h"
#include "common/clock.h"
#include "server/admin/health.h"

#define TURNOVER	CLOCK_S

/* The disk that most of the stuck are in; NULL: nobody is. */
static const struct snapshot_disk *
worst(const struct snapshot *s)
{
	const struct snapshot_disk *d, *most = NULL;

	for (d = s->disks; d < s->disks + s->ndisks; d++)
		if (d->stuck > 0 && (most == NULL || d->stuck > most->stuck))
			most = d;
	return most;
}

static void
why(const struct snapshot *s, FILE *f)
{
	const unsigned int all = s->seen[BOARD_SEEN_IDLE] + snapshot_busy(s);
	const struct snapshot_disk *d = worst(s);
	char text[BRIEF_TEXT];

	if (all == 0) {
		fputs("there is no worker", f);
		return;
	}
	fprintf(f, "no worker has taken a connection for %s: ",
	    brief_time(s->now - s->taken, text, sizeof(text)));
	fprintf(f, "%u of %u busy", snapshot_busy(s), all);
	if (s->seen[BOARD_SEEN_STUCK] > 0)
		fprintf(f, ", %u of them stuck", s->seen[BOARD_SEEN_STUCK]);
	if (d != NULL)
		fprintf(f, ", %u on disk %s", d->stuck, d->about.name);
}

int
health_write(const struct snapshot *s, FILE *f)
{
	const unsigned int idle = s->seen[BOARD_SEEN_IDLE];

	if (s->master.phase != BULLETIN_RUNNING && s->master.phase != BULLETIN_UPGRADING) {
		fprintf(f, "%s\n", bulletin_phase_name(s->master.phase));
		return 503;
	}
	if (idle == 0 && (s->taken == 0 || s->now - s->taken > TURNOVER)) {
		why(s, f);
		putc('\n', f);
		return 503;
	}
	fprintf(f, "ok: %u of %u workers idle\n", idle,
	    idle + snapshot_busy(s));
	return 200;
}
