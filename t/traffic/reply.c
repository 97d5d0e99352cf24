#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/decimal.h"
#include "t/traffic/reply.h"

void
reply_start(struct reply *r)
{
	r->head_len = 0;
	r->status = 0;
	r->framing = REPLY_CLOSE;
	r->body = 0;
	r->queue = r->disk = -1;
}

/* A field's value without blanks in front, or NULL: there is none such. */
static const char *
field(const struct reply *r, const char *name)
{
	size_t len = strlen(name);
	const char *p = r->head;

	while ((p = strchr(p, '\n')) != NULL)
		if (strncasecmp(++p, name, len) == 0 && p[len] == ':')
			return p + len + 1 + strspn(p + len + 1, " \t");
	return NULL;
}

/*
 * The duration of a metric of Server-Timing, in ns, or -1: there is none, or it
 * is none.  The number is the server's, and may be any.
 */
static int64_t
duration(const char *timing, const char *metric)
{
	const char *end = timing + strcspn(timing, "\r\n"), *p = timing;
	struct decimal d;
	int64_t ns;

	while ((p = strstr(p, metric)) != NULL && p < end &&
	    p > timing && strchr(" \t,", p[-1]) == NULL)
		p++;
	if (p == NULL || p >= end ||
	    (p = decimal_scan(p + strlen(metric), end, &d)) == NULL)
		return -1;
	decimal_exponent(p, end, &d);
	return decimal_times(&d, CLOCK_MS, &ns) == -1 ? -1 : ns;
}

/* Of "HTTP/1.1 200 OK"; 0 where that is not how the head begins. */
static int
status_of(const char *head)
{
	const char *p = head + strlen("HTTP/1.1 ");

	if (strncmp(head, "HTTP/1.", 7) != 0 ||
	    !isdigit((unsigned char)head[7]) || head[8] != ' ' ||
	    strspn(p, "0123456789") != 3)
		return 0;
	return atoi(p);
}

static enum reply_state
parse_framing(struct reply *r)
{
	const char *value;
	char *end;

	if (r->status == 204 || r->status == 304) {
		r->framing = REPLY_LENGTH;
		r->length = 0;
	} else if ((value = field(r, "Transfer-Encoding")) != NULL) {
		/* Nobody was asked for more than that. */
		if (strncasecmp(value, "chunked", 7) != 0)
			return REPLY_BAD;
		r->framing = REPLY_CHUNKED;
		chunks_start(&r->chunks);
	} else if ((value = field(r, "Content-Length")) != NULL) {
		r->framing = REPLY_LENGTH;
		/* strtoll takes blanks and signs in front, and lines' ends. */
		if (!isdigit((unsigned char)*value))
			return REPLY_BAD;
		r->length = strtoll(value, &end, 10);
		end += strspn(end, " \t");
		if (*end != '\r' && *end != '\0')
			return REPLY_BAD;
	}
	return REPLY_MORE;
}

static enum reply_state
parse_head(struct reply *r)
{
	const char *value;

	r->status = status_of(r->head);
	if (r->status < 100 || r->status == 101 || r->status > 599)
		return REPLY_BAD;
	if (r->status < 200)
		return REPLY_MORE;
	if ((value = field(r, "Server-Timing")) != NULL) {
		r->queue = duration(value, "queue;dur=");
		r->disk = duration(value, "disk;dur=");
	}
	return parse_framing(r);
}

/* Takes bytes of the head; *len is how many there are, then how many of them. */
static enum reply_state
feed_head(struct reply *r, const char *p, size_t *len)
{
	size_t take = sizeof(r->head) - 1 - r->head_len, seen = r->head_len;
	char *end;

	if (take > *len)
		take = *len;
	memcpy(r->head + seen, p, take);
	r->head_len += take;
	r->head[r->head_len] = '\0';
	*len = take;
	if ((end = strstr(r->head, "\r\n\r\n")) == NULL)
		return r->head_len == sizeof(r->head) - 1 ?
		    REPLY_BAD : REPLY_MORE;
	end[2] = '\0';
	*len = (size_t)(end + 4 - r->head) - seen;
	return parse_head(r);
}

static enum reply_state
feed_body(struct reply *r, const char *p, size_t len)
{
	switch (r->framing) {
	case REPLY_CHUNKED:
		r->body += (int64_t)chunks_feed(&r->chunks, p, len);
		if (r->chunks.part == CHUNKS_BAD)
			return REPLY_BAD;
		return r->chunks.part == CHUNKS_END ? REPLY_DONE : REPLY_MORE;
	case REPLY_LENGTH:
		if ((int64_t)len > r->length - r->body)
			len = (size_t)(r->length - r->body);
		r->body += (int64_t)len;
		return r->body == r->length ? REPLY_DONE : REPLY_MORE;
	default:
		r->body += (int64_t)len;
		return REPLY_MORE;
	}
}

enum reply_state
reply_feed(struct reply *r, const char *p, size_t len)
{
	size_t head;

	while (r->status == 0) {
		head = len;
		if (feed_head(r, p, &head) == REPLY_BAD)
			return REPLY_BAD;
		if (r->status == 0)
			return REPLY_MORE;
		p += head;
		len -= head;
		/* An interim response: the final one comes behind it. */
		if (r->status < 200)
			reply_start(r);
	}
	return feed_body(r, p, len);
}

enum reply_state
reply_end(const struct reply *r)
{
	return r->status != 0 && r->framing == REPLY_CLOSE ?
	    REPLY_DONE : REPLY_BAD;
}
