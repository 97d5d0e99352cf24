/*
 * Pictures as files, which gnuplot(1) makes.
 */
#ifndef COMMON_GNUPLOT_H
#define COMMON_GNUPLOT_H

#include <stdio.h>

enum gnuplot_result {
	GNUPLOT_DONE,
	GNUPLOT_ABSENT,		/* it is not on the PATH */
	GNUPLOT_FAILED		/* it did, and has said why on stderr; or the
				   system, and errno is set: else it is 0 */
};

/*
 * Makes file, or replaces it, of what gnuplot prints when it is told what
 * script writes.  Where gnuplot fails the file stays as it was.
 */
enum gnuplot_result	gnuplot_make(void (*script)(FILE *, const void *arg),
			    const void *arg, const char *file);

#endif
