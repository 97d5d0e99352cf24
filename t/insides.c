#include <linux/bpf.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <dirent.h>
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/steer.h"
#include "t/insides.h"

/* Numbers of descriptors that are looked at. */
#define FDS_MAX 64

static int
copy_of(int process, int fd)
{
	return (int)syscall(SYS_pidfd_getfd, process, fd, 0);
}

static int
open_process(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

size_t
insides_descriptors(pid_t pid)
{
	struct dirent *e;
	char path[64];
	size_t n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	if ((dir = opendir(path)) == NULL)
		return 0;
	while ((e = readdir(dir)) != NULL)
		n += e->d_name[0] != '.';
	closedir(dir);
	return n;
}

static int
listens(int fd)
{
	socklen_t len = sizeof(int);
	int on;

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) == 0 && on;
}

static uint64_t
cookie(int fd)
{
	uint64_t c = 0;
	socklen_t len = sizeof(c);

	getsockopt(fd, SOL_SOCKET, SO_COOKIE, &c, &len);
	return c;
}

/* Of a listener, how many wait to be accepted. */
static unsigned int
queued(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 ?
	    info.tcpi_unacked : 0;
}

/* The port that a connection comes from; 0: it is none. */
static int
peer_port(int fd)
{
	struct sockaddr_in sin = { .sin_family = AF_UNSPEC };
	socklen_t len = sizeof(sin);

	if (getpeername(fd, (struct sockaddr *)&sin, &len) == -1 ||
	    sin.sin_family != AF_INET)
		return 0;
	return ntohs(sin.sin_port);
}

/* The listeners of the master: asked for once, as they stay. */
static int
is_shared(uint64_t c, pid_t master)
{
	static uint64_t shared[FDS_MAX];
	static pid_t of;
	static size_t n;
	int process, i, fd;
	size_t k;

	if (of != master)
		n = 0;
	of = master;
	if (n == 0 && (process = open_process(master)) != -1) {
		for (i = 0; i < FDS_MAX; i++) {
			fd = copy_of(process, i);
			if (fd != -1 && listens(fd))
				shared[n++] = cookie(fd);
			close(fd);
		}
		close(process);
	}
	for (k = 0; k < n; k++)
		if (shared[k] == c)
			return 1;
	return 0;
}

unsigned int
insides_connections(pid_t pid, pid_t master, void (*held)(int))
{
	int process = open_process(pid), i, fd, port;
	unsigned int n = 0;

	for (i = 0; i < FDS_MAX; i++) {
		if ((fd = copy_of(process, i)) == -1)
			continue;
		if (listens(fd))
			n += is_shared(cookie(fd), master) ? 0 : queued(fd);
		else if ((port = peer_port(fd)) != 0)
			held(port);
		close(fd);
	}
	close(process);
	return n;
}

size_t
insides_listeners(void)
{
	unsigned int state;
	char line[256];
	size_t n = 0;
	FILE *f = fopen("/proc/net/tcp", "r");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "%*d: %*s %*s %x", &state) == 1)
			n += state == 0x0a;
	if (f != NULL)
		fclose(f);
	return n;
}

static int
bpf(enum bpf_cmd command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static int
is_map(int fd, const char *name)
{
	struct bpf_map_info info;
	union bpf_attr attr;

	memset(&info, 0, sizeof(info));
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = (uint32_t)fd;
	attr.info.info_len = sizeof(info);
	attr.info.info = (uint64_t)(uintptr_t)&info;
	return bpf(BPF_OBJ_GET_INFO_BY_FD, &attr) == 0 &&
	    strcmp(info.name, name) == 0;
}

/* Sums up over the process' maps of this name; -1: there is none. */
static int
over_maps(pid_t pid, const char *name, int (*ask)(int))
{
	int process = open_process(pid), i, fd, sum = -1;

	for (i = 0; i < FDS_MAX; i++) {
		if ((fd = copy_of(process, i)) == -1)
			continue;
		if (is_map(fd, name))
			sum = (sum == -1 ? 0 : sum) + ask(fd);
		close(fd);
	}
	close(process);
	return sum;
}

/* The words of the slots; to be unmapped. */
static const uint64_t *
map_words(int fd)
{
	void *p = mmap(NULL, STEER_WORDS * sizeof(uint64_t), PROT_READ,
	    MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		err(1, "the bitmap");
	return p;
}

static void
unmap_words(const uint64_t *words)
{
	munmap((void *)(uintptr_t)words, STEER_WORDS * sizeof(uint64_t));
}

static int
count_bits(int fd)
{
	const uint64_t *words = map_words(fd);
	int i, n = 0;

	for (i = 0; i < STEER_SUMMARY; i++)
		n += __builtin_popcountll(words[i]);
	unmap_words(words);
	return n;
}

static int
lowest_bit(int fd)
{
	const uint64_t *words = map_words(fd);
	uint64_t word = 0;
	int i;

	for (i = 0; i < STEER_SUMMARY && word == 0; i++)
		word = words[i];
	unmap_words(words);
	return word == 0 ? -1 : 64 * (i - 1) + __builtin_ctzll(word);
}

static int
count_entries(int fd)
{
	union bpf_attr attr;
	uint64_t value;
	uint32_t key;
	int n = 0;

	for (key = 0; key <= STEER_SHARED; key++) {
		memset(&attr, 0, sizeof(attr));
		attr.map_fd = (uint32_t)fd;
		attr.key = (uint64_t)(uintptr_t)&key;
		attr.value = (uint64_t)(uintptr_t)&value;
		n += bpf(BPF_MAP_LOOKUP_ELEM, &attr) == 0;
	}
	return n;
}

static int
count_keys(int fd)
{
	union bpf_attr attr;
	uint64_t key, next;
	int n = 0;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)fd;
	attr.next_key = (uint64_t)(uintptr_t)&next;
	for (; bpf(BPF_MAP_GET_NEXT_KEY, &attr) == 0; n++) {
		key = next;
		attr.key = (uint64_t)(uintptr_t)&key;
	}
	return n;
}

int
insides_bits(pid_t master)
{
	return over_maps(master, "spindled_idle", count_bits);
}

int
insides_lowest(pid_t master)
{
	return over_maps(master, "spindled_idle", lowest_bit);
}

int
insides_entries(pid_t master)
{
	return over_maps(master, "spindled_group", count_entries);
}

int
insides_gated(pid_t master)
{
	return over_maps(master, "spindled_gates", count_keys);
}
