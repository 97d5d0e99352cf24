/*
 * What became of each healthy request, for other programs and as a picture.
 */
#ifndef T_TEST_PICTURE_H
#define T_TEST_PICTURE_H

#include <stdio.h>

#include "common/gnuplot.h"
#include "t/test/trial.h"

/* A line for each: seconds, milliseconds, outcome; with a head. */
void	picture_log(const struct trial *, FILE *);

/* Latency over time.  The title is a sentence that must have no line end. */
enum gnuplot_result	picture_make(const struct trial *, const char *title,
			    const char *file);

#endif
