#include <ctype.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "t/traffic/url.h"

#define SCHEME	"http://"

/* RFC 3986's set without '#', and with braces. */
bool
url_is_target(const char *s)
{
	for (; *s != '\0'; s++)
		if (!isalnum((unsigned char)*s) &&
		    strchr("-._~:/?[]@!$&'()*+,;=%{}", *s) == NULL)
			return false;
	return true;
}

static const char *
parse_port(struct url *u, const char *text, size_t len)
{
	size_t i;
	long n;

	for (i = 0; i < len; i++)
		if (!isdigit((unsigned char)text[i]))
			return "its port is no number";
	n = len == 0 || len > 5 ? 0 : strtol(text, NULL, 10);
	if (n < 1 || n > 65535)
		return "its port is not from 1 to 65535";
	snprintf(u->port, sizeof(u->port), "%ld", n);
	return NULL;
}

/* A name, an IPv4 address, or an IPv6 address in brackets; and the port. */
static const char *
parse_authority(struct url *u, const char *text, size_t len)
{
	const bool literal = len > 0 && text[0] == '[';
	const char *p = memchr(text, literal ? ']' : ':', len);
	size_t host = p == NULL ? len : (size_t)(p - text);
	size_t rest = host + (literal && p != NULL);

	if (memchr(text, '@', len) != NULL)
		return "a user's name in it is not supported";
	if (literal && p == NULL)
		return "its ']' is missing";
	if (host == (size_t)literal)
		return "it names no host";
	if (host - literal >= sizeof(u->host))
		return "its host is too long";
	snprintf(u->host, sizeof(u->host), "%.*s", (int)(host - literal),
	    text + literal);
	strlcpy(u->port, "80", sizeof(u->port));
	if (rest < len && text[rest] != ':')
		return "something follows its ']' that is no port";
	if (rest < len && (p = parse_port(u, text + rest + 1,
	    len - rest - 1)) != NULL)
		return p;
	snprintf(u->field, sizeof(u->field), literal ? "[%s]" : "%s", u->host);
	if (strcmp(u->port, "80") != 0) {
		strlcat(u->field, ":", sizeof(u->field));
		strlcat(u->field, u->port, sizeof(u->field));
	}
	return NULL;
}

const char *
url_parse(struct url *u, const char *text)
{
	const char *why;
	size_t len;

	if (strncasecmp(text, "https://", 8) == 0)
		return "https is not spoken here";
	if (strncasecmp(text, SCHEME, strlen(SCHEME)) != 0)
		return "it does not begin with " SCHEME;
	text += strlen(SCHEME);
	if (!url_is_target(text))
		return "it has characters that a URL cannot have";
	len = strcspn(text, "/?");
	if ((why = parse_authority(u, text, len)) != NULL)
		return why;
	text += len;
	if ((size_t)snprintf(u->target, sizeof(u->target), "%s%s",
	    text[0] == '?' ? "/" : "", text) >= sizeof(u->target))
		return "it is too long";
	return NULL;
}

size_t
url_look_up(const struct url *u, struct addr *addrs, size_t max,
    const char **why)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list, *ai;
	size_t n = 0;
	int e;

	/* What was in brackets is no name, and not to be asked anybody. */
	if (strchr(u->host, ':') != NULL)
		hints.ai_flags = AI_NUMERICHOST;
	if ((e = getaddrinfo(u->host, u->port, &hints, &list)) != 0) {
		*why = gai_strerror(e);
		return 0;
	}
	for (ai = list; ai != NULL && n < max; ai = ai->ai_next, n++) {
		memcpy(&addrs[n].ss, ai->ai_addr, ai->ai_addrlen);
		addrs[n].len = ai->ai_addrlen;
	}
	freeaddrinfo(list);
	return n;
}

char *
url_request(const struct url *u, const char *target, const char *agent,
    char *buf, size_t size)
{
	snprintf(buf, size, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s\r\n"
	    "Connection: close\r\n\r\n", target, u->field, agent);
	return buf;
}
