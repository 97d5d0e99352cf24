#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "server/line.h"
#include "server/shared.h"

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
line_write(struct line_log *l, int fd, const char *line, size_t len)
{
	struct append *a = l->shared != NULL ? l->shared : &l->own;
	uint64_t lost;

	if (append_line(a, fd, line, len) == -1) {
		if (append_lose(a, clock_mono()))
			log_warn_errno("%s: lines are lost", l->keyword);
	} else if (a->lost > 0 &&
	    (lost = append_regain(a, clock_mono())) > 0) {
		log_notice("%s: lines are written again, %" PRIu64 " were lost",
		    l->keyword, lost);
	}
}

/* Whether a file of so many bytes ends within a line, as far as it is known. */
static int
ends_torn(const char *file, off_t size)
{
	int fd = size > 0 ? open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY |
	    O_NONBLOCK) : -1;
	char last = '\n';

	if (fd == -1)
		return 0;
	if (pread(fd, &last, 1, size - 1) != 1)
		last = '\n';
	close(fd);
	return last != '\n';
}

/* What the mark said of another file does not hold for this one. */
static void
look(struct line_log *l, const char *file, int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1 || (st.st_dev == l->dev &&
	    st.st_ino == l->ino))
		return;
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	l->shared->torn = 0;
	if (S_ISREG(st.st_mode) && ends_torn(file, st.st_size))
		append_tear(l->shared);
}

int
line_open(struct line_log *l, const char *file, int fd, const struct conf *c,
    unsigned int at, conf_report *report)
{
	if (l->shared == NULL &&
	    (l->shared = shared_map(sizeof(*l->shared))) == NULL) {
		conf_error(c, at, report, "%s: %s", l->keyword,
		    strerror(errno));
		return -1;
	}
	if (file == NULL)
		return fd;
	/* A FIFO that nobody reads is an error, and must not be a wait. */
	fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC |
	    O_NOCTTY | O_NONBLOCK, 0640);
	if (fd == -1)
		conf_error(c, at, report, "%s: cannot open %s: %s", l->keyword,
		    file, strerror(errno));
	else
		look(l, file, fd);
	return fd;
}
