/*
 * The pictures of a preview: a curve for each condition of each disk, all of
 * them on one axis, so that they can be compared.
 */
#ifndef SERVER_PICTURE_H
#define SERVER_PICTURE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "server/plot.h"
#include "server/sample.h"

#define PICTURE_SVG	"spindled-preview.svg"

struct picture {
	struct plot_curve *curves;
	size_t n;
	int64_t least, most;	/* in the curves, of what is above 0 and ends;
				   ns, 0: nothing is */
};

/* Room for n curves.  Gives 0, or -1 and errno. */
int	picture_open(struct picture *, size_t n);

/* Adds the curve of a sample.  The names are borrowed. */
void	picture_add(struct picture *, const char *disk, const char *condition,
	    const struct sample *);

/*
 * Draws them as text, in Unicode's blocks where the locale of the environment
 * says UTF-8, and has gnuplot make PICTURE_SVG in the working directory, or
 * says that there is none.  Gives 0, or -1 and has said on stderr what failed.
 */
int	picture_print(const struct picture *, FILE *);

void	picture_close(struct picture *);

#endif
