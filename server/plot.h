/*
 * The pictures of a preview as a file.
 */
#ifndef SERVER_PLOT_H
#define SERVER_PLOT_H

#include <stddef.h>

#include "common/chart.h"
#include "common/gnuplot.h"

/* A condition of a disk.  The names are borrowed. */
struct plot_curve {
	const char *disk, *condition;
	struct chart_curve curve;
};

/* Makes file, or replaces it, an SVG of n curves. */
enum gnuplot_result	plot_svg(const struct plot_curve *, size_t n,
			    const struct chart_axis *, const char *file);

#endif
