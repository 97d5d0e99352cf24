#include <arpa/inet.h>
#include <netinet/in.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/addr.h"

static struct sockaddr_in *
in4(const struct addr *a)
{
	return (struct sockaddr_in *)&a->ss;
}

static struct sockaddr_in6 *
in6(const struct addr *a)
{
	return (struct sockaddr_in6 *)&a->ss;
}

static int
port_parse(const char *s, in_port_t *port)
{
	const char *err;
	long long n;

	/* strtonum accepts blanks and signs in front; an address has none. */
	if (*s < '0' || *s > '9')
		return -1;
	n = strtonum(s, 0, 65535, &err);
	if (err != NULL)
		return -1;
	*port = htons((in_port_t)n);
	return 0;
}

int
addr_parse(const char *s, struct addr *a)
{
	int six = *s == '[';
	const char *host = s + six, *end = strrchr(s, six ? ']' : ':');
	char text[INET6_ADDRSTRLEN];

	if (end == NULL || end < host || (six && *++end != ':') ||
	    (size_t)(end - six - host) >= sizeof(text))
		return -1;
	memcpy(text, host, (size_t)(end - six - host));
	text[end - six - host] = '\0';

	memset(a, 0, sizeof(*a));
	if (six) {
		a->ss.ss_family = AF_INET6;
		a->len = sizeof(struct sockaddr_in6);
		return inet_pton(AF_INET6, text, &in6(a)->sin6_addr) == 1 ?
		    port_parse(end + 1, &in6(a)->sin6_port) : -1;
	}
	a->ss.ss_family = AF_INET;
	a->len = sizeof(struct sockaddr_in);
	return inet_pton(AF_INET, text, &in4(a)->sin_addr) == 1 ?
	    port_parse(end + 1, &in4(a)->sin_port) : -1;
}

unsigned int
addr_port(const struct addr *a)
{
	return ntohs(a->ss.ss_family == AF_INET6 ? in6(a)->sin6_port :
	    in4(a)->sin_port);
}

char *
addr_host_text(const struct addr *a, char *buf, size_t size)
{
	const void *host = a->ss.ss_family == AF_INET6 ?
	    (const void *)&in6(a)->sin6_addr : (const void *)&in4(a)->sin_addr;

	if (inet_ntop(a->ss.ss_family, host, buf, (socklen_t)size) == NULL)
		strlcpy(buf, "-", size);
	return buf;
}

char *
addr_text(const struct addr *a, char *buf, size_t size)
{
	char host[INET6_ADDRSTRLEN];
	int six = a->ss.ss_family == AF_INET6;

	snprintf(buf, size, "%s%s%s:%u", six ? "[" : "",
	    addr_host_text(a, host, sizeof(host)), six ? "]" : "",
	    addr_port(a));
	return buf;
}

int
addr_equal(const struct addr *a, const struct addr *b)
{
	return a->len == b->len && memcmp(&a->ss, &b->ss, a->len) == 0;
}
