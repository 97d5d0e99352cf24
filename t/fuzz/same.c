#include <string.h>

#include "t/fuzz/same.h"

int
same_schedule(const struct schedule *a, const struct schedule *b)
{
	int i;

	for (i = 0; i < 2; i++)
		if (strcmp(a->names[i], b->names[i]) != 0 ||
		    a->conditions[i] != b->conditions[i] ||
		    a->means[i] != b->means[i])
			return 0;
	return a->kind == b->kind && a->after == b->after &&
	    a->length == b->length && a->every == b->every;
}

static int
same_ladder(const struct model_ladder *a, const struct model_ladder *b)
{
	size_t i;

	for (i = 0; i < a->n && i < b->n; i++)
		if (a->v[i].ppm != b->v[i].ppm ||
		    a->v[i].status != b->v[i].status ||
		    a->v[i].fault != b->v[i].fault ||
		    !dist_equal(&a->v[i].time, &b->v[i].time))
			return 0;
	return a->n == b->n;
}

static int
same_model(const struct model *a, const struct model *b)
{
	return strcmp(a->name, b->name) == 0 && dist_equal(&a->read, &b->read) &&
	    a->slowdown == b->slowdown && a->bandwidth == b->bandwidth &&
	    same_ladder(&a->slow, &b->slow) &&
	    same_ladder(&a->fail, &b->fail) &&
	    same_ladder(&a->faults, &b->faults);
}

int
same_disk(const struct conf_disk *a, const struct conf_disk *b)
{
	size_t i;

	if (a->nmodels != b->nmodels || a->nschedules != b->nschedules)
		return 0;
	for (i = 0; i < a->nmodels; i++)
		if (!same_model(&a->models[i], &b->models[i]))
			return 0;
	for (i = 0; i < a->nschedules; i++)
		if (!same_schedule(&a->schedules[i], &b->schedules[i]))
			return 0;
	return strcmp(a->name, b->name) == 0 &&
	    a->key == b->key && a->seed_by == b->seed_by &&
	    a->lanes == b->lanes && a->limit == b->limit &&
	    a->sized == b->sized && (!a->sized ||
	    dist_equal(&a->object_size, &b->object_size)) &&
	    strcmp(a->path, b->path) == 0 && (a->path[0] == '\0' ||
	    a->path_mode == b->path_mode) &&
	    a->interruptible == b->interruptible;
}
