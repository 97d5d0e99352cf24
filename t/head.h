/*
 * The head of a request and what the parser makes of it, for the parser's
 * tests: in words, and whether it keeps the laws that hold for any bytes.
 */
#ifndef T_HEAD_H
#define T_HEAD_H

#include <stddef.h>

#include "common/http.h"

/* More than any head here has: bytes. */
#define HEAD_NO_LIMIT	((size_t)1 << 20)

/* A parser that has been used, and on what. */
struct head {
	enum http_result result;
	struct http_request r;
	const char *base;	/* the caller's */
	size_t len;		/* bytes */
};

/* Parses the bytes at buf, as the first of a request. */
void	head_parse(struct head *, const char *buf, size_t len, size_t limit);

/* Parses on; of the same buffer, there are len bytes now. */
void	head_more(struct head *, size_t len, size_t limit);

/*
 * What came of it, like this, of which only the beginning is always there:
 *
 *   GET [/path] ?[query] 1.1 keep host=[h] agent=[a] referer=[r] length=5
 *       chunked body rest=7
 *   400 why
 *   more
 *
 * A path that is absent is a "-"; rest are the bytes behind the head.
 */
void	head_describe(const struct head *, char *buf, size_t size);

/* Whether the same came of both, the slices at the same places included. */
int	head_same(const struct head *, const struct head *);

/*
 * Parses the bytes, of which guard.h has room for all, in many ways that must
 * not matter: cut here and there, begun and not ended, with another limit.
 * Gives what mattered nevertheless, or NULL.
 */
const char	*head_laws(const char *bytes, size_t len, size_t limit);

#endif
