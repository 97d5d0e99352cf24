#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/slurp.h"
#include "common/trace.h"
#include "t/fuzz/fuzz.h"
#include "t/fuzz/world.h"

/* Descriptors that the system does not give: the first, and how many. */
#define FD		(1 << 20)
#define FDS		128

static const char installed[] = "read fixed 1ms\nslow 1% hang\nlanes 1\n"
    "condition c { slowdown 2 }\nschedule flap healthy 9s c 1s\n";

static const char recording[] = "0.001\n0.5\n0.002\n";

static const char *const directories[] = { "/", "/w", "/w/profiles", NULL };

static struct {
	const char *name;
	const char *bytes;
	size_t len;
	unsigned int lines;	/* 0: nobody has counted them */
} files[] = {
	{ WORLD_CONF, NULL, 0, 0 },
	{ WORLD_PROFILE, NULL, 0, 0 },
	{ WORLD_INSTALLED, installed, sizeof(installed) - 1, 0 },
	{ "/w/t", recording, sizeof(recording) - 1, 0 },
	{ "/w/profiles/../t", recording, sizeof(recording) - 1, 0 },
};

#define PROFILES	3	/* files that hold statements */
#define FILES		(sizeof(files) / sizeof(files[0]))

static int is_on;		/* this is the world, not the system */
static char fds[FDS];		/* which of them are open */
static int traces;

/* libc's, and what the linker has for it. */
int	__real_open(const char *, int, ...);
int	__real_close(int);
int	__real_stat(const char *, struct stat *);
int	__real_access(const char *, int);
char	*__real_realpath(const char *, char *);
int	__wrap_open(const char *, int, ...);
int	__wrap_close(int);
int	__wrap_stat(const char *, struct stat *);
int	__wrap_access(const char *, int);
char	*__wrap_realpath(const char *, char *);
int	__wrap_scandir(const char *, struct dirent ***,
	    int (*)(const struct dirent *),
	    int (*)(const struct dirent **, const struct dirent **));
struct passwd	*__wrap_getpwnam(const char *);
struct group	*__wrap_getgrnam(const char *);

/* Our own. */
char	*__wrap_slurp_file(const char *, size_t, size_t *);
int	__wrap_trace_load(struct trace *, const char *, char *, size_t);
void	__real_trace_free(struct trace *);
void	__wrap_trace_free(struct trace *);

static void
set(size_t i, const char *bytes, size_t len)
{
	files[i].bytes = bytes;
	files[i].len = len;
	files[i].lines = 0;
}

void
world_begin(const char *conf, size_t conf_len, const char *profile,
    size_t profile_len)
{
	world_conf(conf, conf_len);
	set(1, profile, profile_len);
	memset(fds, 0, sizeof(fds));
	traces = 0;
	is_on = 1;
}

void
world_conf(const char *conf, size_t len)
{
	set(0, conf, len);
}

void
world_end(void)
{
	is_on = 0;
}

int
world_open(void)
{
	size_t i;
	int n = 0;

	for (i = 0; i < FDS; i++)
		n += fds[i];
	return n;
}

int
world_traces(void)
{
	return traces;
}

/* As an editor counts them: behind the last newline there is one more. */
static unsigned int
count_lines(const char *p, size_t len)
{
	const char *end = p + len;
	unsigned int n = 1;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		n++;
		p++;
	}
	return n;
}

unsigned int
world_lines(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < PROFILES; i++)
		if (strncmp(files[i].name, name, len) == 0 &&
		    files[i].name[len] == '\0')
			break;
	if (i == PROFILES)
		return 0;
	if (files[i].lines == 0)
		files[i].lines = count_lines(files[i].bytes, files[i].len);
	return files[i].lines;
}

static int
is_directory(const char *name)
{
	size_t i;

	for (i = 0; directories[i] != NULL; i++)
		if (strcmp(directories[i], name) == 0)
			return 1;
	return 0;
}

static size_t
find(const char *name)
{
	size_t i;

	for (i = 0; i < FILES; i++)
		if (strcmp(files[i].name, name) == 0)
			break;
	return i;
}

static int
fail(int error)
{
	errno = error;
	return -1;
}

int
__wrap_open(const char *name, int flags, ...)
{
	int i;

	if (!is_on)
		return __real_open(name, flags);
	FUZZ_LAW(flags == (O_PATH | O_DIRECTORY | O_CLOEXEC),
	    "nothing is opened but directories, and those for no use");
	if (!is_directory(name))
		return fail(find(name) < FILES ? ENOTDIR : ENOENT);
	for (i = 0; i < FDS && fds[i]; i++)
		;
	FUZZ_LAW(i < FDS, "no more directories are open than there are disks");
	fds[i] = 1;
	return FD + i;
}

int
__wrap_close(int fd)
{
	if (!is_on)
		return __real_close(fd);
	FUZZ_LAW(fd >= FD && fd < FD + FDS && fds[fd - FD],
	    "what is closed was open");
	fds[fd - FD] = 0;
	return 0;
}

int
__wrap_stat(const char *name, struct stat *st)
{
	if (!is_on)
		return __real_stat(name, st);
	if (!is_directory(name) && find(name) == FILES)
		return fail(ENOENT);
	memset(st, 0, sizeof(*st));
	st->st_mode = is_directory(name) ? S_IFDIR | 0755 : S_IFREG | 0644;
	return 0;
}

int
__wrap_access(const char *name, int mode)
{
	if (!is_on)
		return __real_access(name, mode);
	return is_directory(name) || find(name) < FILES ? 0 : fail(ENOENT);
}

char *
__wrap_realpath(const char *name, char *to)
{
	if (!is_on)
		return __real_realpath(name, to);
	FUZZ_LAW(to != NULL, "there is room for the name");
	if (!is_directory(name)) {
		errno = ENOENT;
		return NULL;
	}
	strlcpy(to, name, PATH_MAX);
	return to;
}

/* No directory can be read: a message names no profiles then. */
int
__wrap_scandir(const char *name, struct dirent ***list,
    int (*filter)(const struct dirent *),
    int (*compare)(const struct dirent **, const struct dirent **))
{
	(void)name;
	(void)list;
	(void)filter;
	(void)compare;
	return fail(EACCES);
}

struct passwd *
__wrap_getpwnam(const char *name)
{
	static struct passwd nobody = { .pw_uid = 65534, .pw_gid = 65534 };
	static struct passwd root;

	return strcmp(name, "nobody") == 0 ? &nobody :
	    strcmp(name, "root") == 0 ? &root : NULL;
}

struct group *
__wrap_getgrnam(const char *name)
{
	static struct group nogroup = { .gr_gid = 65534 }, root;

	return strcmp(name, "nogroup") == 0 ? &nogroup :
	    strcmp(name, "root") == 0 ? &root : NULL;
}

char *
__wrap_slurp_file(const char *name, size_t max, size_t *len)
{
	const size_t i = find(name);
	char *text;

	FUZZ_LAW(i < PROFILES, "no other file is read than these");
	*len = files[i].len < max ? files[i].len : max + 1;
	if ((text = malloc(*len + 1)) != NULL && *len > 0)
		memcpy(text, files[i].bytes, *len);
	return text;
}

int
__wrap_trace_load(struct trace *t, const char *name, char *error, size_t size)
{
	const size_t i = find(name);

	if (i == FILES)
		return trace_parse(t, name, "", 0, error, size);
	if (trace_parse(t, name, files[i].bytes, files[i].len, error,
	    size) == -1)
		return -1;
	traces++;
	return 0;
}

void
__wrap_trace_free(struct trace *t)
{
	traces -= t->ns != NULL;
	__real_trace_free(t);
}
