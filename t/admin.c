#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "t/admin.h"
#include "t/check.h"
#include "t/privileges.h"
#include "t/text.h"

static struct response r;

void
admin_rewrite(struct daemon *d, const char *conf)
{
	daemon_rewrite(d, "%sadmin unix:%s/admin\nadmin 127.0.0.1:0\n", conf,
	    d->dir);
}

void
admin_start(struct daemon *d, const char *conf)
{
	daemon_configure(d, "%s", conf);
	admin_rewrite(d, conf);
	daemon_start(d);
}

static int
has_status(void *arg)
{
	return daemon_status_process(arg, -1) != 0;
}

pid_t
admin_status_process(const struct daemon *d)
{
	struct daemon copy = *d;

	ok(daemon_until(has_status, &copy), "there is a status process");
	return daemon_status_process(d, -1);
}

/* Whoever inherits it may not have reaped it yet. */
int
admin_status_is_gone(void *arg)
{
	char state[64];

	privileges_field(*(pid_t *)arg, "State", state, sizeof(state));
	return state[0] == '\0' || strncmp(state, " Z", 2) == 0;
}

int
admin_port(const struct daemon *d)
{
	static const char line[] = "admin: status at 127.0.0.1:";
	static char log[65536];
	const char *p;

	text_read(d->log, log, sizeof(log));
	if ((p = strstr(log, line)) == NULL)
		errx(1, "the log has no admin port");
	return atoi(p + strlen(line));
}

int
admin_connect(const struct daemon *d)
{
	char path[128];

	return client_connect_file(daemon_path(d, "admin", path,
	    sizeof(path)));
}

int
admin_ask_on(int fd, const char *method, const char *target,
    const char *fields, struct response *got)
{
	char request[2048];
	int n;

	got->status = 0;
	if (fd == -1)
		return 0;
	n = snprintf(request, sizeof(request), "%s %s HTTP/1.1\r\n%s\r\n",
	    method, target, fields);
	client_send(fd, request, (size_t)n);
	client_receive(fd, got, 1);
	close(fd);
	return got->status;
}

int
admin_ask(const struct daemon *d, const char *method, const char *target,
    struct response *got)
{
	return admin_ask_on(admin_connect(d), method, target, "Host: t\r\n",
	    got);
}

int
admin_ask_port(int port, const char *method, const char *target,
    const char *fields, struct response *got)
{
	return admin_ask_on(client_connect(port), method, target, fields, got);
}

void
admin_shows(const struct daemon *d, const char *target, const char *part,
    const char *name)
{
	is_int(admin_ask(d, "GET", target, &r), 200, "%s: GET %s", name,
	    target);
	has_string(r.body, part, "%s: what it shows", name);
}

void
admin_does(const struct daemon *d, const char *target, int status,
    const char *text, const char *name)
{
	char want[512];

	is_int(admin_ask(d, "POST", target, &r), status, "%s: POST %s", name,
	    target);
	snprintf(want, sizeof(want), "\"ok\":%s,\"%s\":\"%s\"}",
	    status == 200 ? "true" : "false",
	    status == 200 ? "message" : "error", text);
	has_string(r.body, want, "%s: what it answers", name);
}
