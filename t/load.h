/*
 * Configurations for tests, from their text.  What is reported meanwhile is
 * kept.  Texts become a file named `conf' in the working directory, so that
 * messages begin with `conf:LINE: ': a test goes to its scratch directory
 * first.
 */
#ifndef T_LOAD_H
#define T_LOAD_H

#include <stddef.h>

#include "server/conf.h"

/* Makes the scratch directory the working directory. */
void	load_here(void);

/* Loads; gives the number of errors that conf_load gave. */
unsigned int	load_file(struct conf *, const char *file);
unsigned int	load_bytes(struct conf *, const void *, size_t len);
unsigned int	load_text(struct conf *, const char *text);

/* The same with a text that printf(3) makes. */
unsigned int	load_format(struct conf *, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));

/* Notes a message.  For functions that report and are not conf_load. */
conf_report	load_report;

/* What was reported since the latest load or load_forget: a line each. */
const char	*load_messages(void);
unsigned int	load_count(void);
void	load_forget(void);

/* A text, and what is reported of it: lines, with their newlines. */
struct load_case {
	const char *name;
	const char *text;
	const char *want;
};

/*
 * A test, of two parts: just these lines have been reported, and conf_load
 * gave their number.
 */
void	load_refuses(unsigned int errors, const char *want, const char *name);

/* What conf_print writes; lasts until the second next call. */
const char	*load_dump(const struct conf *);

#endif
