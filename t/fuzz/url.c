/*
 * URLs and templates, as spindled-test takes them.  The input is a URL; its
 * target is expanded as a template.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/http.h"
#include "t/fuzz/fuzz.h"
#include "t/test/target.h"
#include "t/traffic/url.h"

/* What is found is all of what is there: nothing has been cut off. */
static void
check_text(const struct url *u, const char *text)
{
	const char *host = text + strlen("http://"), *end = strchr(text, '\0');
	const size_t len = strlen(u->host), target = strlen(u->target);

	host += *host == '[';
	FUZZ_LAW(strncmp(host, u->host, len) == 0 &&
	    strchr(":/?]", host[len]) != NULL, "the host is the URL's");
	FUZZ_LAW(strcmp(end - target, u->target) == 0 ||
	    strcmp(end - target + 1, u->target + 1) == 0,
	    "the target is the URL's, but perhaps for its /");
}

static void
check_url(const struct url *u)
{
	const int port = atoi(u->port);
	const char *p;

	FUZZ_LAW(u->host[0] != '\0', "a URL names a host");
	FUZZ_LAW(port >= 1 && port <= 65535, "a port is from 1 to 65535");
	FUZZ_LAW(u->target[0] == '\0' || u->target[0] == '/',
	    "a target begins with /, or is none");
	for (p = u->target; *p != '\0'; p++)
		FUZZ_LAW(*p > ' ' && *p <= '~' && *p != '"' && *p != '#',
		    "a target has no blanks, nor what ends it");
}

/* Written down again, it is the same. */
static void
check_again(const struct url *u)
{
	char text[sizeof(*u)];
	struct url again;

	snprintf(text, sizeof(text), "http://%s%s", u->field, u->target);
	FUZZ_LAW(url_parse(&again, text) == NULL &&
	    strcmp(u->host, again.host) == 0 &&
	    strcmp(u->port, again.port) == 0 &&
	    strcmp(u->field, again.field) == 0 &&
	    strcmp(u->target, again.target) == 0,
	    "what it amounts to is the same URL");
}

/* Whatever a server thinks of it: it is one request, and all of it. */
static void
check_request(const struct url *u, const char *target)
{
	char *buf = malloc(URL_REQUEST);
	struct http_request r;
	size_t len;

	if (buf == NULL)
		abort();
	url_request(u, target, "me", buf, URL_REQUEST);
	len = strlen(buf);
	FUZZ_LAW(len < URL_REQUEST - 1, "a request fits");
	http_init(&r);
	switch (http_parse(&r, buf, len, URL_REQUEST)) {
	case HTTP_DONE:
		FUZZ_LAW(r.head_len == len && !r.has_body && !r.keep_alive &&
		    r.method == HTTP_GET, "a request is one request");
		FUZZ_LAW(r.host.len == strlen(u->field) &&
		    memcmp(r.host.p, u->field, r.host.len) == 0,
		    "it has the URL's host");
		break;
	case HTTP_BAD:
		FUZZ_LAW(r.status == 400, "or what no URL has is in it");
		break;
	case HTTP_MORE:
		FUZZ_LAW(0, "a request is complete");
	}
	free(buf);
}

static void
check_target(const struct url *u, struct fuzz_dice *d)
{
	const int64_t ns = (int64_t)fuzz_choose(d, 86400000) * CLOCK_MS +
	    (fuzz_choose(d, 16) == 0);
	const size_t room = 1 + fuzz_choose(d, URL_TARGET);
	char *buf = malloc(room);
	const char *why;

	if (buf == NULL)
		abort();
	why = target_expand(u->target, ns, buf, room);
	if (why != NULL) {
		FUZZ_LAW(fuzz_is_message(why), "what is wrong is told");
	} else {
		FUZZ_LAW(strlen(buf) < room && strpbrk(buf, "{}") == NULL,
		    "no brace is left in a target");
		FUZZ_LAW(target_is_timed(u->target) ||
		    strcmp(buf, u->target) == 0, "nothing else is expanded");
		check_request(u, buf);
	}
	free(buf);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *text = fuzz_string(bytes, len);
	struct fuzz_dice d;
	const char *why;
	struct url u;

	memset(&u, 0x55, sizeof(u));
	why = url_parse(&u, text);
	if (why != NULL) {
		FUZZ_LAW(fuzz_is_message(why), "what is wrong is told");
	} else {
		fuzz_dice(&d, bytes, len);
		check_text(&u, text);
		check_url(&u);
		check_again(&u);
		check_target(&u, &d);
	}
	free(text);
	return 0;
}
