#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "server/line.h"

void
line_quote(struct writer *w, const struct http_slice *s)
{
	static const char hex[] = "0123456789abcdef";
	size_t i, len = s->len < LINE_TEXT ? s->len : LINE_TEXT;
	char escaped[] = "\\x..";
	unsigned char c;

	writer_text(w, "\"");
	for (i = 0; i < len; i++) {
		c = (unsigned char)s->p[i];
		if (c >= ' ' && c <= '~' && c != '"' && c != '\\') {
			writer_bytes(w, &s->p[i], 1);
			continue;
		}
		escaped[2] = hex[c >> 4];
		escaped[3] = hex[c & 15];
		writer_text(w, escaped);
	}
	writer_text(w, len < s->len ? "...\"" : s->len == 0 ? "-\"" : "\"");
}

void
line_write(int fd, const char *line, size_t len, const char *keyword,
    int *failing)
{
	const int fails = write(fd, line, len) == -1;

	/* Rarely written, this costs no worker a page of its own. */
	if (fails == *failing)
		return;
	*failing = fails;
	if (fails)
		log_warn_errno("%s: lines are lost", keyword);
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
