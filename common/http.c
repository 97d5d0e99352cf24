#include <string.h>

#include "common/chars.h"
#include "common/host.h"
#include "common/http.h"

/*
 * A request is parsed in two layers.  next_line() reads every byte once, as
 * it comes: it finds the lines' ends, and refuses what no line may hold.
 * parse_line() then reads every complete line once.  Nothing but a complete
 * line, a forbidden byte or the limit decides, so cuts cannot matter.
 */

/* Empty lines before the request line that are let pass (RFC 9112, 2.2). */
#define BLANKS_MAX 4

/* What the lines so far held: bits of http_request.seen. */
enum {
	SEEN_REQUEST_LINE = 1,
	SEEN_AUTHORITY = 2,	/* in the target: it overrides Host */
	SEEN_HOST = 4,
	SEEN_CLOSE = 8,
	SEEN_KEEP_ALIVE = 16,
	SEEN_CODING = 32,	/* any Transfer-Encoding */
	SEEN_CHUNKED = 64,	/* chunked, and no coding behind it */
	SEEN_OTHER_CODING = 128
};

static enum http_result
bad(struct http_request *r, int status, const char *why)
{
	r->status = status;
	r->why = why;
	return r->result = HTTP_BAD;
}

static struct http_slice
slice(const char *p, const char *end)
{
	struct http_slice s = { p, (size_t)(end - p) };

	return s;
}

/* Less the blanks at both ends. */
static struct http_slice
trimmed(const char *p, const char *end)
{
	p = chars_span(p, end, CHARS_BLANK);
	while (end > p && chars_is(end[-1], CHARS_BLANK))
		end--;
	return slice(p, end);
}

static int
is_word(struct http_slice s, const char *word)
{
	return chars_is_word(s.p, s.p + s.len, word);
}

/* Cuts the next element off a comma list; empty ones do not count. */
static int
next_element(struct http_slice *list, struct http_slice *element)
{
	const char *end = list->p + list->len, *comma;

	while (list->p < end) {
		comma = memchr(list->p, ',', (size_t)(end - list->p));
		*element = trimmed(list->p, comma != NULL ? comma : end);
		*list = slice(comma != NULL ? comma + 1 : end, end);
		if (element->len > 0)
			return 1;
	}
	return 0;
}

static enum http_result
parse_path(struct http_request *r, const char *p, const char *end)
{
	static const char root[] = "/";
	const char *q = chars_span_encoded(p, end, CHARS_PATH);

	r->path = q > p ? slice(p, q) : slice(root, root + 1);
	if (q < end && *q == '?') {
		p = q + 1;
		q = chars_span_encoded(p, end, CHARS_QUERY);
		r->query = slice(p, q);
	}
	if (q == end)
		return HTTP_MORE;
	return bad(r, 400, *q == '%' ?
	    "a % without two hex digits in the target" :
	    "a character in the target that belongs in no URL");
}

static enum http_result
parse_target(struct http_request *r, const char *p, const char *end)
{
	const char *host, *path;

	if (p < end && *p == '/')
		return parse_path(r, p, end);
	if ((host = host_in_url(p, end)) != NULL) {
		path = host_end_in_url(host, end);
		if (!host_is_authority(host, path))
			return bad(r, 400, "a malformed host in the target");
		r->host = slice(host, path);
		r->seen |= SEEN_AUTHORITY;
		return parse_path(r, path, end);
	}
	/* OPTIONS * and CONNECT host:port; which method is not our affair. */
	if (r->method == HTTP_OTHER &&
	    (chars_is_word(p, end, "*") || host_is_endpoint(p, end)))
		return HTTP_MORE;
	return bad(r, 400, "the target is neither a path nor an http URL");
}

static enum http_result
parse_version(struct http_request *r, const char *p, const char *end)
{
	if (end - p != 8 || memcmp(p, "HTTP/", 5) != 0 ||
	    !chars_is(p[5], CHARS_DIGIT) || p[6] != '.' ||
	    !chars_is(p[7], CHARS_DIGIT))
		return bad(r, 400, "a malformed HTTP version");
	if (p[5] != '1')
		return bad(r, 505, "the HTTP version is neither 1.0 nor 1.1");
	r->minor = p[7] != '0';
	return HTTP_MORE;
}

static enum http_result
parse_method(struct http_request *r, const char *p, const char *end)
{
	size_t len = (size_t)(end - p);

	if (chars_span(p, end, CHARS_TOKEN) != end)
		return bad(r, 400, "a method that is not a token");
	if (len == 3 && memcmp(p, "GET", len) == 0)
		r->method = HTTP_GET;
	else if (len == 4 && memcmp(p, "HEAD", len) == 0)
		r->method = HTTP_HEAD;
	else if (len == 4 && memcmp(p, "POST", len) == 0)
		r->method = HTTP_POST;
	return HTTP_MORE;
}

static enum http_result
parse_request_line(struct http_request *r, const char *p, const char *end)
{
	const char *s1, *s2;		/* the two spaces */

	r->seen |= SEEN_REQUEST_LINE;
	s1 = memchr(p, ' ', (size_t)(end - p));
	if (parse_method(r, p, s1 != NULL ? s1 : end) == HTTP_BAD)
		return HTTP_BAD;
	if (s1 == NULL)
		return bad(r, 400, "no target in the request line");
	s2 = memchr(s1 + 1, ' ', (size_t)(end - s1 - 1));
	if (s2 == NULL)
		return bad(r, 400, "no HTTP version in the request line");
	if (memchr(s2 + 1, ' ', (size_t)(end - s2 - 1)) != NULL)
		return bad(r, 400, "more than two spaces in the request line");

	/* The version first: another one's targets need not be like ours. */
	if (parse_version(r, s2 + 1, end) == HTTP_BAD)
		return HTTP_BAD;
	return parse_target(r, s1 + 1, s2);
}

static enum http_result
parse_host(struct http_request *r, struct http_slice v)
{
	if (r->seen & SEEN_HOST)
		return bad(r, 400, "more than one Host");
	r->seen |= SEEN_HOST;
	if (v.len > 0 && !host_is_authority(v.p, v.p + v.len))
		return bad(r, 400, "a malformed Host");
	if (!(r->seen & SEEN_AUTHORITY))
		r->host = v;
	return HTTP_MORE;
}

static enum http_result
parse_connection(struct http_request *r, struct http_slice v)
{
	struct http_slice option;

	while (next_element(&v, &option)) {
		if (is_word(option, "close"))
			r->seen |= SEEN_CLOSE;
		else if (is_word(option, "keep-alive"))
			r->seen |= SEEN_KEEP_ALIVE;
	}
	return HTTP_MORE;
}

/*
 * A number, or the same one several times: RFC 9110 lets a list pass that
 * somebody made of repeated fields, but nobody sends empty elements in it.
 */
static enum http_result
parse_content_length(struct http_request *r, struct http_slice v)
{
	const char *p = v.p, *end = v.p + v.len;
	int64_t n;

	for (;;) {
		if (p == end || !chars_is(*p, CHARS_DIGIT))
			return bad(r, 400, "a malformed Content-Length");
		for (n = 0; p < end && chars_is(*p, CHARS_DIGIT); p++)
			if (__builtin_mul_overflow(n, 10, &n) ||
			    __builtin_add_overflow(n, *p - '0', &n))
				return bad(r, 400,
				    "a Content-Length out of all bounds");
		if (r->content_length != -1 && r->content_length != n)
			return bad(r, 400, "two different Content-Lengths");
		r->content_length = n;
		if ((p = chars_span(p, end, CHARS_BLANK)) == end)
			return HTTP_MORE;
		if (*p++ != ',')
			return bad(r, 400, "a malformed Content-Length");
		p = chars_span(p, end, CHARS_BLANK);
	}
}

/* A coding's name and perhaps parameters, of which chunked has none. */
static int
is_coding(struct http_slice s, int *chunked)
{
	const char *end = s.p + s.len;
	const char *rest = chars_span(s.p, end, CHARS_TOKEN);

	*chunked = chars_is_word(s.p, rest, "chunked");
	if (rest == end)
		return 1;
	rest = chars_span(rest, end, CHARS_BLANK);
	return rest > s.p && *rest == ';' && !*chunked;
}

/* Which codings there are; what they amount to is for parse_end to say. */
static enum http_result
parse_transfer_encoding(struct http_request *r, struct http_slice v)
{
	struct http_slice coding;
	int chunked;

	r->seen |= SEEN_CODING;
	while (next_element(&v, &coding)) {
		if (!is_coding(coding, &chunked))
			return bad(r, 400, "a malformed Transfer-Encoding");
		if (r->seen & SEEN_CHUNKED)
			return bad(r, 400, "a transfer coding behind chunked");
		r->seen |= chunked ? SEEN_CHUNKED : SEEN_OTHER_CODING;
	}
	return HTTP_MORE;
}

/* A client that waits for 100 gets the final answer, which is as good. */
static enum http_result
parse_expect(struct http_request *r, struct http_slice v)
{
	struct http_slice expectation;

	while (next_element(&v, &expectation))
		if (!is_word(expectation, "100-continue"))
			return bad(r, 417,
			    "an expectation other than 100-continue");
	return HTTP_MORE;
}

static enum http_result
parse_user_agent(struct http_request *r, struct http_slice v)
{
	if (r->user_agent.p == NULL)
		r->user_agent = v;
	return HTTP_MORE;
}

static enum http_result
parse_referer(struct http_request *r, struct http_slice v)
{
	if (r->referer.p == NULL)
		r->referer = v;
	return HTTP_MORE;
}

static enum http_result
parse_authorization(struct http_request *r, struct http_slice v)
{
	if (r->authorization.p == NULL)
		r->authorization = v;
	return HTTP_MORE;
}

static enum http_result
parse_origin(struct http_request *r, struct http_slice v)
{
	if (r->origin.p == NULL)
		r->origin = v;
	return HTTP_MORE;
}

static enum http_result
parse_fetch_site(struct http_request *r, struct http_slice v)
{
	if (r->fetch_site.p == NULL)
		r->fetch_site = v;
	return HTTP_MORE;
}

/* The fields that mean something to us. */
static const struct field {
	const char *name;	/* in lower case */
	enum http_result (*parse)(struct http_request *, struct http_slice);
} fields[] = {
	{ "host", parse_host },
	{ "user-agent", parse_user_agent },
	{ "connection", parse_connection },
	{ "referer", parse_referer },
	{ "content-length", parse_content_length },
	{ "transfer-encoding", parse_transfer_encoding },
	{ "expect", parse_expect },
	{ "authorization", parse_authorization },
	{ "origin", parse_origin },
	{ "sec-fetch-site", parse_fetch_site },
	{ NULL, NULL },
};

/* What is wrong with a line whose name ends at p, other than in a colon. */
static const char *
name_fault(const char *line, const char *p, const char *end)
{
	if (chars_is(*line, CHARS_BLANK))
		return "a folded header field";
	if (memchr(p, ':', (size_t)(end - p)) == NULL)
		return "a header field without a colon";
	if (*line == ':')
		return "a header field without a name";
	p = chars_span(p, end, CHARS_BLANK);
	if (p < end && *p == ':')
		return "space before the colon of a header field";
	return "a header field's name that is not a token";
}

static enum http_result
parse_field(struct http_request *r, const char *p, const char *end)
{
	const char *colon = chars_span(p, end, CHARS_TOKEN);
	const struct field *f;

	if (colon == p || colon == end || *colon != ':')
		return bad(r, 400, name_fault(p, colon, end));
	for (f = fields; f->name != NULL; f++)
		if (chars_is_word(p, colon, f->name))
			return f->parse(r, trimmed(colon + 1, end));
	return HTTP_MORE;
}

/* The empty line: what the fields mean together. */
static enum http_result
parse_end(struct http_request *r)
{
	if (r->minor == 1 && !(r->seen & SEEN_HOST))
		return bad(r, 400, "no Host, which HTTP/1.1 demands");
	if (r->seen & SEEN_CODING) {
		if (r->minor == 0)
			return bad(r, 400, "Transfer-Encoding in HTTP/1.0");
		if (r->content_length != -1)
			return bad(r, 400,
			    "both Transfer-Encoding and Content-Length");
		if (!(r->seen & SEEN_CHUNKED))
			return bad(r, 400,
			    "chunked is not the last transfer coding");
		if (r->seen & SEEN_OTHER_CODING)
			return bad(r, 501,
			    "a transfer coding other than chunked");
		r->chunked = 1;
	}
	r->has_body = r->chunked || r->content_length > 0;
	r->keep_alive = !(r->seen & SEEN_CLOSE) &&
	    (r->minor == 1 || (r->seen & SEEN_KEEP_ALIVE));
	r->head_len = r->at;
	return HTTP_DONE;
}

static enum http_result
parse_line(struct http_request *r, struct http_slice line)
{
	const char *end = line.p + line.len;

	if (r->seen & SEEN_REQUEST_LINE)
		return line.len == 0 ? parse_end(r) :
		    parse_field(r, line.p, end);
	if (line.len > 0)
		return parse_request_line(r, line.p, end);
	if (++r->blanks > BLANKS_MAX)
		return bad(r, 400, "too many empty lines in front");
	return HTTP_MORE;
}

/*
 * Reads on where it stopped.  Gives DONE and the line, less its end, when the
 * line is complete.
 */
static enum http_result
next_line(struct http_request *r, const char *buf, size_t len,
    struct http_slice *line)
{
	const char *start = buf + r->at, *p = buf + r->scanned;
	const char *end = buf + len;
	int first = !(r->seen & SEEN_REQUEST_LINE);

	/* What speaks no HTTP at all may never send a line's end. */
	if (first && p == start && p < end && !chars_is(*p, CHARS_TOKEN) &&
	    *p != '\r' && *p != '\n')
		return bad(r, 400, "a first byte that begins no method");

	p = chars_span(p, end, CHARS_TEXT);
	r->scanned = (size_t)(p - buf);
	*line = slice(start, p);
	if (first)
		r->line = *line;
	if (p == end)
		return HTTP_MORE;
	if (*p == '\r') {
		if (++p == end)
			return HTTP_MORE;	/* and back to the CR then */
		if (*p != '\n')
			return bad(r, 400,
			    "a carriage return without its line feed");
	}
	if (*p != '\n')
		return bad(r, 400, "a control character");
	r->at = r->scanned = (size_t)(p + 1 - buf);
	return HTTP_DONE;
}

void
http_init(struct http_request *r)
{
	memset(r, 0, sizeof(*r));
	r->method = HTTP_OTHER;
	r->content_length = -1;
	r->result = HTTP_MORE;
}

enum http_result
http_parse(struct http_request *r, const char *buf, size_t len, size_t limit)
{
	struct http_slice line;
	size_t max = len < limit ? len : limit;

	while (r->result == HTTP_MORE &&
	    next_line(r, buf, max, &line) == HTTP_DONE)
		r->result = parse_line(r, line);
	if (r->result == HTTP_MORE && max == limit)
		bad(r, 431, "the head is too large");
	return r->result;
}
