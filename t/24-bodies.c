/* Replies with an object in them, as a client gets them to the byte. */
#include <sys/sendfile.h>
#include <sys/syscall.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/draw.h"
#include "server/reply.h"
#include "t/check.h"
#include "t/scratch.h"
#include "t/taker.h"

/* No test waits longer than this for what has to come. */
#define PATIENCE	(20 * CLOCK_S)

/* Nor does all of it, in seconds. */
#define STUCK		120

/* More than the kernel takes for a client that does not read. */
#define LARGE		(INT64_C(16) << 20)

static const struct taken *got;

static int64_t hurry;		/* ns that each look at the clock takes */
static int fails;		/* reading a file does, behind its beginning */

/* Take libc's place. */
int
clock_gettime(clockid_t id, struct timespec *ts)
{
	static int64_t ahead;
	int r = (int)syscall(SYS_clock_gettime, id, ts);

	if (id == CLOCK_MONOTONIC)
		*ts = clock_timespec(clock_ns(ts) + (ahead += hurry));
	return r;
}

ssize_t
pread(int fd, void *buf, size_t len, off_t at)
{
	if (fails && at > 0) {
		errno = EIO;
		return -1;
	}
	return syscall(SYS_pread64, fd, buf, len, at);
}

ssize_t
sendfile(int out, int in, off_t *at, size_t len)
{
	if (fails) {
		errno = EIO;
		return -1;
	}
	return syscall(SYS_sendfile, out, in, at, len);
}

/* Sends the reply to a client. */
static int
reply(struct exchange *x)
{
	int result = taker_reply(x, PATIENCE);

	got = taker_got;
	return result;
}

static struct conf_disk disk = { .name = "sick", .dir = -1 };

static struct exchange
a_reply(void)
{
	struct exchange x = {
		.http = { .method = HTTP_GET, .minor = 1 },
		.wire = { .name = "object", .name_len = 6 },
		.disk = &disk,
		.read = { .how = DISK_READ, .key = 24 },
		.status = 200,
		.keep = 1,
	};

	return x;
}

static struct exchange
a_synthetic(int64_t size)
{
	struct exchange x = a_reply();

	if (object_open(&x.object, &disk, "object", 6, size, &x.why) != 200)
		errx(1, "object: %s", x.why);
	return x;
}

static struct exchange
a_file(int64_t size)
{
	struct conf_disk d = { .path = "here" };
	struct exchange x = a_reply();
	char *p = malloc((size_t)size + 1);
	int64_t i;

	if (p == NULL)
		err(1, "malloc");
	for (i = 0; i < size; i++)
		p[i] = (char)(draw_key(24, (uint64_t)i) >> 32);
	scratch_write("object", p, (size_t)size);
	free(p);
	d.dir = open(scratch_dir(), O_PATH | O_CLOEXEC);
	if (object_open(&x.object, &d, "object", 6, -1, &x.why) != 200 ||
	    object_read(&x.object) == -1)
		errx(1, "object: %s", x.why);
	close(d.dir);
	return x;
}

/* Whether the body that came is the object's first len bytes. */
static int
is_body(const struct exchange *x, size_t len)
{
	struct object o = x->object;
	struct iovec iov[2];
	ssize_t n;
	size_t i;

	if (got->body_len != len)
		return 0;
	if (o.kind == OBJECT_FILE) {
		for (i = 0; i < len; i++)
			if (got->body[i] != (char)(draw_key(24, i) >> 32))
				return 0;
		return 1;
	}
	for (i = 0; i < len; i += (size_t)n) {
		n = object_piece(&o, (int64_t)i, (int64_t)len, iov);
		if (memcmp(got->body + i, iov[0].iov_base,
		    iov[0].iov_len) != 0 || memcmp(got->body + i +
		    iov[0].iov_len, iov[1].iov_base, iov[1].iov_len) != 0)
			return 0;
	}
	return 1;
}

static void
test_whole(struct exchange x, const char *name)
{
	const int64_t size = x.object.size;
	char field[64];

	snprintf(field, sizeof(field), "\r\nContent-Length: %lld\r\n",
	    (long long)size);
	is_int(reply(&x), 0, "%s, %lld bytes", name, (long long)size);
	has_string(got->bytes, field, "its length");
	has_string(got->bytes, "\r\nContent-Type: application/octet-stream\r\n",
	    "it is no text");
	ok(is_body(&x, (size_t)size) && got->error == 0, "byte for byte");
	is_int((long long)x.sent, size, "as noted");
	is_int(x.keep, 1, "the connection stays");
	x.http.method = HTTP_HEAD;
	is_int(reply(&x), 0, "HEAD");
	has_string(got->bytes, field, "has its length");
	is_int((long long)got->body_len, 0, "and no more");
	object_close(&x.object);
}

static void
test_sizes(void)
{
	static const int64_t sizes[] = {
		0, 1, 65520, 65521, 65535, 65536, 65537, 131072, 131073, LARGE
	};
	struct exchange x;
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		test_whole(a_synthetic(sizes[i]), "synthetic");
		test_whole(a_file(sizes[i]), "a file");
		x = a_file(sizes[i]);
		x.object.direct = fcntl(x.object.fd, F_SETFL, O_DIRECT) == 0;
		test_whole(x, x.object.direct ? "O_DIRECT" : "no O_DIRECT");
	}
	x = a_file(200000);
	x.keep = 0;
	is_int(reply(&x), 0, "the last reply");
	ok(is_body(&x, 200000), "is whole as well");
	object_close(&x.object);
}

/* What went wrong is a text, whatever the object would have been. */
static void
test_error(void)
{
	struct exchange x = a_synthetic(100);

	x.status = 500;
	x.why = "it failed";
	is_int(reply(&x), 0, "an error, and an object");
	is_string(got->body, "it failed\n", "the error it is");
	has_string(got->bytes, "\r\nContent-Type: text/plain\r\n", "a text");
}

/*
 * The client has timeout for each piece: the whole of a reply may take any
 * number of them.  Here each look at the clock takes a quarter of one.
 */
static void
test_progress(void)
{
	struct exchange x = a_synthetic(LARGE);

	hurry = PATIENCE / 4;
	is_int(reply(&x), 0, "a reply that takes long, and goes on");
	x = a_file(LARGE);
	is_int(reply(&x), 0, "so does a file");
	object_close(&x.object);
	hurry = 0;
}

static void
test_shrinking(int stream)
{
	struct exchange x = a_file(LARGE);
	const char *said;

	if (truncate(scratch_path("object"), 100000) == -1)
		err(1, "truncate");
	x.keep = stream;
	taker_listen();
	is_int(reply(&x), -1, "a file that shrinks on its way");
	said = taker_heard();
	ok(is_body(&x, 100000) && got->error == 0, "ends where it ends");
	is_int((long long)x.sent, 100000, "as noted");
	has_string(said, "warning: disk sick: object has become shorter while "
	    "it was sent\n", "and logged");
	object_close(&x.object);
}

static void
test_failing(void)
{
	struct exchange x = a_file(LARGE);
	const char *said;

	fails = 1;
	taker_listen();
	is_int(reply(&x), -1, "a file that cannot be read to its end");
	said = taker_heard();
	fails = 0;
	ok(is_body(&x, OBJECT_PIECE) && got->error == 0,
	    "ends where it cannot");
	has_string(said, "warning: disk sick: cannot read on in object: "
	    "Input/output error\n", "and is logged");
	object_close(&x.object);
}

int
main(void)
{
	plan_no_plan();
	alarm(STUCK);
	object_init();
	test_sizes();
	test_error();
	test_progress();
	test_shrinking(0);
	test_shrinking(1);
	test_failing();
	return exit_status();
}
