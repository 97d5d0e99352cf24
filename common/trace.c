#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/record.h"
#include "common/trace.h"

/*
 * A file is read, and not mapped: one that gets shorter meanwhile would kill
 * who reads its mapping, and at a reload that is the master.
 */
#define CHUNK	(4 * RECORD_LINE_MAX)	/* bytes; more than the longest line */
#define ROOM	((size_t)1 << 16)	/* of the first mapping: bytes */

struct loader {
	struct record_layout layout;
	size_t line;		/* the one that was parsed last, from 1 */
	int64_t *ns;		/* NULL before the first value */
	size_t n;
	size_t size;		/* of the mapping: bytes */
	char why[RECORD_WHY];	/* "" when errno has the reason */
};

static int
grow(struct loader *l)
{
	size_t size = l->size == 0 ? ROOM : 2 * l->size;
	void *p;

	if (l->ns == NULL)
		p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	else
		p = mremap(l->ns, l->size, size, MREMAP_MAYMOVE);
	if (p == MAP_FAILED)
		return -1;
	l->ns = p;
	l->size = size;
	return 0;
}

static int
take_line(struct loader *l, const char *line, size_t len)
{
	int64_t ns;

	l->line++;
	if (len > RECORD_LINE_MAX) {
		snprintf(l->why, sizeof(l->why),
		    "more than %zu bytes in a line", RECORD_LINE_MAX);
		return -1;
	}
	switch (record_parse(&l->layout, line, len, &ns, l->why)) {
	case RECORD_NONE:
		return 0;
	case RECORD_BAD:
		return -1;
	case RECORD_READ:
		break;
	}
	if (l->n == l->size / sizeof(*l->ns) && grow(l) == -1)
		return -1;
	l->ns[l->n++] = ns;
	return 0;
}

/*
 * Takes the complete lines, and when these are the last bytes what is behind
 * them too.  Gives how many bytes that were, or -1.
 */
static ssize_t
take(struct loader *l, const char *bytes, size_t len, int last)
{
	const char *p = bytes, *end = bytes + len, *newline;

	while (p < end) {
		newline = memchr(p, '\n', (size_t)(end - p));
		if (newline == NULL && !last &&
		    (size_t)(end - p) <= RECORD_LINE_MAX)
			break;
		if (newline == NULL)
			newline = end;
		if (take_line(l, p, (size_t)(newline - p)) == -1)
			return -1;
		p = newline < end ? newline + 1 : end;
	}
	return p - bytes;
}

static int
take_file(struct loader *l, int fd, char *chunk)
{
	size_t len = 0;
	ssize_t n, taken;

	do {
		if ((n = read(fd, chunk + len, CHUNK - len)) == -1)
			return -1;
		len += (size_t)n;
		if ((taken = take(l, chunk, len, n == 0)) == -1)
			return -1;
		len -= (size_t)taken;
		memmove(chunk, chunk + taken, len);
	} while (n > 0);
	return 0;
}

/* Gives the memory that no value is in back, and makes the rest constant. */
static int
finish(struct loader *l, struct trace *t)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t used = (l->n * sizeof(*l->ns) + page - 1) / page * page;

	if (l->n == 0) {
		strlcpy(l->why, "there is no read in it", sizeof(l->why));
		l->line = 0;
		return -1;
	}
	if (used < l->size &&
	    munmap((char *)l->ns + used, l->size - used) == -1)
		return -1;
	l->size = used;
	if (mprotect(l->ns, used, PROT_READ) == -1)
		return -1;
	t->ns = l->ns;
	t->n = l->n;
	t->size = used;
	return 0;
}

static void
fail(struct loader *l, const char *name, char *error, size_t size)
{
	if (l->why[0] == '\0')
		snprintf(error, size, "%s: %s", name, strerror(errno));
	else if (l->line == 0)
		snprintf(error, size, "%s: %s", name, l->why);
	else
		snprintf(error, size, "%s:%zu: %s", name, l->line, l->why);
	if (l->ns != NULL)
		munmap(l->ns, l->size);
}

int
trace_parse(struct trace *t, const char *name, const char *bytes, size_t len,
    char *error, size_t size)
{
	struct loader l = { .n = 0 };

	memset(t, 0, sizeof(*t));
	if (take(&l, bytes, len, 1) != -1 && finish(&l, t) == 0)
		return 0;
	fail(&l, name, error, size);
	return -1;
}

/* A FIFO would block the open, and a device what we do next. */
static int
open_regular(struct loader *l, const char *file)
{
	struct stat st;
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == 0) {
		if (S_ISREG(st.st_mode))
			return fd;
		strlcpy(l->why, "is not a regular file", sizeof(l->why));
	}
	close(fd);
	return -1;
}

int
trace_load(struct trace *t, const char *file, char *error, size_t size)
{
	struct loader l = { .n = 0 };
	char *chunk;
	int fd, result = -1;

	memset(t, 0, sizeof(*t));
	chunk = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (chunk != MAP_FAILED && (fd = open_regular(&l, file)) != -1) {
		if (take_file(&l, fd, chunk) == 0)
			result = finish(&l, t);
		close(fd);
	}
	if (result == -1)
		fail(&l, file, error, size);
	if (chunk != MAP_FAILED)
		munmap(chunk, CHUNK);
	return result;
}

void
trace_free(struct trace *t)
{
	if (t->ns != NULL)
		munmap((void *)(uintptr_t)t->ns, t->size);
	memset(t, 0, sizeof(*t));
}
