/*
 * Addresses: what is one, what is none, and their texts.
 */
#include <arpa/inet.h>
#include <netinet/in.h>

#include <string.h>

#include "common/addr.h"
#include "t/check.h"

#define LONGEST_6 "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"

struct good_case {
	const char *text;
	const char *host;	/* as addr_host_text writes it */
	const char *written;	/* as addr_text does; NULL: like text */
	int family;
	unsigned int port;
};

static const struct good_case goods[] = {
	{ "127.0.0.1:7000", "127.0.0.1", NULL, AF_INET, 7000 },
	{ "0.0.0.0:80", "0.0.0.0", NULL, AF_INET, 80 },
	{ "255.255.255.255:65535", "255.255.255.255", NULL, AF_INET, 65535 },
	{ "10.0.0.1:0", "10.0.0.1", NULL, AF_INET, 0 },
	{ "10.0.0.1:1", "10.0.0.1", NULL, AF_INET, 1 },
	{ "10.0.0.1:0080", "10.0.0.1", "10.0.0.1:80", AF_INET, 80 },
	{ "[::1]:7000", "::1", NULL, AF_INET6, 7000 },
	{ "[::]:0", "::", NULL, AF_INET6, 0 },
	{ "[::]:65535", "::", NULL, AF_INET6, 65535 },
	{ "[2001:db8::1]:80", "2001:db8::1", NULL, AF_INET6, 80 },
	{ "[2001:DB8:0:0::1]:80", "2001:db8::1", "[2001:db8::1]:80",
	    AF_INET6, 80 },
	{ "[::ffff:192.0.2.1]:80", "::ffff:192.0.2.1", NULL, AF_INET6, 80 },
	{ "[" LONGEST_6 "]:65535", LONGEST_6, NULL, AF_INET6, 65535 },
	{ NULL, NULL, NULL, 0, 0 },
};

static const char *const bads[] = {
	/* Ports. */
	"127.0.0.1:65536",
	"127.0.0.1:70000",
	"127.0.0.1:4294967376",			/* 2^32 + 80 */
	"127.0.0.1:18446744073709551696",	/* 2^64 + 80 */
	"127.0.0.1:-1",
	"127.0.0.1:-0",
	"127.0.0.1:+80",
	"127.0.0.1:0x50",
	"127.0.0.1:80a",
	"127.0.0.1:8e1",
	"127.0.0.1:http",
	"127.0.0.1:",
	"127.0.0.1",
	"[::1]:65536",
	"[::1]:-1",
	"[::1]:+80",
	"[::1]:80a",
	"[::1]:",
	"[::1]",
	"80",
	":80",

	/* Brackets. */
	"::1:7000",
	"::1",
	"[::1:7000",
	"::1]:7000",
	"[::1]7000",
	"[::1].7000",
	"[::1]]:7000",
	"[[::1]]:7000",
	"[]:7000",
	"[:7000",
	"]:7000",
	"[",
	"]",
	"[]",
	"[::1]:7000]",
	"[127.0.0.1]:7000",
	"{::1}:7000",

	/* Blanks. */
	"",
	" ",
	" 127.0.0.1:80",
	"127.0.0.1 :80",
	"127.0.0.1: 80",
	"127.0.0.1:80 ",
	"127.0.0.1:80\n",
	"127.0.0.1:\t80",
	" [::1]:80",
	"[ ::1]:80",
	"[::1 ]:80",
	"[::1] :80",
	"[::1]: 80",
	"[::1]:80 ",

	/* Names, and what some resolvers take for numbers. */
	"localhost:80",
	"example.com:80",
	"*:80",
	"any:80",
	"[localhost]:80",
	"[fe80::1%lo]:80",
	"127.1:80",
	"2130706433:80",
	"0x7f.0.0.1:80",
	"127.0.0.1.:80",
	"127.0.0:80",
	"127.0.0.256:80",
	"127.0.0.1.1:80",
	"127..0.1:80",
	"127.0.0.-1:80",
	"127.0.0.1:80:80",
	"1:2:3",
	"http://127.0.0.1:80",
	"/run/spindled.sock",
	":",
	"::",
	":::80",

	/* Numbers. */
	"[:::1]:80",
	"[1::2::3]:80",
	"[12345::]:80",
	"[g::]:80",
	"[1:2:3:4:5:6:7]:80",
	"[1:2:3:4:5:6:7:8:9]:80",

	/* Longer than any address. */
	"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:80",
	"[11111111111111111111111111111111111111111111111111111111111111::]:80",
	"111111111111111111111111111111111111111111111111111111111111.1.1.1:80",
	NULL,
};

static void
test_good(const struct good_case *c)
{
	char text[ADDR_TEXT];
	struct addr a, back;

	memset(&a, 0x55, sizeof(a));
	if (!is_int(addr_parse(c->text, &a), 0, "%s is good", c->text))
		return;
	ok(a.ss.ss_family == c->family && a.len == (c->family == AF_INET ?
	    sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6)),
	    "%s: family and length", c->text);
	is_int(addr_port(&a), c->port, "%s: port", c->text);
	is_string(addr_host_text(&a, text, sizeof(text)), c->host,
	    "%s: host", c->text);
	is_string(addr_text(&a, text, sizeof(text)),
	    c->written == NULL ? c->text : c->written, "%s: text", c->text);
	memset(&back, 0xaa, sizeof(back));
	ok(addr_parse(text, &back) == 0 && addr_equal(&a, &back),
	    "%s: its text reads back as the same", c->text);
}

static void
test_bad(const char *text)
{
	struct addr a;

	is_int(addr_parse(text, &a), -1, "\"%s\" is refused", text);
}

/* What the kernel gets to see. */
static void
test_bytes(void)
{
	const struct sockaddr_in *in;
	const struct sockaddr_in6 *in6;
	struct in6_addr loopback = IN6ADDR_LOOPBACK_INIT;
	struct addr a;

	memset(&a, 0x55, sizeof(a));
	addr_parse("127.0.0.1:7000", &a);
	in = (const struct sockaddr_in *)&a.ss;
	ok(in->sin_addr.s_addr == htonl(INADDR_LOOPBACK) &&
	    in->sin_port == htons(7000), "an IPv4 socket address");
	memset(&a, 0x55, sizeof(a));
	addr_parse("[::1]:7000", &a);
	in6 = (const struct sockaddr_in6 *)&a.ss;
	ok(memcmp(&in6->sin6_addr, &loopback, sizeof(loopback)) == 0 &&
	    in6->sin6_port == htons(7000) && in6->sin6_flowinfo == 0 &&
	    in6->sin6_scope_id == 0, "an IPv6 socket address");
}

static void
test_equal(const char *s, const char *t, int equal)
{
	struct addr a, b;

	memset(&a, 0x55, sizeof(a));
	memset(&b, 0xaa, sizeof(b));
	ok(addr_parse(s, &a) == 0 && addr_parse(t, &b) == 0 &&
	    !addr_equal(&a, &b) == !equal && !addr_equal(&b, &a) == !equal,
	    "%s is %s %s", s, equal ? "equal to" : "not", t);
}

/* A peer that the kernel could not name still has a text. */
static void
test_unknown_family(void)
{
	char text[ADDR_TEXT];
	struct addr a;

	memset(&a, 0, sizeof(a));
	is_string(addr_host_text(&a, text, sizeof(text)), "-",
	    "the host of no address");
}

int
main(void)
{
	size_t i;

	plan_no_plan();
	for (i = 0; goods[i].text != NULL; i++)
		test_good(&goods[i]);
	for (i = 0; bads[i] != NULL; i++)
		test_bad(bads[i]);
	test_bytes();
	test_equal("127.0.0.1:80", "127.0.0.1:80", 1);
	test_equal("127.0.0.1:80", "127.0.0.1:080", 1);
	test_equal("[::1]:80", "[0:0:0:0:0:0:0:1]:80", 1);
	test_equal("127.0.0.1:80", "127.0.0.1:81", 0);
	test_equal("127.0.0.1:80", "127.0.0.2:80", 0);
	test_equal("[::1]:80", "[::1]:81", 0);
	test_equal("[::1]:80", "[::2]:80", 0);
	test_equal("0.0.0.0:80", "[::]:80", 0);
	test_equal("127.0.0.1:80", "[::ffff:127.0.0.1]:80", 0);
	test_unknown_family();
	return exit_status();
}
