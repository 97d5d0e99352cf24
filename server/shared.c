#include <sys/mman.h>

#include <errno.h>

#include "server/shared.h"

/* One for each kind of thing that is shared. */
#define MAPPINGS	16

static struct {
	void *p;
	size_t size;		/* bytes */
} mappings[MAPPINGS];
static size_t used;

int
shared_note(void *p, size_t size)
{
	if (used == MAPPINGS) {
		errno = ENOMEM;
		return -1;
	}
	mappings[used].p = p;
	mappings[used++].size = size;
	return 0;
}

void *
shared_map(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED || shared_note(p, size) == -1 ? NULL : p;
}

int
shared_protect(void)
{
	size_t i;

	for (i = 0; i < used; i++)
		if (mprotect(mappings[i].p, mappings[i].size, PROT_READ) == -1)
			return -1;
	return 0;
}
