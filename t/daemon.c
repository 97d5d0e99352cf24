#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "t/check.h"
#include "t/daemon.h"

/* Daemons that still have to be ended and cleaned up, should we exit now. */
#define DAEMONS_MAX 16
static struct daemon *daemons[DAEMONS_MAX];

const char *
daemon_program(void)
{
	const char *p = getenv("SPINDLED");

	return p != NULL ? p : "build/san/spindled";
}

int
daemon_until(int (*is_true)(void *), void *arg)
{
	int64_t deadline = clock_mono() + DAEMON_PATIENCE_MS * CLOCK_MS;

	while (!is_true(arg)) {
		if (clock_mono() > deadline)
			return 0;
		poll(NULL, 0, 2);
	}
	return 1;
}

/* The whole log, NUL-terminated, to be freed. */
static char *
read_log(const struct daemon *d)
{
	struct stat st;
	char *text;
	ssize_t n;
	int fd;

	if ((fd = open(d->log, O_RDONLY | O_CLOEXEC)) == -1 ||
	    fstat(fd, &st) == -1 ||
	    (text = malloc((size_t)st.st_size + 1)) == NULL)
		err(1, "%s", d->log);
	if ((n = read(fd, text, (size_t)st.st_size)) == -1)
		err(1, "%s", d->log);
	text[n] = '\0';
	close(fd);
	return text;
}

_Noreturn static void
give_up(const struct daemon *d, const char *what, const char *text)
{
	char *log = read_log(d);

	diag("%s: %s; the daemon's log:", what, text);
	diag("%s", log);
	free(log);
	exit(1);
}

static void
remove_dir(const struct daemon *d)
{
	char path[400];
	struct dirent *e;
	DIR *dir;

	if ((dir = opendir(d->dir)) == NULL)
		return;
	while ((e = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", d->dir, e->d_name);
		unlink(path);
	}
	closedir(dir);
	rmdir(d->dir);
}

static void
clean_up(void)
{
	size_t i;

	for (i = 0; i < DAEMONS_MAX; i++) {
		if (daemons[i] == NULL)
			continue;
		if (daemons[i]->pid > 0) {
			kill(daemons[i]->pid, SIGKILL);
			waitpid(daemons[i]->pid, NULL, 0);
		}
		remove_dir(daemons[i]);
		daemons[i] = NULL;
	}
}

static void
register_daemon(struct daemon *d)
{
	static int registered;
	size_t i;

	if (!registered++)
		atexit(clean_up);
	for (i = 0; i < DAEMONS_MAX && daemons[i] != NULL; i++)
		;
	if (i == DAEMONS_MAX)
		errx(1, "more than %d daemons", DAEMONS_MAX);
	daemons[i] = d;
}

/* The service manager's end, in the daemon's directory. */
static void
open_notify(struct daemon *d)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/notify", d->dir);
	d->notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (d->notify == -1 ||
	    bind(d->notify, (struct sockaddr *)&sun, sizeof(sun)) == -1 ||
	    chmod(sun.sun_path, 0777) == -1)
		err(1, "%s", sun.sun_path);
}

static void
write_conf(const struct daemon *d, const char *fmt, va_list ap)
{
	char text[8192];
	FILE *f;

	vsnprintf(text, sizeof(text), fmt, ap);
	if ((f = fopen(d->conf, "w")) == NULL)
		err(1, "%s", d->conf);
	if (geteuid() == 0 && strstr(text, "user ") == NULL)
		fprintf(f, "user nobody\n");
	if (strstr(text, "listen ") == NULL)
		fprintf(f, "listen 127.0.0.1:0\n");
	fputs(text, f);
	if (fclose(f) == EOF)
		err(1, "%s", d->conf);
}

void
daemon_configure(struct daemon *d, const char *fmt, ...)
{
	const char *tmp = getenv("TMPDIR");
	va_list ap;

	memset(d, 0, sizeof(*d));
	snprintf(d->dir, sizeof(d->dir), "%s/spindled.XXXXXX",
	    tmp != NULL && strlen(tmp) < 40 ? tmp : "/tmp");
	if (mkdtemp(d->dir) == NULL || chmod(d->dir, 0755) == -1)
		err(1, "%s", d->dir);
	register_daemon(d);
	snprintf(d->conf, sizeof(d->conf), "%s/conf", d->dir);
	snprintf(d->log, sizeof(d->log), "%s/log", d->dir);
	va_start(ap, fmt);
	write_conf(d, fmt, ap);
	va_end(ap);
	open_notify(d);
}

void
daemon_rewrite(struct daemon *d, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_conf(d, fmt, ap);
	va_end(ap);
}

_Noreturn static void
become_daemon(const struct daemon *d, pid_t parent)
{
	char notify[96];
	int log;

	/* It must not outlive a test that was killed. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	snprintf(notify, sizeof(notify), "%s/notify", d->dir);
	setenv("NOTIFY_SOCKET", notify, 1);
	log = open(d->log, O_WRONLY | O_CREAT | O_APPEND, 0644);
	if (log == -1 || dup2(log, STDERR_FILENO) == -1 ||
	    dup2(log, STDOUT_FILENO) == -1)
		_exit(1);
	close(log);
	execl(daemon_program(), "spindled", "-v", "-f", d->conf, NULL);
	_exit(127);
}

void
daemon_launch(struct daemon *d)
{
	pid_t parent = getpid();
	int fd;

	/* Now, so that whoever waits for a line finds the file. */
	fd = open(d->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (fd == -1)
		err(1, "%s", d->log);
	close(fd);
	fflush(stdout);
	if ((d->pid = fork()) == -1)
		err(1, "fork");
	if (d->pid == 0)
		become_daemon(d, parent);
}

void
daemon_start(struct daemon *d)
{
	static const char listening[] = "listening on ";
	char *log, *p;

	daemon_launch(d);
	daemon_await_notify(d, "READY=1");
	log = read_log(d);
	if ((p = strstr(log, listening)) == NULL)
		give_up(d, "not in the log", listening);
	p[strcspn(p, "\n")] = '\0';
	d->port = atoi(strrchr(p, ':') + 1);
	free(log);
}

void
daemon_await_notify(struct daemon *d, const char *text)
{
	int64_t deadline = clock_mono() + DAEMON_PATIENCE_MS * CLOCK_MS;
	struct pollfd p = { .fd = d->notify, .events = POLLIN };
	char buf[2048];
	ssize_t n;

	for (;;) {
		if (poll(&p, 1, clock_poll_ms(clock_mono(), deadline)) != 1)
			give_up(d, "the service manager never heard", text);
		if ((n = recv(d->notify, buf, sizeof(buf) - 1, 0)) == -1)
			err(1, "notify");
		buf[n] = '\0';
		if (strstr(buf, text) != NULL)
			return;
	}
}

size_t
daemon_log_length(const struct daemon *d)
{
	struct stat st;

	if (stat(d->log, &st) == -1)
		err(1, "%s", d->log);
	return (size_t)st.st_size;
}

static int
log_has(const struct daemon *d, const char *text, size_t from)
{
	char *log = read_log(d);
	int found = strlen(log) >= from && strstr(log + from, text) != NULL;

	free(log);
	return found;
}

int
daemon_has_logged(const struct daemon *d, const char *text)
{
	return log_has(d, text, 0);
}

size_t
daemon_count_logged(const struct daemon *d, const char *text)
{
	char *log = read_log(d), *p;
	size_t n = 0;

	for (p = log; (p = strstr(p, text)) != NULL; p += strlen(text))
		n++;
	free(log);
	return n;
}

void
daemon_await_log(struct daemon *d, const char *text, size_t from)
{
	int64_t deadline = clock_mono() + DAEMON_PATIENCE_MS * CLOCK_MS;

	while (!log_has(d, text, from)) {
		if (clock_mono() > deadline)
			give_up(d, "never logged", text);
		poll(NULL, 0, 2);
	}
}

char *
daemon_path(const struct daemon *d, const char *name, char *buf, size_t size)
{
	snprintf(buf, size, "%s/%s", d->dir, name);
	return buf;
}

void
daemon_signal(const struct daemon *d, int sig)
{
	if (kill(d->pid, sig) == -1)
		err(1, "kill %d", (int)d->pid);
}

static int
has_ended(void *arg)
{
	struct daemon *d = arg;
	siginfo_t si = { .si_pid = 0 };

	return waitid(P_PID, (id_t)d->pid, &si, WEXITED | WNOHANG | WNOWAIT) ==
	    0 && si.si_pid == d->pid;
}

void
daemon_reload(struct daemon *d)
{
	daemon_signal(d, SIGHUP);
	daemon_await_notify(d, "RELOADING=1");
	daemon_await_notify(d, "READY=1");
}

int
daemon_wait(struct daemon *d)
{
	int status;

	if (!daemon_until(has_ended, d))
		give_up(d, "still runs", "the master");
	if (waitpid(d->pid, &status, 0) == -1)
		err(1, "waitpid");
	d->pid = 0;
	return status;
}

static int
is_expected(const char *line, const char *const *expected)
{
	for (; expected != NULL && *expected != NULL; expected++)
		if (strstr(line, *expected) != NULL)
			return 1;
	return 0;
}

/* Lines that nobody expected: each is shown. */
static int
bad_lines(const struct daemon *d, const char *const *expected)
{
	/* Where `idle' is not to be had, what asks for it is no worse off. */
	static const char *const always[] = { "; shared is in force", NULL };
	static const char *const bad[] = {
		" warning: ", " error: ", "Sanitizer", "runtime error", NULL
	};
	char *log = read_log(d), *rest = log, *line;
	int n = 0;

	while ((line = strsep(&rest, "\n")) != NULL) {
		if (is_expected(line, bad) && !is_expected(line, always) &&
		    !is_expected(line, expected)) {
			diag("%s", line);
			n++;
		}
	}
	free(log);
	return n;
}

void
daemon_finish(struct daemon *d, const char *const *expected)
{
	int status = 0;
	size_t i;

	if (d->pid > 0) {
		daemon_signal(d, SIGTERM);
		status = daemon_wait(d);
	}
	is_int(status, 0, "the daemon stopped as asked");
	is_int(bad_lines(d, expected), 0, "its log has nothing unexpected");
	close(d->notify);
	remove_dir(d);
	for (i = 0; i < DAEMONS_MAX; i++)
		if (daemons[i] == d)
			daemons[i] = NULL;
}

/* Whether the process' title, which ps(1) shows, contains text. */
static int
title_has(pid_t pid, const char *text)
{
	char path[64], title[256] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	if ((f = fopen(path, "r")) == NULL)
		return 0;
	if (fgets(title, sizeof(title), f) == NULL)
		title[0] = '\0';
	fclose(f);
	return strstr(title, text) != NULL;
}

/* The one that is no worker, once it has said so. */
static int
is_status(pid_t pid)
{
	return title_has(pid, "spindled: status");
}

/* Its children that show its status, or those that do not. */
static size_t
children(const struct daemon *d, int status, pid_t *pids, size_t max)
{
	char path[64];
	size_t n = 0;
	FILE *f;
	int pid;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
	    (int)d->pid, (int)d->pid);
	if ((f = fopen(path, "r")) == NULL)
		return 0;
	while (n < max && fscanf(f, "%d", &pid) == 1)
		if (is_status(pid) == status)
			pids[n++] = pid;
	fclose(f);
	return n;
}

size_t
daemon_workers(const struct daemon *d, pid_t *pids, size_t max)
{
	return children(d, 0, pids, max);
}

pid_t
daemon_status_process(const struct daemon *d, pid_t other)
{
	pid_t pids[8];
	size_t i, n = children(d, 1, pids, 8);

	for (i = 0; i < n; i++)
		if (pids[i] != other)
			return pids[i];
	return 0;
}

void
daemon_await_workers(const struct daemon *d, size_t n)
{
	int64_t deadline = clock_mono() + DAEMON_PATIENCE_MS * CLOCK_MS;
	pid_t pids[1024];

	while (daemon_workers(d, pids, 1024) != n) {
		if (clock_mono() > deadline)
			give_up(d, "workers", "not as many as wanted");
		poll(NULL, 0, 2);
	}
}

static void
await_title(const struct daemon *d, size_t want, const char *text)
{
	int64_t deadline = clock_mono() + DAEMON_PATIENCE_MS * CLOCK_MS;
	size_t i, n, titled;
	pid_t pids[1024];

	for (;;) {
		n = daemon_workers(d, pids, 1024);
		for (i = titled = 0; i < n; i++)
			titled += (size_t)title_has(pids[i], text);
		if (titled >= want)
			return;
		if (clock_mono() > deadline)
			give_up(d, "too few workers have the title", text);
		poll(NULL, 0, 2);
	}
}

void
daemon_await_reading(const struct daemon *d, size_t n)
{
	await_title(d, n, ", reading");
}

void
daemon_await_idle(const struct daemon *d, size_t n)
{
	await_title(d, n, ", idle");
}
