#include <sys/mman.h>

#include "server/admin/look.h"

/* Ticks after which a comment keeps a stream alive whatever is in between. */
#define COMMENT_EVERY	15

/* Pages that nobody uses of it are never touched. */
static void *
reserve(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

int
look_open(struct look *l)
{
	l->snapshot = reserve(sizeof(*l->snapshot));
	l->base = reserve(sizeof(*l->base));
	l->tick = reserve(sizeof(*l->tick));
	return l->snapshot != NULL && l->base != NULL && l->tick != NULL ?
	    0 : -1;
}

const struct snapshot *
look_now(struct look *l)
{
	snapshot_take(l->snapshot, l->conf, l->listeners);
	return l->snapshot;
}

struct sheet *
look_tick(struct look *l, int wanted)
{
	FILE *f;

	if (tick_take(l->tick, l->base, look_now(l)) == -1)
		return NULL;
	l->ticked = 1;
	tick_keep(l->history, l->tick);
	if (!wanted || (f = sheet_begin()) == NULL)
		return NULL;
	tick_write(l->tick, l->snapshot, f);
	if (++l->ticks % COMMENT_EVERY == 0)
		fputs(":\n\n", f);
	return sheet_end(f);
}
