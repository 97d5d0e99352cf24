/*
 * A master that is killed: its workers are gone as soon as each has done what
 * it has in hand, whoever was answered knows it, the port is free, and the next
 * master, whom systemd would start, serves there.
 *
 * Four clients each have a worker when the master dies: one that reads, one
 * whose client takes its reply slowly, one whose connection is kept, and one
 * whose client has not said yet what it wants.  Others are idle, or serve a
 * load.  Each of its requests has a number; what the access log has of them is
 * what the clients have got, no more and no less.
 *
 * The long form does that again and again, at random moments.
 */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <netinet/in.h>

#include <err.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"
#include "t/network.h"
#include "t/reader.h"
#include "t/torture.h"

#define FALLBACK	"shared is in force"
#define WORKERS		32
#define CLIENTS		8	/* of the load */
#define REQUESTS	20000	/* of all of them, at the most */
#define READ_MS		3000	/* of the one that reads */
#define SIZE		(16 << 20)	/* of the slow one's object, bytes */
#define SOON		CLOCK_S	/* within which a worker is gone */
#define ATTEMPTS	20

/* What has become of a request of the load. */
enum outcome {
	UNSENT,
	NO_REPLY,		/* not a byte of one */
	BROKEN,			/* a part of one, or another one */
	ANSWERED
};

static struct daemon d;
static struct response r;
static char log_file[128];

static struct load {
	_Atomic unsigned int next;	/* number of a request */
	_Atomic unsigned int answered;
	_Atomic unsigned char outcomes[REQUESTS];
} *load;

/* The load. */

static enum outcome
ask(unsigned int number)
{
	char path[64];

	snprintf(path, sizeof(path), "/200,%u,%u", number % 7 * 6, number);
	if (client_get(d.port, path, &r) == 200 &&
	    strstr(r.body, strrchr(path, ',')) != NULL)
		return ANSWERED;
	return r.head[0] == '\0' ? NO_REPLY : BROKEN;
}

/* Goes on until nobody listens any more. */
static pid_t
start_client(void)
{
	pid_t pid = fork();
	unsigned int number;

	if (pid == -1)
		err(1, "fork");
	if (pid != 0)
		return pid;
	while ((number = load->next++) < REQUESTS) {
		r.head[0] = '\0';
		load->outcomes[number] = (unsigned char)ask(number);
		if (load->outcomes[number] == ANSWERED)
			load->answered++;
		else if (client_is_refused(&d.port))
			break;
	}
	_exit(0);
}

static int
has_load(void *unused)
{
	(void)unused;
	return load->answered > 0;
}

static pid_t clients[CLIENTS];

static void
start_load(void)
{
	int i;

	memset(load, 0, sizeof(*load));
	if (truncate(log_file, 0) == -1)
		err(1, "%s", log_file);
	fflush(stdout);
	for (i = 0; i < CLIENTS; i++)
		clients[i] = start_client();
	if (!daemon_until(has_load, NULL))
		errx(1, "no load");
}


/* What the log has of the load, by numbers. */
static unsigned int
read_log(unsigned char logged[REQUESTS])
{
	unsigned int number, n = 0;
	char line[4096], *p;
	FILE *f;

	memset(logged, 0, REQUESTS);
	if ((f = fopen(log_file, "r")) == NULL)
		err(1, "%s", log_file);
	while (fgets(line, sizeof(line), f) != NULL) {
		if ((p = strstr(line, "request=\"GET /200,")) == NULL ||
		    sscanf(p, "request=\"GET /200,%*u,%u HTTP/1.1\" status=200 ",
		    &number) != 1 || number >= REQUESTS)
			continue;
		logged[number]++;
		n++;
	}
	fclose(f);
	return n;
}

static void
account(void)
{
	static unsigned char logged[REQUESTS];
	unsigned int n = read_log(logged), i, lost = 0, unknown = 0;
	unsigned int broken = 0, none = 0;

	for (i = 0; i < REQUESTS; i++) {
		lost += logged[i] != 0 && load->outcomes[i] != ANSWERED;
		unknown += logged[i] != 1 && load->outcomes[i] == ANSWERED;
		broken += load->outcomes[i] == BROKEN;
		none += load->outcomes[i] == NO_REPLY;
	}
	is_int(lost, 0, "who was served knows it, all %u", n);
	is_int(unknown, 0, "who knows it was served, once");
	is_int(broken, 0, "no reply was broken");
	diag("%u requests, %u of them answered, %u waited in vain",
	    (unsigned int)load->next, n, none);
}

/* Workers that end. */

static struct crew {
	pid_t pids[WORKERS];	/* -1: gone */
	size_t n;
	size_t alive;
	int failed;		/* did not end well */
} crew;

/* Orphans are this process' children. */
static void
count_alive(void)
{
	size_t i;
	int status;

	for (i = crew.alive = 0; i < crew.n; i++) {
		if (crew.pids[i] == -1)
			continue;
		if (waitpid(crew.pids[i], &status, WNOHANG) != crew.pids[i]) {
			crew.alive++;
			continue;
		}
		crew.failed += status != 0;
		crew.pids[i] = -1;
	}
}

/*
 * Waits until no more than n are there.  They should be gone within a second;
 * and as long as this process was kept waiting itself, so were they.
 */
static void
are_gone_but(size_t n, const char *when)
{
	int64_t begin = clock_mono(), now = begin, before, stood = 0;

	for (count_alive(); crew.alive > n; count_alive()) {
		before = now;
		poll(NULL, 0, 1);
		now = clock_mono();
		stood += now - before > 5 * CLOCK_MS ? now - before : 0;
		if (now - begin > DAEMON_PATIENCE_MS * CLOCK_MS)
			break;
	}
	ok(crew.alive <= n && now - begin <= SOON + 2 * stood,
	    "%s: at most %zu are left, after %d ms", when, n,
	    (int)((now - begin) / CLOCK_MS));
}

/* Clients end when nobody listens; so who should be gone is, from now on. */
static void
end_load(void)
{
	size_t i;

	for (i = 0; i < crew.n; i++)
		if (crew.pids[i] != -1)
			kill(crew.pids[i], SIGKILL);
	for (i = 0; i < CLIENTS; i++)
		waitpid(clients[i], NULL, 0);
}

/* The master is killed, and reaped. */
static void
orphan(size_t workers)
{
	crew.failed = 0;
	crew.n = daemon_workers(&d, crew.pids, WORKERS);
	is_int((long long)crew.n, (long long)workers, "all workers are there");
	daemon_signal(&d, SIGKILL);
	daemon_wait(&d);
}

/* The four. */

static struct four {
	int reading, slow, kept, silent;	/* descriptors */
} four;

static int
is_reading(void *unused)
{
	(void)unused;
	return reader_pid(&d, -1) != -1;
}

/*
 * A connection with a request that a worker has begun to answer.  Under `hash'
 * it may be sent to one that is busy; then another one is made.
 */
static int
begin(const char *request)
{
	struct pollfd p = { .events = POLLIN };
	int i;

	for (i = 0; i < ATTEMPTS; i++) {
		p.fd = client_connect(d.port);
		client_send(p.fd, request, strlen(request));
		if (poll(&p, 1, 1000) == 1)
			return p.fd;
		close(p.fd);
	}
	errx(1, "nobody answers: %s", request);
}

static void
begin_four(void)
{
	/* All workers are idle. */
	four.silent = client_connect(d.port);
	four.kept = begin("GET /200,0,kept HTTP/1.1\r\nHost: t\r\n\r\n");
	client_receive(four.kept, &r, 0);
	is_int(r.status, 200, "one is served and kept");
	/* The kernel holds a part of it for a client that does not read. */
	four.slow = begin("GET /200,0,slow?size=16M HTTP/1.0\r\n\r\n");
	is_int(recv(four.slow, r.head, 8, MSG_WAITALL), 8,
	    "one is in the middle of its reply");
}

/*
 * The last: its read does not wait.  It comes on a connection that a worker
 * has: left in the queue of one that is busy, it would be that one's to do.
 */
static void
begin_reading(void)
{
	char request[64];

	four.reading = begin("GET /200,0,first HTTP/1.1\r\nHost: t\r\n\r\n");
	client_receive(four.reading, &r, 0);
	is_int(r.status, 200, "one is served and asks again");
	snprintf(request, sizeof(request), "GET /200,%d,reading HTTP/1.0\r\n"
	    "\r\n", READ_MS);
	client_send(four.reading, request, strlen(request));
	if (!daemon_until(is_reading, NULL))
		errx(1, "nobody reads");
}

/* All of the reply, of which some has been read. */
static long long
take_slowly(int fd)
{
	static char buf[1 << 16];
	long long n, sum = 8;
	const char *end = NULL;

	/* The first piece has the head, and more than that. */
	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0) {
		sum += n;
		if (end == NULL &&
		    (end = memmem(buf, (size_t)n, "\r\n\r\n", 4)) != NULL)
			sum = n - (end + 4 - buf);
	}
	return n == 0 ? sum : -1;
}

static void
end_four(void)
{
	static const char get[] = "GET /200,0,silent HTTP/1.0\r\n\r\n";

	ok(client_closed(four.kept), "the kept connection is closed");
	client_receive(four.reading, &r, 1);
	is_int(r.status, 200, "the read is answered");
	are_gone_but(2, "after the read");
	is_int(take_slowly(four.slow), SIZE, "a slow reply is whole");
	are_gone_but(1, "after the slow reply");
	client_send(four.silent, get, strlen(get));
	client_receive(four.silent, &r, 1);
	is_int(r.status, 200, "who was slow to ask is answered");
	are_gone_but(0, "after that");
	is_int(crew.failed, 0, "all of them ended well");
	close(four.reading);
	close(four.slow);
	close(four.kept);
	close(four.silent);
}

/* A master's life, and that of its orphans. */
static void
kill_master(const char *policy)
{
	begin_four();
	begin_reading();
	start_load();
	/* Any moment is as good as another. */
	poll(NULL, 0, (int)arc4random_uniform(100));
	orphan(WORKERS);
	are_gone_but(3, "without a master");
	ok(strcmp(policy, "hash") == 0 ||
	    daemon_until(client_is_refused, &d.port), "the port refuses");
	end_four();
	ok(client_is_refused(&d.port), "the port is free");
	end_load();
	account();
}

static void
test_policy(const char *policy, int times)
{
	static const char *const expected[] = { FALLBACK, NULL };
	int i, keeper, port;

	/* For the next master, too. */
	keeper = network_port(INADDR_LOOPBACK, 0, &port);
	daemon_configure(&d, "workers 1\n");
	daemon_path(&d, "access", log_file, sizeof(log_file));
	daemon_rewrite(&d, "listen 127.0.0.1:%d\nworkers %d\nbalance %s\n"
	    "defer-accept no\n"
	    "keepalive-timeout 60s\nrequest-timeout 60s\nqueue-timeout off\n"
	    "access-log %s logfmt\n", port, WORKERS, policy, log_file);
	for (i = 0; i < times; i++) {
		diag("balance %s, %d of %d", policy, i + 1, times);
		daemon_start(&d);
		kill_master(policy);
	}
	daemon_start(&d);
	is_int(client_get(port, "/200,0,x", &r), 200,
	    "%s: the next master serves", policy);
	daemon_finish(&d, expected);
	close(keeper);
}

/*
 * Under `hash', an orphan serves who waits in its own queue, but not for ever,
 * where somebody always does.
 */
static void
test_queue(void)
{
	unsigned int before;

	daemon_configure(&d, "workers 1\n");
	daemon_path(&d, "access", log_file, sizeof(log_file));
	daemon_rewrite(&d, "workers 1\nbalance hash\nqueue-timeout off\n"
	    "access-log %s logfmt\n", log_file);
	daemon_start(&d);
	start_load();
	orphan(1);
	before = load->answered;
	are_gone_but(0, "a queue that is never empty");
	end_load();
	/* What each of them had there; and two that were on their way. */
	ok(load->answered - before <= CLIENTS + 2, "and %u more are served",
	    load->answered - before);
	account();
	daemon_finish(&d, NULL);
}

int
main(void)
{
	const int times = torture_pick(1, 20);

	plan_no_plan();
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == -1)
		err(1, "prctl");
	load = mmap(NULL, sizeof(*load), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (load == MAP_FAILED)
		err(1, "mmap");
	test_policy("shared", times);
	test_policy("idle", times);
	test_policy("hash", times);
	test_queue();
	return exit_status();
}
