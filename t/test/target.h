/*
 * Templates of what a read asks for: {ms} and {s} in them stand for how long
 * it is to take, in whole milliseconds, and in seconds with three decimals.
 * Pure.
 */
#ifndef T_TEST_TARGET_H
#define T_TEST_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TARGET_STUDY	"/200,{ms},file"	/* the study's form */

/* Whether the time stands anywhere in it. */
bool	target_is_timed(const char *template);

/*
 * Expands a template for a read of so many ns.  Gives NULL, or in a few words
 * what is wrong with it.
 */
const char	*target_expand(const char *template, int64_t ns, char *buf,
		    size_t size);

#endif
