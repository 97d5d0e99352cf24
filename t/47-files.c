/* Objects through the daemon: files and synthetic ones, byte for byte. */
#include <sys/socket.h>
#include <sys/stat.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/draw.h"
#include "server/object.h"
#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"
#include "t/scratch.h"

#define MIB	((size_t)1 << 20)
#define SPARSE	(INT64_C(5) << 30)
#define WORKERS	8

/* Reading a sparse file may take so many seconds. */
#define SPARSE_TIME	120

static struct daemon d;
static char roomy[PATH_MAX] = "/dev/shm/spindled-test.XXXXXX";
static char sparse[PATH_MAX + 8];
static struct response r;

/* A request on its way; the reply's body is read by the test. */
static int
ask(const char *path)
{
	int fd = client_connect(d.port);
	char request[512];
	int n = snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\n"
	    "Host: t\r\n\r\n", path);

	client_send(fd, request, (size_t)n);
	return fd;
}

/*
 * The head of the reply.  Gives what its Content-Length says; -1 without one,
 * or where the status is not 200.
 */
static int64_t
take_head(int fd)
{
	static char head[4096];
	const char *field;
	size_t n = 0;

	while (n < sizeof(head) - 1 && recv(fd, head + n, 1, 0) == 1) {
		head[++n] = '\0';
		if (n >= 4 && strcmp(head + n - 4, "\r\n\r\n") == 0)
			break;
	}
	field = strstr(head, "\r\nContent-Length: ");
	return strncmp(head, "HTTP/1.1 200 ", 13) != 0 || field == NULL ? -1 :
	    strtoll(strchr(field, ':') + 2, NULL, 10);
}

/* What is left until the end: counted, and looked at by nobody. */
static int64_t
discard(int fd)
{
	int64_t sum = 0;
	ssize_t n;

	while ((n = recv(fd, NULL, 16 * MIB, MSG_TRUNC)) > 0)
		sum += n;
	close(fd);
	return sum;
}

/* Reads a reply of size bytes into buf.  Gives how many came, or -1. */
static int64_t
take(int fd, char *buf, size_t size)
{
	size_t n = 0;
	ssize_t k = 0;

	if (take_head(fd) != (int64_t)size)
		return -1;
	while (n < size && (k = recv(fd, buf + n, size - n, 0)) > 0)
		n += (size_t)k;
	if (n == size && recv(fd, buf, 1, 0) != 0)
		n++;
	close(fd);
	return (int64_t)n;
}

static char *
contents(size_t size)
{
	char *p = malloc(size + 1);
	size_t i;

	if (p == NULL)
		err(1, "malloc");
	for (i = 0; i < size; i++)
		p[i] = (char)(draw_key(size, i) >> 32);
	return p;
}

static void
make_sparse(const char *path, off_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC |
	    O_CLOEXEC, 0644);

	if (fd == -1 || ftruncate(fd, size) == -1 || close(fd) == -1)
		err(1, "%s", path);
}

static const size_t sizes[] = {
	0, 1, 65535, 65536, 65537, 131072, 1000003, 10 * MIB
};

static void
test_sizes(const char *path)
{
	char *want, *got;
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		want = contents(sizes[i]);
		got = contents(0);
		if ((got = realloc(got, sizes[i] + 1)) == NULL)
			err(1, "realloc");
		scratch_write("data", want, sizes[i]);
		is_int(take(ask(path), got, sizes[i]), (long long)sizes[i],
		    "%s, %zu bytes", path, sizes[i]);
		ok(memcmp(got, want, sizes[i]) == 0, "byte for byte");
		free(want);
		free(got);
	}
}

static void
test_direct(void)
{
	int fd;

	scratch_write("data", "", 0);
	fd = open(scratch_path("data"), O_RDONLY | O_DIRECT | O_CLOEXEC);
	if (fd == -1) {
		skip(1, "no O_DIRECT in %s: %s", scratch_dir(),
		    strerror(errno));
		return;
	}
	close(fd);
	test_sizes("/direct/data");
}

static void
remove_sparse(void)
{
	unlink(sparse);
	rmdir(roomy);
}

/*
 * In a filesystem of memory a hole is read without a page for each of its
 * pages; elsewhere that costs seconds.
 */
static void
prepare_sparse(void)
{
	if (mkdtemp(roomy) == NULL || chmod(roomy, 0755) == -1)
		strlcpy(roomy, scratch_dir(), sizeof(roomy));
	snprintf(sparse, sizeof(sparse), "%s/sparse", roomy);
	atexit(remove_sparse);
	make_sparse(sparse, SPARSE);
}

static void
test_sparse(void)
{
	int fd;

	alarm(SPARSE_TIME);
	fd = ask("/roomy/sparse");
	is_int(take_head(fd), SPARSE, "5 GiB are announced");
	is_int(discard(fd), SPARSE, "and come");
	alarm(0);
}

/* What is not to be had, and why. */
static void
test_errors(void)
{
	static const struct {
		const char *path;
		int status;
		const char *why;
	} cases[] = {
		{ "/files/small", 200, "small" },
		{ "/files/sm%61ll?x=y", 200, "small" },
		{ "/200,0,files/small", 200, "small" },
		{ "/files/nothing", 404, "there is no such file\n" },
		{ "/files", 403, "this is a directory\n" },
		{ "/files/", 403, "this is a directory\n" },
		{ "/files/sub", 403, "this is a directory\n" },
		{ "/files/fifo", 403, "this is no regular file\n" },
		{ "/files/../conf", 403,
		    "the name leads out of the disk's directory\n" },
		{ "/files/%2e%2e/conf", 403,
		    "the name leads out of the disk's directory\n" },
		{ "/files//etc/passwd", 403,
		    "the name leads out of the disk's directory\n" },
		{ "/files/out", 403,
		    "the name leads out of the disk's directory\n" },
		{ "/files/small%00", 404, "there is no such file\n" },
		{ "/files/..%2fconf", 404, "there is no such file\n" },
	};
	char path[400];
	size_t i;

	scratch_write("small", "small", 5);
	if (mkdir(scratch_path("sub"), 0755) == -1 ||
	    mkfifo(scratch_path("fifo"), 0644) == -1 ||
	    symlink("/etc/passwd", scratch_path("out")) == -1)
		err(1, "sub");
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		is_int(client_get(d.port, cases[i].path, &r), cases[i].status,
		    "%s", cases[i].path);
		is_string(r.body, cases[i].why, "%s: its body", cases[i].path);
	}
	snprintf(path, sizeof(path), "/files/%0300d", 1);
	is_int(client_get(d.port, path, &r), 414, "a name too long");
	if (getuid() != 0) {
		skip(1, "only root has a file that nobody may read");
		return;
	}
	if (chmod(scratch_path("small"), 0600) == -1)
		err(1, "chmod");
	is_int(client_get(d.port, "/files/small", &r), 403, "no permission");
}

static void
test_change(void)
{
	scratch_write("there", "one", 3);
	client_get(d.port, "/files/there", &r);
	is_string(r.body, "one", "a file");
	scratch_write("there", "other", 5);
	client_get(d.port, "/files/there", &r);
	is_string(r.body, "other", "what is in it now");
	unlink(scratch_path("there"));
	is_int(client_get(d.port, "/files/there", &r), 404, "it vanishes");
	unlink(scratch_path("data"));
}

/* It is more than fits between the two, so the reply has not been sent. */
static void
test_shrink(const char *path)
{
	const int64_t all = 64 * (int64_t)MIB;
	size_t from = daemon_log_length(&d);
	int64_t n;
	int fd;

	make_sparse(scratch_path("shrinks"), all);
	fd = ask(path);
	is_int(take_head(fd), all, "%s: a file", path);
	if (truncate(scratch_path("shrinks"), (off_t)MIB) == -1)
		err(1, "truncate");
	n = discard(fd);
	ok(n < all, "ends where it ends (%lld)", (long long)n);
	daemon_await_log(&d, "has become shorter while it was sent", from);
	is_int(client_get(d.port, "/200,0,x", &r), 200, "the worker goes on");
}

/* A vanished name is no vanished file. */
static void
test_unlink(void)
{
	const int64_t all = 64 * (int64_t)MIB;
	int fd;

	make_sparse(scratch_path("goes"), all);
	fd = ask("/files/goes");
	is_int(take_head(fd), all, "a file that is removed while it is sent");
	unlink(scratch_path("goes"));
	is_int(discard(fd), all, "comes to its end");
}

/* Who sends a long file reads it meanwhile, and so is in its disk. */
static void
test_limit(void)
{
	const int64_t all = 64 * (int64_t)MIB;
	int fd;

	scratch_write("short", "short", 5);
	make_sparse(scratch_path("long"), all);
	fd = ask("/narrow/long");
	is_int(take_head(fd), all, "a long file of a disk with one seat");
	is_int(client_get(d.port, "/narrow/short", &r), 503,
	    "has the seat while it is sent");
	is_int(discard(fd), all, "and comes to its end");
	is_int(client_get(d.port, "/narrow/nothing", &r), 404,
	    "one that is not there has the seat");
	is_int(client_get(d.port, "/narrow/short", &r), 200,
	    "and gives it back");
}

/* As many reads at once as there are workers: so each has one. */
static void
test_workers(void)
{
	static char bodies[WORKERS][100000];
	int fds[WORKERS], i, wrong = 0, bad = 0;

	for (i = 0; i < WORKERS; i++)
		fds[i] = ask("/synthetic/some/object?delay=1s&size=100000");
	daemon_await_reading(&d, WORKERS);
	for (i = 0; i < WORKERS; i++) {
		bad += take(fds[i], bodies[i], sizeof(bodies[i])) !=
		    (int64_t)sizeof(bodies[i]);
		wrong += memcmp(bodies[0], bodies[i], sizeof(bodies[0])) != 0;
	}
	is_int(bad, 0, "every worker gives the object");
	is_int(wrong, 0, "the same one");
}

/* The shared pattern is the unit test's: it was made, and before the fork. */
static void
test_synthetic(void)
{
	static char body[100000], want[100000];
	struct conf_disk disk = {
		.dir = -1,
		.key = draw_hash(42, "synthetic", strlen("synthetic")),
	};
	struct iovec iov[2];
	struct object o;
	const char *why;
	size_t at;
	ssize_t n;

	object_init();
	object_open(&o, &disk, "some/object", 11, sizeof(want), &why);
	for (at = 0; at < sizeof(want); at += (size_t)n) {
		n = object_piece(&o, (int64_t)at, o.size, iov);
		memcpy(want + at, iov[0].iov_base, iov[0].iov_len);
		memcpy(want + at + iov[0].iov_len, iov[1].iov_base,
		    iov[1].iov_len);
	}
	is_int(take(ask("/synthetic/some/object?size=100000"), body,
	    sizeof(body)), sizeof(body), "an object of a size");
	ok(memcmp(body, want, sizeof(body)) == 0,
	    "seed, disk and path are all that decides it");
	is_int(take(ask("/synthetic/some/object"), body, 12345), 12345,
	    "of the disk's size");
	ok(memcmp(body, want, 12345) == 0, "it is the same's beginning");
	is_int(take(ask("/plain?size=3"), body, 3), 3,
	    "a size makes an object of any disk's text");
	is_int(client_get(d.port, "/synthetic/x?size=17G", &r), 400,
	    "17 GiB are too many");
}

int
main(void)
{
	static const char *const expected[] = {
		"has become shorter while it was sent", NULL
	};

	plan_no_plan();
	umask(022);
	if (chmod(scratch_dir(), 0755) == -1)
		err(1, "%s", scratch_dir());
	prepare_sparse();
	daemon_configure(&d, "workers %d\n"
	    "disk default {\nread none\n}\n"
	    "disk files {\nread none\npath %s\n}\n"
	    "disk direct {\nread none\npath %s direct\n}\n"
	    "disk roomy {\nread none\npath %s\n}\n"
	    "disk narrow {\nread none\npath %s\nlimit 1\n}\n"
	    "disk synthetic {\nread none\nseed 42\nobject-size 12345\n}\n",
	    WORKERS, scratch_dir(), scratch_dir(), roomy, scratch_dir());
	daemon_start(&d);
	test_sizes("/files/data");
	test_direct();
	test_errors();
	test_change();
	test_shrink("/files/shrinks");
	test_unlink();
	test_limit();
	test_workers();
	test_synthetic();
	test_sparse();
	daemon_finish(&d, expected);
	return exit_status();
}
