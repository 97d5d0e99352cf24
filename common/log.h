/*
 * The error log: one line a message, to stderr or to syslog(3).
 *
 * stderr carries systemd's level prefixes (sd-daemon(3)) when it is the
 * journal, else the time and the level as words.  Every function leaves errno
 * as it was, and none can fail: a message that cannot be written is lost.
 */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include <stdarg.h>

enum log_target { LOG_TO_STDERR, LOG_TO_SYSLOG };

/*
 * Where messages go from now on, and whether those of log_debug are among
 * them.  Before the first call they go to stderr, without debug.
 */
void	log_open(enum log_target, int verbose);

/*
 * A message for whoever has just typed a command: to stderr, without a time
 * stamp; the journal gets it as an error.
 */
void	log_plain(const char *message);

/* Whether debug messages are wanted. */
int	log_verbose(void);

/* Somebody has to act: the daemon cannot do what it is there for. */
void	log_error(const char *, ...) __attribute__((format(printf, 1, 2)));
/* Something went wrong; the daemon goes on.  The _errno forms add strerror. */
void	log_warn(const char *, ...) __attribute__((format(printf, 1, 2)));
void	log_warn_errno(const char *, ...) __attribute__((format(printf, 1, 2)));
/* What an operator wants to find later: start, stop, reload. */
void	log_notice(const char *, ...) __attribute__((format(printf, 1, 2)));
void	log_info(const char *, ...) __attribute__((format(printf, 1, 2)));
void	log_debug(const char *, ...) __attribute__((format(printf, 1, 2)));

#endif
