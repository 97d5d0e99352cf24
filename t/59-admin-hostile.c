/*
 * Clients of the admin addresses that mean no good, or know no better: slow
 * ones, endless ones, many, those that never read; tokens, other sites' pages,
 * and names that lead here.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/admin/places.h"
#include "t/admin.h"
#include "t/check.h"
#include "t/network.h"
#include "t/run.h"

#define CONF "balance shared\nworkers 2\n"
/* What the kernel takes of a reply that nobody reads, bytes; and for how long
   one may stay so. */
#define BUFFERS ((size_t)2 * 65536)
#define GIVEN_UP (10 * CLOCK_S)
#define TOKEN "0123456789abcdef-._~+/="

static struct daemon d;
static struct response r;

static void
answers(const char *name)
{
	is_int(admin_ask(&d, "GET", "/healthz", &r), 200, "%s: it answers",
	    name);
}

/* Heads that are too large, or no heads. */
static void
test_heads(void)
{
	static const char begin[] = "GET / HTTP/1.1\r\nX: ";
	static char head[20000];
	int fd = admin_connect(&d);

	memset(head, 'x', sizeof(head));
	memcpy(head, begin, sizeof(begin) - 1);
	client_send(fd, head, sizeof(head));
	client_receive(fd, &r, 1);
	is_int(r.status, 431, "a huge head");
	is_string(r.body, "the head is too large\n", "and why");
	close(fd);
	fd = admin_connect(&d);
	client_send(fd, "\026\003\001", 3);
	client_receive(fd, &r, 1);
	is_int(r.status, 400, "TLS");
	close(fd);
	fd = admin_connect(&d);
	client_send(fd, "GET /healthz HTTP/1.0\r\n\r\nGET / HTTP/1.0\r\n\r\n",
	    43);
	client_receive(fd, &r, 1);
	is_int(r.status, 200, "two requests: the first is answered");
	ok(strstr(r.body, "HTTP/1.1") == NULL, "two requests: no other");
	close(fd);
	answers("heads");
}

/* A request that comes byte by byte is answered; one that stops is not. */
static void
test_slow(void)
{
	static const char text[] = "GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n";
	int fd = admin_connect(&d), late = admin_connect(&d);
	int silent = admin_connect(&d);
	size_t i;

	client_send(late, "GET /heal", 9);
	for (i = 0; i < strlen(text); i++)
		client_send(fd, text + i, 1);
	client_receive(fd, &r, 1);
	is_int(r.status, 200, "byte by byte");
	close(fd);
	client_receive(late, &r, 1);
	is_int(r.status, 408, "half a request has its deadline");
	is_string(r.body, "the request was not complete within 5 seconds\n",
	    "and why");
	close(late);
	ok(client_closed(silent), "no request at all: closed");
	close(silent);
}

/* More than there are places: who is silent makes room. */
static void
test_many(void)
{
	static int fds[3 * PLACES_MAX];
	size_t i, n = sizeof(fds) / sizeof(fds[0]), open = 0;
	char c;

	for (i = 0; i < n; i++)
		fds[i] = admin_connect(&d);
	answers("many who are silent");
	for (i = 0; i < n; i++) {
		open += recv(fds[i], &c, 1, MSG_DONTWAIT) == -1;
		close(fds[i]);
	}
	ok(open <= PLACES_MAX, "many: %zu of %zu are still there", open, n);

	/* Those who get events have places, too, and no better right. */
	for (i = 0; i < n; i++) {
		fds[i] = admin_connect(&d);
		client_send(fds[i], "GET /events HTTP/1.0\r\n\r\n", 24);
	}
	answers("many who get events");
	for (i = 0; i < n; i++)
		close(fds[i]);
	answers("many who have gone");
}

/* How long a reply is, bytes. */
static size_t
length_of(const struct daemon *on, const char *target)
{
	int fd = admin_connect(on);
	char head[128], buf[4096];
	size_t sum = 0;
	ssize_t n;

	snprintf(head, sizeof(head), "GET %s HTTP/1.0\r\n\r\n", target);
	client_send(fd, head, strlen(head));
	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0)
		sum += (size_t)n;
	close(fd);
	return sum;
}

/*
 * They ask for the longest reply of all, which no buffer takes whole, and read
 * nothing of it.  Nobody waits until they are given up.
 */
static void
test_slow_readers(void)
{
	static int fds[2 * PLACES_MAX];
	static char conf[8192];
	const size_t n = sizeof(fds) / sizeof(fds[0]);
	static struct daemon many;
	int64_t begun;
	size_t i, len;

	len = strlcpy(conf, CONF, sizeof(conf));
	for (i = 0; i < CONF_DISK_MAX - 1; i++)
		len += (size_t)snprintf(conf + len, sizeof(conf) - len,
		    "disk d%zu {\nread fixed 1ms\n}\n", i);
	admin_start(&many, conf);
	ok(length_of(&many, "/metrics") > BUFFERS,
	    "slow readers: a reply that is too long for the kernel");
	begun = clock_mono();
	for (i = 0; i < n; i++) {
		fds[i] = admin_connect(&many);
		client_send(fds[i], "GET /metrics HTTP/1.0\r\n\r\n", 25);
	}
	is_int(admin_ask(&many, "GET", "/healthz", &r), 200,
	    "slow readers in all places: it answers");
	ok(clock_mono() - begun < GIVEN_UP,
	    "slow readers: before they are given up");
	for (i = 0; i < n; i++)
		close(fds[i]);
	daemon_finish(&many, NULL);
}

/* Memory that the status process has for itself, kB. */
static long
memory(void)
{
	char path[64], line[256];
	long kb = 0, n;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup",
	    (int)daemon_status_process(&d, -1));
	if ((f = fopen(path, "r")) == NULL)
		err(1, "%s", path);
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "Private_Dirty: %ld", &n) == 1)
			kb = n;
	fclose(f);
	return kb;
}

/* For daemon_until: so many ticks are over. */
static int
ticks_are_over(void *arg)
{
	int *left = arg;
	int fd = admin_connect(&d);
	char c;

	client_send(fd, "GET /events HTTP/1.0\r\n\r\n", 24);
	client_receive(fd, &r, 0);
	/* The history, and then a tick. */
	while (recv(fd, &c, 1, 0) == 1 && c != '\n')
		continue;
	while (recv(fd, r.body, sizeof(r.body), 0) > 0 &&
	    strstr(r.body, "event: tick") == NULL)
		continue;
	close(fd);
	return --*left <= 0;
}

/*
 * Who never reads keeps nobody else from it.  Ticks of three seconds do not
 * pile up for those who do not take them: memory that one tick takes, the next
 * one has as well.
 */
static void
test_never_reading(void)
{
	int fds[20], left = 3;
	const int small = 2048;
	long before;
	size_t i;

	answers("never reading, before");
	for (i = 0; i < 20; i++) {
		fds[i] = admin_connect(&d);
		setsockopt(fds[i], SOL_SOCKET, SO_RCVBUF, &small,
		    sizeof(small));
		client_send(fds[i], i < 10 ? "GET /events HTTP/1.0\r\n\r\n" :
		    "GET /metrics HTTP/1.0\r\n\r\n", i < 10 ? 24 : 25);
	}
	answers("never reading");
	before = memory();
	ok(daemon_until(ticks_are_over, &left), "never reading: ticks pass");
	diag("memory: %ld kB, and %ld kB three ticks later", before, memory());
	answers("never reading, afterwards");
	for (i = 0; i < 20; i++)
		close(fds[i]);
}

/* Who ends behind what it has asked may have been anybody. */
static void
test_ended(void)
{
	static const char post[] = "POST /workers?n=9 HTTP/1.0\r\n\r\n";
	const size_t from = daemon_log_length(&d);
	const pid_t status = daemon_status_process(&d, -1);
	pid_t pid;
	int fd;

	kill(status, SIGSTOP);
	if ((pid = fork()) == -1)
		err(1, "fork");
	if (pid == 0) {
		fd = admin_connect(&d);
		_exit(fd == -1 || send(fd, post, strlen(post), 0) !=
		    (ssize_t)strlen(post));
	}
	waitpid(pid, NULL, 0);
	kill(status, SIGCONT);
	daemon_await_log(&d, "refused: the process that asked has ended", from);
	answers("ended");
}

/* Who has asked the master and goes does not matter. */
static void
test_gone(void)
{
	int i, fd;

	for (i = 0; i < 50; i++) {
		fd = admin_connect(&d);
		client_send(fd, "POST /workers?n=2 HTTP/1.0\r\n\r\n", 30);
		close(fd);
	}
	answers("gone before the answer");
	daemon_await_workers(&d, 2);
}

#define LOCAL "Host: localhost\r\n"

/* Over TCP, from this machine, without a token. */
static void
test_without_token(void)
{
	static const struct {
		const char *method, *target, *fields;
		int status;
	} cases[] = {
		{ "GET", "/healthz", LOCAL, 200 },
		{ "GET", "/healthz", "Host: LocalHost:7001\r\n", 200 },
		{ "GET", "/healthz", "Host: 127.0.0.1\r\n", 200 },
		{ "GET", "/healthz", "Host: 10.1.2.3:80\r\n", 200 },
		{ "GET", "/healthz", "Host: [::1]:7001\r\n", 200 },
		{ "GET", "/healthz", "Host:\r\n", 200 },
		/* A name may lead anywhere: somebody else's page has it. */
		{ "GET", "/healthz", "Host: evil.example\r\n", 403 },
		{ "GET", "/status.json", "Host: localhost.evil.example\r\n",
		    403 },
		{ "GET", "/status.json", "Host: 127.0.0.1.evil.example\r\n",
		    403 },
		{ "GET", "/events", "Host: evil.example:7001\r\n", 403 },
		{ "GET", "/", "Host: evil.example\r\n", 200 },
		/* Another site's page. */
		{ "GET", "/status.json",
		    LOCAL "Origin: http://evil.example\r\n", 403 },
		{ "GET", "/status.json", LOCAL "Origin: null\r\n", 403 },
		{ "GET", "/status.json", LOCAL "Origin: http://localhost:1\r\n",
		    403 },
		{ "GET", "/status.json", LOCAL "Origin: http://localhost\r\n",
		    200 },
		{ "GET", "/", LOCAL "Sec-Fetch-Site: cross-site\r\n", 403 },
		{ "GET", "/", LOCAL "Sec-Fetch-Site: same-site\r\n", 403 },
		{ "GET", "/", LOCAL "Sec-Fetch-Site: none\r\n", 200 },
		{ "GET", "/", LOCAL "Sec-Fetch-Site: same-origin\r\n", 200 },
		/* Nothing is changed without a token. */
		{ "POST", "/workers?n=2", LOCAL, 403 },
		{ "POST", "/drain", LOCAL, 403 },
		{ "POST", "/drain", LOCAL "Authorization: Bearer " TOKEN
		    "\r\n", 403 },
		{ "POST", "/reload", LOCAL "Origin: http://localhost\r\n",
		    403 },
		{ "GET", "/drain", LOCAL, 405 },
	};
	const int port = admin_port(&d);
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_int(admin_ask_port(port, cases[i].method, cases[i].target,
		    cases[i].fields, &r), cases[i].status, "no token: %s %s %s",
		    cases[i].method, cases[i].target, cases[i].fields);
	is_int(admin_ask_on(admin_connect(&d), "POST", "/workers?n=2",
	    "Host: t\r\nOrigin: http://evil.example\r\n", &r), 403,
	    "another site's page, at the Unix socket");
	has_string(r.body, "another site's page has asked for this",
	    "and why");
	daemon_await_workers(&d, 2);
}

static void
write_token(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	if (f == NULL || fputs(text, f) == EOF || fclose(f) == EOF ||
	    chmod(path, mode) == -1)
		err(1, "%s", path);
}

static void
test_token(void)
{
	static const struct {
		const char *method, *target, *fields;
		int status;
	} cases[] = {
		{ "GET", "/healthz", LOCAL, 200 },
		{ "POST", "/workers?n=2", LOCAL, 401 },
		{ "POST", "/workers?n=2", LOCAL "Authorization: Bearer \r\n",
		    401 },
		{ "POST", "/workers?n=2", LOCAL "Authorization: Bearer x\r\n",
		    401 },
		{ "POST", "/workers?n=2",
		    LOCAL "Authorization: Bearer " TOKEN "x\r\n", 401 },
		{ "POST", "/workers?n=2",
		    LOCAL "Authorization: Bearer 0123456789abcdef-._~+/x\r\n",
		    401 },
		{ "POST", "/workers?n=2",
		    LOCAL "Authorization: Bearer " TOKEN TOKEN "\r\n", 401 },
		{ "POST", "/workers?n=2",
		    LOCAL "Authorization: Basic " TOKEN "\r\n", 401 },
		{ "POST", "/workers?n=2",
		    LOCAL "Authorization: Bearer " TOKEN "\r\n", 200 },
		{ "POST", "/workers?n=2",
		    LOCAL "authorization: BEARER  " TOKEN "\r\n", 200 },
		{ "POST", "/workers?n=2", LOCAL "Origin: http://evil.example"
		    "\r\nAuthorization: Bearer " TOKEN "\r\n", 403 },
		/* Who has the token need not be asked by an address. */
		{ "GET", "/healthz", "Host: name.example\r\n", 403 },
		{ "GET", "/healthz", "Host: name.example\r\n"
		    "Authorization: Bearer " TOKEN "\r\n", 200 },
	};
	static const struct {
		const char *method, *target, *fields;
		int status;
	} remote[] = {
		{ "GET", "/", LOCAL, 200 },
		{ "GET", "/healthz", LOCAL, 401 },
		{ "GET", "/nothing", LOCAL, 401 },
		{ "GET", "/healthz",
		    LOCAL "Authorization: Bearer " TOKEN "\r\n", 200 },
		{ "GET", "/nothing",
		    LOCAL "Authorization: Bearer " TOKEN "\r\n", 404 },
		{ "POST", "/workers?n=2",
		    LOCAL "Authorization: Bearer " TOKEN "\r\n", 200 },
	};
	char path[128], want[96];
	int fd, all, port;
	size_t i, from;

	daemon_path(&d, "token", path, sizeof(path));
	write_token(path, TOKEN "\nand more\n", 0600);
	port = admin_port(&d);
	fd = network_port(0, 0, &all);
	daemon_rewrite(&d, CONF "admin unix:%s/admin\nadmin 127.0.0.1:0\n"
	    "admin 0.0.0.0:%d\nadmin-token %s\n", d.dir, all, path);
	close(fd);
	daemon_reload(&d);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		is_int(admin_ask_port(port, cases[i].method, cases[i].target,
		    cases[i].fields, &r), cases[i].status, "token: %s %s %s",
		    cases[i].method, cases[i].target, cases[i].fields);
		ok((strstr(r.head, "\r\nWWW-Authenticate: Bearer\r\n") !=
		    NULL) == (r.status == 401), "and a challenge for 401");
	}
	for (i = 0; i < sizeof(remote) / sizeof(remote[0]); i++)
		is_int(admin_ask_port(all, remote[i].method, remote[i].target,
		    remote[i].fields, &r), remote[i].status, "remote: %s %s %s",
		    remote[i].method, remote[i].target, remote[i].fields);
	from = 0;
	snprintf(want, sizeof(want), "notice: admin: workers asked for by "
	    "127.0.0.1:");
	daemon_await_log(&d, want, from);
	ok(1, "who asked by TCP is in the log");

	/* Another token, with a reload. */
	write_token(path, "another-token-of-16\n", 0640);
	daemon_reload(&d);
	is_int(admin_ask_port(port, "POST", "/workers?n=2",
	    LOCAL "Authorization: Bearer " TOKEN "\r\n", &r), 401,
	    "the old token is none any more");
	is_int(admin_ask_port(port, "POST", "/workers?n=2",
	    LOCAL "Authorization: Bearer another-token-of-16\r\n", &r), 200,
	    "the new one is");
	/* A bad one changes nothing. */
	write_token(path, "short\n", 0600);
	daemon_reload(&d);
	is_int(admin_ask_port(port, "POST", "/workers?n=2",
	    LOCAL "Authorization: Bearer another-token-of-16\r\n", &r), 200,
	    "after a bad file the old one stays");
}

/* Whether these bytes of a process have the secret in them. */
static int
has_secret(int fd, unsigned long from, unsigned long to, const char *secret)
{
	static char bytes[1 << 20];
	const size_t len = strlen(secret);
	ssize_t n;

	for (; from < to; from += sizeof(bytes) - len) {
		n = pread(fd, bytes, sizeof(bytes) < to - from ?
		    sizeof(bytes) : to - from, (off_t)from);
		if (n > 0 && memmem(bytes, (size_t)n, secret, len) != NULL)
			return 1;
	}
	return 0;
}

/* Whether the process' memory has it anywhere. */
static int
knows(pid_t pid, const char *secret)
{
	char path[64], line[512];
	unsigned long from, to;
	int fd, found = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	if ((f = fopen(path, "r")) == NULL)
		err(1, "%s", path);
	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fgets(line, sizeof(line), f) != NULL)
		/* The shadow of the sanitizers is as large as all memory. */
		if (sscanf(line, "%lx-%lx", &from, &to) == 2 &&
		    strstr(line, " rw-p ") != NULL && to - from < 4UL << 30)
			found |= has_secret(fd, from, to, secret);
	fclose(f);
	close(fd);
	return found;
}

static void
test_secret(void)
{
	pid_t workers[2];

	if (geteuid() != 0) {
		skip(2, "not root: no other process' memory");
		return;
	}
	/* Those of before the reload had another one. */
	daemon_await_workers(&d, 2);
	is_int((long long)daemon_workers(&d, workers, 2), 2, "workers");
	ok(!knows(workers[0], "another-token-of-16"),
	    "no worker has the token");
	ok(knows(daemon_status_process(&d, -1), "another-token-of-16"),
	    "the status process has it");
}

/* What a token's file has to be. */
static void
test_token_files(void)
{
	static const struct {
		const char *text;
		mode_t mode;
		const char *why;
	} cases[] = {
		{ TOKEN "\n", 0644, "others may read or write it: expected a "
		    "mode like 0600 or 0640" },
		{ TOKEN "\n", 0602, "others may read or write it: expected a "
		    "mode like 0600 or 0640" },
		{ "0123456789abcde\n", 0600,
		    "its first line has not 16 to 256 bytes" },
		{ "\n" TOKEN "\n", 0600,
		    "its first line has not 16 to 256 bytes" },
		{ "0123456789 abcdef\n", 0600, "its first line has something "
		    "else in it than letters, digits, and any of -._~+/=" },
	};
	static struct daemon x;
	char path[128], reasons[512];
	size_t i;

	daemon_configure(&x, CONF);
	daemon_path(&x, "token", path, sizeof(path));
	daemon_rewrite(&x, "user nobody\nlisten 127.0.0.1:0\n" CONF
	    "admin 127.0.0.1:0\nadmin-token %s\n", path);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_token(path, cases[i].text, cases[i].mode);
		reasons[0] = '\0';
		run_reason(&x, reasons, sizeof(reasons), 6,
		    "admin-token: %s: %s", path, cases[i].why);
		run_is_refused(&x, reasons, cases[i].why);
	}
	unlink(path);
	reasons[0] = '\0';
	run_reason(&x, reasons, sizeof(reasons), 6,
	    "admin-token: %s: No such file or directory", path);
	run_is_refused(&x, reasons, "no file");
}

int
main(void)
{
	static const char *const expected[] = {
		"admin-token: ", "reload: 1 error", "refused: ", NULL
	};

	plan_no_plan();
	admin_start(&d, CONF);
	test_heads();
	test_slow();
	test_many();
	test_slow_readers();
	test_never_reading();
	test_ended();
	test_gone();
	test_without_token();
	test_token();
	test_secret();
	test_token_files();
	daemon_finish(&d, expected);
	return exit_status();
}
