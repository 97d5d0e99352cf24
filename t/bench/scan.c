/*
 * scan: sends SYNs whose handshakes never complete, as a port scan does.
 *
 *	scan port count
 *
 * The kernel that gets the SYN-ACK knows of no such connection, and resets it:
 * nothing is left of the handshake, but for what the server believes that it
 * is owed.  Over the loopback each SYN has been dealt with when it is sent.
 */
#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <err.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Ports below those that the kernel gives to clients (ip(7)). */
#define PORT_FROM	10000
#define PORTS		20000

/* What the checksum is over (RFC 9293, 3.1): pseudo header and segment. */
struct segment {
	in_addr_t from, to;
	uint16_t protocol, length;
	struct tcphdr tcp;
};

/* RFC 1071's sum. */
static uint16_t
checksum(const struct segment *s)
{
	uint16_t words[sizeof(*s) / sizeof(uint16_t)];
	uint32_t sum = 0;
	size_t i;

	memcpy(words, s, sizeof(words));
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~(sum + (sum >> 16));
}

static struct segment
syn(int from, int to)
{
	struct segment s = {
		.from = htonl(INADDR_LOOPBACK),
		.to = htonl(INADDR_LOOPBACK),
		.protocol = htons(IPPROTO_TCP),
		.length = htons(sizeof(s.tcp)),
		.tcp.source = htons((in_port_t)from),
		.tcp.dest = htons((in_port_t)to),
		.tcp.seq = arc4random(),
		.tcp.doff = sizeof(s.tcp) / 4,
		.tcp.syn = 1,
		.tcp.window = 0xffff,
	};

	s.tcp.check = checksum(&s);
	return s;
}

int
main(int argc, char **argv)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct segment s;
	int fd, i;

	if (argc != 3)
		errx(2, "usage: scan port count");
	if ((fd = socket(AF_INET, SOCK_RAW, IPPROTO_TCP)) == -1)
		err(2, "a raw socket");
	for (i = 0; i < atoi(argv[2]); i++) {
		s = syn(PORT_FROM + i % PORTS, atoi(argv[1]));
		if (sendto(fd, &s.tcp, sizeof(s.tcp), 0,
		    (struct sockaddr *)&to, sizeof(to)) == -1)
			err(1, "send");
	}
	return 0;
}
