#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/decimal.h"
#include "common/record.h"

#define FIELDS_MAX	64
#define LATENCY_MAX	(INT64_C(24) * 3600 * CLOCK_S)

/* What an error shows of a field: bytes. */
#define SHOWN		32

struct field {
	const char *p;
	size_t len;		/* bytes */
};

struct fields {
	struct field at[FIELDS_MAX];
	size_t n;
};

/*
 * A process may have blanks in its name, or be nameless, and an old biosnoop
 * left the disk's name out where it had none.  So biosnoop's columns count
 * from the right, where none of them can be more or fewer.
 */
struct record_format {
	char separator;		/* ' ' is any run of blanks */
	const char *latency;	/* the name of its column; NULL: no header */
	const char *direction;	/* likewise; not every header has it */
	int64_t unit;		/* of the latency: ns */
	const char *expected;	/* a latency */
	const char *directions;	/* what is expected in that column */
	size_t min, max;	/* fields, where no header says */
	int from_right;		/* count columns from the last */
	int zero_is_none;	/* no latency, no read */
	int (*is_read)(const struct field *);	/* 1, 0, or -1: neither */
};

static int
is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

static int
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static int
is(const struct field *f, const char *s)
{
	return f->len == strlen(s) && memcmp(f->p, s, f->len) == 0;
}

static int
fio_is_read(const struct field *f)
{
	if (f->len != 1 || *f->p < '0' || *f->p > '2')
		return -1;
	return *f->p == '0';
}

static int
biosnoop_is_read(const struct field *f)
{
	size_t i;

	for (i = 0; i < f->len; i++)
		if (f->p[i] < 'A' || f->p[i] > 'Z')
			return -1;
	return *f->p == 'R';
}

static int
thesios_is_read(const struct field *f)
{
	return is(f, "READ") ? 1 : is(f, "WRITE") ? 0 : -1;
}

static const struct record_format fio = {
	.separator = ',', .unit = 1, .min = 4, .max = 7,
	.expected = "whole nanoseconds from 0 to 24 hours",
	.directions = "0 (read), 1 (write) or 2 (trim)",
	.is_read = fio_is_read
};

static const struct record_format biosnoop = {
	.separator = ' ', .unit = CLOCK_MS, .from_right = 1,
	.latency = "LAT(ms)", .direction = "T",
	.expected = "milliseconds from 0 to 24 hours",
	.directions = "letters like R, RA or WS",
	.is_read = biosnoop_is_read
};

static const struct record_format thesios = {
	.separator = ',', .unit = CLOCK_S, .zero_is_none = 1,
	.latency = "disk_time", .direction = "op_type",
	.expected = "seconds from 0 to 24 hours",
	.directions = "READ or WRITE",
	.is_read = thesios_is_read
};

static const struct record_format seconds = {
	.separator = ' ', .unit = CLOCK_S, .min = 1, .max = 1,
	.expected = "seconds from 0 to 24 hours"
};

static void
trim(struct field *f)
{
	for (; f->len > 0 && is_blank(*f->p); f->p++)
		f->len--;
	while (f->len > 0 && is_blank(f->p[f->len - 1]))
		f->len--;
}

/* The length of what is before the separator. */
static size_t
until(const struct field *rest, char separator)
{
	const char *p;
	size_t i;

	if (separator != ' ') {
		p = memchr(rest->p, separator, rest->len);
		return p == NULL ? rest->len : (size_t)(p - rest->p);
	}
	for (i = 0; i < rest->len && !is_blank(rest->p[i]); i++)
		;
	return i;
}

/* A line that begins and ends with no blank, and is not empty. */
static int
split(struct field line, char separator, struct fields *f)
{
	struct field *field;
	size_t len;

	for (f->n = 0; f->n < FIELDS_MAX;) {
		len = until(&line, separator);
		field = &f->at[f->n++];
		field->p = line.p;
		field->len = len;
		trim(field);
		if (len == line.len)
			return 0;
		line.p += len + 1;
		line.len -= len + 1;
		if (separator == ' ')
			trim(&line);
	}
	return -1;
}

/* Where this name is among the fields, or SIZE_MAX. */
static size_t
column(const struct fields *f, const char *name)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		if (is(&f->at[i], name))
			return i;
	return SIZE_MAX;
}

static void
set_layout(struct record_layout *l, const struct record_format *format,
    size_t columns, size_t latency, size_t direction)
{
	l->format = format;
	l->columns = columns;
	l->latency = latency;
	l->direction = direction;
}

/* What the first line says of the others; -1: nothing that we know. */
static int
recognize(struct record_layout *l, struct field line)
{
	char separator = memchr(line.p, ',', line.len) != NULL ? ',' : ' ';
	const struct record_format *format;
	struct fields f;
	size_t at;

	if (split(line, separator, &f) == -1)
		return -1;
	format = separator == ',' ? &thesios : &biosnoop;
	if ((at = column(&f, format->latency)) != SIZE_MAX)
		set_layout(l, format, f.n, at, column(&f, format->direction));
	else if (separator == ',' && is_one_of(*line.p, "0123456789"))
		set_layout(l, &fio, 0, 1, 2);
	else if (f.n == 1 && is_one_of(*line.p, "0123456789+-."))
		set_layout(l, &seconds, 0, 0, SIZE_MAX);
	else
		return -1;
	return 0;
}

/*
 * bpftrace writes "Attaching 4 probes..." in front of a script's output, and
 * its biosnoop of late a second line of the header, for two columns only.
 */
static int
is_bpftrace_talk(const struct record_layout *l, struct field line)
{
	struct fields f;

	if (l->format == NULL)
		return line.len >= 6 && memcmp(line.p, "Attach", 6) == 0;
	return l->format == &biosnoop && *line.p == 'M' &&
	    split(line, ' ', &f) == 0 && f.n == 2 &&
	    is(&f.at[0], "MAJOR") && is(&f.at[1], "MINOR");
}

static const char *
shown(const struct field *f, char *buf)
{
	size_t i;

	for (i = 0; i < f->len && i < SHOWN; i++)
		buf[i] = (char)(f->p[i] < ' ' || f->p[i] > '~' ? '?' : f->p[i]);
	strlcpy(buf + i, i < f->len ? "..." : "", sizeof("..."));
	return buf;
}

static void
bad_field(const char *what, const struct field *f, const char *expected,
    char *why)
{
	char text[SHOWN + sizeof("...")];

	snprintf(why, RECORD_WHY, "%s \"%s\", expected %s", what,
	    shown(f, text), expected);
}

/* Whether a line may have n fields. */
static int
is_count(const struct record_layout *l, size_t n)
{
	if (l->columns == 0)
		return n >= l->format->min && n <= l->format->max;
	if (!l->format->from_right)
		return n == l->columns;
	/* One may be missing, but none of those that we read. */
	return n >= l->columns || (n + 1 == l->columns &&
	    l->latency > 0 && l->direction > 0);
}

static void
bad_count(const struct record_layout *l, size_t n, char *why)
{
	if (l->columns != 0)
		snprintf(why, RECORD_WHY,
		    "%zu fields, expected %zu as in the header", n,
		    l->columns);
	else if (l->format->min == l->format->max)
		snprintf(why, RECORD_WHY, "%zu fields, expected %zu", n,
		    l->format->min);
	else
		snprintf(why, RECORD_WHY, "%zu fields, expected %zu to %zu",
		    n, l->format->min, l->format->max);
}

static int
latency(const struct record_format *format, const struct field *f,
    int64_t *ns, char *why)
{
	const char *end = f->p + f->len, *p;
	struct decimal d;
	int lost;

	if ((p = decimal_scan(f->p, end, &d)) == NULL ||
	    decimal_exponent(p, end, &d) != end ||
	    (lost = decimal_times(&d, format->unit, ns)) == -1 ||
	    (lost && format->unit == 1) || *ns > LATENCY_MAX) {
		bad_field("latency", f, format->expected, why);
		return -1;
	}
	return 0;
}

/* The fields of a line, which may be the header, once more or not. */
static enum record_result
record(const struct record_layout *l, const struct fields *f, int64_t *ns,
    char *why)
{
	const struct record_format *format = l->format;
	const struct field *at = f->at;
	int read = 1;

	if (!is_count(l, f->n)) {
		bad_count(l, f->n, why);
		return RECORD_BAD;
	}
	if (format->from_right)
		at += (ptrdiff_t)f->n - (ptrdiff_t)l->columns;
	if (format->latency != NULL && is(&at[l->latency], format->latency))
		return RECORD_NONE;
	if (latency(format, &at[l->latency], ns, why) == -1)
		return RECORD_BAD;
	if (l->direction != SIZE_MAX)
		read = format->is_read(&at[l->direction]);
	if (read == -1) {
		bad_field("direction", &at[l->direction], format->directions,
		    why);
		return RECORD_BAD;
	}
	return read == 0 || (*ns == 0 && format->zero_is_none) ?
	    RECORD_NONE : RECORD_READ;
}

enum record_result
record_parse(struct record_layout *l, const char *bytes, size_t len,
    int64_t *ns, char *why)
{
	struct field line = { bytes, len };
	struct fields f;

	if (line.len > 0 && bytes[line.len - 1] == '\n')
		line.len--;
	if (line.len > 0 && bytes[line.len - 1] == '\r')
		line.len--;
	trim(&line);
	if (line.len == 0 || *line.p == '#' || is_bpftrace_talk(l, line))
		return RECORD_NONE;
	if (l->format == NULL && recognize(l, line) == -1) {
		strlcpy(why, "unknown format, expected a latency log of fio, "
		    "output of biosnoop, a CSV with disk_time, or seconds, "
		    "one number in a line", RECORD_WHY);
		return RECORD_BAD;
	}
	if (split(line, l->format->separator, &f) == -1) {
		snprintf(why, RECORD_WHY, "more than %d fields", FIELDS_MAX);
		return RECORD_BAD;
	}
	return record(l, &f, ns, why);
}
