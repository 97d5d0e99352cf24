#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "common/brief.h"
#include "common/clock.h"
#include "t/test/progress.h"

#define EVERY	(200 * CLOCK_MS)
#define ERASE	"\r\033[K"	/* the line at hand */

static void
look(struct watcher *w, const struct stream *s, size_t n, int64_t now)
{
	/* The watcher is the first of progress' fields. */
	const struct progress *p = (const struct progress *)(const void *)w;
	char at[BRIEF_TEXT], of[BRIEF_TEXT];

	if (!p->shown)
		return;
	/* What is still under way at the end has its timeout. */
	if (now > p->duration)
		now = p->duration;
	fprintf(stderr, ERASE "%s: %s of %s, %" PRIu64 " sent, %" PRIu64
	    " timed out", p->part,
	    brief_time(now / CLOCK_MS * CLOCK_MS, at, sizeof(at)),
	    brief_time(p->duration, of, sizeof(of)), s[0].started,
	    s[0].outcomes[OUTCOME_TIMEOUT]);
	if (n > 1)
		fprintf(stderr, ", %u long reads", s[1].busy);
}

void
progress_begin(struct progress *p, const struct options *o, const char *part,
    int64_t duration)
{
	*p = (struct progress){
		.watcher = { EVERY, look }, .part = part, .duration = duration,
		.shown = !o->quiet && isatty(STDERR_FILENO),
	};
}

void
progress_end(const struct progress *p)
{
	if (p->shown)
		fputs(ERASE, stderr);
}
