/*
 * The table of keywords.  It alone says how each is written, what it is when
 * the file does not say, what is valid, and whether a reload puts it in force;
 * parsing, defaults, dump, and the manual's test all read it.
 */
#ifndef SERVER_KEYWORD_H
#define SERVER_KEYWORD_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "server/conf.h"

enum keyword_reload {
	KEYWORD_RELOAD,		/* a reload puts it in force */
	KEYWORD_RESTART		/* only a restart does */
};

/* What a keyword's parser has to work with. */
struct keyword_args {
	struct conf *conf;
	const char *file;	/* where the statement is */
	char **words;		/* behind the keyword */
	size_t n;
	unsigned int line;	/* 0: this is the default, not the file */
	int included;		/* file is a profile, or is built in */

	/* Set by a keyword that opens a block. */
	void *block;		/* the record that the block fills */
	unsigned int *lines;	/* where to note the block's keywords */

	/* Set by one that stands for a file's statements; else empty. */
	char include[PATH_MAX];

	char error[2048];	/* what is wrong, and what would be valid */
};

/* What its printer has. */
struct keyword_out {
	const struct conf *conf;
	unsigned int depth;	/* of the block: tabs in front of each line */
	FILE *f;
};

struct keyword {
	const char *name;
	const char *preset;	/* the default, as in a file; NULL: none */

	/* Sets the record at base; gives 0, or -1 and the error. */
	int (*parse)(const struct keyword *, void *base,
	    struct keyword_args *);
	/*
	 * Writes what is behind the keyword; nothing when it is not set.  NULL:
	 * what it stands for is written instead.
	 */
	void (*print)(const struct keyword *, const void *base,
	    const struct keyword_out *);

	size_t offset, size;	/* of the value in the record, bytes */
	int64_t min, max;	/* of a number, a time or a size */
	const char *const *choices;	/* words whose index is the value */
	int may_be_off;		/* `off' is valid, and 0 the value then */
	int repeats;		/* may stand more than once; the first of a
				   block replaces the default or a profile's */
	int quiet;		/* is not written when it is the default */
	const struct keyword *block;	/* what its block may hold, or NULL */

	/*
	 * At the block's end: statements that it lacks, or NULL, as often as
	 * there are more; and what is to be done then.  Gives the errors.
	 */
	const char *(*lacks)(const void *block);
	unsigned int (*end)(struct conf *, void *block, conf_report *);

	enum keyword_reload reload;
};

/*
 * At top level, in a disk's block, and in that of a condition.  All end with a
 * NULL name.  A disk's begins with all that is in a condition's, in the same
 * order.
 */
extern const struct keyword keywords_top[];
extern const struct keyword keywords_disk[];
extern const struct keyword keywords_condition[];

/* Makes the record at base what it is by default. */
void	keyword_presets(const struct keyword *table, struct conf *,
	    void *base);

/*
 * What stands behind the keyword, to be freed; "" when it is not set.  NULL
 * and errno without memory.
 */
char	*keyword_text(const struct keyword *, const void *base,
	    const struct keyword_out *);

/*
 * Writes the keywords of the table, a line each; with lines, those which have
 * a line there alone.
 */
void	keyword_dump(const struct keyword *table, const void *base,
	    const unsigned int *lines, const struct keyword_out *);

/* Begins the next line of a keyword that repeats. */
void	keyword_again(const struct keyword *, const struct keyword_out *);

/* The keyword of that name, or NULL. */
const struct keyword	*keyword_find(const struct keyword *, const char *);

/* Writes to buf which keyword was meant, or which there are.  Gives buf. */
char	*keyword_hint(const struct keyword *, const char *word, char *buf,
	    size_t size);

#endif
