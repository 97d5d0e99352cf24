#include <sys/param.h>

#include <errno.h>
#include <string.h>

#include "common/clock.h"
#include "common/date.h"
#include "common/draw.h"
#include "common/log.h"
#include "common/writer.h"
#include "server/body.h"
#include "server/reply.h"

/* The fields of a reply, none of which a client can make longer. */
#define HEAD_MAX	512

/* A line of text: an error's, or TOTAL and its comma. */
#define TEXT_MAX	256

/* Bytes that are no HTTP: a power of two, as little as a packet holds. */
#define GARBAGE_MAX	256

static const struct reason {
	int status;
	const char *phrase;
} reasons[] = {
	{ 200, "OK" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 402, "Payment Required" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 407, "Proxy Authentication Required" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 411, "Length Required" },
	{ 412, "Precondition Failed" },
	{ 413, "Content Too Large" },
	{ 414, "URI Too Long" },
	{ 415, "Unsupported Media Type" },
	{ 416, "Range Not Satisfiable" },
	{ 417, "Expectation Failed" },
	{ 421, "Misdirected Request" },
	{ 422, "Unprocessable Content" },
	{ 425, "Too Early" },
	{ 426, "Upgrade Required" },
	{ 428, "Precondition Required" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 451, "Unavailable For Legal Reasons" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
	{ 505, "HTTP Version Not Supported" },
	{ 507, "Insufficient Storage" },
	{ 511, "Network Authentication Required" },
};

const char *
reply_reason(int status)
{
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].phrase;
	return status < 500 ? "Client Error" : "Server Error";
}

static void
put_two(char *p, unsigned int n)
{
	p[0] = (char)('0' + n / 10);
	p[1] = (char)('0' + n % 10);
}

/*
 * RFC 9110's IMF-fixdate.  It is made anew for each reply: one that was kept
 * for a second would cost each worker a page.
 */
static void
write_date(struct writer *w, int64_t seconds)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct date d = date_utc(seconds);
	char text[] = "DDD, 00 MMM 0000 00:00:00 GMT";

	memcpy(text, days + (size_t)3 * d.weekday, 3);
	put_two(text + 5, d.day);
	memcpy(text + 8, months + (size_t)3 * (d.month - 1), 3);
	put_two(text + 12, (unsigned int)(d.year / 100));
	put_two(text + 14, (unsigned int)(d.year % 100));
	put_two(text + 17, d.hour);
	put_two(text + 20, d.minute);
	put_two(text + 23, d.second);
	writer_text(w, text);
}

/* What HTTP/1.0 and 1.1 each have to be told; 1.1 keeps unless told. */
static const char *
connection(const struct exchange *x)
{
	if (!x->keep)
		return "Connection: close\r\n";
	return x->http.minor == 0 ? "Connection: keep-alive\r\n" : "";
}

/* Fields that RFC 9110 wants beside certain statuses. */
static const char *
extra(int status)
{
	switch (status) {
	case 401:
		return "WWW-Authenticate: Basic realm=\"spindled\"\r\n";
	case 405:
		return "Allow: GET, HEAD\r\n";
	case 407:
		return "Proxy-Authenticate: Basic realm=\"spindled\"\r\n";
	case 426:
		return "Upgrade: HTTP/2.0\r\nConnection: upgrade\r\n";
	default:
		return "";
	}
}

/* An object is the body where nothing went wrong. */
static int
has_object(const struct exchange *x)
{
	return x->why == NULL && x->object.kind != OBJECT_TEXT;
}

static void
write_times(struct writer *w, const struct exchange *x)
{
	writer_text(w, "Server-Timing: queue;dur=");
	writer_ms(w, x->queue);
	writer_text(w, ", lane;dur=");
	writer_ms(w, x->read.lane);
	writer_text(w, ", disk;dur=");
	writer_ms(w, disk_time(&x->read));
	writer_text(w, "\r\n");
}

/* Gives its length. */
static size_t
head(const struct exchange *x, int64_t body, char *buf, size_t size)
{
	struct writer w = { buf, buf + size };

	writer_text(&w, "HTTP/1.1 ");
	writer_number(&w, (uint64_t)x->status);
	writer_text(&w, " ");
	writer_text(&w, reply_reason(x->status));
	writer_text(&w, "\r\nDate: ");
	write_date(&w, clock_real() / CLOCK_S);
	writer_text(&w, "\r\nServer: spindled/" VERSION "\r\nContent-Type: ");
	writer_text(&w, has_object(x) ? "application/octet-stream" :
	    "text/plain");
	writer_text(&w, "\r\nContent-Length: ");
	writer_number(&w, (uint64_t)body);
	writer_text(&w, "\r\n");
	writer_text(&w, extra(x->status));
	if ((x->status == 503 || x->status == 429) && x->retry_after > 0) {
		writer_text(&w, "Retry-After: ");
		writer_number(&w, (uint64_t)x->retry_after);
		writer_text(&w, "\r\n");
	}
	writer_text(&w, connection(x));
	write_times(&w, x);
	writer_text(&w, "\r\n");
	return (size_t)(w.p - buf);
}

/* TOTAL,PATH for a good read, in two pieces; one line for anything else. */
static void
text_body(struct body *b, const struct exchange *x, char *buf, size_t size)
{
	/* The line's end fits, however long the line is. */
	struct writer w = { buf, buf + size - 1 };

	if (x->why == NULL) {
		writer_number(&w, (uint64_t)((x->queue +
		    disk_time(&x->read)) / CLOCK_MS));
		*w.p++ = ',';
		b->text[1].iov_base = (char *)(uintptr_t)x->wire.name;
		b->text[1].iov_len = x->wire.name_len;
	} else {
		writer_text(&w, x->why);
		*w.p++ = '\n';
	}
	b->text[0].iov_base = buf;
	b->text[0].iov_len = (size_t)(w.p - buf);
	b->len = (int64_t)(b->text[0].iov_len + b->text[1].iov_len);
}

/* What is done to this reply: nothing, where there is nothing to do it to. */
static enum model_fault_kind
fault(const struct exchange *x, int64_t body)
{
	enum model_fault_kind f = x->read.draw.fault;

	if (x->read.how != DISK_READ)
		return FAULT_NONE;
	if (body == 0 && (f == FAULT_TRUNCATE || f == FAULT_STALL))
		return FAULT_NONE;
	return f;
}

/* The first byte is no letter: no status line begins like this. */
static void
send_garbage(struct exchange *x, struct conn *c, int64_t timeout)
{
	uint64_t bytes[GARBAGE_MAX / sizeof(uint64_t)];
	struct iovec iov = { bytes, sizeof(bytes) };
	size_t i;

	for (i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++)
		bytes[i] = draw_key(x->read.key, i);
	*(unsigned char *)bytes |= 0x80;
	x->sent = conn_send(c, &iov, 1, 1, timeout);
}

/* In the middle of a reply nothing is left but to end it short. */
static void
log_broken(const struct exchange *x)
{
	const int len = (int)MIN(x->wire.name_len, OBJECT_NAME_LOGGED);

	if (errno != 0)
		log_warn_errno("disk %s: cannot read on in %.*s",
		    x->disk->name, len, x->wire.name);
	else
		log_warn("disk %s: %.*s has become shorter while it was sent",
		    x->disk->name, len, x->wire.name);
}

/* The reply, or as much of it as its fault leaves, and when. */
static int
send_reply(struct exchange *x, struct conn *c, struct body *b, int64_t to,
    int64_t timeout)
{
	char fields[HEAD_MAX];
	struct iovec iov = { fields, head(x, b->len, fields, sizeof(fields)) };
	const int64_t half = to / 2;
	enum body_result r;

	if (x->fault == FAULT_NONE) {
		r = body_send(b, c, &iov, to, !x->keep, timeout);
	} else if (x->fault == FAULT_TRUNCATE) {
		r = body_send(b, c, &iov, half, 1, timeout);
	} else {
		r = body_send(b, c, &iov, half, 0, timeout);
		if (r == BODY_SENT && conn_pause(c, x->read.draw.stall) == -1)
			r = BODY_UNTAKEN;
		if (r == BODY_SENT)
			r = body_send(b, c, &iov, to, 1, timeout);
	}
	x->sent = (size_t)b->sent;
	if (r == BODY_BROKEN)
		log_broken(x);
	return r == BODY_SENT && b->sent == to ? 0 : -1;
}

int
reply_send(struct exchange *x, struct conn *c, int64_t timeout)
{
	struct body b = { .object = has_object(x) ? &x->object : NULL };
	char text[TEXT_MAX];
	int64_t to;

	if (b.object != NULL)
		b.len = b.object->size;
	else
		text_body(&b, x, text, sizeof(text));
	to = x->http.method == HTTP_HEAD ? 0 : b.len;
	if ((x->fault = fault(x, to)) != FAULT_NONE)
		x->keep = 0;
	switch (x->fault) {
	case FAULT_RESET:
		conn_reset(c);
		return -1;
	case FAULT_GARBAGE:
		send_garbage(x, c, timeout);
		return -1;
	default:
		b.streams = b.object != NULL && x->fault == FAULT_NONE &&
		    b.object->kind == OBJECT_FILE && !b.object->direct;
		return send_reply(x, c, &b, to, timeout);
	}
}
