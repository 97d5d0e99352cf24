#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/access.h"
#include "server/line.h"

/*
 * A line is one write(2), which O_APPEND keeps whole; a pipe does so up to
 * PIPE_BUF, which only a client with very long headers exceeds.  Each of three
 * texts of the client is cut, so that they fit even when every byte of them
 * takes four.
 */
#define LINE_MAX_BYTES	(3 * 4 * LINE_TEXT + 1024)

static void
put_times(struct line *l, const struct exchange *x, unsigned int slot)
{
	line_put(l, " queue_ms=" CLOCK_MS_FMT " lane_ms=" CLOCK_MS_FMT
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
	line_put(l, "%s - - [%s] ", host, stamp);
	line_put_quoted(l, &x->http.line);
	line_put(l, " %d %zu ", x->status, x->sent);
	line_put_quoted(l, &x->http.referer);
	line_put(l, " ");
	line_put_quoted(l, &x->http.user_agent);
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
	line_put(l, "time=%s.%03" PRId64 "Z client=%s request=", stamp,
	    when / CLOCK_MS % 1000, host);
	line_put_quoted(l, &x->http.line);
	line_put(l, " status=%d bytes=%zu referer=", x->status, x->sent);
	line_put_quoted(l, &x->http.referer);
	line_put(l, " agent=");
	line_put_quoted(l, &x->http.user_agent);
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

	if (a->fd != -1)
		line_write(a->fd, line, access_line(a->format, x, &c->peer,
		    slot, clock_real(), line, sizeof(line)), "access-log",
		    &failing);
}

unsigned int
access_open(struct access *a, const struct conf *c, conf_report *report)
{
	a->format = c->access_format;
	a->fd = c->access == ACCESS_STDERR ? STDERR_FILENO : -1;
	if (c->access != ACCESS_FILE)
		return 0;
	a->fd = line_open(c->access_file, c, c->access_at, "access-log",
	    report);
	return a->fd == -1;
}

void
access_close(struct access *a)
{
	if (a->fd > STDERR_FILENO)
		close(a->fd);
	a->fd = -1;
}
