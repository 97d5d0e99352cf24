/*
 * Previews against a running daemon: what was drawn beforehand is what its
 * truth log says of the reads, each of them, to the nanosecond.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "server/sample.h"
#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"
#include "t/load.h"
#include "t/text.h"

#define READS	40

static struct daemon d;
static struct response r;
static struct conf c;

/* Asks for what a preview draws: 0, 1, 2 and so on, in this order. */
static void
ask(const char *disk)
{
	char path[64];
	int i;

	for (i = 0; i < READS; i++) {
		snprintf(path, sizeof(path), "/%s/%d", disk, i);
		client_get(d.port, path, &r);
	}
}

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* What the log has of a disk. */
struct lines {
	const char *file, *disk;
	int64_t times[READS];	/* ns, sorted */
	size_t n, failed;
};

/* The last line may be written when its client has its reply already. */
static int
has_all(void *arg)
{
	static char log[65536];
	struct lines *l = arg;
	char name[64];
	const char *p, *end;
	long long ms, ns;

	text_read(l->file, log, sizeof(log));
	snprintf(name, sizeof(name), " disk=%s ", l->disk);
	l->n = l->failed = 0;
	for (p = log; (p = strstr(p, name)) != NULL && l->n < READS; p = end) {
		end = p + strcspn(p, "\n");
		p = strstr(p, " service_ms=");
		if (*end == '\0' || p == NULL ||
		    sscanf(p, " service_ms=%lld.%6lld", &ms, &ns) != 2)
			break;
		l->times[l->n++] = ms * CLOCK_MS + ns;
		if ((p = strstr(p, " status=")) == NULL)
			break;
		l->failed += strncmp(p, " status=200 ", 12) != 0;
	}
	qsort(l->times, l->n, sizeof(*l->times), compare);
	return l->n == READS;
}

static void
test_disk(const char *log, const struct conf_disk *disk)
{
	struct lines l = { .file = log, .disk = disk->name };
	struct sample s;
	size_t i;

	ask(disk->name);
	if (sample_open(&s, READS) == -1)
		err(1, "sample_open");
	sample_draw(&s, &c, disk, &disk->models[0]);
	if (ok(daemon_until(has_all, &l), "%s: all reads are in the truth log",
	    disk->name)) {
		for (i = 0; i + 1 < READS && l.times[i] == s.times[i]; i++)
			;
		is_int(l.times[i], s.times[i], "%s: the times are those of "
		    "the preview (%zu)", disk->name, i);
	}
	is_int((long long)l.failed, (long long)s.failed, "%s: failures",
	    disk->name);
	ok(s.failed > 0 && s.slow > 0 && s.failed + s.slow < READS,
	    "%s: there is something of each", disk->name);
	sample_close(&s);
}

#define MODEL								\
	"	read exponential 2ms\n"					\
	"	slow 20%% uniform 3ms 9ms\n"				\
	"	fail 20%% fixed 1ms 503\n"				\
	"	seed 3\n"

int
main(void)
{
	static const char *const none[] = { NULL };
	char log[128];
	size_t i;

	plan_no_plan();
	daemon_configure(&d, "# nothing yet\n");
	daemon_path(&d, "truth", log, sizeof(log));
	daemon_rewrite(&d, "workers 1\n"
	    "truth-log %s\n"
	    "disk by-arrival {\n" MODEL "}\n"
	    "disk by-path {\n" MODEL "	seed-by path\n}\n"
	    "disk objects {\n" MODEL
	    "	object-size uniform 1k 64k\n	bandwidth 16M\n}\n", log);
	daemon_start(&d);
	is_int(load_file(&c, d.conf), 0, "the preview reads the same file");
	for (i = 1; i < c.ndisks; i++)
		test_disk(log, &c.disks[i]);
	daemon_finish(&d, none);
	return exit_status();
}
