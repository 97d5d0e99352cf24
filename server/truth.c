#include <inttypes.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/line.h"
#include "server/truth.h"

/* Numbers and two names, none of them a client's. */
#define LINE_MAX_BYTES 512

/* Milliseconds, as in the access log, but all that there is behind the dot. */
static void
put_ms(struct line *l, const char *name, int64_t ns)
{
	if (ns == DIST_FOREVER)
		line_put(l, " %s=forever", name);
	else
		line_put(l, " %s=%" PRId64 ".%06" PRId64, name, ns / CLOCK_MS,
		    ns % CLOCK_MS);
}

static const char *
outcome(const struct exchange *x)
{
	switch (x->read.how) {
	case DISK_FULL:
		return "full";
	case DISK_GONE:
		return "gone";
	case DISK_READ:
	case DISK_NONE:
		break;
	}
	if (x->status == 200)
		return "ok";
	/* What was drawn has come to pass, or something went wrong besides. */
	return x->status == x->read.draw.status ? "fail" :
	    x->status == 504 ? "timeout" : "error";
}

size_t
truth_line(const struct truth *t, const struct exchange *x, unsigned int slot,
    int64_t when, char *buf, size_t size)
{
	struct line l = { buf, buf + size };
	const struct disk_read *r = &x->read;

	line_put(&l, "arrival=%" PRId64 ".%09" PRId64, when / CLOCK_S,
	    when % CLOCK_S);
	put_ms(&l, "at_ms", r->arrival - t->loaded_at);
	line_put(&l, " slot=%u disk=%s condition=%s number=%" PRIu64, slot,
	    x->disk->name, r->model->name, r->number);
	put_ms(&l, "service_ms", r->draw.service);
	put_ms(&l, "lane_ms", r->lane);
	put_ms(&l, "actual_ms", disk_time(r));
	line_put(&l, " outcome=%s status=%d\n", outcome(x), x->status);
	return (size_t)(l.p - buf);
}

void
truth_write(const struct truth *t, const struct exchange *x,
    unsigned int slot)
{
	static int failing;
	char line[LINE_MAX_BYTES];
	int64_t when;

	if (t->fd == -1 || x->read.how == DISK_NONE)
		return;
	when = clock_real() - (clock_mono() - x->read.arrival);
	line_write(t->fd, line, truth_line(t, x, slot, when, line,
	    sizeof(line)), "truth-log", &failing);
}

unsigned int
truth_open(struct truth *t, const struct conf *c, conf_report *report)
{
	t->fd = -1;
	t->loaded_at = c->loaded_at;
	if (c->truth_file[0] == '\0')
		return 0;
	t->fd = line_open(c->truth_file, c, c->truth_at, "truth-log", report);
	return t->fd == -1;
}

void
truth_close(struct truth *t)
{
	if (t->fd != -1)
		close(t->fd);
	t->fd = -1;
}
