#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "t/guard.h"
#include "t/head.h"
#include "t/text.h"

void
head_parse(struct head *p, const char *buf, size_t len, size_t limit)
{
	http_init(&p->r);
	p->base = buf;
	p->len = len;
	p->result = http_parse(&p->r, buf, len, limit);
}

void
head_more(struct head *p, size_t len, size_t limit)
{
	p->len = len;
	p->result = http_parse(&p->r, p->base, len, limit);
}

static void
add_slice(char *buf, size_t size, const char *what, struct http_slice s)
{
	if (s.p != NULL)
		text_add(buf, size, " %s[%.*s]", what, (int)s.len, s.p);
}

void
head_describe(const struct head *p, char *buf, size_t size)
{
	static const char *const methods[] = {
		[HTTP_GET] = "GET", [HTTP_HEAD] = "HEAD",
		[HTTP_POST] = "POST", [HTTP_OTHER] = "OTHER",
	};
	const struct http_request *r = &p->r;

	buf[0] = '\0';
	if (p->result == HTTP_MORE)
		text_add(buf, size, "more");
	if (p->result == HTTP_BAD)
		text_add(buf, size, "%d %s", r->status, r->why);
	if (p->result != HTTP_DONE)
		return;
	text_add(buf, size, "%s%s", methods[r->method],
	    r->path.p == NULL ? " -" : "");
	add_slice(buf, size, "", r->path);
	add_slice(buf, size, "?", r->query);
	text_add(buf, size, " 1.%d%s", r->minor, r->keep_alive ? " keep" : "");
	add_slice(buf, size, "host=", r->host);
	add_slice(buf, size, "agent=", r->user_agent);
	add_slice(buf, size, "referer=", r->referer);
	add_slice(buf, size, "authorization=", r->authorization);
	add_slice(buf, size, "origin=", r->origin);
	add_slice(buf, size, "site=", r->fetch_site);
	if (r->content_length != -1)
		text_add(buf, size, " length=%lld",
		    (long long)r->content_length);
	text_add(buf, size, "%s%s", r->chunked ? " chunked" : "",
	    r->has_body ? " body" : "");
	if (r->head_len != p->len)
		text_add(buf, size, " rest=%zu", p->len - r->head_len);
}

/* A slice is in the buffer, or it is the path "/" of a URL without one. */
static int
same_slice(const struct head *a, struct http_slice s,
    const struct head *b, struct http_slice t)
{
	int in_a = s.p >= a->base && s.p + s.len <= a->base + a->len;
	int in_b = t.p >= b->base && t.p + t.len <= b->base + b->len;

	if (s.len != t.len || (s.p == NULL) != (t.p == NULL))
		return 0;
	if (s.p == NULL)
		return 1;
	if (in_a && in_b)
		return s.p - a->base == t.p - b->base;
	return !in_a && !in_b && s.p == t.p && s.len == 1 && *s.p == '/';
}

int
head_same(const struct head *a, const struct head *b)
{
	const struct http_request *r = &a->r, *s = &b->r;

	if (a->result != b->result || r->method != s->method ||
	    r->status != s->status ||
	    (r->why == NULL) != (s->why == NULL) ||
	    (r->why != NULL && strcmp(r->why, s->why) != 0))
		return 0;
	/* Whether an empty line is absent, nobody can tell from a log. */
	if (r->line.len != s->line.len || (r->line.len > 0 &&
	    !same_slice(a, r->line, b, s->line)))
		return 0;
	return same_slice(a, r->path, b, s->path) &&
	    same_slice(a, r->query, b, s->query) &&
	    same_slice(a, r->host, b, s->host) &&
	    same_slice(a, r->user_agent, b, s->user_agent) &&
	    same_slice(a, r->referer, b, s->referer) &&
	    r->minor == s->minor && r->keep_alive == s->keep_alive &&
	    r->has_body == s->has_body && r->chunked == s->chunked &&
	    r->content_length == s->content_length &&
	    r->head_len == s->head_len;
}

/*
 * Each beginning of the bytes flush against a guard: until the result is
 * known it is MORE, from there on it is that of the whole.  Gives how many
 * bytes decide, or 0 where no beginning does.
 */
static size_t
decided_at(const struct head *whole, size_t limit, const char **fault)
{
	size_t k, len = whole->len, decided = 0;
	struct head part;

	for (k = 0; k <= len; k++) {
		head_parse(&part, guard_copy(whole->base, k), k, limit);
		if (part.result != HTTP_MORE && decided == 0)
			decided = k;
		if (part.result == HTTP_MORE && decided != 0)
			*fault = "more after a result";
		else if (part.result != HTTP_MORE && !head_same(whole, &part))
			*fault = "a beginning decides otherwise";
	}
	return decided;
}

/*
 * The bytes in two pieces, and byte by byte; what has not yet come is line
 * feeds, so that a look at it would change the result.
 */
static void
check_pieces(const struct head *whole, size_t limit, const char **fault)
{
	size_t k, len = whole->len;
	char *buf = malloc(len + 1);
	struct head p;

	if (buf == NULL)
		err(1, "malloc");
	for (k = 0; k <= len; k++) {
		memset(buf, '\n', len);
		memcpy(buf, whole->base, k);
		head_parse(&p, buf, k, limit);
		memcpy(buf, whole->base, len);
		head_more(&p, len, limit);
		if (!head_same(whole, &p))
			*fault = "two pieces differ from one";
	}
	memset(buf, '\n', len);
	head_parse(&p, buf, 0, limit);
	for (k = 1; k <= len; k++) {
		buf[k - 1] = whole->base[k - 1];
		head_more(&p, k, limit);
	}
	if (!head_same(whole, &p))
		*fault = "byte by byte differs from one piece";
	free(buf);
}

/* Three pieces, cut everywhere, of what is short. */
static void
check_pairs(const struct head *whole, size_t limit, const char **fault)
{
	size_t j, k, len = whole->len;
	struct head p;

	for (j = 0; len <= 72 && j <= len; j++) {
		for (k = j; k <= len; k++) {
			head_parse(&p, whole->base, j, limit);
			head_more(&p, k, limit);
			head_more(&p, len, limit);
			if (!head_same(whole, &p))
				*fault = "three pieces differ from one";
		}
	}
}

/* A limit that leaves room for what decides changes nothing; else 431. */
static void
check_limits(const struct head *whole, size_t decided, const char **fault)
{
	size_t limit, len = whole->len;
	struct head p;

	for (limit = 0; limit <= len + 1; limit++) {
		head_parse(&p, whole->base, len, limit);
		if (decided != 0 && decided <= limit) {
			if (!head_same(whole, &p))
				*fault = "a sufficient limit matters";
		} else if (len >= limit) {
			if (p.result != HTTP_BAD || p.r.status != 431)
				*fault = "no 431 at the limit";
		} else if (p.result != HTTP_MORE) {
			*fault = "431 below the limit";
		}
	}
}

const char *
head_laws(const char *bytes, size_t len, size_t limit)
{
	const char *fault = NULL;
	struct head whole, again;
	size_t decided;

	head_parse(&whole, bytes, len, limit);
	decided = decided_at(&whole, limit, &fault);
	if ((decided == 0 && whole.result != HTTP_MORE &&
	    whole.r.status != 431) || (whole.result == HTTP_MORE &&
	    decided != 0))
		fault = "whole and beginning disagree";
	check_pieces(&whole, limit, &fault);
	check_pairs(&whole, limit, &fault);
	if (limit == HEAD_NO_LIMIT)
		check_limits(&whole, decided, &fault);
	again = whole;
	head_more(&again, len, limit);
	if (whole.result != HTTP_MORE && !head_same(&whole, &again))
		fault = "a call after the result changes it";
	return fault;
}
