/*
 * The head of an HTTP/1.0 or HTTP/1.1 request (RFC 9112), bytes to slices.
 *
 * The parser is pure: it allocates nothing, copies nothing and reads no byte
 * that it was not given.  It reads what has arrived and remembers how far it
 * came, so that its work is linear in the head's length, and its answer the
 * same, however the network cuts the bytes.  It is strict: what the RFC lets
 * a server repair, other than bare line feeds and empty lines in front, is
 * refused, because two readers who repair differently can be played against
 * each other.
 */
#ifndef COMMON_HTTP_H
#define COMMON_HTTP_H

#include <stddef.h>
#include <stdint.h>

enum http_result {
	HTTP_DONE,		/* the head is complete and good */
	HTTP_MORE,		/* good so far; more bytes have to come */
	HTTP_BAD		/* answer with status and why, and close */
};

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_OTHER };

/* Bytes of somebody else's, not NUL-terminated.  p is NULL where absent. */
struct http_slice {
	const char *p;
	size_t len;		/* bytes */
};

/*
 * The slices point into the buffer that was parsed, except that path may be
 * a constant "/".  Nothing is decoded: "%2e" and ".." are as they came.
 */
struct http_request {
	enum http_method method;	/* HTTP_OTHER until it is known */
	struct http_slice line;		/* the request line; see below */
	struct http_slice path;		/* absent when the target has none */
	struct http_slice query;	/* behind the '?'; absent without one */
	struct http_slice host;		/* the target's own, else the field's */
	struct http_slice user_agent;	/* the first, if there are several */
	struct http_slice referer;	/* likewise */
	struct http_slice authorization;	/* likewise */
	struct http_slice origin;	/* likewise */
	struct http_slice fetch_site;	/* Sec-Fetch-Site, likewise */
	int minor;			/* of the version, 0 or 1 */
	int keep_alive;			/* the client wants to send another */
	int has_body;			/* there are bytes behind the head */
	int64_t content_length;		/* bytes, or -1: not given */
	int chunked;			/* the body ends with its last chunk */
	size_t head_len;		/* DONE: bytes, its empty line too */

	int status;			/* BAD: what to answer */
	const char *why;		/* BAD: for the client, no full stop */

	/* The parser's own. */
	enum http_result result;	/* the latest */
	size_t at;			/* offset of the line at hand */
	size_t scanned;			/* offset; its end is not before this */
	unsigned int blanks;		/* empty lines in front of it all */
	unsigned int seen;		/* bits: what the lines so far held */
};

void	http_init(struct http_request *);

/*
 * Parses the len bytes at buf, which begin with those of the call before.
 * The buffer stays where it is while a request is parsed.  A head may have
 * limit bytes: a buffer of that size is enough, for a head that fills it and
 * is not complete is BAD at once.  After DONE, bytes from head_len on belong
 * to the body or to the next request; after DONE or BAD, a further call
 * changes nothing.
 *
 * line holds what has come of the request line whatever the result, without
 * its end.  It has no control characters but tabs; the rest is the client's
 * choice, quotes and bytes above 0x7f included.
 */
enum http_result	http_parse(struct http_request *, const char *buf,
			    size_t len, size_t limit);

#endif
