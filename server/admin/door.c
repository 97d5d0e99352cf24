#include <sys/un.h>

#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "server/admin/door.h"

#define PREFIX	"unix:"

_Static_assert(sizeof(((struct sockaddr_un *)0)->sun_path) ==
    DOOR_NAME_MAX + 1, "what the kernel has room for");
_Static_assert(sizeof(struct sockaddr_un) <= sizeof(struct sockaddr_storage),
    "all kinds fit");

static int
parse_name(const char *name, struct addr *a)
{
	struct sockaddr_un *sun = (struct sockaddr_un *)&a->ss;
	const unsigned char *p;

	memset(a, 0, sizeof(*a));
	if (name[0] != '/' || name[1] == '\0')
		return -1;
	for (p = (const unsigned char *)name; *p != '\0'; p++)
		if (*p <= ' ' || *p == 0x7f)
			return -1;
	sun->sun_family = AF_UNIX;
	a->len = sizeof(*sun);
	return strlcpy(sun->sun_path, name, sizeof(sun->sun_path)) <
	    sizeof(sun->sun_path) ? 0 : -1;
}

int
door_parse(const char *s, struct addr *a)
{
	return strncmp(s, PREFIX, strlen(PREFIX)) == 0 ?
	    parse_name(s + strlen(PREFIX), a) : addr_parse(s, a);
}

const char *
door_file(const struct addr *a)
{
	return a->ss.ss_family == AF_UNIX ?
	    ((const struct sockaddr_un *)&a->ss)->sun_path : NULL;
}

char *
door_text(const struct addr *a, char *buf, size_t size)
{
	if (door_file(a) == NULL)
		return addr_text(a, buf, size);
	snprintf(buf, size, PREFIX "%s", door_file(a));
	return buf;
}

int
door_is_remote(const struct addr *a)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)&a->ss;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&a->ss;

	switch (a->ss.ss_family) {
	case AF_UNIX:
		return 0;
	case AF_INET:
		return ntohl(in->sin_addr.s_addr) >> 24 != IN_LOOPBACKNET;
	default:
		return !IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
	}
}
