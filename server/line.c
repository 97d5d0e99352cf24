#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "server/line.h"

void
line_put(struct line *l, const char *fmt, ...)
{
	size_t room = (size_t)(l->end - l->p);
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->p, room, fmt, ap);
	va_end(ap);
	l->p += (size_t)n < room ? (size_t)n : room - 1;
}

void
line_put_quoted(struct line *l, const struct http_slice *s)
{
	size_t i, len = s->len < LINE_TEXT ? s->len : LINE_TEXT;
	unsigned char c;

	line_put(l, "\"");
	for (i = 0; i < len; i++) {
		c = (unsigned char)s->p[i];
		if (l->end - l->p < 8)
			break;
		if (c < ' ' || c > '~' || c == '"' || c == '\\')
			line_put(l, "\\x%02x", c);
		else
			*l->p++ = (char)c;
	}
	line_put(l, "%s\"", len < s->len ? "..." : s->len == 0 ? "-" : "");
}

void
line_write(int fd, const char *line, size_t len, const char *keyword,
    int *failing)
{
	ssize_t n = write(fd, line, len);

	if (n == -1 && !*failing)
		log_warn_errno("%s: lines are lost", keyword);
	*failing = n == -1;
}

int
line_open(const char *file, const struct conf *c, unsigned int at,
    const char *keyword, conf_report *report)
{
	/* A FIFO that nobody reads is an error, and must not be a wait. */
	int fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC |
	    O_NOCTTY | O_NONBLOCK, 0640);

	if (fd == -1)
		conf_error(c, at, report, "%s: cannot open %s: %s", keyword,
		    file, strerror(errno));
	return fd;
}
