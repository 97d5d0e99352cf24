#include <unistd.h>

#include "common/clock.h"
#include "common/writer.h"
#include "server/line.h"
#include "server/truth.h"

/* Numbers and two names, none of them a client's. */
#define LINE_MAX_BYTES 512

static struct line_log lines = { .keyword = "truth-log" };

/* Milliseconds, as in the access log, but all that there is behind the dot. */
static void
write_ms(struct writer *w, const char *name, int64_t ns)
{
	writer_text(w, name);
	if (ns == DIST_FOREVER) {
		writer_text(w, "forever");
		return;
	}
	writer_number(w, (uint64_t)(ns / CLOCK_MS));
	writer_text(w, ".");
	writer_digits(w, (uint64_t)ns, 6);
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
	struct writer w = { buf, buf + size - 1 };
	const struct disk_read *r = &x->read;

	writer_text(&w, "arrival=");
	writer_number(&w, (uint64_t)(when / CLOCK_S));
	writer_text(&w, ".");
	writer_digits(&w, (uint64_t)when, 9);
	write_ms(&w, " at_ms=", r->arrival - t->loaded_at);
	writer_text(&w, " slot=");
	writer_number(&w, slot);
	writer_text(&w, " disk=");
	writer_text(&w, x->disk->name);
	writer_text(&w, " condition=");
	writer_text(&w, r->model->name);
	writer_text(&w, " number=");
	writer_number(&w, r->number);
	write_ms(&w, " service_ms=", r->draw.service);
	write_ms(&w, " lane_ms=", r->lane);
	write_ms(&w, " actual_ms=", disk_time(r));
	writer_text(&w, " outcome=");
	writer_text(&w, outcome(x));
	writer_text(&w, " status=");
	writer_number(&w, (uint64_t)x->status);
	writer_text(&w, " fault=");
	writer_text(&w, model_fault_name(x->fault));
	writer_text(&w, "\n");
	*w.p = '\0';
	return (size_t)(w.p - buf);
}

void
truth_write(const struct truth *t, const struct exchange *x,
    unsigned int slot)
{
	char line[LINE_MAX_BYTES];
	int64_t when;

	if (t->fd == -1 || x->read.how == DISK_NONE)
		return;
	when = clock_real() - (clock_mono() - x->read.arrival);
	line_write(&lines, t->fd, line, truth_line(t, x, slot, when, line,
	    sizeof(line)));
}

unsigned int
truth_open(struct truth *t, const struct conf *c, conf_report *report)
{
	t->fd = -1;
	t->loaded_at = c->loaded_at;
	if (c->truth_file[0] == '\0')
		return 0;
	t->fd = line_open(&lines, c->truth_file, -1, c, c->truth_at, report);
	return t->fd == -1;
}

void
truth_close(struct truth *t)
{
	if (t->fd != -1)
		close(t->fd);
	t->fd = -1;
}
