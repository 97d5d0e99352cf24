#include <sys/param.h>

#include <errno.h>

#include "server/body.h"

/* The bytes of a text from offset `from' to before `to'. */
static size_t
text_piece(const struct body *b, int64_t from, int64_t to,
    struct iovec iov[2])
{
	size_t skip = (size_t)from, left = (size_t)(to - from), n;
	int i;

	for (i = 0; i < 2; i++) {
		n = MIN(skip, b->text[i].iov_len);
		iov[i].iov_base = (char *)b->text[i].iov_base + n;
		iov[i].iov_len = MIN(left, b->text[i].iov_len - n);
		skip -= n;
		left -= iov[i].iov_len;
	}
	return (size_t)(to - from);
}

/*
 * What is behind the file's beginning goes past the buffer.  But the last
 * piece, when more follows, has to wait for that, as sendfile(2) cannot.
 */
static int
may_stream(const struct body *b, int64_t to, int more)
{
	const struct object *o = b->object;

	return b->streams && b->sent >= o->at + (int64_t)o->ready &&
	    !(more && to - b->sent <= OBJECT_PIECE);
}

/*
 * One piece from the file.  Where the file gives nothing, reading it will show
 * why; and there are filesystems without sendfile(2).
 */
static enum body_result
stream(struct body *b, struct conn *c, int64_t to, int64_t timeout)
{
	size_t len = (size_t)MIN(to - b->sent, OBJECT_PIECE);
	ssize_t n = conn_send_file(c, b->object->fd, b->sent, len, timeout);

	if (n == -1)
		return BODY_UNTAKEN;
	b->streams = (size_t)n == len;
	b->sent += n;
	return BODY_SENT;
}

/* One piece from memory, and the head in front of it. */
static enum body_result
send_piece(struct body *b, struct conn *c, struct iovec *head, int64_t to,
    int more, int64_t timeout)
{
	struct iovec iov[3] = { *head };
	ssize_t len = 0;
	size_t sent;

	if (b->sent < to)
		len = b->object == NULL ?
		    (ssize_t)text_piece(b, b->sent, to, &iov[1]) :
		    object_piece(b->object, b->sent, to, &iov[1]);
	if (len <= 0 && b->sent < to) {
		if (len == 0)
			errno = 0;
		return BODY_BROKEN;
	}
	sent = conn_send(c, iov, len == 0 ? 1 : 3,
	    more || b->sent + len < to, timeout);
	if (sent > head->iov_len)
		b->sent += (int64_t)(sent - head->iov_len);
	if (sent < head->iov_len + (size_t)len)
		return BODY_UNTAKEN;
	head->iov_len = 0;
	return BODY_SENT;
}

enum body_result
body_send(struct body *b, struct conn *c, struct iovec *head, int64_t to,
    int more, int64_t timeout)
{
	enum body_result result;

	do {
		if (head->iov_len == 0 && b->sent < to &&
		    may_stream(b, to, more))
			result = stream(b, c, to, timeout);
		else
			result = send_piece(b, c, head, to, more, timeout);
	} while (result == BODY_SENT && b->sent < to);
	return result;
}
