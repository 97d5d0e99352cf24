#include <inttypes.h>
#include <string.h>

#include "common/brief.h"
#include "common/json.h"
#include "server/admin/why.h"
#include "server/device.h"
#include "server/error.h"

/* What took most of the time. */
enum part { QUEUE, LANE, DISK, REPLY, PARTS };

static const char *const parts[PARTS] = { "queue", "lane", "disk", "reply" };

static enum part
longest(const struct recent *r)
{
	const int64_t took[PARTS] = { r->queue, r->lane, r->disk, r->reply };
	enum part i, most = QUEUE;

	for (i = LANE; i < PARTS; i++)
		if (took[i] > took[most])
			most = i;
	return most;
}

/* The disk and its condition, as text: "" where there is none. */
struct place {
	struct device_about disk;
	const char *condition;
};

static void
find_place(const struct recent *r, struct place *p)
{
	p->disk.name[0] = '\0';
	p->condition = NULL;
	if (r->device < 0 || (unsigned int)r->device >= device_used())
		return;
	device_about((unsigned int)r->device, &p->disk);
	if (r->condition != 0)
		p->condition = device_condition(&p->disk, r->condition);
}

static void
explain_queue(const struct recent *r, FILE *f)
{
	char text[BRIEF_TEXT];

	fprintf(f, "It waited %s for a worker",
	    brief_time(r->queue, text, sizeof(text)));
	if (r->behind_queue != 0)
		fprintf(f, "; the one that took it, %u, was busy with request "
		    "%0*" PRIx64 " until then", r->slot, RECENT_ID,
		    r->behind_queue);
	putc('.', f);
}

static void
explain_lane(const struct recent *r, const struct place *p, FILE *f)
{
	char text[BRIEF_TEXT];

	fprintf(f, "It waited %s for a lane of disk %s",
	    brief_time(r->lane, text, sizeof(text)), p->disk.name);
	if (r->behind_lane != 0)
		fprintf(f, "; request %0*" PRIx64 " had it before", RECENT_ID,
		    r->behind_lane);
	putc('.', f);
}

/* One sentence on the part that took longest. */
static void
explain(const struct recent *r, const struct place *p, FILE *f)
{
	char text[BRIEF_TEXT];

	switch (longest(r)) {
	case QUEUE:
		explain_queue(r, f);
		break;
	case LANE:
		explain_lane(r, p, f);
		break;
	case DISK:
		fprintf(f, "Disk %s took %s for it", p->disk.name,
		    brief_time(r->disk, text, sizeof(text)));
		if (p->condition != NULL)
			fprintf(f, "; it was %s", p->condition);
		putc('.', f);
		break;
	case REPLY:
	case PARTS:
		fprintf(f, "Its client took %s to receive the reply.",
		    brief_time(r->reply, text, sizeof(text)));
	}
}

static void
write_id(struct json *j, const char *key, uint64_t id)
{
	char text[RECENT_ID + 1];

	snprintf(text, sizeof(text), "%0*" PRIx64, RECENT_ID, id);
	json_string(j, key, id == 0 ? NULL : text);
}

static void
write_explanation(struct json *j, const struct recent *r,
    const struct place *p)
{
	char text[256] = "";
	FILE *f = fmemopen(text, sizeof(text), "w");

	if (f != NULL) {
		explain(r, p, f);
		fclose(f);
	}
	json_string(j, "explanation", text);
}

static void
write_times(struct json *j, const struct recent *r)
{
	json_seconds(j, "arrived", r->arrived);
	json_seconds(j, "total", r->total);
	json_seconds(j, "queue", r->queue);
	json_seconds(j, "lane", r->lane);
	json_seconds(j, "disk_time", r->disk);
	json_seconds(j, "reply", r->reply);
}

/* Its beginning, NUL-terminated: no more is kept of it. */
static const char *
line_of(const struct recent *r, char *buf)
{
	const size_t n = r->len < RECENT_LINE ? r->len : RECENT_LINE;

	memcpy(buf, r->line, n);
	buf[n] = '\0';
	return buf;
}

void
why_write_json(const struct recent *r, FILE *f)
{
	struct json j = { .f = f };
	char line[RECENT_LINE + 1];
	struct place p;

	find_place(r, &p);
	json_object(&j, NULL);
	write_id(&j, "id", r->id);
	json_number(&j, "slot", r->slot);
	json_number(&j, "pid", (uint64_t)r->pid);
	json_string(&j, "request", line_of(r, line));
	json_number(&j, "status", (uint64_t)r->status);
	/* Workers may write all of this: it may be any number. */
	json_string(&j, "error", r->error <= ERROR_NONE ||
	    r->error >= ERROR_KINDS ? NULL :
	    error_name((enum error_kind)r->error));
	json_string(&j, "disk", p.disk.name[0] == '\0' ? NULL : p.disk.name);
	json_string(&j, "condition", p.condition);
	json_number(&j, "bytes", r->bytes);
	write_times(&j, r);
	json_string(&j, "waited", parts[longest(r)]);
	json_object(&j, "behind");
	write_id(&j, "queue", r->behind_queue);
	write_id(&j, "lane", r->behind_lane);
	json_end_object(&j);
	write_explanation(&j, r, &p);
	json_end_object(&j);
	putc('\n', f);
}

/* A client's bytes, on a terminal: nothing that it would obey. */
static void
write_plain(const char *s, FILE *f)
{
	for (; *s != '\0'; s++)
		putc(*s >= ' ' && *s < 0x7f ? *s : '?', f);
}

void
why_write_text(const struct recent *r, FILE *f)
{
	const int64_t took[PARTS] = { r->queue, r->lane, r->disk, r->reply };
	char line[RECENT_LINE + 1], text[BRIEF_TEXT];
	struct place p;
	enum part i;

	find_place(r, &p);
	fprintf(f, "%0*" PRIx64 "  ", RECENT_ID, r->id);
	write_plain(line_of(r, line), f);
	fprintf(f, "\nstatus %d, by worker %u", r->status, r->slot);
	if (p.disk.name[0] != '\0')
		fprintf(f, ", disk %s%s%s", p.disk.name,
		    p.condition != NULL ? ", " : "",
		    p.condition != NULL ? p.condition : "");
	fprintf(f, "\n%s in all:", brief_time(r->total, text, sizeof(text)));
	for (i = QUEUE; i < PARTS; i++)
		fprintf(f, " %s %s%s", parts[i],
		    brief_time(took[i], text, sizeof(text)),
		    i < REPLY ? "," : "\n");
	explain(r, &p, f);
	putc('\n', f);
}
