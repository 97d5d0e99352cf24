#include <sys/mman.h>

#include <err.h>
#include <string.h>
#include <unistd.h>

#include "t/guard.h"

/* The unreadable page, made at first use. */
static char *
guard(void)
{
	static char *end;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *p;

	if (end != NULL)
		return end;
	p = mmap(NULL, GUARD_ROOM + page, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED ||
	    mprotect(p + GUARD_ROOM, page, PROT_NONE) == -1)
		err(1, "guard");
	return end = p + GUARD_ROOM;
}

char *
guard_room(size_t len)
{
	if (len > GUARD_ROOM)
		errx(1, "guard: %zu bytes", len);
	return guard() - len;
}

char *
guard_copy(const void *bytes, size_t len)
{
	return memcpy(guard_room(len), bytes, len);
}
