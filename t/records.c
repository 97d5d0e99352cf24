#include <sys/stat.h>

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "t/records.h"

/* Lines of seconds, should the reader be late. */
#define PIPE_BYTES	(1 << 20)

static char buffer[65536];
static size_t held;		/* bytes of an incomplete line */
static int fifo = -1;
static unsigned int bad;

int
records_open(const char *path)
{
	if (mkfifo(path, 0600) == -1 ||
	    (fifo = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)) == -1 ||
	    fcntl(fifo, F_SETPIPE_SZ, PIPE_BYTES) == -1)
		err(1, "%s", path);
	return fifo;
}

/* The value behind a key, or "" when the line has none. */
static const char *
value(const char *line, const char *key)
{
	const char *p = strstr(line, key);

	return p == NULL ? "" : p + strlen(key);
}

/* Milliseconds with three decimals, as nanoseconds. */
static int
duration(const char *s, int64_t *ns)
{
	long long ms, us;

	if (sscanf(s, "%lld.%3lld ", &ms, &us) != 2)
		return -1;
	*ns = ms * CLOCK_MS + us * CLOCK_US;
	return 0;
}

static int
parse(const char *line, struct record *r)
{
	if (sscanf(value(line, " request="), "\"GET /%*d,%*d,%zu HTTP/",
	    &r->number) != 1 ||
	    sscanf(value(line, " slot="), "%u ", &r->slot) != 1 ||
	    duration(value(line, " queue_ms="), &r->queue) == -1 ||
	    duration(value(line, " disk_ms="), &r->disk) == -1)
		return -1;
	return 0;
}

/* Hands on the lines of the buffer; gives how many bytes they were. */
static size_t
take_lines(void (*take)(const struct record *))
{
	char *line = buffer, *end;
	struct record r;

	while ((end = memchr(line, '\n', held - (size_t)(line - buffer))) !=
	    NULL) {
		*end = '\0';
		if (parse(line, &r) == 0)
			take(&r);
		else
			bad++;
		line = end + 1;
	}
	return (size_t)(line - buffer);
}

void
records_read(void (*take)(const struct record *))
{
	size_t used;
	ssize_t n;

	while (held < sizeof(buffer) &&
	    (n = read(fifo, buffer + held, sizeof(buffer) - held)) > 0) {
		held += (size_t)n;
		used = take_lines(take);
		held -= used;
		memmove(buffer, buffer + used, held);
	}
}

unsigned int
records_bad(void)
{
	return bad;
}
