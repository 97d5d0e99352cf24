#include <sys/ioctl.h>
#include <sys/socket.h>

#include <net/if.h>
#include <netinet/in.h>

#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "t/network.h"

int
network_own(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd, up;

	if (unshare(CLONE_NEWNET) == -1 ||
	    (fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) == -1)
		return -1;
	up = ioctl(fd, SIOCSIFFLAGS, &lo);
	close(fd);
	return up;
}

int
network_set(const char *name, int value)
{
	char path[128], text[16];
	int fd, len, set;

	snprintf(path, sizeof(path), "/proc/sys/net/%s", name);
	if ((fd = open(path, O_WRONLY | O_CLOEXEC)) == -1)
		return -1;
	len = snprintf(text, sizeof(text), "%d", value);
	set = write(fd, text, (size_t)len) == len ? 0 : -1;
	close(fd);
	return set;
}

/* Two lines: names, and what belongs to them. */
long long
network_count(const char *name)
{
	static const char group[] = "TcpExt:";
	char names[8192], values[8192], *n = names, *v = values, *word;
	long long count = -1;
	FILE *f;

	if ((f = fopen("/proc/net/netstat", "re")) == NULL)
		err(1, "netstat");
	while (fgets(names, sizeof(names), f) != NULL &&
	    fgets(values, sizeof(values), f) != NULL &&
	    strncmp(names, group, strlen(group)) != 0)
		continue;
	fclose(f);
	while ((word = strsep(&n, " \n")) != NULL) {
		if (v != NULL && strcmp(word, name) == 0)
			count = atoll(v);
		strsep(&v, " \n");
	}
	if (count == -1)
		errx(1, "the kernel does not count %s", name);
	return count;
}

int
network_forgetful(int retries)
{
	return network_set("ipv4/tcp_synack_retries", retries);
}

int
network_port(uint32_t host, int listens, int *port)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(host),
	};
	socklen_t len = sizeof(sin);
	const int on = 1;
	int fd;

	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* One that does not listen reserves its port for the daemon. */
	if (fd == -1 || (!listens &&
	    (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) == -1)) ||
	    bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    (listens && listen(fd, 1) == -1) ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) == -1)
		err(1, "a port");
	*port = ntohs(sin.sin_port);
	return fd;
}
