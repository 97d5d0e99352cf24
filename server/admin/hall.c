#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/log.h"
#include "server/admin/hall.h"
#include "server/charge.h"
#include "server/listener.h"

/* Connections that may wait for the status process. */
#define BACKLOG		128

/* Owner and group alone may connect. */
#define NOT_OTHERS	0117

/* Another daemon at its start keeps the directory for a moment. */
#define LOCK_TRIES	50
#define LOCK_PAUSE_MS	2

static int
open_socket(int family)
{
	return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static int
bind_to(int fd, const struct addr *a)
{
	return bind(fd, (const struct sockaddr *)&a->ss, a->len);
}

/*
 * Keeps other daemons from the directory of a name, between their look at a
 * socket and what they do to it.  Gives a descriptor, or -1 and errno.
 *
 * Whoever may read the directory can lock it, and keep it so: that must not
 * keep a daemon from its start.
 */
static int
lock_directory(const char *file)
{
	char path[DOOR_NAME_MAX + 1];
	const char *dir;
	int fd, tries = LOCK_TRIES;

	strlcpy(path, file, sizeof(path));
	dir = dirname(path);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	while (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		if (errno != EWOULDBLOCK)
			return fd_drop(&fd);
		if (--tries == 0) {
			log_warn("admin: somebody keeps %s locked, which is "
			    "not waited for", dir);
			break;
		}
		poll(NULL, 0, LOCK_PAUSE_MS);
	}
	return fd;
}

/*
 * Whether the name is a socket's, at which nobody listens any more.  errno
 * stays as it was: it says why the name could not be had.
 */
static int
is_stale(const struct addr *a)
{
	const int saved = errno;
	struct stat st;
	int fd = -1, stale = 0;

	if (lstat(door_file(a), &st) == 0 && S_ISSOCK(st.st_mode) &&
	    (fd = open_socket(AF_UNIX)) != -1)
		stale = connect(fd, (const struct sockaddr *)&a->ss,
		    a->len) == -1 && errno == ECONNREFUSED;
	fd_drop(&fd);
	errno = saved;
	return stale;
}

static int
bind_file(int fd, const struct addr *a)
{
	const mode_t before = umask(NOT_OTHERS);
	int error = 0;

	if (bind_to(fd, a) == -1 && (errno != EADDRINUSE || !is_stale(a) ||
	    unlink(door_file(a)) == -1 || bind_to(fd, a) == -1))
		error = errno;
	umask(before);
	errno = error;
	return error == 0 ? 0 : -1;
}

/*
 * The workers' group may connect.  Their user does not own the file: who does
 * could change its mode.  Somebody who may write the directory can have put
 * something else there, which is not changed.
 */
static int
give_to_group(int at, const struct conf *c)
{
	struct stat st;

	if (fstat(at, &st) == -1)
		return -1;
	if (!S_ISSOCK(st.st_mode) || st.st_uid != geteuid() ||
	    st.st_nlink != 1) {
		errno = EEXIST;
		return -1;
	}
	return geteuid() == 0 ? fchownat(at, "", (uid_t)-1, c->gid,
	    AT_EMPTY_PATH) : 0;
}

/* It is made with its mode, and nobody can connect before it listens. */
static int
settle_file(struct hall_door *d, const struct conf *c)
{
	const char *file = door_file(&d->addr);
	const int at = open(file, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	int saved;

	if (at != -1 && give_to_group(at, c) == 0 && fstat(at, &st) == 0 &&
	    listen(d->fd, BACKLOG) == 0) {
		d->dev = st.st_dev;
		d->ino = st.st_ino;
		close(at);
		return 0;
	}
	saved = errno;
	if (at != -1)
		close(at);
	unlink(file);
	errno = saved;
	return -1;
}

static int
open_file(struct hall_door *d, const struct conf *c)
{
	int lock = lock_directory(door_file(&d->addr));

	if (lock == -1)
		return -1;
	d->fd = open_socket(AF_UNIX);
	if (d->fd == -1 || bind_file(d->fd, &d->addr) == -1 ||
	    settle_file(d, c) == -1) {
		fd_drop(&d->fd);
		return fd_drop(&lock);
	}
	close(lock);
	return 0;
}

static int
open_tcp(struct hall_door *d)
{
	const int on = 1, family = d->addr.ss.ss_family;

	if ((d->fd = open_socket(family)) == -1)
		return -1;
	if (setsockopt(d->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ==
	    -1 || (family == AF_INET6 && setsockopt(d->fd, IPPROTO_IPV6,
	    IPV6_V6ONLY, &on, sizeof(on)) == -1) ||
	    bind_to(d->fd, &d->addr) == -1 || listen(d->fd, BACKLOG) == -1 ||
	    getsockname(d->fd, (struct sockaddr *)&d->addr.ss,
	    &d->addr.len) == -1)
		return fd_drop(&d->fd);
	return 0;
}

static const char *
why(const struct hall_door *d, int error)
{
	struct stat st;

	if (error == EADDRINUSE && door_file(&d->wanted) != NULL &&
	    lstat(door_file(&d->wanted), &st) == 0 && !S_ISSOCK(st.st_mode))
		return "it is there, and is no socket";
	return door_file(&d->wanted) != NULL && error != EADDRINUSE ?
	    strerror(error) : listener_why(error);
}

/* Gives whether it counts as an error. */
static unsigned int
open_one(struct hall_door *d, const struct conf_admin *want,
    const struct conf *c, conf_report *report)
{
	const int optional = want->line == 0;
	char text[DOOR_TEXT];

	memset(d, 0, sizeof(*d));
	d->wanted = d->addr = want->addr;
	if ((door_file(&d->addr) != NULL ? open_file(d, c) : open_tcp(d)) == 0)
		return 0;
	conf_error(c, want->line, report, "admin: %s: %s%s",
	    door_text(&want->addr, text, sizeof(text)), why(d, errno),
	    optional ? "; this default is left out" : "");
	d->fd = -1;
	return !optional;
}

static const struct hall_door *
find(const struct hall *h, const struct addr *wanted)
{
	size_t i;

	for (i = 0; i < h->n; i++)
		if (addr_equal(&h->v[i].wanted, wanted))
			return &h->v[i];
	return NULL;
}

/* A status process that has not ended yet has the socket, too. */
static void
shut(struct hall_door *d)
{
	const char *file = door_file(&d->addr);
	const int ours = charge_is_ours();
	struct stat st;

	if (ours)
		shutdown(d->fd, SHUT_RDWR);
	close(d->fd);
	if (file != NULL && ours && lstat(file, &st) == 0 &&
	    st.st_dev == d->dev && st.st_ino == d->ino)
		unlink(file);
}

unsigned int
hall_open(struct hall *h, const struct conf *c, const struct hall *old,
    conf_report *report)
{
	const struct conf_admin *want;
	const struct hall_door *had;
	struct hall fresh = { .n = 0 };
	unsigned int errors = 0;
	struct hall_door d;
	size_t i;

	memset(h, 0, sizeof(*h));
	for (want = c->admins; want < c->admins + c->nadmins; want++) {
		if ((had = find(old, &want->addr)) != NULL) {
			h->v[h->n++] = *had;
			continue;
		}
		errors += open_one(&d, want, c, report);
		if (d.fd != -1)
			h->v[h->n++] = fresh.v[fresh.n++] = d;
	}
	for (i = 0; errors > 0 && i < fresh.n; i++)
		shut(&fresh.v[i]);
	if (errors > 0)
		h->n = 0;
	return errors;
}

void
hall_close(struct hall *old, const struct hall *new)
{
	size_t i;

	for (i = 0; i < old->n; i++)
		if (new == NULL || find(new, &old->v[i].wanted) == NULL)
			shut(&old->v[i]);
	old->n = 0;
}

/* Closes each of old that new does not have. */
static void
forget(struct hall *old, const struct hall *new)
{
	size_t i;

	for (i = 0; i < old->n; i++)
		if (find(new, &old->v[i].wanted) == NULL)
			close(old->v[i].fd);
	/* What no child writes is one page for all of them. */
	if (old->n > 0)
		old->n = 0;
}

void
hall_leave(struct hall *h, struct hall *left)
{
	static const struct hall none;

	forget(left, h);
	forget(h, &none);
}
