/*
 * Lines of which the disk takes a part, or nothing: a limit on the size of
 * files does here what a full disk does, at any byte.
 */
#include <sys/resource.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "common/append.h"
#include "common/clock.h"
#include "t/check.h"
#include "t/scratch.h"
#include "t/text.h"

#define A "the first line\n"
#define B "a second one that is cut\n"
#define C "the third\n"

static const char *path;
static int fd;

static void
room(rlim_t bytes)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = bytes;
	setrlimit(RLIMIT_FSIZE, &limit);
}

static int
put(struct append *a, const char *line)
{
	return append_line(a, fd, line, strlen(line));
}

/* B gets so many bytes; another process writes C when there is room again. */
static void
test_cut(size_t bytes)
{
	struct append *a = append_new();
	char got[256], want[256] = A;
	int status;
	pid_t pid;

	path = scratch_write("lines", "", 0);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	put(a, A);
	room(strlen(A) + bytes);
	errno = 0;
	is_int(put(a, B), bytes < strlen(B) ? -1 : 0, "room for %zu bytes",
	    bytes);
	ok(bytes == strlen(B) || errno != 0, "and a reason");
	is_int(put(a, C), -1, "then for nothing");
	room(RLIM_INFINITY);
	if ((pid = fork()) == 0)
		_exit(put(a, C) != 0);
	waitpid(pid, &status, 0);
	is_int(status, 0, "then for all, of another process");
	is_int(put(a, A), 0, "and of this one");
	strncat(want, B, bytes);
	if (bytes > 0 && bytes < strlen(B))
		strlcat(want, "\n", sizeof(want));
	strlcat(want, C A, sizeof(want));
	text_read(path, got, sizeof(got));
	is_string(got, want, "no line is glued to another");
	close(fd);
}

/* There is room for the newline, and for nothing behind it. */
static void
test_mend(void)
{
	struct append *a = append_new();
	char got[256];

	path = scratch_write("lines", "", 0);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	room(3);
	put(a, A);
	room(4);
	is_int(put(a, B), -1, "only the end of a cut line fits");
	room(RLIM_INFINITY);
	is_int(put(a, C), 0, "the next line");
	text_read(path, got, sizeof(got));
	is_string(got, "the\n" C, "it is ended once");
	close(fd);
}

static void
test_spells(void)
{
	struct append *a = append_new();
	const int64_t s = CLOCK_S;

	is_int((long long)append_regain(a, s), 0, "nothing is lost");
	is_int(append_lose(a, s), 1, "the first one of a spell");
	is_int(append_lose(a, 2 * s), 0, "the second");
	is_int((long long)append_regain(a, 3 * s - 1), 0,
	    "a line within a second does not end it");
	is_int(append_lose(a, 3 * s), 0, "so this is the third");
	is_int((long long)append_regain(a, 4 * s), 3,
	    "a second later, it is over: three were lost");
	is_int((long long)append_regain(a, 4 * s), 0, "which is told once");
	is_int(append_lose(a, 5 * s), 1, "the next one begins another");
}

int
main(void)
{
	size_t i;

	plan_no_plan();
	signal(SIGXFSZ, SIG_IGN);
	for (i = 0; i <= strlen(B); i++)
		test_cut(i);
	test_mend();
	test_spells();
	return exit_status();
}
