#include <fcntl.h>

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "server/access.h"

/*
 * A line is one write(2), which O_APPEND keeps whole; a pipe does so up to
 * PIPE_BUF, which only a client with very long headers exceeds.  Each of three
 * texts of the client is cut, so that they fit even when every byte of them
 * takes four.
 */
#define TEXT_MAX_BYTES	1200
#define LINE_MAX_BYTES	(3 * 4 * TEXT_MAX_BYTES + 1024)

struct line {
	char *p;
	char *end;
};

static void
put(struct line *l, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
put(struct line *l, const char *fmt, ...)
{
	size_t room = (size_t)(l->end - l->p);
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->p, room, fmt, ap);
	va_end(ap);
	l->p += (size_t)n < room ? (size_t)n : room - 1;
}

/*
 * A client's text in quotes.  Whatever could end the quote, the line, or be
 * taken for a terminal's command, is written as \xHH.
 */
static void
put_quoted(struct line *l, const struct http_slice *s)
{
	size_t i, len = s->len < TEXT_MAX_BYTES ? s->len : TEXT_MAX_BYTES;
	unsigned char c;

	put(l, "\"");
	for (i = 0; i < len; i++) {
		c = (unsigned char)s->p[i];
		if (l->end - l->p < 8)
			break;
		if (c < ' ' || c > '~' || c == '"' || c == '\\')
			put(l, "\\x%02x", c);
		else
			*l->p++ = (char)c;
	}
	put(l, "%s\"", len < s->len ? "..." : s->len == 0 ? "-" : "");
}

static void
put_times(struct line *l, const struct exchange *x, unsigned int slot)
{
	put(l, " queue_ms=" CLOCK_MS_FMT " lane_ms=" CLOCK_MS_FMT
	    " disk_ms=" CLOCK_MS_FMT " slot=%u disk=%s\n",
	    CLOCK_MS_ARGS(x->queue), CLOCK_MS_ARGS(x->read.lane),
	    CLOCK_MS_ARGS(disk_time(&x->read)), slot,
	    x->disk == NULL ? "-" : x->disk->name);
}

/* Apache's combined format, with our times behind it. */
static void
combined(struct line *l, const struct exchange *x, const char *host,
    unsigned int slot, int64_t when)
{
	time_t s = when / CLOCK_S;
	char stamp[64];
	struct tm tm;

	localtime_r(&s, &tm);
	strftime(stamp, sizeof(stamp), "%d/%b/%Y:%H:%M:%S %z", &tm);
	put(l, "%s - - [%s] ", host, stamp);
	put_quoted(l, &x->http.line);
	put(l, " %d %zu ", x->status, x->sent);
	put_quoted(l, &x->http.referer);
	put(l, " ");
	put_quoted(l, &x->http.user_agent);
	put_times(l, x, slot);
}

static void
logfmt(struct line *l, const struct exchange *x, const char *host,
    unsigned int slot, int64_t when)
{
	time_t s = when / CLOCK_S;
	char stamp[64];
	struct tm tm;

	gmtime_r(&s, &tm);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);
	put(l, "time=%s.%03" PRId64 "Z client=%s request=", stamp,
	    when / CLOCK_MS % 1000, host);
	put_quoted(l, &x->http.line);
	put(l, " status=%d bytes=%zu referer=", x->status, x->sent);
	put_quoted(l, &x->http.referer);
	put(l, " agent=");
	put_quoted(l, &x->http.user_agent);
	put_times(l, x, slot);
}

size_t
access_line(int format, const struct exchange *x, const struct addr *peer,
    unsigned int slot, int64_t when, char *buf, size_t size)
{
	struct line l = { buf, buf + size };
	char host[ADDR_TEXT];

	addr_host_text(peer, host, sizeof(host));
	(format == FORMAT_LOGFMT ? logfmt : combined)(&l, x, host, slot, when);
	return (size_t)(l.p - buf);
}

void
access_write(const struct access *a, const struct exchange *x,
    const struct conn *c, unsigned int slot)
{
	static int failing;
	char line[LINE_MAX_BYTES];
	size_t len;
	ssize_t n;

	if (a->fd == -1)
		return;
	len = access_line(a->format, x, &c->peer, slot, clock_real(), line,
	    sizeof(line));
	n = write(a->fd, line, len);
	if (n == -1 && !failing)
		log_warn_errno("access-log: lines are lost");
	failing = n == -1;
}

unsigned int
access_open(struct access *a, const struct conf *c, conf_report *report)
{
	a->format = c->access_format;
	a->fd = c->access == ACCESS_STDERR ? STDERR_FILENO : -1;
	if (c->access != ACCESS_FILE)
		return 0;
	/* A FIFO that nobody reads is an error, and must not be a wait. */
	a->fd = open(c->access_file, O_WRONLY | O_APPEND | O_CREAT |
	    O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
	if (a->fd != -1)
		return 0;
	conf_error(c, c->access_at, report, "access-log: cannot open %s: %s",
	    c->access_file, strerror(errno));
	return 1;
}

void
access_close(struct access *a)
{
	if (a->fd > STDERR_FILENO)
		close(a->fd);
	a->fd = -1;
}
