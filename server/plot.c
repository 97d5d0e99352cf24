#include <sys/mman.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "server/plot.h"

/* The shares of all curves are from 100 % down to this exponent of it. */
static int
lowest(const struct plot_curve *v, size_t n)
{
	unsigned int decades = 1;
	size_t i;

	for (i = 0; i < n; i++)
		if (v[i].curve.decades > decades)
			decades = v[i].curve.decades;
	return 2 - (int)decades;
}

static void
write_axes(const struct chart_axis *a, int low, FILE *f)
{
	char name[CHART_LABEL];
	int i;

	/*
	 * Other than enhanced text, plain text may have any character.  The
	 * fifth colour would be a yellow that hardly shows on white.
	 */
	fprintf(f, "set terminal svg size 960,540 font 'sans,13' "
	    "background 'white' noenhanced\n"
	    "set logscale xy\n"
	    "set xlabel 'time of a read'\n"
	    "set ylabel 'reads that take longer (%%)'\n"
	    "set format y '%%g'\n"
	    "set yrange [1e%d:100]\n"
	    "set xrange [0.999e%d:1.001e%d]\n"
	    "set grid lc rgb '#dddddd'\n"
	    "set tics nomirror out\n"
	    "set border 3 lc rgb '#404040'\n"
	    "set key outside right top reverse Left\n"
	    "set linetype 5 lc rgb '#8a5a83'\n"
	    "set xtics (", low, a->first, a->last);
	for (i = a->first; i <= a->last; i++)
		fprintf(f, "%s'%s' 1e%d", i == a->first ? "" : ", ",
		    chart_decade(i, name, sizeof(name)), i);
	fprintf(f, ")\n");
}

/* Within the axis: 0 has no logarithm, and what never ends leaves it. */
static double
within(const struct chart_axis *a, int64_t t)
{
	return fmin(fmax((double)t, pow(10, a->first)), pow(10, a->last));
}

/* Down to the next share, then right to where no more than that is left. */
static void
write_curve(const struct chart_curve *c, const struct chart_axis *a, size_t n,
    FILE *f)
{
	unsigned int i;
	double at = within(a, 0), left = 100;

	fprintf(f, "$c%zu <<END\n%g %g\n", n, at, left);
	for (i = 0; i < c->decades * CHART_STEPS; i++) {
		if (within(a, c->at[i]) > at)
			fprintf(f, "%g %g\n", within(a, c->at[i]), left);
		at = within(a, c->at[i]);
		left = 100 * chart_share(i);
		if (at < within(a, INT64_MAX))
			fprintf(f, "%g %g\n", at, left);
	}
	fprintf(f, "END\n");
}

static void
write_script(const struct plot_curve *v, size_t n, const struct chart_axis *a,
    FILE *f)
{
	size_t i;

	write_axes(a, lowest(v, n), f);
	for (i = 0; i < n; i++)
		write_curve(&v[i].curve, a, i, f);
	fprintf(f, "plot");
	for (i = 0; i < n; i++)
		fprintf(f, "%s $c%zu with lines lw 1.5 title '%s %s'",
		    i == 0 ? "" : ",", i, v[i].disk, v[i].condition);
	fprintf(f, "\n");
}

/* Without -d gnuplot would run what its user's own files say. */
static enum plot_result
run_gnuplot(int in, int out)
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
		    PLOT_NO_GNUPLOT : PLOT_FAILED;
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return PLOT_FAILED;
	errno = 0;
	return status == 0 ? PLOT_DONE : PLOT_FAILED;
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
static enum plot_result
keep(int from, const char *file)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW |
	    O_CLOEXEC, 0666);
	int error;

	if (fd == -1)
		return PLOT_FAILED;
	if (copy(from, fd) == -1) {
		error = errno;
		close(fd);
		errno = error;
		return PLOT_FAILED;
	}
	return close(fd) == 0 ? PLOT_DONE : PLOT_FAILED;
}

enum plot_result
plot_svg(const struct plot_curve *v, size_t n, const struct chart_axis *a,
    const char *file)
{
	enum plot_result result = PLOT_FAILED;
	int in = memfd_create("gnuplot", MFD_CLOEXEC);
	int out = memfd_create("svg", MFD_CLOEXEC);
	FILE *f = in == -1 ? NULL : fdopen(in, "w");

	if (out != -1 && f != NULL) {
		write_script(v, n, a, f);
		if (fflush(f) == 0 && lseek(in, 0, SEEK_SET) == 0)
			result = run_gnuplot(in, out);
	}
	if (result == PLOT_DONE)
		result = keep(out, file);
	if (f != NULL)
		fclose(f);
	else if (in != -1)
		close(in);
	if (out != -1)
		close(out);
	return result;
}
