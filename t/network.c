#include <sys/ioctl.h>
#include <sys/socket.h>

#include <net/if.h>
#include <netinet/in.h>

#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
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
network_forgetful(int retries)
{
	int fd = open("/proc/sys/net/ipv4/tcp_synack_retries",
	    O_WRONLY | O_CLOEXEC);
	int n = dprintf(fd, "%d", retries);

	close(fd);
	return n > 0 ? 0 : -1;
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
