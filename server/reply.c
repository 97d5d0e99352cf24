#include <sys/param.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "server/reply.h"

/* The fields of a reply, none of which a client can make longer. */
#define HEAD_MAX 512

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

/* RFC 9110's IMF-fixdate, made once a second. */
static const char *
date(void)
{
	static const char days[][4] = {
		"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"
	};
	static const char months[][4] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep",
		"Oct", "Nov", "Dec"
	};
	static char text[64];
	static time_t made;
	time_t now = clock_real() / CLOCK_S;
	struct tm tm;

	if (now == made)
		return text;
	gmtime_r(&now, &tm);
	/* strftime(3) would speak the locale's language. */
	snprintf(text, sizeof(text), "%s, %02d %s %d %02d:%02d:%02d GMT",
	    days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
	    tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
	made = now;
	return text;
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

static int
head(const struct exchange *x, size_t body, char *buf, size_t size)
{
	return snprintf(buf, size,
	    "HTTP/1.1 %d %s\r\n"
	    "Date: %s\r\n"
	    "Server: spindled/" VERSION "\r\n"
	    "Content-Type: text/plain\r\n"
	    "Content-Length: %zu\r\n"
	    "%s%s"
	    "Server-Timing: queue;dur=" CLOCK_MS_FMT ", lane;dur=" CLOCK_MS_FMT
	    ", disk;dur=" CLOCK_MS_FMT "\r\n\r\n",
	    x->status, reply_reason(x->status), date(), body, extra(x->status),
	    connection(x), CLOCK_MS_ARGS(x->queue),
	    CLOCK_MS_ARGS(x->read.lane), CLOCK_MS_ARGS(disk_time(&x->read)));
}

/* TOTAL,PATH for a good read, in two pieces; one line for anything else. */
static size_t
body(const struct exchange *x, char *buf, size_t size, struct iovec *iov)
{
	int n;

	if (x->why == NULL) {
		n = snprintf(buf, size, "%" PRId64 ",",
		    (x->queue + disk_time(&x->read)) / CLOCK_MS);
		iov[1].iov_base = (char *)(uintptr_t)x->wire.name;
		iov[1].iov_len = x->wire.name_len;
	} else {
		n = snprintf(buf, size, "%s\n", x->why);
		iov[1].iov_base = buf;
		iov[1].iov_len = 0;
	}
	iov[0].iov_base = buf;
	iov[0].iov_len = MIN((size_t)n, size - 1);
	return iov[0].iov_len + iov[1].iov_len;
}

int
reply_send(struct exchange *x, struct conn *c, int64_t deadline)
{
	char fields[HEAD_MAX], text[256];
	struct iovec iov[3];
	size_t len = body(x, text, sizeof(text), &iov[1]);
	size_t head_len, sent;
	int pieces = x->http.method == HTTP_HEAD ? 1 : 3;

	iov[0].iov_base = fields;
	head_len = MIN((size_t)head(x, len, fields, sizeof(fields)),
	    sizeof(fields) - 1);
	iov[0].iov_len = head_len;
	sent = conn_send(c, iov, pieces, !x->keep, deadline);
	x->sent = sent > head_len ? sent - head_len : 0;
	return sent == head_len + (pieces > 1 ? len : 0) ? 0 : -1;
}
