#include <sys/mman.h>

#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

#include "common/append.h"
#include "common/clock.h"

/* How long lines have to be well before they are. */
#define QUIET CLOCK_S

struct append *
append_new(void)
{
	void *p = mmap(NULL, sizeof(struct append), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

void
append_tear(struct append *a)
{
	unsigned int cut = atomic_fetch_add(&a->cuts, 1) + 1;

	a->torn = cut != 0 ? cut : 1;
}

/*
 * Whoever finds a torn line ends it, and says so only then: there may be no
 * room for that, and others must not take it for done.  What they cut in the
 * meantime is another cut, and ended in its turn.
 *
 * A line of somebody who saw no mark and writes behind the cut is glued to it
 * all the same: for that, the room that there just was not has to come back
 * before he writes.
 */
static int
mend(struct append *a, int fd)
{
	unsigned int cut;

	while ((cut = a->torn) != 0) {
		if (write(fd, "\n", 1) != 1)
			return -1;
		atomic_compare_exchange_strong(&a->torn, &cut, 0);
	}
	return 0;
}

int
append_line(struct append *a, int fd, const char *line, size_t len)
{
	ssize_t n;

	if (mend(a, fd) == -1)
		return -1;
	if ((n = write(fd, line, len)) == (ssize_t)len)
		return 0;
	if (n > 0)
		append_tear(a);
	/* Nobody says why it took a part; the next one would hear this. */
	if (n >= 0)
		errno = ENOSPC;
	return -1;
}

int
append_lose(struct append *a, int64_t now)
{
	a->lost_at = now;
	return atomic_fetch_add(&a->lost, 1) == 0;
}

uint64_t
append_regain(struct append *a, int64_t now)
{
	if (a->lost == 0 || now - a->lost_at < QUIET)
		return 0;
	return atomic_exchange(&a->lost, 0);
}
