#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/bpf.h"

/* What is wrong, and the cost; not the verifier's every step. */
#define LOG_BRIEF 4
#define LOG_MAX 2048		/* bytes, of what is kept of it */

/* The kernel takes less than a millisecond to load a program. */
#define PATIENCE (5 * CLOCK_S)

/* Maps of a program; and a descriptor that is above all of these. */
#define MAPS_MAX 4
#define KEPT (2 * MAPS_MAX)

static uint64_t
ptr(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

/* The kernel wants zeroes behind the fields that it knows. */
static int
call(enum bpf_cmd command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static int
open_map(enum bpf_map_type type, size_t key, uint32_t entries, uint32_t flags,
    const char *name)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = type;
	attr.key_size = (uint32_t)key;
	attr.value_size = sizeof(uint64_t);
	attr.max_entries = entries;
	attr.map_flags = flags;
	strlcpy(attr.map_name, name, sizeof(attr.map_name));
	return call(BPF_MAP_CREATE, &attr);
}

static int
put(int map, const void *key, uint64_t value)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map;
	attr.key = ptr(key);
	attr.value = ptr(&value);
	attr.flags = BPF_ANY;
	return call(BPF_MAP_UPDATE_ELEM, &attr);
}

static int
delete(int map, const void *key)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map;
	attr.key = ptr(key);
	return call(BPF_MAP_DELETE_ELEM, &attr);
}

int
bpf_map_open(enum bpf_map_type type, uint32_t entries, uint32_t flags,
    const char *name)
{
	return open_map(type, sizeof(uint32_t), entries, flags, name);
}

int
bpf_hash_open(uint32_t entries, const char *name)
{
	return open_map(BPF_MAP_TYPE_HASH, sizeof(uint64_t), entries,
	    BPF_F_NO_PREALLOC, name);
}

int
bpf_map_put(int map, uint32_t key, uint64_t value)
{
	return put(map, &key, value);
}

int
bpf_map_remove(int map, uint32_t key)
{
	return delete(map, &key);
}

int
bpf_hash_put(int map, uint64_t key, uint64_t value)
{
	return put(map, &key, value);
}

int
bpf_hash_remove(int map, uint64_t key)
{
	return delete(map, &key);
}

/* Gives a descriptor, or -1 and errno. */
static int
load(const struct bpf_program *p, const int *maps, char *log, size_t size)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = p->type;
	attr.expected_attach_type = p->attach;
	attr.insns = ptr(p->code);
	attr.insn_cnt = (uint32_t)(p->size / sizeof(p->code[0]));
	attr.fd_array = ptr(maps);
	/* The helpers that we call ask for no GPL. */
	attr.license = ptr("ISC");
	attr.log_level = log == NULL ? 0 : LOG_BRIEF;
	attr.log_buf = ptr(log);
	attr.log_size = (uint32_t)size;
	strlcpy(attr.prog_name, p->name, sizeof(attr.prog_name));
	return call(BPF_PROG_LOAD, &attr);
}

/* What the child sends, and beside it the program's descriptor, if any. */
struct loaded {
	int error;			/* errno, or 0 */
	char log[LOG_MAX];
};

/* A message of the two, to send or to receive. */
struct parcel {
	struct loaded loaded;
	struct iovec iov;
	struct msghdr msg;
	union {
		struct cmsghdr header;	/* aligns it */
		char room[CMSG_SPACE(sizeof(int))];
	} control;
};

static void
parcel_wrap(struct parcel *p)
{
	memset(p, 0, sizeof(*p));
	p->iov = (struct iovec){ &p->loaded, sizeof(p->loaded) };
	p->msg = (struct msghdr){ .msg_iov = &p->iov, .msg_iovlen = 1,
	    .msg_control = &p->control, .msg_controllen = sizeof(p->control) };
}

/*
 * The child.  It may stay in the kernel for good, so it keeps nothing open that
 * others wait for the end of: the maps alone, and the socket.
 */
_Noreturn static void
load_for(int sock, const struct bpf_program *p, const int *maps, size_t nmaps,
    size_t size)
{
	struct parcel parcel;
	struct cmsghdr *header;
	int fds[MAPS_MAX + 1], fd;
	size_t i;

	parcel_wrap(&parcel);
	/* In the lowest numbers, so that all from there on can be closed. */
	for (i = 0; i < nmaps; i++)
		fds[i] = fcntl(maps[i], F_DUPFD, KEPT);
	fds[nmaps] = fcntl(sock, F_DUPFD, KEPT);
	for (i = 0; i <= nmaps; i++)
		dup2(fds[i], (int)i);
	close_range((unsigned int)nmaps + 1, ~0U, 0);
	for (i = 0; i < nmaps; i++)
		fds[i] = (int)i;
	fd = load(p, fds, size > 0 ? parcel.loaded.log : NULL, size);
	parcel.loaded.error = fd == -1 ? errno : 0;
	header = CMSG_FIRSTHDR(&parcel.msg);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	if (fd == -1)
		parcel.msg.msg_controllen = 0;
	sendmsg((int)nmaps, &parcel.msg, MSG_NOSIGNAL);
	_exit(0);
}

/* Gives the descriptor, or -1 and errno. */
static int
receive(int sock, char *log, size_t size)
{
	struct pollfd p = { .fd = sock, .events = POLLIN };
	const int64_t deadline = clock_mono() + PATIENCE;
	struct parcel parcel;
	int fd = -1;

	parcel_wrap(&parcel);
	while (poll(&p, 1, clock_poll_ms(clock_mono(), deadline)) == -1 &&
	    errno == EINTR)
		;
	if (p.revents == 0) {
		errno = ETIMEDOUT;
		return -1;
	}
	if (recvmsg(sock, &parcel.msg, MSG_CMSG_CLOEXEC) !=
	    (ssize_t)sizeof(parcel.loaded)) {
		errno = EIO;
		return -1;
	}
	if (size > 0)
		strlcpy(log, parcel.loaded.log, size);
	errno = parcel.loaded.error;
	if (errno == 0 && CMSG_FIRSTHDR(&parcel.msg) != NULL)
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&parcel.msg)), sizeof(fd));
	return fd;
}

/*
 * Another process makes the call, for it may not come back: a kernel whose
 * compiler of such programs is stuck holds whoever asks it, and no signal
 * helps.  It is nobody's child, so that nobody has to wait for it.
 */
int
bpf_load(const struct bpf_program *p, const int *maps, size_t nmaps, char *log,
    size_t size)
{
	static int stuck;		/* one did not come back: nor would others */
	int pair[2], fd = -1, error;
	pid_t pid;

	if (stuck) {
		errno = ETIMEDOUT;
		return -1;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		return -1;
	if ((pid = fork()) == 0) {
		if (fork() == 0)
			load_for(pair[1], p, maps, nmaps,
			    log == NULL ? 0 : size < LOG_MAX ? size : LOG_MAX);
		_exit(0);
	}
	error = errno;
	close(pair[1]);
	if (pid != -1) {
		waitpid(pid, NULL, 0);
		fd = receive(pair[0], log, log == NULL ? 0 : size);
		error = errno;
		stuck = fd == -1 && error == ETIMEDOUT;
	}
	close(pair[0]);
	errno = error;
	return fd;
}
