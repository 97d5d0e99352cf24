/*
 * Heads of requests.  The input is what a client sends.
 *
 * Whatever it is, what comes of it does not depend on how it is cut; what has
 * not come yet is not looked at; and what is good is one head and no other.
 */
#include <stdlib.h>
#include <string.h>

#include "common/chars.h"
#include "t/fuzz/fuzz.h"
#include "t/head.h"

/* It is absent, or in the first len bytes. */
static int
is_within(const struct head *h, struct http_slice s, size_t len)
{
	if (s.p == NULL)
		return s.len == 0;
	return s.p >= h->base && s.p <= h->base + len &&
	    s.len <= (size_t)(h->base + len - s.p);
}

/* Of a URL without a path it is a constant. */
static int
is_root(struct http_slice s)
{
	return s.len == 1 && *s.p == '/';
}

/*
 * Found in another way: the head ends with its first empty line, but for those
 * in front of it all.  0: it has none.
 */
static size_t
end_of_head(const char *p, size_t len)
{
	size_t i, n, line = 0;
	int begun = 0;

	for (i = 0; i < len; i++) {
		if (p[i] != '\n')
			continue;
		n = i - line;
		if (n > 0 && p[i - 1] == '\r')
			n--;
		if (n == 0 && begun)
			return i + 1;
		begun |= n > 0;
		line = i + 1;
	}
	return 0;
}

static void
check_line(const struct head *h)
{
	const struct http_slice s = h->r.line;

	FUZZ_LAW(is_within(h, s, h->len), "the line is in the buffer");
	if (s.len > 0)
		FUZZ_LAW(chars_span(s.p, s.p + s.len, CHARS_TEXT) ==
		    s.p + s.len, "the line has no controls");
}

static void
check_done(const struct head *h)
{
	const struct http_request *r = &h->r;

	FUZZ_LAW(r->head_len == end_of_head(h->base, h->len),
	    "the head ends where its empty line does");
	FUZZ_LAW((is_within(h, r->path, r->head_len) || is_root(r->path)) &&
	    is_within(h, r->query, r->head_len) &&
	    is_within(h, r->host, r->head_len) &&
	    is_within(h, r->user_agent, r->head_len) &&
	    is_within(h, r->referer, r->head_len) &&
	    is_within(h, r->authorization, r->head_len) &&
	    is_within(h, r->origin, r->head_len) &&
	    is_within(h, r->fetch_site, r->head_len),
	    "what is found is in the head");
	FUZZ_LAW(r->path.p != NULL || r->method == HTTP_OTHER,
	    "who gets something has a path");
	FUZZ_LAW(r->path.p == NULL || (r->path.len > 0 && *r->path.p == '/'),
	    "a path begins with /");
	FUZZ_LAW(r->minor == 0 || (r->minor == 1 && r->host.p != NULL),
	    "HTTP/1.1 has a Host");
	FUZZ_LAW(r->content_length >= -1 &&
	    (!r->chunked || r->content_length == -1),
	    "a body has one end");
	FUZZ_LAW(r->has_body == (r->chunked || r->content_length > 0),
	    "who has a body says so");
	FUZZ_LAW((r->method == HTTP_GET) == (r->line.len > 4 &&
	    memcmp(r->line.p, "GET ", 4) == 0) &&
	    (r->method == HTTP_HEAD) == (r->line.len > 5 &&
	    memcmp(r->line.p, "HEAD ", 5) == 0) &&
	    (r->method == HTTP_POST) == (r->line.len > 5 &&
	    memcmp(r->line.p, "POST ", 5) == 0), "the method is the line's");
}

static void
check_result(const struct head *h)
{
	const struct http_request *r = &h->r;

	check_line(h);
	if (h->result == HTTP_DONE)
		check_done(h);
	if (h->result == HTTP_MORE)
		FUZZ_LAW(end_of_head(h->base, h->len) == 0,
		    "with its empty line the head is complete");
	if (h->result == HTTP_BAD)
		FUZZ_LAW(r->status >= 400 && r->status <= 599 &&
		    fuzz_is_message(r->why), "what is bad has a status");
	else
		FUZZ_LAW(r->status == 0 && r->why == NULL,
		    "what is not bad has none");
}

/* With a limit it is the same, or too large. */
static void
check_limit(const struct head *whole, size_t limit)
{
	struct head p;

	head_parse(&p, whole->base, whole->len, limit);
	if (whole->result == HTTP_DONE)
		FUZZ_LAW(head_same(whole, &p) ==
		    (whole->r.head_len <= limit), "what fits is good");
	else if (whole->result == HTTP_MORE)
		FUZZ_LAW(head_same(whole, &p) == (whole->len < limit),
		    "there is more while it would fit");
	if (!head_same(whole, &p))
		FUZZ_LAW(p.result == HTTP_BAD && p.r.status == 431,
		    "what does not fit is too large");
}

/*
 * In pieces.  What has not come cannot be read, and what comes behind a result
 * changes nothing.
 */
static void
check_pieces(const struct head *whole, struct fuzz_dice *d)
{
	const size_t len = whole->len, longest = 1 + fuzz_choose(d, len + 1);
	char *buf = fuzz_copy(whole->base, len);
	struct head p;
	size_t at = 0;

	fuzz_hide(buf, len);
	head_parse(&p, buf, 0, HEAD_NO_LIMIT);
	while (at < len) {
		at += 1 + fuzz_choose(d, longest);
		if (at > len)
			at = len;
		fuzz_show(buf, at);
		head_more(&p, at, HEAD_NO_LIMIT);
	}
	FUZZ_LAW(head_same(whole, &p), "pieces are what the whole is");
	free(buf);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *buf = fuzz_copy(bytes, len);
	struct fuzz_dice d;
	struct head whole;

	fuzz_dice(&d, bytes, len);
	head_parse(&whole, buf, len, HEAD_NO_LIMIT);
	check_result(&whole);
	check_limit(&whole, fuzz_choose(&d, len + 2));
	check_pieces(&whole, &d);
	free(buf);
	return 0;
}
