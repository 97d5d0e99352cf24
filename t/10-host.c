/*
 * The grammar of hosts: which names, addresses and ports are well-formed, and
 * that nothing behind the text is read.  What the parser of heads makes of
 * them is 10-http.c's.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/host.h"
#include "t/check.h"
#include "t/guard.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static int
is_authority(const char *text)
{
	size_t len = strlen(text);
	const char *p = guard_copy(text, len);

	return host_is_authority(p, p + len);
}

static int
is_endpoint(const char *text)
{
	size_t len = strlen(text);
	const char *p = guard_copy(text, len);

	return host_is_endpoint(p, p + len);
}

static void
test_authorities(void)
{
	static const char *const good[] = {
		"a", "a:", "a:0", "a:99999", "a.b.", "%41", "%41%42:1",
		"999.1", "[::]", "[::]:", "[::]:1", "[v1.a]", "[Vff.:]:1",
		"[v1.a~!$&'()*+,;=:]",
	};
	static const char *const bad[] = {
		"", ":", ":1", "a:b", "a:1a", "a::", "a:1:2", "%4", "%4:1",
		"%", "a%", "[", "]", "[]", "[]:1", "[a", "[::", "[::1:1",
		"[::]a", "[::]:a", "a[::]", "[[::]]", "[::]]", "[v]", "[v1]",
		"[v1.]", "[v.a]", "[vg.a]", "[v1.a@]", "[v1.[]", "[1.2.3.4]",
		"@", "a@b", "a/b", "a b", " a", "a ", "a,\tb", "a\\b", "a?",
		"a#",
	};
	size_t i;

	for (i = 0; i < COUNT(good); i++)
		ok(is_authority(good[i]), "a good host: %s", good[i]);
	for (i = 0; i < COUNT(bad); i++)
		ok(!is_authority(bad[i]), "a bad host: '%s'", bad[i]);
}

static void
test_endpoints(void)
{
	static const char *const good[] = {
		"a:0", "a.b.:443", "%41:1", "[::]:1", "[v1.a]:99999",
	};
	static const char *const bad[] = {
		"", "a", "a:", ":1", "a:b", "a:1a", "a:1:2", "[::]", "[::]:",
		"[]:1", "a@b:1",
	};
	size_t i;

	for (i = 0; i < COUNT(good); i++)
		ok(is_endpoint(good[i]), "a host and a port: %s", good[i]);
	for (i = 0; i < COUNT(bad); i++)
		ok(!is_endpoint(bad[i]), "not both: '%s'", bad[i]);
}

/* A URL, and the authority in it: NULL where the URL is none of ours. */
static const struct {
	const char *url, *want;
} urls[] = {
	{ "http://h", "h" }, { "http://h:1/a?b", "h:1" },
	{ "HTTPS://[::1]/", "[::1]" }, { "hTTp://h?a/b", "h" },
	{ "http://", "" }, { "http:///a", "" }, { "http://?a", "" },
	{ "http://u@h/", "u@h" }, { "http://h#f", "h#f" },
	{ "", NULL }, { "h", NULL }, { "/", NULL }, { "http", NULL },
	{ "http:", NULL }, { "http:/", NULL }, { "http:/h/", NULL },
	{ "http:h", NULL }, { "http::/h", NULL }, { "://h", NULL },
	{ "htt://h", NULL }, { "httpss://h", NULL }, { "ftp://h", NULL },
	{ " http://h", NULL }, { "http ://h", NULL },
};

static void
test_urls(void)
{
	char text[32];
	const char *p, *q;
	size_t i, len;

	for (i = 0; i < COUNT(urls); i++) {
		len = strlen(urls[i].url);
		p = guard_copy(urls[i].url, len);
		if ((q = host_in_url(p, p + len)) != NULL)
			snprintf(text, sizeof(text), "%.*s",
			    (int)(host_end_in_url(q, p + len) - q), q);
		is_string(q == NULL ? NULL : text, urls[i].want,
		    "the host of '%s'", urls[i].url);
	}
}

/* Against the C library, on text that is nearly an address. */
static void
test_ipv6(void)
{
	static const char *const seeds[] = {
		"::", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "1::8",
		"1:2:3:4:5:6:1.2.3.4", "::2:3:4:5:6:7:8", "1:2:3:4:5:6:7::",
		"fe80::dead:beef:255.255.0.10", "12345::", "1::256.1.1.1",
	};
	static const char bytes[] = "::::..0125fgF";
	struct in6_addr a;
	char text[64], host[80];
	int i, j, good, ngood = 0;
	size_t len;

	srandom(6);
	for (i = 0; i < 200000; i++) {
		strlcpy(text, seeds[(size_t)i % COUNT(seeds)], sizeof(text));
		len = strlen(text);
		for (j = 0; j < i % 4; j++) {
			size_t at = (size_t)random() % len;

			if (random() % 2 == 0)	/* one more, or another */
				memmove(text + at + 1, text + at, ++len - at);
			text[at] = bytes[(size_t)random() %
			    (sizeof(bytes) - 1)];
		}
		good = inet_pton(AF_INET6, text, &a) == 1;
		ngood += good;
		snprintf(host, sizeof(host), "[%s]", text);
		if (is_authority(host) != good)
			break;
	}
	if (!is_int(i, 200000, "IPv6 addresses, as inet_pton sees them"))
		diag("  [%s]", text);
	ok(ngood > 20000 && ngood < 180000, "good and bad ones: %d", ngood);
}

/* A good host cut at every length: an answer, and no fault. */
static void
test_cut(void)
{
	static const char text[] = "[1:2::ffff:1.2.3.4]:80";
	size_t len, ngood = 0;
	const char *p;

	for (len = 0; len < sizeof(text); len++) {
		p = guard_copy(text, len);
		ngood += host_is_authority(p, p + len) != 0;
	}
	is_int((long long)ngood, 4, "good from its bracket on: %s", text);
}

int
main(void)
{
	plan_no_plan();
	test_authorities();
	test_endpoints();
	test_urls();
	test_ipv6();
	test_cut();
	return exit_status();
}
