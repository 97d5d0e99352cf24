#include <stdlib.h>
#include <string.h>

#include "t/traffic/reply.h"

void
reply_start(struct reply *r)
{
	r->head_len = 0;
	r->status = 0;
	r->body_left = r->queue = r->disk = -1;
}

/* The first byte of a field's value, or NULL when the head has none such. */
static const char *
field(const struct reply *r, const char *name)
{
	size_t len = strlen(name);
	const char *p = r->head;

	while ((p = strchr(p, '\n')) != NULL)
		if (strncasecmp(++p, name, len) == 0 && p[len] == ':')
			return p + len + 1;
	return NULL;
}

/* The duration of a metric of Server-Timing, in ns, or -1. */
static int64_t
duration(const char *timing, const char *metric)
{
	const char *end = timing + strcspn(timing, "\r\n");
	const char *p = strstr(timing, metric);

	return p == NULL || p > end ? -1 :
	    (int64_t)(strtod(p + strlen(metric), NULL) * 1e6);
}

static enum reply_state
parse_head(struct reply *r)
{
	const char *value;

	if (strncmp(r->head, "HTTP/1.", 7) != 0 || r->head_len < 12)
		return REPLY_BAD;
	r->status = atoi(r->head + 9);
	if (r->status < 200 || r->status > 599)
		return REPLY_BAD;
	if ((value = field(r, "Content-Length")) != NULL)
		r->body_left = strtoll(value, NULL, 10);
	if ((value = field(r, "Server-Timing")) != NULL) {
		r->queue = duration(value, "queue;dur=");
		r->disk = duration(value, "disk;dur=");
	}
	return REPLY_MORE;
}

enum reply_state
reply_feed(struct reply *r, const char *p, size_t len)
{
	size_t take = sizeof(r->head) - 1 - r->head_len, seen = r->head_len;
	char *end;

	if (r->status == 0) {
		if (take > len)
			take = len;
		memcpy(r->head + r->head_len, p, take);
		r->head_len += take;
		r->head[r->head_len] = '\0';
		end = strstr(r->head, "\r\n\r\n");
		if (end == NULL)
			return r->head_len == sizeof(r->head) - 1 ?
			    REPLY_BAD : REPLY_MORE;
		end[2] = '\0';
		if (parse_head(r) == REPLY_BAD)
			return REPLY_BAD;
		len -= (size_t)(end + 4 - r->head) - seen;
	}
	if (r->body_left < 0)
		return REPLY_MORE;
	r->body_left -= (int64_t)len < r->body_left ? (int64_t)len :
	    r->body_left;
	return r->body_left == 0 ? REPLY_DONE : REPLY_MORE;
}

enum reply_state
reply_end(const struct reply *r)
{
	return r->status != 0 && r->body_left < 0 ? REPLY_DONE : REPLY_BAD;
}
