#include <sys/param.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "server/bulletin.h"
#include "server/device.h"
#include "server/ledger.h"
#include "server/totals.h"

/* How often a ledger is brought up to date; and how long that may take. */
#define OFTEN		(100 * CLOCK_MS)
#define SHARE		20	/* of the time, at most one part of so many */

#define SCALARS_MAX	64
#define PER_HISTOGRAM	(HISTOGRAM_BUCKETS + 2)
#define PER_DISK	(3 + PER_HISTOGRAM)

/* A number of struct totals, which lies so far from its beginning. */
struct scalar {
	char name[LEDGER_NAME];
	size_t offset;
};

/* What a number of a ledger is to us. */
enum kind {
	KIND_UNKNOWN,
	KIND_TOTAL,		/* of struct totals */
	KIND_DISK		/* of struct totals_disk, of some disk */
};

struct place {
	enum kind kind;
	size_t offset;
	int largest;		/* the largest counts; else they add up */
	char disk[CONF_NAME_MAX + 1];
};

/* What a master before this one has counted. */
struct source {
	struct ledger ledger;
	struct place *places;	/* of its numbers */
	int folded;		/* they are in this master's ledger, too */
};

static struct scalar scalars[SCALARS_MAX];
static size_t nscalars;

static struct source sources[TOTALS_LEDGERS];
static size_t nsources;

static struct ledger ours = { .fd = -1 };	/* for a new master */
static int64_t update_at = INT64_MAX;

static void
scalar(const char *prefix, const char *name, size_t offset)
{
	struct scalar *s = &scalars[nscalars++];

	snprintf(s->name, sizeof(s->name), "%s%s", prefix, name);
	s->offset = offset;
}

#define AT(field)	offsetof(struct totals, field)
#define AT_ITEM(field, i)	(AT(field) + (size_t)(i) * sizeof(uint64_t))

/* These names are for ever: another version reads them. */
static void
make_scalars(void)
{
	static const char *const classes[BOARD_CLASSES] = {
		"2xx", "3xx", "4xx", "5xx"
	};
	static const char *const deaths[DEATH_CAUSES] = {
		"status", "signal", "core", "memory", "timeout"
	};
	int i;

	_Static_assert(11 + BOARD_WAYS + BOARD_CLASSES + ERROR_KINDS +
	    FAULT_KINDS + DEATH_CAUSES <= SCALARS_MAX, "room for each");
	if (nscalars > 0)
		return;
	scalar("", "requests", AT(sum.requests));
	scalar("", "bytes", AT(sum.bytes));
	scalar("", "errors", AT(sum.errors));
	scalar("", "aborted", AT(sum.aborted));
	scalar("", "shut", AT(sum.shut));
	scalar("", "expired", AT(sum.expired));
	scalar("", "empty", AT(sum.empty));
	scalar("", "reloads", AT(reloads));
	scalar("", "reloads failed", AT(reloads_failed));
	scalar("", "upgrades", AT(upgrades));
	scalar("", "upgrades failed", AT(upgrades_failed));
	for (i = 0; i < BOARD_WAYS; i++)
		scalar("way ", board_way_name((enum board_way)i),
		    AT_ITEM(sum.ways, i));
	for (i = 0; i < BOARD_CLASSES; i++)
		scalar("class ", classes[i], AT_ITEM(sum.classes, i));
	for (i = 1; i < ERROR_KINDS; i++)
		scalar("error ", error_name((enum error_kind)i),
		    AT_ITEM(sum.kinds, i));
	for (i = 1; i < FAULT_KINDS; i++)
		scalar("fault ", model_fault_name((enum model_fault_kind)i),
		    AT_ITEM(sum.faults, i));
	for (i = 0; i < DEATH_CAUSES; i++)
		scalar("death ", deaths[i], AT_ITEM(deaths, i));
}

/*
 * Where the number of a histogram is that is called `name', in it: its sum,
 * its maximum, or the bucket that begins at so many ns.  Gives -1 for another.
 */
static ssize_t
histogram_offset(const char *name)
{
	const char *error;
	int64_t edge;

	if (strcmp(name, "sum") == 0)
		return offsetof(struct histogram, sum);
	if (strcmp(name, "max") == 0)
		return offsetof(struct histogram, max);
	edge = strtonum(name, 0, INT64_MAX, &error);
	if (error != NULL)
		return -1;
	return (ssize_t)(offsetof(struct histogram, buckets) +
	    histogram_index(edge) * sizeof(uint64_t));
}

/* "disk NAME reads", or of its histogram "disk NAME 1024". */
static void
place_disk(const char *rest, struct place *p)
{
	const char *what = strchr(rest, ' ');
	size_t len = what == NULL ? 0 : (size_t)(what - rest);
	ssize_t offset;

	if (len == 0 || len > CONF_NAME_MAX)
		return;
	memcpy(p->disk, rest, len);
	what++;
	if (strcmp(what, "reads") == 0)
		p->offset = offsetof(struct totals_disk, reads);
	else if (strcmp(what, "failed") == 0)
		p->offset = offsetof(struct totals_disk, failed);
	else if (strcmp(what, "waited") == 0)
		p->offset = offsetof(struct totals_disk, waited);
	else if ((offset = histogram_offset(what)) != -1)
		p->offset = offsetof(struct totals_disk, latency) +
		    (size_t)offset;
	else
		return;
	p->kind = KIND_DISK;
}

static void
place_total(const char *name, struct place *p)
{
	const char *time;
	ssize_t offset;
	size_t i, len;

	for (i = 0; i < nscalars; i++)
		if (strcmp(scalars[i].name, name) == 0) {
			p->kind = KIND_TOTAL;
			p->offset = scalars[i].offset;
			return;
		}
	for (i = 0; i < BOARD_TIMES; i++) {
		time = board_time_name((enum board_time)i);
		len = strlen(time);
		if (strncmp(name, time, len) != 0 || name[len] != ' ' ||
		    (offset = histogram_offset(name + len + 1)) == -1)
			continue;
		p->kind = KIND_TOTAL;
		p->offset = AT(times) + i * sizeof(struct histogram) +
		    (size_t)offset;
		return;
	}
}

static void
find_place(const char *name, struct place *p)
{
	memset(p, 0, sizeof(*p));
	p->largest = ledger_is_max(name);
	if (strncmp(name, "disk ", 5) == 0)
		place_disk(name + 5, p);
	else
		place_total(name, p);
}

/* Adds a source's numbers of that kind to the struct that they are in. */
static void
add_source(const struct source *s, enum kind kind, const char *disk,
    void *whole)
{
	const struct place *p = s->places;
	uint64_t sum, value;
	size_t i;

	for (i = 0; i < s->ledger.n; i++, p++) {
		if (p->kind != kind ||
		    (kind == KIND_DISK && strcmp(p->disk, disk) != 0))
			continue;
		if ((value = ledger_value(&s->ledger, i)) == 0)
			continue;
		/* Whoever has asked has it for itself, atomic or not. */
		memcpy(&sum, (char *)whole + p->offset, sizeof(sum));
		sum = p->largest ? MAX(sum, value) : sum + value;
		memcpy((char *)whole + p->offset, &sum, sizeof(sum));
	}
}

/* What was counted since this master's start. */
static void
read_own(struct totals *t)
{
	struct bulletin b;

	memset(t, 0, sizeof(*t));
	t->sum = board_sum();
	board_merge(t->times);
	/* Whose master is gone has numbers that were the last of some kind. */
	(void)bulletin_read(&b);
	memcpy(t->deaths, b.deaths, sizeof(t->deaths));
	t->reloads = b.reloads;
	t->reloads_failed = b.reloads_failed;
	t->upgrades = b.upgrades;
	t->upgrades_failed = b.upgrades_failed;
}

static void
read_own_disk(unsigned int device, struct totals_disk *t)
{
	struct device_about about;

	memset(t, 0, sizeof(*t));
	device_about(device, &about);
	t->reads = about.reads;
	t->failed = about.failed;
	t->waited = about.waited;
	device_merge(device, &t->latency);
}

void
totals_read(struct totals *t)
{
	size_t i;

	read_own(t);
	for (i = 0; i < nsources; i++)
		add_source(&sources[i], KIND_TOTAL, NULL, t);
}

void
totals_disk(unsigned int device, const char *name, struct totals_disk *t)
{
	size_t i;

	read_own_disk(device, t);
	for (i = 0; i < nsources; i++)
		add_source(&sources[i], KIND_DISK, name, t);
}

struct board_sum
totals_sum(void)
{
	static struct totals t;
	size_t i;

	memset(&t, 0, sizeof(t));
	t.sum = board_sum();
	for (i = 0; i < nsources; i++)
		add_source(&sources[i], KIND_TOTAL, NULL, &t);
	return t.sum;
}

static void
put_histogram(const char *prefix, const struct histogram *h)
{
	char name[LEDGER_NAME];
	unsigned int i;

	snprintf(name, sizeof(name), "%s sum", prefix);
	ledger_put(&ours, name, h->sum);
	snprintf(name, sizeof(name), "%s max", prefix);
	ledger_put(&ours, name, h->max);
	for (i = 0; i < HISTOGRAM_BUCKETS; i++) {
		snprintf(name, sizeof(name), "%s %" PRId64, prefix,
		    histogram_edge(i));
		ledger_put(&ours, name, h->buckets[i]);
	}
}

static void
put_disk(unsigned int device)
{
	static struct totals_disk t;
	char prefix[LEDGER_NAME - 16], name[LEDGER_NAME];
	struct device_about about;

	read_own_disk(device, &t);
	device_about(device, &about);
	snprintf(prefix, sizeof(prefix), "disk %s", about.name);
	snprintf(name, sizeof(name), "%s reads", prefix);
	ledger_put(&ours, name, t.reads);
	snprintf(name, sizeof(name), "%s failed", prefix);
	ledger_put(&ours, name, t.failed);
	snprintf(name, sizeof(name), "%s waited", prefix);
	ledger_put(&ours, name, t.waited);
	put_histogram(prefix, &t.latency);
}

/* All that this master has counted, and what it has taken over for good. */
static void
put_all(void)
{
	static struct totals t;
	const struct ledger *l;
	unsigned int device;
	uint64_t value;
	size_t i, k;

	read_own(&t);
	ledger_begin(&ours);
	for (i = 0; i < nscalars; i++) {
		memcpy(&value, (char *)&t + scalars[i].offset, sizeof(value));
		ledger_put(&ours, scalars[i].name, value);
	}
	for (i = 0; i < BOARD_TIMES; i++)
		put_histogram(board_time_name((enum board_time)i),
		    &t.times[i]);
	for (device = 0; device < device_used(); device++)
		put_disk(device);
	for (i = 0; i < nsources; i++) {
		l = &sources[i].ledger;
		for (k = 0; sources[i].folded && k < l->n; k++)
			ledger_add(&ours, ledger_name(l, k),
			    ledger_value(l, k));
	}
	ledger_publish(&ours);
}

void
totals_update(void)
{
	int64_t began = clock_mono(), end;

	if (ours.fd == -1)
		return;
	put_all();
	end = clock_mono();
	update_at = end + MAX(OFTEN, SHARE * (end - began));
}

size_t
totals_export(int fds[TOTALS_LEDGERS])
{
	size_t i, n = 1, room;

	make_scalars();
	room = nscalars + (size_t)BOARD_TIMES * PER_HISTOGRAM +
	    (size_t)device_used() * PER_DISK;
	for (i = 0; i < nsources; i++) {
		/* With too many of them, the oldest is as good as ended. */
		sources[i].folded = ledger_is_final(&sources[i].ledger) ||
		    (i == 0 && nsources == TOTALS_LEDGERS);
		if (sources[i].folded)
			room += sources[i].ledger.n;
		else
			fds[n++] = sources[i].ledger.fd;
	}
	if (ledger_create(&ours, room) == -1)
		return 0;
	put_all();
	/* Until then this master's totals are read here. */
	update_at = INT64_MAX;
	fds[0] = ours.fd;
	return n;
}

void
totals_keep(void)
{
	if (ours.fd != -1)
		ledger_close(&ours);
	update_at = INT64_MAX;
}

void
totals_tick(int64_t now)
{
	if (now >= update_at)
		totals_update();
}

int64_t
totals_deadline(void)
{
	return update_at;
}

void
totals_end(void)
{
	if (ours.fd == -1)
		return;
	totals_update();
	ledger_end(&ours);
	totals_keep();
}

int
totals_import(int fd)
{
	struct source *s = &sources[nsources];
	size_t i;

	make_scalars();
	if (nsources == TOTALS_LEDGERS)
		return -1;
	if (ledger_open(&s->ledger, fd) == -1 ||
	    (s->places = calloc(s->ledger.n, sizeof(*s->places))) == NULL) {
		ledger_close(&s->ledger);
		return -1;
	}
	for (i = 0; i < s->ledger.n; i++)
		find_place(ledger_name(&s->ledger, i), &s->places[i]);
	nsources++;
	return 0;
}

void
totals_leave(void)
{
	size_t i;

	if (ours.fd != -1)
		ledger_leave(&ours);
	for (i = 0; i < nsources; i++)
		ledger_leave(&sources[i].ledger);
}
