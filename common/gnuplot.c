#include <sys/mman.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include "common/gnuplot.h"

/* Without -d gnuplot would run what its user's own files say. */
static enum gnuplot_result
run(int in, int out)
{
	static char gnuplot[] = "gnuplot", option[] = "-d";
	char *argv[] = { gnuplot, option, NULL };
	posix_spawn_file_actions_t files;
	int error, status;
	pid_t pid;

	if ((error = posix_spawn_file_actions_init(&files)) == 0) {
		error = posix_spawn_file_actions_adddup2(&files, in,
		    STDIN_FILENO);
		if (error == 0)
			error = posix_spawn_file_actions_adddup2(&files, out,
			    STDOUT_FILENO);
		if (error == 0)
			error = posix_spawnp(&pid, gnuplot, &files, NULL, argv,
			    environ);
		posix_spawn_file_actions_destroy(&files);
	}
	errno = error;
	if (error != 0)
		return error == ENOENT || error == EACCES ?
		    GNUPLOT_ABSENT : GNUPLOT_FAILED;
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return GNUPLOT_FAILED;
	errno = 0;
	return status == 0 ? GNUPLOT_DONE : GNUPLOT_FAILED;
}

/* Gives 0, or -1 and errno. */
static int
copy(int from, int to)
{
	char buf[65536];
	ssize_t n, written;

	if (lseek(from, 0, SEEK_SET) == -1)
		return -1;
	while ((n = read(from, buf, sizeof(buf))) > 0) {
		if ((written = write(to, buf, (size_t)n)) == n)
			continue;
		if (written != -1)
			errno = ENOSPC;
		return -1;
	}
	return (int)n;
}

/* Only now is the file touched.  A link may be somebody else's trap. */
static enum gnuplot_result
keep(int from, const char *file)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW |
	    O_CLOEXEC, 0666);
	int error;

	if (fd == -1)
		return GNUPLOT_FAILED;
	if (copy(from, fd) == -1) {
		error = errno;
		close(fd);
		errno = error;
		return GNUPLOT_FAILED;
	}
	return close(fd) == 0 ? GNUPLOT_DONE : GNUPLOT_FAILED;
}

enum gnuplot_result
gnuplot_make(void (*script)(FILE *, const void *), const void *arg,
    const char *file)
{
	enum gnuplot_result result = GNUPLOT_FAILED;
	int in = memfd_create("gnuplot", MFD_CLOEXEC);
	int out = memfd_create("svg", MFD_CLOEXEC);
	FILE *f = in == -1 ? NULL : fdopen(in, "w");

	if (out != -1 && f != NULL) {
		script(f, arg);
		if (fflush(f) == 0 && lseek(in, 0, SEEK_SET) == 0)
			result = run(in, out);
	}
	if (result == GNUPLOT_DONE)
		result = keep(out, file);
	if (f != NULL)
		fclose(f);
	else if (in != -1)
		close(in);
	if (out != -1)
		close(out);
	return result;
}
