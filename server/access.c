#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/date.h"
#include "common/writer.h"
#include "server/access.h"
#include "server/line.h"

/*
 * A line is one write(2), which O_APPEND keeps whole; a pipe does so up to
 * PIPE_BUF, which only a client with very long headers exceeds.  Each of three
 * texts of the client is cut, so that they fit even when every byte of them
 * takes four.
 */
#define LINE_MAX_BYTES	(3 * 4 * LINE_TEXT + 1024)

static struct line_log lines = { .keyword = "access-log" };

static void
write_ms(struct writer *w, const char *name, int64_t ns)
{
	writer_text(w, name);
	writer_ms(w, ns);
}

static void
write_times(struct writer *w, const struct exchange *x, unsigned int slot)
{
	write_ms(w, " queue_ms=", x->queue);
	write_ms(w, " lane_ms=", x->read.lane);
	write_ms(w, " disk_ms=", disk_time(&x->read));
	writer_text(w, " slot=");
	writer_number(w, slot);
	writer_text(w, " disk=");
	writer_text(w, x->disk == NULL ? "-" : x->disk->name);
	writer_text(w, " id=");
	writer_hex(w, x->id);
	writer_text(w, "\n");
}

/* Apache's combined format, with our times behind it. */
static void
combined(struct writer *w, const struct exchange *x, const char *host,
    int64_t when)
{
	time_t s = when / CLOCK_S;
	char stamp[64];
	struct tm tm;

	localtime_r(&s, &tm);
	strftime(stamp, sizeof(stamp), " - - [%d/%b/%Y:%H:%M:%S %z] ", &tm);
	writer_text(w, host);
	writer_text(w, stamp);
	line_quote(w, &x->http.line);
	writer_text(w, " ");
	writer_number(w, (uint64_t)x->status);
	writer_text(w, " ");
	writer_number(w, x->sent);
	writer_text(w, " ");
	line_quote(w, &x->http.referer);
	writer_text(w, " ");
	line_quote(w, &x->http.user_agent);
}

/* RFC 3339's date, to the millisecond. */
static void
write_date(struct writer *w, int64_t when)
{
	struct date d = date_utc(when / CLOCK_S);

	writer_digits(w, (uint64_t)d.year, 4);
	writer_text(w, "-");
	writer_digits(w, d.month, 2);
	writer_text(w, "-");
	writer_digits(w, d.day, 2);
	writer_text(w, "T");
	writer_digits(w, d.hour, 2);
	writer_text(w, ":");
	writer_digits(w, d.minute, 2);
	writer_text(w, ":");
	writer_digits(w, d.second, 2);
	writer_text(w, ".");
	writer_digits(w, (uint64_t)(when / CLOCK_MS), 3);
	writer_text(w, "Z");
}

static void
logfmt(struct writer *w, const struct exchange *x, const char *host,
    int64_t when)
{
	writer_text(w, "time=");
	write_date(w, when);
	writer_text(w, " client=");
	writer_text(w, host);
	writer_text(w, " request=");
	line_quote(w, &x->http.line);
	writer_text(w, " status=");
	writer_number(w, (uint64_t)x->status);
	writer_text(w, " bytes=");
	writer_number(w, x->sent);
	writer_text(w, " referer=");
	line_quote(w, &x->http.referer);
	writer_text(w, " agent=");
	line_quote(w, &x->http.user_agent);
}

size_t
access_line(int format, const struct exchange *x, const struct addr *peer,
    unsigned int slot, int64_t when, char *buf, size_t size)
{
	struct writer w = { buf, buf + size - 1 };
	char host[ADDR_TEXT];

	addr_host_text(peer, host, sizeof(host));
	(format == FORMAT_LOGFMT ? logfmt : combined)(&w, x, host, when);
	write_times(&w, x, slot);
	*w.p = '\0';
	return (size_t)(w.p - buf);
}

void
access_write(const struct access *a, const struct exchange *x,
    const struct conn *c, unsigned int slot)
{
	char line[LINE_MAX_BYTES];

	if (a->fd != -1)
		line_write(&lines, a->fd, line, access_line(a->format, x,
		    &c->peer, slot, clock_real(), line, sizeof(line)));
}

unsigned int
access_open(struct access *a, const struct conf *c, conf_report *report)
{
	a->format = c->access_format;
	a->fd = -1;
	if (c->access != ACCESS_FILE && c->access != ACCESS_STDERR)
		return 0;
	a->fd = line_open(&lines, c->access == ACCESS_FILE ? c->access_file :
	    NULL, STDERR_FILENO, c, c->access_at, report);
	return a->fd == -1;
}

void
access_close(struct access *a)
{
	if (a->fd > STDERR_FILENO)
		close(a->fd);
	a->fd = -1;
}
