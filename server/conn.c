#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/param.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/conf.h"
#include "server/conn.h"

/*
 * A longer queue time is asked for twice, see conn_queue_time, and has to be
 * the same but for this: TCP counts by the kernel's tick, of 10 ms at most.
 */
#define DOUBTFUL	(10 * CLOCK_MS)
#define ROUGH		(20 * CLOCK_MS)

/*
 * A worker has one connection at a time, so one buffer.  One byte more than
 * the longest head shows that a head is longer.  It begins a page, so that a
 * worker that is asked what fits in one has touched just that.
 */
static _Alignas(4096) char buffer[CONF_HEAD_MAX + 1];

void
conn_open(struct conn *c, int fd, const struct addr *peer, int64_t deferral)
{
	c->fd = fd;
	c->peer = *peer;
	c->len = 0;
	c->arrival = 0;
	c->next_at = 0;
	c->deferral = deferral;
}

/* Waits for events; -1 with ETIMEDOUT at the deadline. */
static int
wait_for(const struct conn *c, short events, int64_t deadline)
{
	struct pollfd p = { .fd = c->fd, .events = events };
	int n;

	do {
		n = poll(&p, 1, clock_poll_ms(clock_mono(), deadline));
	} while (n == -1 && errno == EINTR);
	if (n == 0)
		errno = ETIMEDOUT;
	return n == 1 ? 0 : -1;
}

/* One recvmsg(2) into the buffer, and the kernel's time stamp. */
static ssize_t
receive(struct conn *c, size_t room)
{
	union {
		char buf[CMSG_SPACE(sizeof(struct timespec))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { .iov_base = buffer + c->len, .iov_len = room };
	struct msghdr m = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf),
	};
	struct cmsghdr *cm;
	struct timespec ts;
	ssize_t n;

	if ((n = recvmsg(c->fd, &m, 0)) <= 0)
		return n;
	c->len += (size_t)n;
	c->arrival = 0;
	c->next_at = 0;
	for (cm = CMSG_FIRSTHDR(&m); cm != NULL; cm = CMSG_NXTHDR(&m, cm)) {
		if (cm->cmsg_level == SOL_SOCKET &&
		    cm->cmsg_type == SCM_TIMESTAMPNS) {
			memcpy(&ts, CMSG_DATA(cm), sizeof(ts));
			c->arrival = clock_ns(&ts);
		}
	}
	return n;
}

/*
 * How long the kernel has waited for the first byte in vain.  It gives away a
 * connection that has said nothing when the time is over, for which it sends
 * the SYN-ACK once more; or when that had a SYN cookie, and then it could not
 * wait.  We have sent nothing yet that could have been sent again.
 */
static int64_t
waited(struct conn *c)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);
	const int64_t deferral = c->deferral;

	c->deferral = 0;
	if (c->len > 0 || deferral == 0 ||
	    getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, &info, &len) == -1)
		return 0;
	return info.tcpi_total_retrans > 0 ? deferral : 0;
}

enum conn_result
conn_read(struct conn *c, struct http_request *r, size_t limit,
    int64_t deadline)
{
	ssize_t n;

	http_init(r);
	for (;;) {
		/* A kept connection may have brought the request before. */
		if (c->len > 0) {
			switch (http_parse(r, buffer, c->len, limit)) {
			case HTTP_DONE:
				return CONN_REQUEST;
			case HTTP_BAD:
				return CONN_BAD;
			case HTTP_MORE:
				break;
			}
		}
		while ((n = receive(c, limit + 1 - c->len)) == -1) {
			if (errno == EINTR)
				continue;
			if (errno != EAGAIN)
				return CONN_GONE;
			deadline -= waited(c);
			if (wait_for(c, POLLIN, deadline) == -1)
				return CONN_LATE;
		}
		if (n == 0)
			return CONN_GONE;
		/* One byte at a time must not outlive the deadline either. */
		if (clock_mono() >= deadline)
			return CONN_LATE;
	}
}

/* The same from TCP itself: in milliseconds, but no clock can be stepped. */
static int64_t
last_received(const struct conn *c)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	if (getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, &info, &len) == -1)
		return -1;
	return info.tcpi_last_data_recv * CLOCK_MS;
}

int64_t
conn_queue_time(const struct conn *c)
{
	int64_t least, most, tcp;

	if (c->next_at != 0)
		return clock_mono() - c->next_at;
	least = c->arrival == 0 ? -1 : clock_real() - c->arrival;
	if (least >= 0 && least <= DOUBTFUL)
		return least;
	/*
	 * The stamp is of the real-time clock: when somebody has set that in
	 * the meantime, the difference is anything.  This process may have to
	 * wait between two of its questions.
	 */
	tcp = last_received(c);
	most = clock_real() - c->arrival;
	if (tcp == -1)
		return MAX(least, 0);
	return least >= 0 && tcp >= least - ROUGH && tcp <= most + ROUGH ?
	    least : tcp;
}

/* What the kernel holds of what was sent: the client has not taken it yet. */
static int
held(const struct conn *c)
{
	int n = 0;

	return ioctl(c->fd, SIOCOUTQ, &n) == 0 ? n : 0;
}

/*
 * Waits for room for more.  The kernel says that there is some when a third
 * of what it may hold is gone, which is more than a megabyte where it has
 * chosen the size.  A client may take that slowly: so at the deadline, which
 * moves then, it counts how much less the kernel holds.
 */
static int
wait_for_room(const struct conn *c, int64_t *deadline, int64_t timeout)
{
	int before;

	for (;; *deadline += timeout) {
		before = held(c);
		if (wait_for(c, POLLOUT, *deadline) == 0)
			return 0;
		if (errno != ETIMEDOUT || before - held(c) < CONN_PIECE)
			return -1;
	}
}

size_t
conn_send(struct conn *c, struct iovec *iov, int n, int more,
    int64_t timeout)
{
	int64_t deadline = clock_mono() + timeout;
	int flags = more ? MSG_NOSIGNAL | MSG_MORE : MSG_NOSIGNAL;
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = (size_t)n };
	size_t sent = 0, step;
	ssize_t k;

	while (m.msg_iovlen > 0) {
		if ((k = sendmsg(c->fd, &m, flags)) == -1) {
			if (errno == EINTR)
				continue;
			if (errno != EAGAIN ||
			    wait_for_room(c, &deadline, timeout) == -1)
				break;
			continue;
		}
		sent += (size_t)k;
		for (; m.msg_iovlen > 0; m.msg_iov++, m.msg_iovlen--) {
			step = (size_t)k < m.msg_iov->iov_len ?
			    (size_t)k : m.msg_iov->iov_len;
			m.msg_iov->iov_base =
			    (char *)m.msg_iov->iov_base + step;
			m.msg_iov->iov_len -= step;
			k -= (ssize_t)step;
			if (m.msg_iov->iov_len > 0)
				break;
		}
	}
	return sent;
}

ssize_t
conn_send_file(struct conn *c, int fd, int64_t from, size_t len,
    int64_t timeout)
{
	int64_t deadline = clock_mono() + timeout;
	size_t left = len;
	off_t at = from;
	ssize_t n;

	while (left > 0 && (n = sendfile(c->fd, fd, &at, left)) != 0) {
		if (n > 0)
			left -= (size_t)n;
		else if (errno == EPIPE || errno == ECONNRESET ||
		    (errno == EAGAIN &&
		    wait_for_room(c, &deadline, timeout) == -1))
			return -1;
		else if (errno != EAGAIN && errno != EINTR)
			break;
	}
	return (ssize_t)(len - left);
}

int
conn_pause(struct conn *c, int64_t ns)
{
	struct pollfd p = { .fd = c->fd, .events = POLLRDHUP };
	int64_t end, now = clock_mono();
	struct timespec ts;

	if (__builtin_add_overflow(now, ns, &end))
		end = INT64_MAX;
	for (; now < end; now = clock_mono()) {
		ts = clock_timespec(end - now);
		if (ppoll(&p, 1, &ts, NULL) == 1)
			return -1;
	}
	return 0;
}

void
conn_reset(struct conn *c)
{
	/*
	 * SO_LINGER of 0 makes a reset of a close, but of that alone; to undo
	 * the connect(2) is one by itself, whatever follows.
	 */
	const struct sockaddr none = { .sa_family = AF_UNSPEC };

	(void)connect(c->fd, &none, sizeof(none));
}

void
conn_next(struct conn *c, size_t head_len)
{
	memmove(buffer, buffer + head_len, c->len - head_len);
	c->len -= head_len;
	c->deferral = 0;
	/* What came along could not have been served any earlier. */
	c->next_at = clock_mono();
}

int
conn_has_unread(const struct conn *c)
{
	int n = 0;

	return ioctl(c->fd, FIONREAD, &n) == 0 && n > 0;
}

void
conn_finish(struct conn *c)
{
	shutdown(c->fd, SHUT_WR);
}

int64_t
conn_discard(struct conn *c, int64_t max)
{
	/* MSG_TRUNC: TCP throws the bytes away, and copies nothing. */
	ssize_t n = recv(c->fd, NULL, (size_t)max, MSG_TRUNC);

	if (n > 0)
		return n;
	return n == -1 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

void
conn_close(struct conn *c)
{
	close(c->fd);
	c->fd = -1;
}
