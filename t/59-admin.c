/*
 * What the admin addresses answer: each path, each verb, and each refusal.
 */
#include <sys/stat.h>
#include <sys/wait.h>

#include <err.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "t/admin.h"
#include "t/check.h"

#define CONF "balance shared\nworkers 3\nstuck-after 1s\n" \
    "disk sda {\nread fixed 1ms\ncondition dying { read fixed 300ms }\n}\n"

static struct daemon d;
static struct response r;

static void
has_type(const char *type, const char *name)
{
	char want[128];

	snprintf(want, sizeof(want), "\r\nContent-Type: %s\r\n", type);
	has_string(r.head, want, "%s: its type", name);
	has_string(r.head, "\r\nCache-Control: no-store\r\n",
	    "%s: nobody keeps it", name);
	has_string(r.head, "\r\nX-Content-Type-Options: nosniff\r\n",
	    "%s: nobody guesses", name);
}

/* GET and HEAD, which have the same head. */
static void
test_path(const char *target, const char *type, const char *part)
{
	char head[4096];
	size_t length;

	is_int(admin_ask(&d, "GET", target, &r), 200, "%s", target);
	has_type(type, target);
	has_string(r.body, part, "%s: its body", target);
	length = r.body_len;
	is_int(strtoll(strstr(r.head, "Content-Length:") + 16, NULL, 10),
	    (long long)length, "%s: its length", target);
	snprintf(head, sizeof(head), "%s", strchr(r.head, '\n'));
	is_int(admin_ask(&d, "HEAD", target, &r), 200, "HEAD %s", target);
	is_int((long long)r.body_len, 0, "HEAD %s: no body", target);
	if (length != 0 && strstr(r.body, "\"now\"") == NULL)
		has_string(r.head, "Content-Length: ", "HEAD %s: length",
		    target);
}

static void
test_paths(void)
{
	test_path("/", "text/html; charset=utf-8", "<!doctype html>");
	test_path("/healthz", "text/plain; charset=utf-8",
	    "ok: 3 of 3 workers idle\n");
	test_path("/status", "text/plain; charset=utf-8", "3 idle");
	test_path("/status.json", "application/json", "\"slots\":[{");
	test_path("/metrics", "text/plain; version=0.0.4; charset=utf-8",
	    "spindled_workers{");
	test_path("/disks/sda", "application/json", "{\"name\":\"sda\"");
	test_path("/disks/default?as=text", "text/plain; charset=utf-8",
	    "default");
	test_path("/requests/last", "application/json", "\"id\":\"");
	test_path("/requests/slowest?as=text", "text/plain; charset=utf-8",
	    "GET /200");
	is_int(admin_ask(&d, "GET", "/status.json?slots=0", &r), 200,
	    "without slots");
	ok(strstr(r.body, "\"slots\"") == NULL, "there are none");
}

/* The page runs its own scripts alone. */
static void
test_policy(void)
{
	const char *policy;

	is_int(admin_ask(&d, "GET", "/", &r), 200, "the page");
	has_string(r.head, "\r\nContent-Security-Policy: default-src 'none'; "
	    "script-src 'sha256-", "it has a policy");
	has_string(r.head, "; style-src 'sha256-", "of styles, too");
	policy = strstr(r.head, "Content-Security-Policy");
	ok(policy != NULL && strstr(policy, "unsafe-inline") == NULL,
	    "nothing else runs there");
	has_string(r.head, "; frame-ancestors 'none'\r\n",
	    "nobody puts it into a frame");
}

/* An id that a reply had. */
static void
test_ids(void)
{
	char target[64], want[64], id[32] = "";
	const char *p;

	client_get(d.port, "/200,0,sda/one", &r);
	if ((p = strstr(r.head, "\r\nRequest-Id: ")) != NULL)
		snprintf(id, sizeof(id), "%.16s", p + 14);
	is_int((long long)strlen(id), 16, "a reply has its id");
	snprintf(target, sizeof(target), "/requests/%s", id);
	snprintf(want, sizeof(want), "{\"id\":\"%s\"", id);
	admin_shows(&d, target, want, "a request by its id");
	is_int(admin_ask(&d, "GET", "/requests/00000000000000ff", &r), 404,
	    "an id of nobody");
	is_string(r.body, "{\"ok\":false,\"error\":\"no request of that id is "
	    "among the latest 4096 that have ended\"}\n", "and why");
	is_int(admin_ask(&d, "GET", "/requests/xyz", &r), 404, "no id");
	has_string(r.body, "expected 16 hexadecimal digits, last or slowest",
	    "and why");
}

static void
test_refusals(void)
{
	static const struct {
		const char *method, *target;
		int status;
		const char *body, *field;
	} cases[] = {
		{ "GET", "/nothing", 404, "there is nothing of that name\n",
		    "" },
		{ "GET", "/disks/", 404, "there is nothing of that name\n",
		    "" },
		{ "GET", "/disks/sdz", 404, "{\"ok\":false,\"error\":\"there "
		    "is no such disk\"}\n", "" },
		{ "GET", "/disks/sda/x", 404, "there is nothing of that name\n",
		    "" },
		{ "GET", "/disks/sda?as=xml", 400, "{\"ok\":false,\"error\":"
		    "\"as: expected json or text\"}\n", "" },
		{ "GET", "/disks/sda?is=text", 400, "{\"ok\":false,\"error\":"
		    "\"a parameter that is not known here\"}\n", "" },
		{ "GET", "/reload", 405, "another method", "Allow: POST" },
		{ "HEAD", "/workers?n=1", 405, "", "Allow: POST" },
		{ "POST", "/status.json", 405, "another method",
		    "Allow: GET, HEAD" },
		{ "POST", "/", 405, "another method than this path has\n",
		    "Allow: GET, HEAD" },
		{ "PUT", "/workers?n=1", 405, "another method", "Allow: POST" },
		{ "DELETE", "/", 405, "another method", "Allow: GET, HEAD" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		is_int(admin_ask(&d, cases[i].method, cases[i].target, &r),
		    cases[i].status, "%s %s", cases[i].method, cases[i].target);
		has_string(r.body, cases[i].body, "and why");
		has_string(r.head, cases[i].field, "with %s", cases[i].field);
	}
	is_int(admin_ask_on(admin_connect(&d), "POST", "/workers?n=3",
	    "Host: t\r\nContent-Length: 3\r\n", &r), 400, "a body");
	has_string(r.body, "a body, where all that counts is in the query",
	    "and why");
	is_int(admin_ask_on(admin_connect(&d), "GET", "/", "", &r), 400,
	    "no Host in HTTP/1.1");
	is_string(r.body, "no Host, which HTTP/1.1 demands\n", "and why");
}

static void
test_parameters(void)
{
	static const struct {
		const char *target;
		int status;
		const char *text;
	} cases[] = {
		{ "/workers", 400, "n: expected a number from 1 to 16384" },
		{ "/workers?n=", 400, "n: expected a number from 1 to 16384" },
		{ "/workers?n=0", 400, "n: expected a number from 1 to 16384" },
		{ "/workers?n=-1", 400,
		    "n: expected a number from 1 to 16384" },
		{ "/workers?n=%201", 400,
		    "n: expected a number from 1 to 16384" },
		{ "/workers?n=16385", 400,
		    "n: expected a number from 1 to 16384" },
		{ "/workers?n=1&n=2", 400, "a parameter that is there twice" },
		{ "/workers?n=%0a", 400,
		    "a control character in a parameter" },
		{ "/reload?now", 400, "a parameter that is not known here" },
		{ "/disks/sda/condition", 400,
		    "name: expected a condition of the disk, or schedule" },
		{ "/disks/s%20a/condition?name=dying", 404,
		    "there is no such disk" },
		{ "/disks/sda/condition?name=a%20b", 400,
		    "name: expected a condition of the disk, or schedule" },
		{ "/disks/sda/condition?name=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		    400, "name: expected a condition of the disk, or schedule" },
		{ "/disks/sda/condition?name=hung", 400,
		    "disk sda has no condition hung: expected one of healthy "
		    "dying slow dead hang" },
		{ "/disks/sda/condition?name=dying&for=5", 400,
		    "for: expected a time, such as 20ms, 4s or 2m" },
		{ "/disks/sda/condition?name=dying&for=0s", 400,
		    "for: expected a time, such as 20ms, 4s or 2m" },
		{ "/disks/sdz/condition?name=dying", 404,
		    "there is no such disk" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		admin_does(&d, cases[i].target, cases[i].status,
		    cases[i].text, "parameters");
}

/* How long a read takes, ms. */
static long long
read_time(void)
{
	is_int(client_get(d.port, "/sda/x", &r), 200, "a read");
	return strtoll(r.body, NULL, 10);
}

static void
test_condition(void)
{
	char who[128];
	size_t from = daemon_log_length(&d);

	ok(read_time() < 300, "the disk is healthy");
	admin_does(&d, "/disks/sda/condition?name=dying", 200,
	    "disk sda: condition dying", "a condition");
	ok(read_time() >= 300, "it is dying");
	snprintf(who, sizeof(who), "notice: admin: condition asked for by uid "
	    "%u, process %d\n", (unsigned int)getuid(), (int)getpid());
	daemon_await_log(&d, who, from);
	daemon_await_log(&d, "notice: admin: disk sda: condition dying\n",
	    from);
	admin_shows(&d, "/disks/sda", "\"condition\":\"dying\",\"forced\":true,"
	    "\"until\":null", "it is shown");
	admin_does(&d, "/disks/sda/condition?name=dying&for=5m", 200,
	    "disk sda: condition dying for 5m", "for a time");
	is_int(admin_ask(&d, "GET", "/disks/sda", &r), 200, "it is shown");
	ok(strstr(r.body, "\"forced\":true,\"until\":null") == NULL,
	    "with its end");
	admin_does(&d, "/disks/sda/condition?name=schedule", 200,
	    "disk sda: back to its schedule", "back");
	ok(read_time() < 300, "it is healthy again");
	admin_does(&d, "/disks/sda/condition?name=dying", 200,
	    "disk sda: condition dying", "once more");
	admin_does(&d, "/disks/sda/condition?name=", 200,
	    "disk sda: back to its schedule", "and back by no name");
	is_int(admin_ask(&d, "POST", "/disks/sda/condition?name=&as=text", &r),
	    200, "for a person");
	is_string(r.body, "disk sda: back to its schedule\n", "a line");
}

static void
test_workers(void)
{
	size_t from = daemon_log_length(&d);

	admin_does(&d, "/workers?n=5", 200, "workers: 5 wanted", "workers");
	daemon_await_workers(&d, 5);
	daemon_await_log(&d, "notice: admin: workers asked for by uid ", from);
	admin_does(&d, "/workers?n=3", 200, "workers: 3 wanted", "fewer");
	daemon_await_workers(&d, 3);
}

static void
test_reload(void)
{
	char want[512];

	admin_does(&d, "/reload", 200, "reload: 3 workers to take over",
	    "a reload");
	admin_rewrite(&d, CONF "workres 3\nbacklog 0\n");
	is_int(admin_ask(&d, "POST", "/reload", &r), 409, "a bad one");
	snprintf(want, sizeof(want), "%s:%d: unknown keyword `workres': did "
	    "you mean `workers'?\\u000a%s:%d: backlog: expected a number from 1 to "
	    "65535\"}", d.conf, geteuid() == 0 ? 10 : 9, d.conf,
	    geteuid() == 0 ? 11 : 10);
	has_string(r.body, want, "its errors, with their lines");
	admin_rewrite(&d, CONF);
}

/* Who may connect is who may open the file. */
static void
test_mode(void)
{
	const struct passwd *pw = getpwnam("nobody");
	char path[128];
	struct stat st;

	if (stat(daemon_path(&d, "admin", path, sizeof(path)), &st) == -1)
		err(1, "%s", path);
	is_int(st.st_mode, S_IFSOCK | 0660, "the mode of the socket");
	is_int(st.st_uid, geteuid(), "its owner");
	if (geteuid() == 0)
		is_int(st.st_gid, pw->pw_gid, "its group");
}

/* The status that somebody else is answered with, or 255. */
static int
ask_as(const struct passwd *pw, uid_t uid, const char *method,
    const char *target)
{
	pid_t pid = fork();
	int status;

	if (pid == -1)
		err(1, "fork");
	if (pid == 0) {
		if (setgroups(1, &pw->pw_gid) == -1 ||
		    setgid(pw->pw_gid) == -1 || setuid(uid) == -1)
			_exit(255);
		/* Of the three digits, what an exit status has room for. */
		_exit(admin_ask(&d, method, target, &r) - 200);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 255;
	return WEXITSTATUS(status) + 200;
}

/* A worker that is not what it was has its user's reach. */
static void
test_workers_user(void)
{
	const struct passwd *pw = getpwnam("nobody");
	char text[64];

	if (geteuid() != 0) {
		skip(5, "only root has workers of another user");
		return;
	}
	is_int(ask_as(pw, pw->pw_uid, "GET", "/status.json"), 200,
	    "the workers' user may look");
	is_int(ask_as(pw, pw->pw_uid, "POST", "/workers?n=7"), 403,
	    "and change nothing");
	is_int(ask_as(pw, pw->pw_uid, "POST", "/drain"), 403, "nothing at all");
	snprintf(text, sizeof(text), "asked for by uid %u", pw->pw_uid);
	is_int((long long)daemon_count_logged(&d, text), 0,
	    "the master does not hear of it");
	is_int(ask_as(pw, 12345, "POST", "/workers?n=3"), 200,
	    "another member of their group may");
}

static void
test_drain(void)
{
	char path[128];
	size_t from = daemon_log_length(&d);
	int fd;

	/* Those that a reload has replaced are gone. */
	daemon_await_workers(&d, 3);
	fd = client_connect(d.port);
	client_send(fd, "GET /200,1500,x HTTP/1.0\r\n\r\n", 28);
	daemon_await_reading(&d, 1);
	admin_does(&d, "/drain", 200, "drains: 3 workers to finish", "a drain");
	daemon_await_log(&d, "notice: stop: drain, by uid ", from);
	is_int(admin_ask(&d, "GET", "/healthz", &r), 503, "it drains");
	is_string(r.body, "draining\n", "and says so");
	admin_does(&d, "/workers?n=1", 409, "this master stops",
	    "nothing else is done then");
	admin_does(&d, "/reload", 409, "this master stops", "likewise");
	client_receive(fd, &r, 1);
	is_int(r.status, 200, "the read ends in its own time");
	close(fd);
	is_int(daemon_wait(&d), 0, "and then the daemon");
	ok(access(daemon_path(&d, "admin", path, sizeof(path)), F_OK) == -1,
	    "its socket is removed");
}

int
main(void)
{
	static const char *const expected[] = {
		"workres", "backlog: expected", "reload: 2 errors", "refused: ",
		NULL
	};

	plan_no_plan();
	admin_start(&d, CONF);
	is_int(client_get(d.port, "/200,0,x", NULL), 200, "it serves");
	test_paths();
	test_policy();
	test_ids();
	test_refusals();
	test_parameters();
	test_condition();
	test_workers();
	test_reload();
	test_mode();
	test_workers_user();
	test_drain();
	daemon_finish(&d, expected);
	return exit_status();
}
