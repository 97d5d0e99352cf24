/*
 * Kinds of values that keywords have: how each is read, checked and written.
 *
 * The parsers take the keyword's range and choices from the table; they set
 * the value at the keyword's offset in the record at base and give 0, or give
 * -1 and an error that says what would have been valid.
 */
#ifndef SERVER_VALUE_H
#define SERVER_VALUE_H

#include "server/keyword.h"

/* One number, time, or size: an int64_t within the keyword's range. */
int	value_number(const struct keyword *, void *base,
	    struct keyword_args *);
int	value_time(const struct keyword *, void *base, struct keyword_args *);
int	value_size(const struct keyword *, void *base, struct keyword_args *);
void	value_number_print(const struct keyword *, const void *base,
	    const struct keyword_out *);
void	value_time_print(const struct keyword *, const void *base,
	    const struct keyword_out *);
void	value_size_print(const struct keyword *, const void *base,
	    const struct keyword_out *);

/* A number of times, such as 10 or 1.5: an int64_t, in millionths. */
int	value_factor(const struct keyword *, void *base,
	    struct keyword_args *);
void	value_factor_print(const struct keyword *, const void *base,
	    const struct keyword_out *);

/* Writes millionths as a factor, or as a percentage. */
void	value_put_factor(int64_t ppm, FILE *);
void	value_put_percent(int64_t ppm, FILE *);

/* One word of the keyword's choices: an int, its index. */
int	value_choice(const struct keyword *, void *base,
	    struct keyword_args *);
void	value_choice_print(const struct keyword *, const void *base,
	    const struct keyword_out *);

/* The word's index, or -1. */
int	value_choice_index(const char *const *choices, const char *word);

/* Whether a file that the daemon will write can be one.  Opens nothing. */
int	value_check_file(const char *path, struct keyword_args *);

/*
 * The absolute name of a file, of PATH_MAX bytes; a relative one is beside the
 * file that the statement is in.
 */
int	value_beside(const char *name, struct keyword_args *, char *path);

/* Writes any name as one word; for none, `off'. */
void	value_put_file(const char *path, FILE *);

/* Notes the error.  Gives -1. */
int	value_fail(struct keyword_args *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

#endif
