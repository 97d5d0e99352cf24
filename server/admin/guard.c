#include <arpa/inet.h>

#include <string.h>

#include "common/chars.h"
#include "common/host.h"
#include "server/admin/guard.h"

static int
is_word(struct http_slice s, const char *word)
{
	return chars_is_word(s.p, s.p + s.len, word);
}

/* Bytes in any case; the second is somebody else's as well. */
static int
same(const char *a, const char *b, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((a[i] | 0x20) != (b[i] | 0x20))
			return 0;
	return 1;
}

/* Whether the page that asks is ours: it came from the host that it asks. */
static int
is_own_origin(const struct http_request *r)
{
	const char *end = r->origin.p + r->origin.len;
	const char *host = host_in_url(r->origin.p, end);

	return host != NULL && host_is_authority(host, end) &&
	    r->host.p != NULL && (size_t)(end - host) == r->host.len &&
	    same(host, r->host.p, r->host.len);
}

static int
is_cross_site(const struct http_request *r)
{
	if (r->origin.p != NULL && !is_own_origin(r))
		return 1;
	return r->fetch_site.p != NULL &&
	    !is_word(r->fetch_site, "same-origin") &&
	    !is_word(r->fetch_site, "none");
}

/* An IPv4 address in its one usual form, or localhost; less a port. */
static int
is_address(struct http_slice host)
{
	const char *colon = memchr(host.p, ':', host.len);
	char text[INET_ADDRSTRLEN];
	struct in_addr in;

	/* What is in brackets is an address, or host.h would not have it. */
	if (host.len > 0 && host.p[0] == '[')
		return 1;
	if (colon != NULL)
		host.len = (size_t)(colon - host.p);
	if (host.len == 0 || is_word(host, "localhost"))
		return 1;
	if (host.len >= sizeof(text))
		return 0;
	memcpy(text, host.p, host.len);
	text[host.len] = '\0';
	return inet_pton(AF_INET, text, &in) == 1;
}

/*
 * Takes the same time for any credential of the same length, whatever the
 * token has in common with it.
 */
static int
has_token(const struct http_request *r, const struct token *t)
{
	static const char scheme[] = "bearer ";
	const size_t len = strlen(scheme);
	const char *p = r->authorization.p, *end;
	unsigned char differs;
	size_t i;

	if (t == NULL || p == NULL || r->authorization.len <= len ||
	    !chars_is_word(p, p + len, scheme))
		return 0;
	end = p + r->authorization.len;
	p = chars_span(p + len, end, CHARS_BLANK);
	differs = (size_t)(end - p) != t->len;
	for (i = 0; p + i < end; i++)
		differs |= (unsigned char)(p[i] ^ t->text[i % t->len]);
	return differs == 0;
}

int
guard_judge(const struct http_request *r, enum guard_way way,
    enum guard_kind kind, const struct token *t, const char **why)
{
	if (is_cross_site(r)) {
		*why = "another site's page has asked for this";
		return 403;
	}
	if (way == GUARD_WORKER && kind == GUARD_CHANGE) {
		*why = "the workers' user may change nothing";
		return 403;
	}
	if (way == GUARD_FILE || way == GUARD_WORKER || kind == GUARD_PAGE ||
	    has_token(r, t))
		return 0;
	if (way == GUARD_REMOTE || kind == GUARD_CHANGE) {
		if (t != NULL) {
			*why = "the token is missing or wrong";
			return 401;
		}
		*why = "a change needs an admin-token, or the Unix socket";
		return 403;
	}
	if (r->host.p != NULL && !is_address(r->host)) {
		*why = "without a token, Host has to be an address or "
		    "localhost";
		return 403;
	}
	return 0;
}
