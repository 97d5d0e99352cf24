#include <string.h>

#include "common/chars.h"
#include "common/host.h"

/* Four numbers up to 255, without leading zeros. */
static int
is_ipv4(const char *p, const char *end)
{
	int i, n;

	for (i = 0; i < 4; i++) {
		if (i > 0 && (p == end || *p++ != '.'))
			return 0;
		if (p == end || !chars_is(*p, CHARS_DIGIT))
			return 0;
		n = *p++ - '0';
		while (n > 0 && n <= 255 && p < end &&
		    chars_is(*p, CHARS_DIGIT))
			n = n * 10 + (*p++ - '0');
		if (n > 255)
			return 0;
	}
	return p == end;
}

/* Eight groups, or up to seven and a "::"; an IPv4 address ends as two. */
static int
is_ipv6(const char *p, const char *end)
{
	int groups = 0, gap = 0;
	const char *q;

	if (end - p >= 2 && p[0] == ':' && p[1] == ':') {
		gap = 1;
		p += 2;
	}
	while (p < end || (groups == 0 && !gap)) {
		if (is_ipv4(p, end)) {
			groups += 2;
			break;
		}
		q = chars_span(p, end, CHARS_HEX);
		if (q == p || q - p > 4)
			return 0;
		groups++;
		if ((p = q) == end)
			break;
		if (*p++ != ':' || p == end)
			return 0;
		if (*p == ':') {
			if (gap++)
				return 0;
			p++;
		}
	}
	return gap ? groups <= 7 : groups == 8;
}

/* RFC 3986's room for versions to come: "v", hex digits, ".", the address. */
static int
is_ipvfuture(const char *p, const char *end)
{
	const char *dot;

	if (p == end || (*p != 'v' && *p != 'V'))
		return 0;
	dot = chars_span(p + 1, end, CHARS_HEX);
	if (dot == p + 1 || dot == end || *dot != '.')
		return 0;
	for (p = dot + 1; p < end; p++)
		if (!chars_is(*p, CHARS_HOST) && *p != ':')
			break;
	return p > dot + 1 && p == end;
}

/* The end of the host at p; p where there is none, or a malformed one. */
static const char *
span_host(const char *p, const char *end)
{
	const char *close;

	if (p == end || *p != '[')
		return chars_span_encoded(p, end, CHARS_HOST);
	close = memchr(p, ']', (size_t)(end - p));
	if (close == NULL ||
	    (!is_ipv6(p + 1, close) && !is_ipvfuture(p + 1, close)))
		return p;
	return close + 1;
}

static int
is_port(const char *p, const char *end)
{
	return p < end && *p == ':' &&
	    chars_span(p + 1, end, CHARS_DIGIT) == end;
}

int
host_is_authority(const char *p, const char *end)
{
	const char *q = span_host(p, end);

	return q > p && (q == end || is_port(q, end));
}

int
host_is_endpoint(const char *p, const char *end)
{
	const char *q = span_host(p, end);

	return q > p && is_port(q, end) && end - q > 1;
}

const char *
host_in_url(const char *p, const char *end)
{
	const char *colon = memchr(p, ':', (size_t)(end - p));

	if (colon == NULL || end - colon < 3 || colon[1] != '/' ||
	    colon[2] != '/' || (!chars_is_word(p, colon, "http") &&
	    !chars_is_word(p, colon, "https")))
		return NULL;
	return colon + 3;
}

const char *
host_end_in_url(const char *p, const char *end)
{
	while (p < end && *p != '/' && *p != '?')
		p++;
	return p;
}
