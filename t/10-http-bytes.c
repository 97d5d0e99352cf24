/*
 * The parser of request heads, byte by byte: which bytes may stand where, what
 * damage does, and that the work grows with the head's length and no faster.
 */
#include <sys/mman.h>

#include <ctype.h>
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "t/check.h"
#include "t/head.h"
#include "t/requests.h"

/* Requests that were damaged on the way; the laws hold for them too. */
static void
test_damage(void)
{
	static const char bytes[] = " \t\r\n\r\n:,/%?aA0\0\377\177HhTt1";
	const struct request_case *c;
	const char *fault = NULL;
	char buf[256];
	int i, j;

	srandom(10);
	for (i = 0; i < 3000 && fault == NULL; i++) {
		do {
			c = &request_cases[(size_t)random() %
			    request_cases_count()];
		} while (c->len > sizeof(buf) || c->len == 0);
		memcpy(buf, c->bytes, c->len);
		for (j = 0; j <= i % 3; j++)
			buf[(size_t)random() % c->len] =
			    bytes[(size_t)random() % sizeof(bytes)];
		fault = head_laws(buf, c->len, HEAD_NO_LIMIT);
	}
	is_string(fault, NULL, "3000 damaged requests, however they are cut");
}

static int
is_token(int c)
{
	return c != 0 && (isalnum(c) || strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static int
is_name(int c)
{
	return is_token(c) || c == ':';		/* the name is over then */
}

static int
is_value(int c)
{
	return c == '\t' || (c >= ' ' && c != 0x7f);
}

static int
is_path(int c)
{
	return c != 0 && (isalnum(c) ||
	    strchr("-._~!$&'()*+,;=:@/?", c) != NULL);
}

static int
is_host(int c)
{
	return c != 0 && (isalnum(c) || strchr("-._~!$&'()*+,;=:", c) != NULL);
}

static int
is_host_edge(int c)
{
	return is_host(c) || (c != 0 && strchr(" \t\r\n", c) != NULL);
}

/* Whether the middle byte can make a good request, for all 256 of them. */
static void
test_byte(const char *what, const char *front, const char *back,
    int (*good)(int))
{
	size_t at = strlen(front);
	char buf[128];
	struct head p;
	int c, wrong = -1;

	for (c = 0; c < 256; c++) {
		snprintf(buf, sizeof(buf), "%s?%s", front, back);
		buf[at] = (char)c;
		head_parse(&p, buf, at + 1 + strlen(back), HEAD_NO_LIMIT);
		if ((p.result == HTTP_DONE) != (good(c) != 0))
			wrong = c;
	}
	is_int(wrong, -1, "every byte in %s", what);
}

static int
is_first(int c)
{
	return is_token(c) || c == '\r' || c == '\n';
}

static void
test_bytes(void)
{
	struct head p;
	int c, wrong = -1;
	char byte;

	test_byte("a method", "G", "T / HTTP/1.1\r\nHost: t\r\n\r\n", is_token);
	test_byte("a path", "GET /a", "b HTTP/1.1\r\nHost: t\r\n\r\n", is_path);
	test_byte("a query", "GET /?", "b HTTP/1.1\r\nHost: t\r\n\r\n",
	    is_path);
	test_byte("a name", "GET / HTTP/1.1\r\nHost: t\r\nX", "Y: z\r\n\r\n",
	    is_name);
	test_byte("a value", "GET / HTTP/1.1\r\nHost: t\r\nX: y",
	    "z\r\n\r\n", is_value);
	test_byte("a host", "GET / HTTP/1.1\r\nHost: a", "1\r\n\r\n", is_host);
	test_byte("a host's end", "GET / HTTP/1.1\r\nHost: a", "\n\n",
	    is_host_edge);
	for (c = 0; c < 256; c++) {
		byte = (char)c;
		head_parse(&p, &byte, 1, HEAD_NO_LIMIT);
		if ((p.result == HTTP_MORE) != (is_first(c) != 0))
			wrong = c;
	}
	is_int(wrong, -1, "every byte as the first and only one");
}

/* %00 to %ff, and what only looks like it. */
static void
test_encodings(void)
{
	char buf[64];
	struct head p;
	int c, d, wrong = -1, n;

	for (c = 1; c < 256; c++) {
		for (d = 1; d < 256; d++) {
			n = snprintf(buf, sizeof(buf),
			    "GET /%%%c%c HTTP/1.0\n\n", c, d);
			head_parse(&p, buf, (size_t)n, HEAD_NO_LIMIT);
			if ((p.result == HTTP_DONE) !=
			    (isxdigit(c) && isxdigit(d)))
				wrong = c * 256 + d;
		}
	}
	is_int(wrong, -1, "every pair of bytes behind a %%");
}

static struct {
	char *base;
	size_t page, len;		/* bytes */
	volatile sig_atomic_t touched;	/* pages that were read */
} watched;

/* The first read of a watched page in a call: counts, and lets it happen. */
static void
touch(int sig, siginfo_t *info, void *context)
{
	size_t at = (size_t)((char *)info->si_addr - watched.base);

	(void)context;
	if (at >= watched.len) {
		signal(sig, SIG_DFL);	/* it is a fault, then */
		return;
	}
	watched.touched++;
	mprotect(watched.base + at / watched.page * watched.page,
	    watched.page, PROT_READ);
}

/*
 * Linear without a clock: counts the pages that the calls read when a head
 * comes in small pieces.  Reading each byte twice, a call costs its own page
 * and perhaps a line's beginning; reading again what came before costs half
 * of all pages on average.
 */
static void
test_linear(const char *what, const char *front, const char *unit)
{
	struct sigaction sa = { .sa_sigaction = touch, .sa_flags = SA_SIGINFO };
	size_t pages = 64, piece = 64, calls = 0, k, n;
	struct head p;

	watched.page = (size_t)sysconf(_SC_PAGESIZE);
	watched.len = pages * watched.page;
	watched.touched = 0;
	watched.base = mmap(NULL, watched.len, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (watched.base == MAP_FAILED)
		err(1, "mmap");
	n = strlen(front);
	memcpy(watched.base, front, n);
	for (k = n; k < watched.len; k++)
		watched.base[k] = unit[(k - n) % strlen(unit)];
	memcpy(watched.base + watched.len - 18, "\nA: b\nHost: t\r\n\r\n\n",
	    18);

	sigaction(SIGSEGV, &sa, NULL);
	head_parse(&p, watched.base, 0, HEAD_NO_LIMIT);
	for (k = piece; k <= watched.len; k += piece, calls++) {
		mprotect(watched.base, watched.len, PROT_NONE);
		head_more(&p, k, HEAD_NO_LIMIT);
	}
	signal(SIGSEGV, SIG_DFL);
	ok(p.result != HTTP_MORE, "%s, 64 pages: a result", what);
	ok(watched.touched > 0 &&
	    (size_t)watched.touched <= 2 * calls + 2 * pages,
	    "%s, 64 pages: %d were read in %zu calls", what,
	    (int)watched.touched, calls);
	munmap(watched.base, watched.len);
}

int
main(void)
{
	plan_no_plan();
	test_damage();
	test_bytes();
	test_encodings();
	test_linear("a method", "", "A");
	test_linear("a target", "GET /", "%41");
	test_linear("a value", "GET / HTTP/1.1\r\nX: ", "a, ");
	test_linear("many fields", "GET / HTTP/1.1", "\r\nX: y");
	test_linear("many codings", "GET / HTTP/1.1",
	    "\nTransfer-Encoding: gzip, compress");
	return exit_status();
}
