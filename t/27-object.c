/*
 * Objects by themselves: what a name leads to, and what never; what is in
 * them; and that their size costs nothing.
 */
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/draw.h"
#include "server/object.h"
#include "t/check.h"
#include "t/scratch.h"
#include "t/taker.h"

#define GIB	(INT64_C(1) << 30)

/* An open(2) that waits for somebody is given up after so many seconds. */
#define STUCK	30

static struct conf_disk files;		/* has a directory */
static struct conf_disk synthetic;	/* has sizes */

static int
status_of(const char *name)
{
	struct object o;
	const char *why = NULL;
	int status = object_open(&o, &files, name, strlen(name), -1, &why);

	if ((status == 200) != (why == NULL))
		diag("%s: %d, but why is %s", name, status, why);
	object_close(&o);
	return status;
}

static void
make_file(const char *name, off_t size)
{
	int fd = open(scratch_path(name), O_WRONLY | O_CREAT | O_CLOEXEC,
	    0644);

	if (fd == -1 || ftruncate(fd, size) == -1 || close(fd) == -1)
		err(1, "%s", name);
}

static void
make_socket(const char *name)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strlcpy(sun.sun_path, scratch_path(name), sizeof(sun.sun_path));
	if (fd == -1 || bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1)
		err(1, "%s", name);
	close(fd);
}

static void
make_link(const char *to, const char *name)
{
	if (symlink(to, scratch_path(name)) == -1)
		err(1, "%s", name);
}

/*
 * The disk's directory is `d'; beside it is a file that nobody may have, and
 * a directory whose name begins with the same letter.
 */
static void
make_tree(void)
{
	static const char *const dirs[] = { "d", "d/sub", "d/sub/sub", "dd" };
	size_t i;

	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (mkdir(scratch_path(dirs[i]), 0755) == -1)
			err(1, "%s", dirs[i]);
	make_file("secret", 1);
	make_file("dd/secret", 1);
	make_file("d/file", 1);
	make_file("d/a b", 1);
	make_file("d/%2e", 1);
	make_file("d/..a", 1);
	make_file("d/sub/file", 1);
	make_socket("d/socket");
	if (mkfifo(scratch_path("d/fifo"), 0644) == -1)
		err(1, "fifo");
	make_link("file", "d/in");
	make_link("sub/../file", "d/around");
	make_link("sub", "d/insub");
	make_link("../sub/file", "d/sub/up");
	make_link("../secret", "d/out");
	make_link("..", "d/parent");
	make_link(scratch_path("secret"), "d/absolute");
	make_link(scratch_path("d/file"), "d/absolute-in");
	make_link("/dev/zero", "d/zero");
	make_link("/proc/self/root", "d/magic");
	make_link("/proc/self/fd/0", "d/fd");
	make_link("loop", "d/loop");
	make_link("nothing", "d/dangling");
	make_link("../nothing", "d/dangling-out");
	make_link("fifo", "d/to-fifo");
}

static const struct {
	const char *name;
	int status;
} names[] = {
	/* What is there. */
	{ "file", 200 },
	{ "sub/file", 200 },
	{ "f%69le", 200 },
	{ "a%20b", 200 },
	{ "%252e", 200 },
	{ "..a", 200 },
	{ "./file", 200 },
	{ "sub//file", 200 },
	{ "sub/../file", 200 },
	{ "sub/%2e%2E/file", 200 },
	{ "in", 200 },
	{ "around", 200 },
	{ "insub/file", 200 },
	{ "sub/up", 200 },

	/* What is not. */
	{ "nothing", 404 },
	{ "nothing/file", 404 },
	{ "file/", 404 },
	{ "file/file", 404 },
	{ "dangling", 404 },
	{ "%2e%2", 404 },
	{ "file%00", 404 },
	{ "file%00.txt", 404 },
	{ "%00", 404 },
	{ "sub%2ffile", 404 },
	{ "sub%2Ffile", 404 },

	/* Ways out. */
	{ "..", 403 },
	{ "../secret", 403 },
	{ "../d/file", 403 },
	{ "../dd/secret", 403 },
	{ "%2e%2e/secret", 403 },
	{ ".%2E/secret", 403 },
	{ "%2e%2e%2fsecret", 404 },
	{ "..%2fsecret", 404 },
	{ "%252e%252e/secret", 404 },
	{ "..\\secret", 404 },
	{ "sub/../../secret", 403 },
	{ "sub/sub/../../../secret", 403 },
	{ "./../secret", 403 },
	{ "insub/../../secret", 403 },
	{ "/etc/passwd", 403 },
	{ "//etc/passwd", 403 },
	{ "%2fetc/passwd", 404 },
	{ "out", 403 },
	{ "parent/secret", 403 },
	{ "parent/d/file", 403 },
	{ "absolute", 403 },
	{ "absolute-in", 403 },
	{ "dangling-out", 403 },
	{ "zero", 403 },
	{ "magic/etc/passwd", 403 },
	{ "fd", 403 },
	{ "loop", 403 },

	/* What is no file. */
	{ "", 403 },
	{ ".", 403 },
	{ "./", 403 },
	{ "sub", 403 },
	{ "sub/", 403 },
	{ "sub/..", 403 },
	{ "insub", 403 },
	{ "fifo", 403 },
	{ "to-fifo", 403 },
	{ "socket", 403 },
};

static void
test_names(void)
{
	size_t i;

	alarm(STUCK);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		is_int(status_of(names[i].name), names[i].status, "`%s'",
		    names[i].name);
	alarm(0);
	files.path_mode = PATH_DIRECT;
	is_int(status_of("sub"), 403, "a directory, with O_DIRECT");
	is_int(status_of("fifo"), 403, "a FIFO, with O_DIRECT");
	files.path_mode = PATH_BUFFERED;
}

static void
test_long_names(void)
{
	const size_t encoded = 765;	/* 255, three bytes each */
	char name[2 * PATH_MAX];
	size_t i;

	memset(name, 'a', sizeof(name));
	name[255] = '\0';
	is_int(status_of(name), 404, "the longest name of a file");
	name[255] = 'a';
	name[256] = '\0';
	is_int(status_of(name), 414, "a longer one");
	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	is_int(status_of(name), 414, "one longer than a path may be");

	/* "././././file", as long as a path may be, and longer by one. */
	for (i = 0; i < sizeof(name); i += 2)
		memcpy(name + i, "./", 2);
	strlcpy(name + PATH_MAX - 1 - 5, "/file", 6);
	is_int((long long)strlen(name), PATH_MAX - 1, "a long path");
	is_int(status_of(name), 200, "the longest path");
	memcpy(name + PATH_MAX - 1 - 5, "/", 1);
	strlcpy(name + PATH_MAX - 5, "/file", 6);
	is_int(status_of(name), 414, "a longer one");
	for (i = 0; i < encoded; i += 3)
		memcpy(name + i, "%61", 3);
	name[encoded] = '\0';
	is_int(status_of(name), 404, "what counts is what is decoded");
}

/* Whom the permissions of files mean: not root. */
static void
test_permissions(void)
{
	int status = -1;
	pid_t pid;

	make_file("d/closed", 1);
	if (chmod(scratch_path("d/closed"), 0) == -1 ||
	    mkdir(scratch_path("d/shut"), 0700) == -1 ||
	    chmod(scratch_dir(), 0755) == -1)
		err(1, "closed");
	if ((pid = fork()) == -1)
		err(1, "fork");
	if (pid == 0) {
		if (getuid() == 0 && setuid(65534) == -1)
			_exit(2);
		_exit(status_of("file") == 200 &&
		    status_of("closed") == 403 &&
		    (getuid() != 65534 || status_of("shut/file") == 403) ?
		    0 : 1);
	}
	waitpid(pid, &status, 0);
	is_int(status, 0, "what may not be read is 403");
}

/* Devices are root's to make. */
static void
test_device(void)
{
	const char *path = scratch_path("d/device");

	if (mknod(path, S_IFCHR | 0666, makedev(1, 5)) == -1) {
		skip(1, "no device can be made here: %s", strerror(errno));
		return;
	}
	is_int(status_of("device"), 403, "a device beneath the directory");
}

static void
test_no_directory(void)
{
	struct conf_disk d = files;
	const char *why;
	struct object o;
	int status;

	d.dir = -1;
	taker_listen();
	status = object_open(&o, &d, "file", 4, -1, &why);
	has_string(taker_heard(), "warning: disk files: cannot open file: Bad "
	    "file descriptor\n", "the log learns what went wrong");
	is_int(status, 500, "what nobody expects is 500");
	is_string(why, "the file cannot be opened", "the client learns no more");
	is_int(o.fd, -1, "nothing is open");
}

/* All of an object, from offset `from' on, into buf. */
static size_t
take(struct object *o, int64_t from, int64_t to, char *buf)
{
	struct iovec iov[2];
	size_t n = 0;
	ssize_t len;

	while (from < to && (len = object_piece(o, from, to, iov)) > 0) {
		memcpy(buf + n, iov[0].iov_base, iov[0].iov_len);
		n += iov[0].iov_len;
		memcpy(buf + n, iov[1].iov_base, iov[1].iov_len);
		n += iov[1].iov_len;
		from += len;
	}
	return n;
}

static struct object
open_synthetic(const struct conf_disk *d, const char *name, int64_t size)
{
	const char *why = NULL;
	struct object o;

	if (object_open(&o, d, name, strlen(name), size, &why) != 200)
		errx(1, "%s: %s", name, why);
	return o;
}

#define BLOCKS	196608		/* three of 64 KiB */
#define SOME	300000		/* more than any piece, and than the pattern */

/* Every part of it is where it is in the whole. */
static void
test_parts(const char *name, int64_t size)
{
	static const int64_t cuts[] = {
		0, 1, 100, 65520, 65521, 65522, 65535, 65536, 65537, 131042,
		131072, 299999, SOME
	};
	static char whole[SOME], part[SOME];
	struct object o = open_synthetic(&synthetic, name, size);
	size_t i, j, n, wrong = 0;

	take(&o, 0, size, whole);
	for (i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		for (j = i; j < sizeof(cuts) / sizeof(cuts[0]); j++) {
			if (cuts[j] > size)
				continue;
			n = take(&o, cuts[i], cuts[j], part);
			wrong += n != (size_t)(cuts[j] - cuts[i]) ||
			    memcmp(part, whole + cuts[i], n) != 0;
		}
	}
	is_int((long long)wrong, 0, "`%s', %lld bytes: the parts of it", name,
	    (long long)size);
}

static int
is_prefix(const char *name, int64_t size)
{
	static char whole[SOME], part[SOME];
	struct object a = open_synthetic(&synthetic, name, SOME);
	struct object b = open_synthetic(&synthetic, name, size);

	take(&a, 0, SOME, whole);
	memset(part, 0, sizeof(part));
	return take(&b, 0, size, part) == (size_t)size &&
	    memcmp(whole, part, (size_t)size) == 0;
}

static void
test_contents(void)
{
	static const int64_t sizes[] = {
		0, 1, 65520, 65521, 65522, 65535, 65536, 65537, 200000, SOME
	};
	static char a[SOME], b[SOME];
	struct conf_disk other = synthetic;
	struct object o, p;
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		ok(is_prefix("some", sizes[i]),
		    "%lld bytes are the first of more", (long long)sizes[i]);
	test_parts("some", SOME);
	test_parts("", 65537);
	test_parts("another/one", 65536);

	o = open_synthetic(&synthetic, "a", 4096);
	take(&o, 0, 4096, a);
	p = open_synthetic(&synthetic, "b", 4096);
	take(&p, 0, 4096, b);
	ok(memcmp(a, b, 4096) != 0, "another name has other contents");
	other.key++;
	p = open_synthetic(&other, "a", 4096);
	take(&p, 0, 4096, b);
	ok(memcmp(a, b, 4096) != 0, "so has another disk's");
	/* A client that puts a block in another's place has to notice. */
	o = open_synthetic(&synthetic, "a", BLOCKS);
	take(&o, 0, BLOCKS, a);
	ok(memcmp(a, a + 65536, 65536) != 0 && memcmp(a, a + 4096, 4096) != 0,
	    "no block is like its neighbour");
	/* These bytes are for ever: what a path has shown, it shows again. */
	a[32] = '\0';
	is_string(a, "oQ5MP16Kz8xp5MJzFR0vFIyK8W14qKrh",
	    "and they stay what they are");
}

static void
test_sizes(void)
{
	struct object o = open_synthetic(&synthetic, "some", -1), p;
	struct conf_disk none = synthetic;
	char name[] = "00";
	int64_t least = INT64_MAX, most = 0;
	int i;

	p = open_synthetic(&synthetic, "some", -1);
	ok(o.size == p.size, "a path has one size");
	is_int(o.size, dist_value(&synthetic.object_size, draw_unit(draw_hash(
	    synthetic.key, "some", 4), MODEL_SIZE), 0), "the one it draws");
	for (i = 0; i < 100; i++) {
		name[0] = (char)('0' + i / 10);
		name[1] = (char)('0' + i % 10);
		o = open_synthetic(&synthetic, name, -1);
		least = o.size < least ? o.size : least;
		most = o.size > most ? o.size : most;
	}
	ok(least >= 1000 && least < 1100 && most <= 2000 && most > 1900,
	    "paths have all of the sizes (%lld to %lld)", (long long)least,
	    (long long)most);
	o = open_synthetic(&synthetic, "some", 5);
	is_int(o.size, 5, "a size that is asked for");
	none.sized = 0;
	o = open_synthetic(&none, "some", -1);
	is_int((int)o.kind, OBJECT_TEXT, "a disk without sizes has the text");
	o = open_synthetic(&none, "some", 0);
	ok(o.kind == OBJECT_SYNTHETIC && o.size == 0, "unless one is asked for");
	none.sized = 1;
	none.object_size.kind = DIST_HANG;
	o = open_synthetic(&none, "some", -1);
	is_int(o.size, CONF_OBJECT_MAX, "and no tail goes beyond 16 GiB");
}

/* Bytes that are everywhere different. */
static char *
file_contents(size_t size)
{
	char *p = malloc(size + 1);
	size_t i;

	if (p == NULL)
		err(1, "malloc");
	for (i = 0; i < size; i++)
		p[i] = (char)(draw_key(27, i) >> 32);
	return p;
}

static void
test_file(size_t size, int direct)
{
	char *want = file_contents(size), *got = file_contents(size);
	const char *why = NULL;
	struct object o;
	int status;

	memset(got, 0, size);
	scratch_write("d/data", want, size);
	files.path_mode = direct ? PATH_DIRECT : PATH_BUFFERED;
	status = object_open(&o, &files, "data", 4, -1, &why);
	is_int(status, 200, "%zu bytes%s", size, direct ? ", O_DIRECT" : "");
	is_int(o.size, (long long)size, "its size");
	is_int(object_read(&o), 0, "its beginning is read");
	is_int((long long)o.ready, size < OBJECT_PIECE ? (long long)size :
	    OBJECT_PIECE, "and waits");
	is_int((long long)take(&o, 0, o.size, got), (long long)size,
	    "all of it");
	ok(memcmp(got, want, size) == 0, "byte for byte");
	memset(got, 0, size);
	take(&o, o.size / 2, o.size, got);
	ok(memcmp(got, want + size / 2, size - size / 2) == 0,
	    "its second half");
	object_close(&o);
	is_int(o.fd, -1, "closed");
	object_close(&o);
	files.path_mode = PATH_BUFFERED;
	free(want);
	free(got);
}

static const size_t sizes[] = {
	0, 1, 511, 512, 4095, 4096, 4097, 65535, 65536, 65537, 131072, 131073,
	200001
};

static void
test_files(void)
{
	const char *why;
	struct object o;
	int direct;
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		test_file(sizes[i], 0);
	files.path_mode = PATH_DIRECT;
	direct = object_open(&o, &files, "file", 4, -1, &why) == 200;
	object_close(&o);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		if (direct)
			test_file(sizes[i], 1);
		else
			skip(1, "no O_DIRECT in %s", scratch_dir());
	}
}

/* Before its reply has begun, a shorter file is just a shorter file. */
static void
test_shrunk(void)
{
	struct iovec iov[2];
	struct object o;
	const char *why;

	make_file("d/shrinks", 200000);
	object_open(&o, &files, "shrinks", 7, -1, &why);
	if (truncate(scratch_path("d/shrinks"), 10) == -1)
		err(1, "truncate");
	is_int(object_read(&o), 0, "a file that has shrunk");
	is_int(o.size, 10, "is what it is now");
	object_close(&o);

	make_file("d/shrinks", 200000);
	object_open(&o, &files, "shrinks", 7, -1, &why);
	is_int(object_read(&o), 0, "one that shrinks later");
	if (truncate(scratch_path("d/shrinks"), 100000) == -1)
		err(1, "truncate");
	is_int(object_piece(&o, 65536, o.size, iov), 100000 - 65536,
	    "has what is left of it");
	is_int(object_piece(&o, 100000, o.size, iov), 0, "and no more");
	is_int(object_piece(&o, 150000, o.size, iov), 0, "nor behind that");
	object_close(&o);
}

/* What cannot be read is said before the reply, with its reason. */
static void
test_unreadable(void)
{
	struct object o = {
		.kind = OBJECT_FILE, .size = 10, .fd = open("/", O_RDONLY |
		O_DIRECTORY | O_CLOEXEC)
	};

	errno = 0;
	is_int(object_read(&o), -1, "a read that fails");
	is_int(errno, EISDIR, "says why");
	object_close(&o);
}

/* Both kinds, from beginning to end, in the memory that is there already. */
static void
test_large(void)
{
	struct iovec iov[2];
	struct object o = open_synthetic(&synthetic, "large", 16 * GIB);
	struct rusage before, after;
	int64_t at;
	ssize_t n;
	const char *why;

	getrusage(RUSAGE_SELF, &before);
	for (at = 0; at < o.size; at += n)
		if ((n = object_piece(&o, at, o.size, iov)) <= 0 ||
		    n != (ssize_t)(iov[0].iov_len + iov[1].iov_len))
			break;
	is_int(at, 16 * GIB, "16 GiB that are not there");

	make_file("d/sparse", 5 * GIB);
	is_int(object_open(&o, &files, "sparse", 6, -1, &why), 200,
	    "5 GiB that are not there");
	is_int(object_read(&o), 0, "read");
	is_int(o.size, 5 * GIB, "their size");
	is_int(object_piece(&o, 5 * GIB - 5, o.size, iov), 5, "their end");
	object_close(&o);
	getrusage(RUSAGE_SELF, &after);
	ok(after.ru_maxrss - before.ru_maxrss < 4096,
	    "took %ld kB of memory", after.ru_maxrss - before.ru_maxrss);
}

int
main(void)
{
	plan_no_plan();
	umask(022);
	object_init();
	make_tree();
	strlcpy(files.name, "files", sizeof(files.name));
	strlcpy(files.path, scratch_path("d"), sizeof(files.path));
	files.dir = open(files.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	synthetic.dir = -1;
	synthetic.sized = 1;
	synthetic.key = draw_hash(0, "disk", 4);
	synthetic.object_size.kind = DIST_UNIFORM;
	synthetic.object_size.n = 2;
	synthetic.object_size.points[0].value = 1000;
	synthetic.object_size.points[1].value = 2000;
	test_names();
	test_long_names();
	test_permissions();
	test_device();
	test_no_directory();
	test_contents();
	test_sizes();
	test_files();
	test_shrunk();
	test_unreadable();
	test_large();
	close(files.dir);
	return exit_status();
}
