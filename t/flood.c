#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <arpa/inet.h>

#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "t/flood.h"
#include "t/network.h"

/* Where they seem to come from: for tests of networks (RFC 2544). */
#define SOURCES		"198.18.0.0/15"
#define SOURCE		0xc6120000U
#define SOURCES_MASK	0x0001ffffU

/* How often some are sent. */
#define TICKS		100

struct order {
	struct sockaddr_in to;
	unsigned int count, rate;
};

struct segment {
	struct iphdr ip;
	struct tcphdr tcp;
};

/* The sum of RFC 1071, before it is folded. */
static uint32_t
sum(const void *p, size_t len)
{
	const unsigned char *b = p;
	uint32_t n = 0;
	size_t i;

	for (i = 0; i < len; i += 2)
		n += (uint32_t)b[i] << 8 | b[i + 1];
	return n;
}

static uint16_t
fold(uint32_t n)
{
	while (n >> 16 != 0)
		n = (n & 0xffff) + (n >> 16);
	return htons((uint16_t)~n);
}

/* The nth: each has an address and a port that none before it has had. */
static void
make_syn(struct segment *s, const struct sockaddr_in *to, unsigned int n)
{
	memset(s, 0, sizeof(*s));
	s->ip.version = 4;
	s->ip.ihl = 5;
	s->ip.ttl = 64;
	s->ip.protocol = IPPROTO_TCP;
	s->ip.saddr = htonl(SOURCE + (n & SOURCES_MASK));
	s->ip.daddr = to->sin_addr.s_addr;
	s->tcp.source = htons((uint16_t)(1024 + n / (SOURCES_MASK + 1)));
	s->tcp.dest = to->sin_port;
	s->tcp.seq = htonl(n * 2654435761U);
	s->tcp.doff = 5;
	s->tcp.syn = 1;
	s->tcp.window = htons(65535);
	/* The pseudo-header: addresses, protocol, length. */
	s->tcp.check = fold(sum(&s->ip.saddr, 8) + IPPROTO_TCP +
	    sizeof(s->tcp) + sum(&s->tcp, sizeof(s->tcp)));
}

static unsigned int
pour(int raw, const struct order *o, unsigned int first)
{
	const int64_t begun = clock_mono();
	struct segment s;
	unsigned int n, sent = 0;
	struct timespec until;

	for (n = 0; n < o->count; n++) {
		if (n % (o->rate / TICKS) == 0) {
			until = clock_timespec(begun +
			    (int64_t)n * CLOCK_S / o->rate);
			clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until,
			    NULL);
		}
		make_syn(&s, &o->to, first + n);
		sent += sendto(raw, &s, sizeof(s), 0,
		    (const struct sockaddr *)&o->to, sizeof(o->to)) ==
		    sizeof(s);
	}
	return sent;
}

static void
remote(int orders, int reports)
{
	unsigned int all = 0, sent;
	struct order o;
	int raw;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWNET) == -1 ||
	    (raw = socket(AF_INET, SOCK_RAW, IPPROTO_RAW)) == -1 ||
	    write(reports, "u", 1) != 1)
		_exit(1);
	while (read(orders, &o, sizeof(o)) == sizeof(o)) {
		sent = pour(raw, &o, all);
		all += o.count;
		if (write(reports, &sent, sizeof(sent)) != sizeof(sent))
			_exit(1);
	}
	_exit(0);
}

/* Nobody asks who has an address: the answers go to the wire, and are lost. */
static int
wire(pid_t pid)
{
	char command[512];

	snprintf(command, sizeof(command), "exec 2>/dev/null; "
	    "ip link add flood0 type veth peer name flood1 netns %d && "
	    "ip addr add " FLOOD_ADDRESS "/32 dev flood0 && "
	    "ip link set flood0 up arp off && "
	    "ip route add " SOURCES " dev flood0 && "
	    "nsenter -t %d -n ip link set flood1 up arp off && "
	    "nsenter -t %d -n ip route add " FLOOD_ADDRESS " dev flood1 && "
	    "nsenter -t %d -n ip link set flood1 address 02:00:00:00:00:01 && "
	    "ip link set flood0 address 02:00:00:00:00:01",
	    (int)pid, (int)pid, (int)pid, (int)pid);
	return system(command) == 0 ? 0 : -1;
}

int
flood_open(struct flood *f)
{
	int orders[2], reports[2];
	char c;

	if (network_own() == -1)
		return -1;
	if (pipe2(orders, O_CLOEXEC) == -1 || pipe2(reports, O_CLOEXEC) == -1 ||
	    (f->pid = fork()) == -1)
		err(1, "a flood");
	f->orders = orders[1];
	f->reports = reports[0];
	if (f->pid == 0) {
		close(orders[1]);
		remote(orders[0], reports[1]);
	}
	close(orders[0]);
	close(reports[1]);
	if (read(f->reports, &c, 1) == 1 && wire(f->pid) == 0)
		return 0;
	flood_close(f);
	return -1;
}

void
flood_begin(struct flood *f, const struct addr *to, unsigned int count,
    unsigned int rate)
{
	struct order o = { .count = count, .rate = rate };

	memcpy(&o.to, &to->ss, sizeof(o.to));
	if (write(f->orders, &o, sizeof(o)) != sizeof(o))
		err(1, "a flood");
}

unsigned int
flood_end(struct flood *f)
{
	unsigned int sent;

	if (read(f->reports, &sent, sizeof(sent)) != sizeof(sent))
		errx(1, "the flood has dried up");
	return sent;
}

void
flood_close(struct flood *f)
{
	close(f->orders);
	close(f->reports);
	kill(f->pid, SIGKILL);
	waitpid(f->pid, NULL, 0);
}
