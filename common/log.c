#include <sys/stat.h>
#include <sys/uio.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "common/append.h"
#include "common/clock.h"
#include "common/log.h"

/* A longer message is cut; one write of this much is never interleaved. */
#define LOG_LINE 1024

static enum log_target target = LOG_TO_STDERR;
static int verbose;
static int journal;		/* stderr is systemd's journal */

/* Of stderr, which may be a file: with all workers, once the log is open. */
static struct append alone, *shared = &alone;

static const char *const level_names[] = {
	[LOG_ERR] = "error",
	[LOG_WARNING] = "warning",
	[LOG_NOTICE] = "notice",
	[LOG_INFO] = "info",
	[LOG_DEBUG] = "debug",
};

/* systemd names the journal's socket, so that a redirected stderr differs. */
static int
stderr_is_journal(void)
{
	const char *s = getenv("JOURNAL_STREAM");
	uintmax_t dev, ino;
	struct stat st;

	return s != NULL && sscanf(s, "%ju:%ju", &dev, &ino) == 2 &&
	    fstat(STDERR_FILENO, &st) == 0 &&
	    st.st_dev == dev && st.st_ino == ino;
}

void
log_open(enum log_target to, int v)
{
	if (to == LOG_TO_SYSLOG)
		openlog("spindled", LOG_PID | LOG_NDELAY, LOG_DAEMON);
	else if (target == LOG_TO_SYSLOG)
		closelog();
	target = to;
	verbose = v;
	/* Without memory to share, each process sees to its own lines. */
	if (shared == &alone && (shared = append_new()) == NULL)
		shared = &alone;
	journal = stderr_is_journal();
}

void
log_plain(const char *message)
{
	int saved = errno;

	if (stderr_is_journal())
		fprintf(stderr, "<%d>", LOG_ERR);
	fprintf(stderr, "%s\n", message);
	errno = saved;
}

int
log_verbose(void)
{
	return verbose;
}

static int
write_line(int level, const char *msg)
{
	char line[LOG_LINE + 64], stamp[32];
	time_t now = clock_real() / CLOCK_S;
	struct tm tm;
	int n;

	if (journal) {
		n = snprintf(line, sizeof(line), "<%d>%s\n", level, msg);
	} else {
		localtime_r(&now, &tm);
		strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S%z", &tm);
		n = snprintf(line, sizeof(line), "%s spindled[%d] %s: %s\n",
		    stamp, (int)getpid(), level_names[level], msg);
	}
	/* One write(2) a line: workers share the descriptor. */
	return append_line(shared, STDERR_FILENO, line, (size_t)n);
}

/* There is nobody to tell of lines that are lost, until there is room again. */
static void
to_stderr(int level, const char *msg)
{
	char text[64];
	uint64_t lost;

	if (write_line(level, msg) == -1) {
		append_lose(shared, clock_mono());
	} else if (shared->lost > 0 &&
	    (lost = append_regain(shared, clock_mono())) > 0) {
		snprintf(text, sizeof(text), "%" PRIu64 " lines of this log "
		    "were lost", lost);
		write_line(LOG_WARNING, text);
	}
}

static void
vlog(int level, const char *suffix, const char *fmt, va_list ap)
{
	int saved = errno;
	char msg[LOG_LINE];
	int n;

	n = vsnprintf(msg, sizeof(msg), fmt, ap);
	if (suffix != NULL && n >= 0 && (size_t)n < sizeof(msg))
		snprintf(msg + n, sizeof(msg) - (size_t)n, ": %s", suffix);
	if (target == LOG_TO_SYSLOG)
		syslog(level, "%s", msg);
	else
		to_stderr(level, msg);
	errno = saved;
}

#define LOG(level, suffix) do {		\
	va_list ap;			\
	va_start(ap, fmt);		\
	vlog(level, suffix, fmt, ap);	\
	va_end(ap);			\
} while (0)

void
log_error(const char *fmt, ...)
{
	LOG(LOG_ERR, NULL);
}

void
log_warn(const char *fmt, ...)
{
	LOG(LOG_WARNING, NULL);
}

void
log_warn_errno(const char *fmt, ...)
{
	LOG(LOG_WARNING, strerror(errno));
}

void
log_notice(const char *fmt, ...)
{
	LOG(LOG_NOTICE, NULL);
}

void
log_info(const char *fmt, ...)
{
	LOG(LOG_INFO, NULL);
}

void
log_debug(const char *fmt, ...)
{
	if (verbose)
		LOG(LOG_DEBUG, NULL);
}
