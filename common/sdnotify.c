#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/sdnotify.h"

int
sdnotify_open(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	size_t len;
	int fd, saved;

	errno = 0;
	if (path == NULL)
		return -1;
	len = strlen(path);
	if ((path[0] != '/' && path[0] != '@') || len < 2 ||
	    len >= sizeof(sun.sun_path)) {
		errno = EINVAL;
		return -1;
	}
	memcpy(sun.sun_path, path, len);
	if (path[0] == '@')
		sun.sun_path[0] = '\0';		/* the abstract name space */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -1;
	if (connect(fd, (struct sockaddr *)&sun,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) == -1) {
		saved = errno;
		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

int
sdnotify_send(int fd, const char *fmt, ...)
{
	char buf[1024];
	va_list ap;
	int n;

	if (fd == -1)
		return 0;
	va_start(ap, fmt);
	n = vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(buf)) {
		errno = EMSGSIZE;
		return -1;
	}
	return send(fd, buf, (size_t)n, MSG_NOSIGNAL) == -1 ? -1 : 0;
}

int64_t
sdnotify_watchdog(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid, *err;
	long long n;

	if (usec == NULL)
		return 0;
	n = strtonum(usec, 1, LLONG_MAX / CLOCK_US, &err);
	if (err != NULL)
		return 0;
	pid = getenv("WATCHDOG_PID");
	if (pid != NULL && (strtonum(pid, 1, INT_MAX, &err) != getpid() ||
	    err != NULL))
		return 0;
	return n * CLOCK_US;
}
