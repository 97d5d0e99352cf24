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
	char **words;		/* behind the keyword */
	size_t n;
	unsigned int line;	/* 0: this is the default, not the file */
	void *block;		/* set by a keyword that opens a block: the
				   record that the block fills */
	char error[512];	/* what is wrong, and what would be valid */
};

struct keyword {
	const char *name;
	const char *preset;	/* the default, as in a file; NULL: none */

	/* Sets the record at base; gives 0, or -1 and the error. */
	int (*parse)(const struct keyword *, void *base,
	    struct keyword_args *);
	/* Writes what is behind the keyword; nothing when it is not set. */
	void (*print)(const struct keyword *, const void *base, FILE *);

	size_t offset, size;	/* of the value in the record, bytes */
	int64_t min, max;	/* of a number, a time or a size */
	const char *const *choices;	/* words whose index is the value */
	int may_be_off;		/* `off' (or 0) is valid for this time */
	int repeats;		/* may stand more than once */
	const struct keyword *block;	/* what its block may hold, or NULL */
	enum keyword_reload reload;
};

/* As many as the longer table may have. */
#define KEYWORDS_MAX 32

/* At top level, and in a disk block.  Both end with a NULL name. */
extern const struct keyword keywords_top[];
extern const struct keyword keywords_disk[];

/* The keyword of that name, or NULL. */
const struct keyword	*keyword_find(const struct keyword *, const char *);

/* Writes to buf which keyword was meant, or which there are.  Gives buf. */
char	*keyword_hint(const struct keyword *, const char *word, char *buf,
	    size_t size);

#endif
