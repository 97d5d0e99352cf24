/*
 * The pictures of a preview as a file, which gnuplot(1) makes.
 */
#ifndef SERVER_PLOT_H
#define SERVER_PLOT_H

#include <stddef.h>

#include "common/chart.h"

/* A condition of a disk.  The names are borrowed. */
struct plot_curve {
	const char *disk, *condition;
	struct chart_curve curve;
};

enum plot_result {
	PLOT_DONE,
	PLOT_NO_GNUPLOT,	/* it is not on the PATH */
	PLOT_FAILED		/* gnuplot did, and has said why on stderr; or
				   the system, and errno is set: else it is 0 */
};

/* Makes file, or replaces it, an SVG of n curves. */
enum plot_result	plot_svg(const struct plot_curve *, size_t n,
			    const struct chart_axis *, const char *file);

#endif
