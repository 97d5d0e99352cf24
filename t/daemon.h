/*
 * A running daemon for a test: a directory of its own, a port that the kernel
 * chose, ready when it says so, and gone at the end whatever happens.
 *
 * What goes wrong here ends the test program with a diagnosis: no test makes
 * sense without its daemon.
 */
#ifndef T_DAEMON_H
#define T_DAEMON_H

#include <sys/types.h>

#include <stddef.h>

/* Nothing that a test waits for takes longer, unless it never comes. */
#define DAEMON_PATIENCE_MS 20000

struct daemon {
	pid_t pid;		/* of the master; 0: it has ended */
	char dir[64];		/* its directory; removed in the end */
	char conf[96];		/* its configuration file */
	char log[96];		/* its standard error */
	int port;		/* of its first address, 0: not known yet */
	int notify;		/* what it tells its service manager */
};

/*
 * Makes the directory, and writes the configuration: the text, which printf(3)
 * makes, behind a `user' where the test runs as root.  Text without a `listen'
 * listens on a port of 127.0.0.1 that is free.
 */
void	daemon_configure(struct daemon *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

/* The same on a daemon that has been configured: for a reload. */
void	daemon_rewrite(struct daemon *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

/* Starts it; returns at once, or when it is ready. */
void	daemon_launch(struct daemon *);
void	daemon_start(struct daemon *);

/* Waits for a message to the service manager that contains text. */
void	daemon_await_notify(struct daemon *, const char *text);

/* Waits for a line in the log that contains text, behind offset from. */
void	daemon_await_log(struct daemon *, const char *text, size_t from);

/* Whether the log has text now; how often; its length, for `from' above. */
int	daemon_has_logged(const struct daemon *, const char *text);
size_t	daemon_count_logged(const struct daemon *, const char *text);
size_t	daemon_log_length(const struct daemon *);

/* The name of a file in its directory, in buf.  Gives buf. */
char	*daemon_path(const struct daemon *, const char *name, char *buf,
	    size_t size);

/* Signals the master. */
void	daemon_signal(const struct daemon *, int sig);

/* Asks it to reload, and waits until it is ready again. */
void	daemon_reload(struct daemon *);

/* Waits for its end.  Gives what waitpid(2) said. */
int	daemon_wait(struct daemon *);

/*
 * Stops it with SIGTERM when it still runs, and reports: it exited with
 * status 0 and, besides lines that contain one of expected (ended by NULL),
 * its log has no warning, no error and no sanitizer's report.  Two tests.
 */
void	daemon_finish(struct daemon *, const char *const *expected);

/*
 * Its workers' process ids, at most max.  Gives how many there are.
 */
size_t	daemon_workers(const struct daemon *, pid_t *, size_t max);

/* The process that shows its status, and is not the other one, -1; or 0. */
pid_t	daemon_status_process(const struct daemon *, pid_t other);

/* Waits until there are n workers. */
void	daemon_await_workers(const struct daemon *, size_t n);

/* Waits until the titles of n workers say that they read a disk. */
void	daemon_await_reading(const struct daemon *, size_t n);

/* The same of their titles when they are ready, and wait. */
void	daemon_await_idle(const struct daemon *, size_t n);

/* The program: $SPINDLED, else the build with sanitizers. */
const char	*daemon_program(void);

/* Waits for what a function says, asked again and again. */
int	daemon_until(int (*is_true)(void *), void *arg);

#endif
