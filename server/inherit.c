#include <sys/prctl.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/inherit.h"

#define VARIABLE "SPINDLED_UPGRADE"

/* Room for the other words, and for those of each address. */
#define VARIABLE_MAX (128 + TOTALS_LEDGERS * 19 + \
	CONF_LISTEN_MAX * (ADDR_TEXT + 12) + CONF_ADMIN_MAX * (DOOR_TEXT + 64))

static int
keep_open(int fd)
{
	return fd == -1 ? 0 : fcntl(fd, F_SETFD, 0);
}

int
inherit_export(const struct inherit *h)
{
	char value[VARIABLE_MAX], text[ADDR_TEXT], door[DOOR_TEXT];
	const struct hall_door *d;
	const struct listener *l;
	size_t i;
	int n;

	n = snprintf(value, sizeof(value), "pid=%d channel=%d balance=%s "
	    "pid-file=%d baton=%d", (int)getpid(), h->channel,
	    conf_balance_name(h->policy), h->pid_file, h->baton);
	for (l = h->listeners.v; l < h->listeners.v + h->listeners.n; l++) {
		n += snprintf(value + n, sizeof(value) - (size_t)n, " %d=%s",
		    l->fd, addr_text(&l->wanted, text, sizeof(text)));
		if (keep_open(l->fd) == -1)
			return -1;
	}
	for (d = h->hall.v; d < h->hall.v + h->hall.n; d++) {
		n += snprintf(value + n, sizeof(value) - (size_t)n,
		    " admin=%d,%ju,%ju,%s", d->fd, (uintmax_t)d->dev,
		    (uintmax_t)d->ino, door_text(&d->wanted, door,
		    sizeof(door)));
		if (keep_open(d->fd) == -1)
			return -1;
	}
	for (i = 0; i < h->ntotals; i++) {
		n += snprintf(value + n, sizeof(value) - (size_t)n,
		    " totals=%d", h->totals[i]);
		if (keep_open(h->totals[i]) == -1)
			return -1;
	}
	if (keep_open(h->channel) == -1 || keep_open(h->pid_file) == -1 ||
	    keep_open(h->baton) == -1)
		return -1;
	return setenv(VARIABLE, value, 1);
}

/* A descriptor of ours, or -1; it is not for what we execute in our turn. */
static int
take_fd(const char *word)
{
	const char *error;
	int fd = (int)strtonum(word, STDERR_FILENO + 1, INT_MAX, &error);

	return error != NULL || fcntl(fd, F_SETFD, FD_CLOEXEC) == -1 ? -1 : fd;
}

static int
option_is(int fd, int name, int want)
{
	socklen_t len = sizeof(int);
	int value;

	return getsockopt(fd, SOL_SOCKET, name, &value, &len) == 0 &&
	    value == want;
}

/* Whether it is bound where it should; a port 0 may be any. */
static int
is_bound(struct listener *l)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&l->addr.ss;
	struct addr any;

	l->addr.len = sizeof(l->addr.ss);
	if (getsockname(l->fd, (struct sockaddr *)&l->addr.ss,
	    &l->addr.len) == -1)
		return 0;
	any = l->addr;
	/* Both families have the port at the same place. */
	if (addr_port(&l->wanted) == 0)
		((struct sockaddr_in *)&any.ss)->sin_port = 0;
	return in->sin_port != 0 && addr_equal(&any, &l->wanted);
}

/* Why this is no shared listener for that address, or NULL. */
static const char *
adopt(struct inherit *h, const char *fd, const char *addr)
{
	struct listener *l = &h->listeners.v[h->listeners.n];

	memset(l, 0, sizeof(*l));
	l->group.fd = l->group.prog = -1;
	if (h->listeners.n == CONF_LISTEN_MAX)
		return "one address too many";
	if (addr_parse(addr, &l->wanted) == -1)
		return "no address";
	if ((l->fd = take_fd(fd)) == -1)
		return "no descriptor";
	if (!option_is(l->fd, SO_TYPE, SOCK_STREAM) ||
	    !option_is(l->fd, SO_PROTOCOL, IPPROTO_TCP) ||
	    !option_is(l->fd, SO_REUSEPORT, 1))
		return "no listener of spindled's";
	/* Under `hash', it is only there to hold the address. */
	if (!option_is(l->fd, SO_ACCEPTCONN, h->policy != BALANCE_HASH))
		return "it does not listen";
	if (!is_bound(l))
		return "bound to another address";
	h->listeners.n++;
	return NULL;
}

/* Why this is no socket of the status process', or NULL. */
static const char *
adopt_door(struct inherit *h, const char *value)
{
	struct hall_door *d = &h->hall.v[h->hall.n];
	char fd[16], door[DOOR_TEXT];
	uintmax_t dev, ino;

	if (h->hall.n == CONF_ADMIN_MAX)
		return "one address too many";
	memset(d, 0, sizeof(*d));
	if (sscanf(value, "%15[0-9],%ju,%ju,%127s", fd, &dev, &ino, door) !=
	    4 || door_parse(door, &d->wanted) == -1)
		return "no address";
	if ((d->fd = take_fd(fd)) == -1)
		return "no descriptor";
	d->addr.len = sizeof(d->addr.ss);
	if (!option_is(d->fd, SO_TYPE, SOCK_STREAM) ||
	    !option_is(d->fd, SO_ACCEPTCONN, 1) ||
	    getsockname(d->fd, (struct sockaddr *)&d->addr.ss,
	    &d->addr.len) == -1 ||
	    d->addr.ss.ss_family != d->wanted.ss.ss_family)
		return "no listener of spindled's";
	if (door_file(&d->wanted) != NULL)
		d->addr = d->wanted;
	d->dev = (dev_t)dev;
	d->ino = (ino_t)ino;
	h->hall.n++;
	return NULL;
}

/* What was counted before us, or why it is not that. */
static const char *
take_totals(struct inherit *h, const char *value)
{
	int fd = take_fd(value);

	if (fd == -1)
		return "no descriptor";
	if (h->ntotals == TOTALS_LEDGERS)
		return "one too many";
	if (totals_import(fd) == -1)
		return "no ledger";
	h->totals[h->ntotals++] = fd;
	return NULL;
}

/* One word.  Gives what is wrong with it, or NULL. */
static const char *
take_word(struct inherit *h, const char *name, const char *value)
{
	int i;

	if (strcmp(name, "pid") == 0)
		return strtol(value, NULL, 10) == getpid() ? NULL :
		    "it is for another process";
	if (strcmp(name, "channel") == 0) {
		h->channel = take_fd(value);
		return h->channel != -1 && option_is(h->channel, SO_DOMAIN,
		    AF_UNIX) ? NULL : "no socket";
	}
	if (strcmp(name, "balance") == 0) {
		for (i = BALANCE_IDLE; i <= BALANCE_HASH; i++)
			if (strcmp(value, conf_balance_name(i)) == 0)
				h->policy = i;
		return h->policy != -1 ? NULL : "no policy of this version";
	}
	if (strcmp(name, "admin") == 0)
		return adopt_door(h, value);
	if (strcmp(name, "totals") == 0)
		return take_totals(h, value);
	if (strcmp(name, "pid-file") == 0)
		h->pid_file = take_fd(value);
	else if (strcmp(name, "baton") == 0)
		h->baton = take_fd(value);
	else if (strspn(name, "0123456789") == strlen(name))
		return adopt(h, name, value);
	return NULL;
}

static const char *
take_all(struct inherit *h, char *words, const char **word)
{
	const char *wrong = NULL;
	char *value;

	while (wrong == NULL && (*word = strsep(&words, " ")) != NULL) {
		value = strchr(*word, '=');
		if (value == NULL)
			return "no value";
		*value++ = '\0';
		wrong = take_word(h, *word, value);
	}
	if (wrong != NULL)
		return wrong;
	*word = "it";
	return h->channel == -1 || h->policy == -1 || h->listeners.n == 0 ?
	    "something is missing" : NULL;
}

int
inherit_import(struct inherit *h, conf_report *report)
{
	const char *variable = getenv(VARIABLE), *wrong, *word;
	char words[VARIABLE_MAX], message[256];

	memset(h, 0, sizeof(*h));
	h->channel = h->policy = h->pid_file = h->baton = -1;
	if (variable == NULL)
		return 0;
	strlcpy(words, variable, sizeof(words));
	unsetenv(VARIABLE);
	if ((wrong = take_all(h, words, &word)) == NULL)
		return 0;
	snprintf(message, sizeof(message), VARIABLE ": %s: %s", word, wrong);
	report(message);
	return -1;
}

void
inherit_ready(struct inherit *h)
{
	/* Until now, we should not have outlived the old one. */
	prctl(PR_SET_PDEATHSIG, 0);
	/* Where this fails, the channel's end is the next that is heard. */
	(void)send(h->channel, INHERIT_READY, strlen(INHERIT_READY),
	    MSG_NOSIGNAL);
}

enum inherit_event
inherit_hear(struct inherit *h)
{
	char text[32];
	ssize_t n = recv(h->channel, text, sizeof(text) - 1, MSG_DONTWAIT);

	if (n == -1)
		return errno == EAGAIN || errno == EINTR ? INHERIT_NOTHING :
		    INHERIT_END;
	text[n] = '\0';
	if (n == 0)
		return INHERIT_END;
	return strcmp(text, INHERIT_GO) == 0 ? INHERIT_TAKE_OVER :
	    INHERIT_NOTHING;
}

void
inherit_close(struct inherit *h)
{
	if (h->channel == -1)
		return;
	close(h->channel);
	h->channel = -1;
}
