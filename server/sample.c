#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/disk.h"
#include "server/object.h"
#include "server/sample.h"

int
sample_open(struct sample *s, size_t n)
{
	memset(s, 0, sizeof(*s));
	if ((s->times = reallocarray(NULL, n, sizeof(*s->times))) == NULL)
		return -1;
	s->n = n;
	return 0;
}

/* What the server makes of a read's result, less what clients ask for. */
static void
count(struct sample *s, const struct conf *c, const struct model_draw *d)
{
	int status = d->status;

	if (d->service == DIST_FOREVER) {
		s->never++;
		return;
	}
	s->sum += (double)d->service;
	if (c->read_timeout != CONF_OFF && d->service >= c->read_timeout)
		status = 504;
	s->failed += status != 200;
	s->statuses[status]++;
	s->faults[d->fault]++;
}

/*
 * Arrivals are 0, 1, 2, and so are the paths where the disk goes by these: as
 * text, as a request has it.
 */
static void
draw(struct sample *s, const struct conf *c, const struct conf_disk *disk,
    const struct model *m, uint64_t number)
{
	struct model_draw d;
	int64_t size = 0;
	char path[24];
	uint64_t key;
	size_t len;

	len = (size_t)snprintf(path, sizeof(path), "%" PRIu64, number);
	key = disk_key(disk, number, path, len);
	if (disk->sized)
		size = object_size(disk, path, len);
	disk_draw(disk, m, key, number, size, &d);
	s->times[number] = d.service;
	/* Of the two ladders, it is the other one whose reads fail. */
	s->slow += d.rung != NULL && d.status == 200;
	count(s, c, &d);
}

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

void
sample_draw(struct sample *s, const struct conf *c,
    const struct conf_disk *disk, const struct model *m)
{
	size_t i;

	s->sum = 0;
	s->slow = s->failed = s->never = 0;
	memset(s->statuses, 0, sizeof(s->statuses));
	memset(s->faults, 0, sizeof(s->faults));
	for (i = 0; i < s->n; i++)
		draw(s, c, disk, m, i);
	qsort(s->times, s->n, sizeof(*s->times), compare);
}

int64_t
sample_quantile(const struct sample *s, int64_t ppm)
{
	size_t rank = ((size_t)ppm * s->n + MODEL_ALL - 1) / MODEL_ALL;

	return s->times[rank == 0 ? 0 : rank - 1];
}

double
sample_mean(const struct sample *s)
{
	return s->never == s->n ? 0 : s->sum / (double)(s->n - s->never);
}

void
sample_close(struct sample *s)
{
	free(s->times);
	s->times = NULL;
}
