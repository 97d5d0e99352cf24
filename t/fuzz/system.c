#include <sys/mman.h>
#include <sys/stat.h>

#include <string.h>
#include <unistd.h>

#include "t/fuzz/fuzz.h"
#include "t/fuzz/system.h"

#define FD	(1 << 20)	/* no descriptor of the system's */
#define MAPS	6
#define ROOM	((size_t)1 << 18)	/* of each, bytes */

static int is_on;		/* this is the system */
static int is_hidden;		/* all room, when nothing is mapped */

static struct {
	const char *name, *bytes;
	size_t len, at;
	int is_open;
	struct fuzz_dice dice;	/* for the pieces */
} file;

/* Not of the heap: that would have the kernel for what is so large. */
static char room[MAPS][ROOM];
static size_t mapped[MAPS];	/* bytes of each; 0: it is free */

/* libc's, and what the linker has for it. */
int	__real_open(const char *, int, ...);
int	__real_fstat(int, struct stat *);
ssize_t	__real_read(int, void *, size_t);
int	__real_close(int);
void	*__real_mmap(void *, size_t, int, int, int, off_t);
int	__real_munmap(void *, size_t);
int	__wrap_open(const char *, int, ...);
int	__wrap_fstat(int, struct stat *);
ssize_t	__wrap_read(int, void *, size_t);
int	__wrap_close(int);
void	*__wrap_mmap(void *, size_t, int, int, int, off_t);
void	*__wrap_mremap(void *, size_t, size_t, int);
int	__wrap_mprotect(void *, size_t, int);
int	__wrap_munmap(void *, size_t);

void
system_begin(void)
{
	memset(&file, 0, sizeof(file));
	if (!is_hidden)
		fuzz_hide(room[0], sizeof(room));
	is_hidden = is_on = 1;
}

void
system_end(void)
{
	size_t i;

	FUZZ_LAW(!file.is_open, "what was opened is closed");
	for (i = 0; i < MAPS; i++)
		FUZZ_LAW(mapped[i] == 0, "what was mapped is given back");
	is_on = 0;
}

void
system_file(const char *name, const char *bytes, size_t len)
{
	file.name = name;
	file.bytes = bytes;
	file.len = len;
	file.at = 0;
	fuzz_dice(&file.dice, bytes, len);
}

int
__wrap_open(const char *name, int flags, ...)
{
	if (!is_on)
		return __real_open(name, flags);
	FUZZ_LAW(file.name != NULL && strcmp(name, file.name) == 0 &&
	    !file.is_open, "no other file is opened");
	file.is_open = 1;
	return FD;
}

int
__wrap_fstat(int fd, struct stat *st)
{
	if (!is_on)
		return __real_fstat(fd, st);
	FUZZ_LAW(fd == FD && file.is_open, "it is the file's state");
	memset(st, 0, sizeof(*st));
	st->st_mode = S_IFREG | 0644;
	return 0;
}

ssize_t
__wrap_read(int fd, void *buf, size_t size)
{
	size_t n = file.len - file.at;

	if (!is_on)
		return __real_read(fd, buf, size);
	FUZZ_LAW(fd == FD && file.is_open, "it is the file that is read");
	FUZZ_LAW(size > 0, "there is room to read into");
	if (n > 0)
		n = 1 + fuzz_choose(&file.dice, n);
	if (n > size)
		n = size;
	memcpy(buf, file.bytes + file.at, n);
	file.at += n;
	return (ssize_t)n;
}

int
__wrap_close(int fd)
{
	if (!is_on)
		return __real_close(fd);
	FUZZ_LAW(fd == FD && file.is_open, "what is closed was open");
	file.is_open = 0;
	return 0;
}

/* The mapping that begins or, when it is none, ends there. */
static size_t
find(const char *begin, const char *end)
{
	size_t i;

	for (i = 0; i < MAPS; i++)
		if (mapped[i] > 0 && (begin == room[i] ||
		    end == room[i] + mapped[i]))
			break;
	FUZZ_LAW(i < MAPS, "it is a mapping, or the end of one");
	return i;
}

/* Makes so many bytes of it readable, and the rest of its room not. */
static void
map(size_t i, size_t size)
{
	FUZZ_LAW(size <= ROOM, "no input needs more");
	if (size > mapped[i])
		fuzz_show(room[i], size);
	else
		fuzz_hide(room[i] + size, mapped[i] - size);
	mapped[i] = size;
}

void *
__wrap_mmap(void *at, size_t size, int protection, int flags, int fd,
    off_t offset)
{
	size_t i;

	if (!is_on)
		return __real_mmap(at, size, protection, flags, fd, offset);
	for (i = 0; i < MAPS && mapped[i] > 0; i++)
		;
	FUZZ_LAW(i < MAPS, "no loader needs as many mappings");
	map(i, size);
	return room[i];
}

void *
__wrap_mremap(void *p, size_t old_size, size_t size, int flags)
{
	const size_t i = find(p, NULL);

	(void)flags;
	FUZZ_LAW(mapped[i] == old_size, "it is all of a mapping");
	map(i, size);
	return p;
}

int
__wrap_mprotect(void *p, size_t size, int protection)
{
	(void)protection;
	FUZZ_LAW(size <= mapped[find(p, NULL)], "it is mapped");
	return 0;
}

int
__wrap_munmap(void *p, size_t size)
{
	size_t i;

	if (!is_on)
		return __real_munmap(p, size);
	i = find(NULL, (char *)p + size);
	FUZZ_LAW(size <= mapped[i], "it is mapped");
	map(i, mapped[i] - size);
	return 0;
}
