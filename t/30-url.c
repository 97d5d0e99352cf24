/*
 * URLs and templates: what is read of them, what they amount to on the wire,
 * and that each mistake is told by its name.
 */
#include <string.h>

#include "common/clock.h"
#include "t/check.h"
#include "t/guard.h"
#include "t/test/target.h"
#include "t/traffic/url.h"

static const struct {
	const char *text;
	const char *host, *port, *field, *target;
} good[] = {
	{ "http://localhost", "localhost", "80", "localhost", "" },
	{ "HTTP://localhost/", "localhost", "80", "localhost", "/" },
	{ "http://localhost?a=b", "localhost", "80", "localhost", "/?a=b" },
	{ "http://a.example:8080/x/y?z", "a.example", "8080", "a.example:8080",
	    "/x/y?z" },
	{ "http://127.0.0.1:80/", "127.0.0.1", "80", "127.0.0.1", "/" },
	{ "http://127.0.0.1:00080/", "127.0.0.1", "80", "127.0.0.1", "/" },
	{ "http://[::1]/200,{ms},f", "::1", "80", "[::1]", "/200,{ms},f" },
	{ "http://[::1]:65535/", "::1", "65535", "[::1]:65535", "/" },
	{ "http://h/a@b:c[d]", "h", "80", "h", "/a@b:c[d]" },
	{ "http://h/%41{s}", "h", "80", "h", "/%41{s}" },
};

static const struct {
	const char *text, *why;
} bad[] = {
	{ "", "it does not begin with http://" },
	{ "localhost:7000", "it does not begin with http://" },
	{ "ftp://h/", "it does not begin with http://" },
	{ "https://h/", "https is not spoken here" },
	{ "http://", "it names no host" },
	{ "http:///x", "it names no host" },
	{ "http://:80/", "it names no host" },
	{ "http://[]/", "it names no host" },
	{ "http://[::1/", "its ']' is missing" },
	{ "http://[::1]x/", "something follows its ']' that is no port" },
	{ "http://h:/", "its port is not from 1 to 65535" },
	{ "http://h:0/", "its port is not from 1 to 65535" },
	{ "http://h:65536/", "its port is not from 1 to 65535" },
	{ "http://h:123456/", "its port is not from 1 to 65535" },
	{ "http://h:8o/", "its port is no number" },
	{ "http://h:-1/", "its port is no number" },
	{ "http://u:p@h/", "a user's name in it is not supported" },
	{ "http://h/a b", "it has characters that a URL cannot have" },
	{ "http://h/a\r\nX: y", "it has characters that a URL cannot have" },
	{ "http://h/#x", "it has characters that a URL cannot have" },
	{ "http://h/\xc3\xa4", "it has characters that a URL cannot have" },
};

static void
test_good(void)
{
	struct url u;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		is_string(url_parse(&u, good[i].text), NULL, "%s",
		    good[i].text);
		is_string(u.host, good[i].host, "its host");
		is_string(u.port, good[i].port, "its port");
		is_string(u.field, good[i].field, "Host");
		is_string(u.target, good[i].target, "its target");
	}
}

static void
test_bad(void)
{
	struct url u;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		is_string(url_parse(&u, bad[i].text), bad[i].why, "bad: %zu",
		    i);
}

/* Exactly as long as there is room for, and a byte more. */
static void
test_length(void)
{
	static char text[8 + URL_TARGET + 1] = "http://h";
	static char host[7 + 256 + 1] = "http://";
	struct url u;

	memset(text + 8, '/', URL_TARGET - 1);
	is_string(url_parse(&u, text), NULL, "a target that just fits");
	is_int((long long)strlen(u.target), URL_TARGET - 1, "all of it");
	text[8 + URL_TARGET - 1] = '/';
	is_string(url_parse(&u, text), "it is too long", "and one that does not");
	memset(host + 7, 'h', 255);
	is_string(url_parse(&u, host), NULL, "a host that just fits");
	is_int((long long)strlen(u.field), 255, "all of it");
	host[7 + 255] = 'h';
	is_string(url_parse(&u, host), "its host is too long",
	    "and one that does not");
}

static void
test_request(void)
{
	char buf[URL_REQUEST];
	struct url u;

	url_parse(&u, "http://[::1]:7000");
	is_string(url_request(&u, "/a", "me", buf, sizeof(buf)),
	    "GET /a HTTP/1.1\r\nHost: [::1]:7000\r\nUser-Agent: me\r\n"
	    "Connection: close\r\n\r\n", "a request");
}

static void
test_look_up(void)
{
	struct addr a[4];
	char text[ADDR_TEXT];
	const char *why = NULL;
	struct url u;

	url_parse(&u, "http://127.0.0.1:7000/");
	is_int((long long)url_look_up(&u, a, 4, &why), 1, "an address");
	is_string(addr_text(&a[0], text, sizeof(text)), "127.0.0.1:7000",
	    "which it is");
	url_parse(&u, "http://[::1]:7000/");
	is_int((long long)url_look_up(&u, a, 4, &why), 1, "one in brackets");
	is_string(addr_text(&a[0], text, sizeof(text)), "[::1]:7000",
	    "which it is");
	is_int((long long)url_look_up(&u, a, 0, &why), 0, "no room, none");
	url_parse(&u, "http://[::g]/");
	is_int((long long)url_look_up(&u, a, 4, &why), 0, "what is no address");
	ok(why != NULL && why[0] != '\0', "of which something is said");
}

static const struct {
	const char *template;
	int64_t ns;
	const char *want, *why;
} targets[] = {
	{ TARGET_STUDY, 10 * CLOCK_MS, "/200,10,file", NULL },
	{ "/sleep/{s}", 10 * CLOCK_MS, "/sleep/0.010", NULL },
	{ "/sleep/{s}", 12 * CLOCK_S, "/sleep/12.000", NULL },
	{ "/{ms}{s}{ms}", CLOCK_S + CLOCK_MS, "/10011.0011001", NULL },
	{ "/", 0, "/", NULL },
	{ "/{ms}", 0, "/0", NULL },
	{ "", 0, NULL, "it does not begin with /" },
	{ "x", 0, NULL, "it does not begin with /" },
	{ "/{ms}", CLOCK_US, NULL, "{ms} and {s} are whole milliseconds" },
	{ "/{x}", 0, NULL, "braces are for {ms} and {s}" },
	{ "/{ms", 0, NULL, "braces are for {ms} and {s}" },
	{ "/ms}", 0, NULL, "braces are for {ms} and {s}" },
	{ "/12345678901", 0, "/12345678901", NULL },
	{ "/12345678901234", 0, "/12345678901234", NULL },
	{ "/123456789012345", 0, NULL, "it is too long" },
	{ "/123456789{s}", 0, "/1234567890.000", NULL },
	{ "/1234567890{s}", 0, NULL, "it is too long" },
	{ "/1234567890123{ms}", 0, "/12345678901230", NULL },
	{ "/12345678901234{ms}", 0, NULL, "it is too long" },
};

static void
test_targets(void)
{
	const size_t room = 16;		/* bytes, the NUL included */
	char *buf = guard_room(room);
	const char *why;
	size_t i;

	for (i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		why = target_expand(targets[i].template, targets[i].ns, buf,
		    room);
		is_string(why, targets[i].why, "%s", targets[i].template);
		if (why == NULL)
			is_string(buf, targets[i].want, "expanded");
	}
	is_int(target_is_timed("/a{ms}"), 1, "timed by {ms}");
	is_int(target_is_timed("/a{s}b"), 1, "by {s}");
	is_int(target_is_timed("/ams}"), 0, "and not");
}

int
main(void)
{
	plan_no_plan();
	test_good();
	test_bad();
	test_length();
	test_request();
	test_look_up();
	test_targets();
	return exit_status();
}
