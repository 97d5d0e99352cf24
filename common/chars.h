/*
 * What a byte of a request may be part of (RFC 3986, RFC 9110), and runs of
 * such bytes.
 *
 * All of it is ASCII: what the protocol means does not depend on a locale.
 * A run is from p to before end; no byte outside of it is read.
 */
#ifndef COMMON_CHARS_H
#define COMMON_CHARS_H

#include <stddef.h>

/* Classes, to be or-ed: a byte is in them when it is in one of them. */
enum {
	CHARS_TOKEN = 1,	/* a method, a field's name, a list's element */
	CHARS_HOST = 2,		/* a registered name, less percent-encodings */
	CHARS_PATH = 4,		/* a path, likewise */
	CHARS_QUERY = 8,	/* a query, likewise */
	CHARS_HEX = 16,
	CHARS_DIGIT = 32,
	CHARS_BLANK = 64,
	CHARS_TEXT = 128	/* a line: all but controls, tabs excepted */
};

/* Not 0 when the byte is in the classes. */
int	chars_is(char, int classes);

/* The first byte that is not in the classes, or end. */
const char	*chars_span(const char *p, const char *end, int classes);

/* As chars_span, but "%" and two hex digits are let pass as well. */
const char	*chars_span_encoded(const char *p, const char *end,
		    int classes);

/*
 * Whether a string is a name of ours: 1 to max letters, digits, '.', '_' and
 * '-'.
 */
int	chars_is_name(const char *, size_t max);

/* The byte that "%" and two hex digits at p stand for; -1: none are there. */
int	chars_encoded(const char *p, const char *end);

/* Whether the run is word, in any case.  word is in lower case. */
int	chars_is_word(const char *p, const char *end, const char *word);

#endif
