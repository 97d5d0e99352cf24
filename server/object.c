#include <sys/param.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <linux/openat2.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/chars.h"
#include "common/draw.h"
#include "common/log.h"
#include "server/object.h"

/*
 * The length of the pattern is a prime: were it a power of two, a block that
 * a client puts in a wrong place would most often fit there.
 */
#define PATTERN	65521

/* What O_DIRECT wants of memory, offsets and lengths, of any disk today. */
#define ALIGN	4096

/* How often a file is looked for whose directories are being renamed. */
#define TRIES	8

static char pattern[PATTERN];

/* A worker has one object at a time, so one buffer. */
static _Alignas(ALIGN) char buffer[OBJECT_PIECE];

/* Letters and digits, so that a terminal can show what comes. */
void
object_init(void)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	uint64_t word = 0;
	size_t i;

	for (i = 0; i < PATTERN; i++, word >>= 6) {
		if (i % 10 == 0)
			word = draw_key(0, i / 10);
		pattern[i] = letters[word & 63];
	}
}

/*
 * Percent-decodes a name.  Gives 0, or the errno that open(2) would have for
 * it.  An encoded slash is no separator, and as part of a file's name it does
 * not exist: whoever looked at the path on its way here, a proxy with rules,
 * saw one segment, and must not have been fooled.  A NUL is in no name either.
 */
static int
decode(const char *p, size_t len, char *buf, size_t size)
{
	const char *end = p + len;
	size_t n = 0;
	int c;

	for (; p < end; n++) {
		if (n + 1 == size)
			return ENAMETOOLONG;
		if (*p != '%') {
			buf[n] = *p++;
			continue;
		}
		if ((c = chars_encoded(p, end)) <= 0 || c == '/')
			return ENOENT;
		buf[n] = (char)c;
		p += 3;
	}
	buf[n] = '\0';
	return 0;
}

/*
 * Opens for reading what is beneath dir and stays there: the kernel refuses
 * `..', absolute names and links that lead out with EXDEV.  It refuses
 * proc(5)'s links that are none as well; openat2(2) wants that said apart.
 * A FIFO does not wait for its writer.
 */
static int
open_beneath(int dir, const char *name)
{
	struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	int fd, tries = 0;

	do {
		fd = (int)syscall(SYS_openat2, dir, name, &how, sizeof(how));
	} while (fd == -1 && (errno == EINTR ||
	    (errno == EAGAIN && ++tries < TRIES)));
	return fd;
}

/*
 * O_DIRECT comes last, for the open(2) of a directory or a device with it
 * would fail with a reason that is none.  Gives 0, or an errno; ENODEV stands
 * for all that is no file.
 */
static int
open_file(struct object *o, const struct conf_disk *d, const char *name)
{
	struct stat st;

	if ((o->fd = open_beneath(d->dir, name)) == -1)
		return errno;
	if (fstat(o->fd, &st) == -1)
		return errno;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	if (!S_ISREG(st.st_mode))
		return ENODEV;
	o->direct = d->path_mode == PATH_DIRECT;
	if (o->direct && fcntl(o->fd, F_SETFL, O_DIRECT) == -1)
		return errno;
	o->kind = OBJECT_FILE;
	o->size = st.st_size;
	return 0;
}

/* What a file that cannot be opened is for the client. */
static int
refuse(int error, const char **why)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		*why = "there is no such file";
		return 404;
	case EACCES:
	case EPERM:
		*why = "the file may not be read";
		return 403;
	case EXDEV:
		*why = "the name leads out of the disk's directory";
		return 403;
	case ELOOP:
		*why = "the name leads through links that are not followed";
		return 403;
	case EISDIR:
		*why = "this is a directory";
		return 403;
	case ENODEV:
	case ENXIO:
		*why = "this is no regular file";
		return 403;
	case ENAMETOOLONG:
		*why = "the name is longer than a file's can be";
		return 414;
	default:
		*why = "the file cannot be opened";
		return 500;
	}
}

static int
find_file(struct object *o, const struct conf_disk *d, const char *name,
    size_t len, const char **why)
{
	char decoded[PATH_MAX];
	int error, status;

	if ((error = decode(name, len, decoded, sizeof(decoded))) == 0)
		error = open_file(o, d, len == 0 ? "." : decoded);
	if (error == 0)
		return 200;
	if (o->fd != -1)
		close(o->fd);
	o->fd = -1;
	if ((status = refuse(error, why)) == 500) {
		errno = error;
		/* As it came, which is printable. */
		log_warn_errno("disk %s: cannot open %.*s", d->name,
		    (int)MIN(len, OBJECT_NAME_LOGGED), name);
	}
	return status;
}

int64_t
object_size(const struct conf_disk *d, const char *name, size_t len)
{
	int64_t size = dist_value(&d->object_size,
	    draw_unit(draw_hash(d->key, name, len), MODEL_SIZE), 0);

	return MIN(size, CONF_OBJECT_MAX);
}

int
object_open(struct object *o, const struct conf_disk *d, const char *name,
    size_t len, int64_t size, const char **why)
{
	memset(o, 0, sizeof(*o));
	o->kind = OBJECT_TEXT;
	o->fd = -1;
	if (d->path[0] != '\0')
		return find_file(o, d, name, len, why);
	if (size < 0 && !d->sized)
		return 200;
	o->kind = OBJECT_SYNTHETIC;
	o->key = draw_hash(d->key, name, len);
	o->size = size >= 0 ? size : object_size(d, name, len);
	return 200;
}

/*
 * Fills the buffer with what the file has from o->at on, want bytes at most.
 * O_DIRECT may read beyond them, but must begin and end where a block does: an
 * end in the middle of a block is the file's.
 */
static int
fill(struct object *o, size_t want)
{
	ssize_t n;

	o->ready = 0;
	do {
		n = pread(o->fd, buffer + o->ready, o->direct ?
		    sizeof(buffer) - o->ready : want - o->ready,
		    o->at + (off_t)o->ready);
		if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0)
			o->ready += (size_t)n;
	} while (n != 0 && o->ready < want &&
	    !(o->direct && o->ready % ALIGN != 0));
	o->ready = MIN(o->ready, want);
	return 0;
}

int
object_read(struct object *o)
{
	size_t want = (size_t)MIN(o->size, OBJECT_PIECE);

	if (o->kind != OBJECT_FILE || want == 0)
		return 0;
	o->at = 0;
	if (fill(o, want) == -1)
		return -1;
	if (o->ready < want)
		o->size = (int64_t)o->ready;
	return 0;
}

/* The pattern goes round and round. */
static ssize_t
synthetic(const struct object *o, int64_t from, size_t len,
    struct iovec iov[2])
{
	size_t start = (o->key % PATTERN + (uint64_t)from) % PATTERN;

	len = MIN(len, PATTERN);
	iov[0].iov_base = pattern + start;
	iov[0].iov_len = MIN(len, PATTERN - start);
	iov[1].iov_base = pattern;
	iov[1].iov_len = len - iov[0].iov_len;
	return (ssize_t)len;
}

/* Reads begin at multiples of a piece, whatever is asked for: see fill(). */
static ssize_t
file(struct object *o, int64_t from, size_t len, struct iovec iov[2])
{
	size_t skip;

	if (from < o->at || from >= o->at + (int64_t)o->ready) {
		o->at = from - from % OBJECT_PIECE;
		if (fill(o, (size_t)MIN(o->size - o->at, OBJECT_PIECE)) == -1)
			return -1;
	}
	skip = (size_t)(from - o->at);
	if (skip >= o->ready)
		return 0;
	iov[0].iov_base = buffer + skip;
	iov[0].iov_len = MIN(len, o->ready - skip);
	iov[1].iov_base = buffer;
	iov[1].iov_len = 0;
	return (ssize_t)iov[0].iov_len;
}

ssize_t
object_piece(struct object *o, int64_t from, int64_t to, struct iovec iov[2])
{
	size_t len = (size_t)MIN(to - from, OBJECT_PIECE);

	if (o->kind == OBJECT_FILE)
		return file(o, from, len, iov);
	return synthetic(o, from, len, iov);
}

int
object_is_unread(const struct object *o)
{
	return o->kind == OBJECT_FILE && o->at + (int64_t)o->ready < o->size;
}

void
object_close(struct object *o)
{
	if (o->kind == OBJECT_FILE && o->fd != -1)
		close(o->fd);
	o->fd = -1;
}
