/*
 * What workers write on the board, in the ring of recent requests and for
 * devices: real workers, without a master, on memory of this test's.
 */
#include <sys/param.h>
#include <sys/wait.h>

#include <err.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/balance.h"
#include "server/board.h"
#include "server/device.h"
#include "server/disk.h"
#include "server/object.h"
#include "server/peers.h"
#include "server/recent.h"
#include "server/worker.h"
#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"
#include "t/load.h"

#define WORKERS		3
#define KILLS		40

#define CONF \
	"listen 127.0.0.1:0\n" \
	"balance shared\n" \
	"confine off\n" \
	"access-log off\n" \
	"%s" \
	"keepalive-timeout 10s\n" \
	"request-timeout 300ms\n" \
	"read-timeout 2s\n" \
	"disk one {\n" \
	"	lanes 1\n" \
	"	read fixed 200ms\n" \
	"	limit 2\n" \
	"	condition bad { fail 100%% fixed 1ms }\n" \
	"	condition worse { fail 100%% fixed 1ms 507 }\n" \
	"}\n" \
	"disk torn {\n" \
	"	read fixed 1ms\n" \
	"	fault 100%% truncate\n" \
	"}\n" \
	"disk files {\n" \
	"	read fixed 1ms\n" \
	"	path %s\n" \
	"}\n"

static struct conf *conf;
static struct listeners listeners;
static struct logs logs = { { .fd = -1 }, { .fd = -1 } };
static int lifeline[2];
static pid_t pids[WORKERS];
static int port;
static struct response r;

/* In the place of the master's hands. */
static void
start_worker(unsigned int slot)
{
	const struct worker_setup setup = {
		.conf = conf,
		.logs = &logs,
		.balance = {
			.policy = BALANCE_SHARED,
			.listeners = &listeners,
			.backlog = 100,
		},
	};
	struct worker_message m;

	board_enter(slot);
	fflush(stdout);
	if ((pids[slot] = fork()) == -1)
		err(1, "fork");
	if (pids[slot] == 0) {
		close(lifeline[0]);
		worker_run(&setup, slot, lifeline[1]);
	}
	board_own(slot, pids[slot], 0, 0);
	if (read(lifeline[0], &m, sizeof(m)) != (ssize_t)sizeof(m))
		err(1, "worker %u", slot);
}

static void
end_worker(unsigned int slot, int sig)
{
	kill(pids[slot], sig);
	waitpid(pids[slot], NULL, 0);
	pids[slot] = 0;
	device_bury(slot);
	board_leave(slot);
}

static void
end_workers(void)
{
	unsigned int i;

	for (i = 0; i < WORKERS; i++)
		if (pids[i] > 0)
			end_worker(i, SIGKILL);
}

static void
begin(void)
{
	static const struct listeners none;
	const char *user = geteuid() == 0 ? "user nobody\n" : "";
	unsigned int i;

	load_here();
	if ((conf = conf_new()) == NULL ||
	    load_format(conf, CONF, user, "/usr") > 0)
		errx(1, "%s", load_messages());
	conf->loaded_at = clock_mono();
	if (board_open() == -1 || recent_open() == -1 || device_open() == -1 ||
	    peers_open() == -1 || pipe(lifeline) == -1 ||
	    listeners_open(&listeners, conf, &none, &none, NULL,
	    load_report) > 0)
		err(1, "%s", load_messages());
	device_assign(conf, NULL);
	object_init();
	port = (int)addr_port(&listeners.v[0].addr);
	atexit(end_workers);
	for (i = 0; i < WORKERS; i++)
		start_worker(i);
}

/* How many of something there have been, all workers together. */
static uint64_t
kind(enum error_kind k)
{
	return board_sum().kinds[k];
}

static uint64_t requests;	/* that this test has had a reply to */

/* The client has its reply before its worker has its books in order. */
static int
is_counted(void *arg)
{
	(void)arg;
	return board_sum().requests >= requests && board_sum().busy == 0;
}

static struct recent
last(void)
{
	struct recent e = { .id = 0 };

	ok(daemon_until(is_counted, NULL), "all is counted");
	if (recent_last(&e) == -1)
		errx(1, "no request has ended");
	return e;
}

/* Of an error, its status and its kind; one more of that, of nothing else. */
static void
is_error(const char *path, int status, enum error_kind want)
{
	struct board_sum before = board_sum(), after;
	int k, others = 0;
	struct recent e;

	is_int(client_get(port, path, &r), status, "%s", path);
	requests++;
	e = last();
	after = board_sum();
	for (k = 0; k < ERROR_KINDS; k++)
		if (k != (int)want)
			others += after.kinds[k] != before.kinds[k];
	is_int((long long)(after.kinds[want] - before.kinds[want]), 1,
	    "%s: one more %s", path, error_name(want));
	is_int(others, 0, "%s: and of no other kind", path);
	is_int(e.error, (int)want, "%s: remembered as one", path);
	is_int(e.status, status, "%s: with its status", path);
	is_int((long long)(after.errors - before.errors), 1,
	    "%s: one more error", path);
}

static void
ask(const char *bytes)
{
	int fd = client_connect(port);

	client_send(fd, bytes, strlen(bytes));
	client_receive(fd, &r, 1);
	close(fd);
}

static void
test_errors(void)
{
	uint64_t before = kind(ERROR_BAD_REQUEST);

	is_error("/200,1,x?delay=no", 400, ERROR_BAD_REQUEST);
	is_error("/200,5,x?status=418", 418, ERROR_READ_FAILED);
	is_error("/404,1,x", 404, ERROR_READ_FAILED);
	is_error("/200,2100,x", 504, ERROR_READ_TIMEOUT);
	is_error("/files/nothing_of_that_name", 404, ERROR_NOT_FOUND);
	ask("DELETE / HTTP/1.1\r\nHost: t\r\n\r\n");
	requests++;
	is_int(r.status, 405, "a method");
	ask("GET / HTTP/3.0\r\n\r\n");
	requests++;
	last();
	is_int((long long)(kind(ERROR_BAD_REQUEST) - before), 3,
	    "bad requests are of one kind");
	ask("GET /200,0,x HTT");
	requests++;
	is_int(r.status, 408, "a request that does not end");
	last();
	is_int((long long)kind(ERROR_LATE), 1, "is late");
}

/* Who goes away, and what is done to replies on purpose. */
static int
is_gone(void *arg)
{
	(void)arg;
	return kind(ERROR_GONE) == 1;
}

static void
test_losses(void)
{
	struct board_sum sum;
	int fd = client_connect(port);

	client_send(fd, "GET /half", 9);
	close(fd);
	ok(daemon_until(is_gone, NULL), "half a request and a client gone");
	sum = board_sum();
	client_get(port, "/torn/x", &r);
	requests++;
	last();
	is_int((long long)board_sum().faults[FAULT_TRUNCATE], 1,
	    "a reply that is cut is a fault");
	is_int((long long)kind(ERROR_GONE), 1, "not a client gone");
	is_int((long long)(board_sum().aborted - sum.aborted), 1,
	    "though not all of it has come");
	is_int((long long)(board_sum().errors - sum.errors), 0,
	    "and no error");
}

static uint64_t
id_of(const struct response *got)
{
	const char *p = strstr(got->head, "\r\nRequest-Id: ");
	uint64_t id = 0;

	if (p == NULL || sscanf(p, "\r\nRequest-Id: %16" SCNx64 "\r", &id) != 1)
		return 0;
	return id;
}

static struct histogram *
times(enum board_time t)
{
	static struct histogram all[BOARD_TIMES];

	memset(all, 0, sizeof(all));
	board_merge(all);
	return &all[t];
}

static void
test_times(void)
{
	uint64_t disk = histogram_count(times(BOARD_DISK));
	uint64_t total = histogram_count(times(BOARD_TOTAL));
	char line[RECENT_LINE + 1];
	struct device_about about;
	struct recent e;

	is_int(client_get(port, "/200,50,some_file", &r), 200, "50 ms");
	requests++;
	e = last();
	ok(e.id != 0 && e.id == id_of(&r), "the reply has its id");
	is_int(recent_find(id_of(&r), &e), 0, "by which it is found");
	snprintf(line, sizeof(line), "%.*s", (int)e.len, e.line);
	is_string(line, "GET /200,50,some_file HTTP/1.1", "with its line");
	is_int((long long)e.bytes, (long long)r.body_len, "its bytes");
	is_int(e.status, 200, "its status");
	is_int(e.error, ERROR_NONE, "and nothing wrong");
	ok(e.disk >= 50 * CLOCK_MS && e.disk < 10 * CLOCK_S,
	    "in the disk for 50 ms");
	ok(e.total >= e.queue + e.lane + e.disk + e.reply,
	    "in all for no less than its parts");
	ok(llabs(clock_real() - e.arrived - e.total) < 20 * CLOCK_S,
	    "just now");
	is_int((long long)e.lane, 0, "no lane");
	ok(e.condition == model_hash("healthy"), "in its condition");
	device_about((unsigned int)e.device, &about);
	is_string(about.name, "default", "on its disk");
	is_string(device_condition(&about, e.condition), "healthy",
	    "which knows the condition");
	is_int((long long)(histogram_count(times(BOARD_DISK)) - disk), 1,
	    "a time more in the disk");
	is_int((long long)(histogram_count(times(BOARD_TOTAL)) - total), 1,
	    "and in all");
	ok(histogram_quantile(times(BOARD_DISK), 1) >= 1900 * CLOCK_MS,
	    "the longest was the one of 2.1 s");
	ok(histogram_count(times(BOARD_LATENESS)) > 0, "how late it was");
}

/* Two readers of a disk with one lane: what is seen of them meanwhile. */
struct both {
	int device;
	struct board_view queued, disk;
};

static int
are_both(void *arg)
{
	struct both *b = arg;
	struct board_view v;
	unsigned int i, n = 0;

	for (i = 0; i < WORKERS; i++) {
		board_look(i, clock_mono(), CONF_OFF, &v);
		if (v.seen == BOARD_SEEN_QUEUED && v.device == b->device) {
			b->queued = v;
			n |= 1;
		}
		if (v.seen == BOARD_SEEN_DISK && v.device == b->device) {
			b->disk = v;
			n |= 2;
		}
	}
	return n == 3;
}

static void
test_lane(void)
{
	struct both b = { .device = device_find("one") };
	unsigned int device = (unsigned int)b.device;
	uint64_t waited, first;
	struct device_about about;
	struct board_view v;
	struct recent e;
	int fds[2], i, n;

	device_about(device, &about);
	waited = about.waited;
	for (i = 0; i < 2; i++) {
		fds[i] = client_connect(port);
		client_send(fds[i], "GET /one/x HTTP/1.0\r\n\r\n", 23);
	}
	ok(daemon_until(are_both, &b), "one reads, one waits for the lane");
	ok(b.disk.request != 0 && b.queued.request != 0 &&
	    b.disk.request != b.queued.request, "each has its request");
	ok(b.disk.condition == model_hash("healthy"), "and a condition");
	ok(b.disk.pid > 0, "and a process");
	first = b.disk.request;
	is_int(device_lanes_busy(device, 1, clock_mono()), 1,
	    "the lane is taken");
	is_int(client_get(port, "/one/x", &r), 503, "a third is too many");
	requests++;
	for (i = n = 0; i < WORKERS; i++) {
		board_look((unsigned int)i, clock_mono(), 1, &v);
		n += v.seen == BOARD_SEEN_STUCK;
	}
	is_int(n, 2, "who is in a disk for long is stuck, lane or not");
	for (i = 0; i < 2; i++) {
		client_receive(fds[i], &r, 1);
		close(fds[i]);
		requests++;
	}
	last();
	is_int(recent_find(b.queued.request, &e), 0, "who has waited is found");
	ok(e.lane > 0, "with its time in the queue");
	ok(e.behind_lane == first, "and whom it has waited for");
	is_int(recent_find(first, &e), 0, "so is the other");
	ok(e.behind_lane == 0, "which has waited for nobody");
	device_about(device, &about);
	is_int((long long)(about.waited - waited), 1, "one read has waited");
	is_int((long long)histogram_count(times(BOARD_LANE)), 2,
	    "two have had a lane");
	is_int((long long)kind(ERROR_LIMIT), 1, "one was too many");
	ok(histogram_quantile(times(BOARD_LANE), 1) > 10 * CLOCK_MS,
	    "what the wait took");
}

/* All workers are busy: who comes then waits for one of them. */
static void
test_queue(void)
{
	int fds[WORKERS + 1], i;
	struct recent e, before;

	for (i = 0; i <= WORKERS; i++) {
		fds[i] = client_connect(port);
		client_send(fds[i], "GET /200,300,x HTTP/1.0\r\n\r\n", 27);
	}
	for (i = 0; i <= WORKERS; i++) {
		client_receive(fds[i], &r, 1);
		close(fds[i]);
		requests++;
	}
	e = last();
	ok(e.queue > 10 * CLOCK_MS, "the last has waited in the queue");
	ok(e.behind_queue != 0, "behind a request");
	is_int(recent_find(e.behind_queue, &before), 0, "which is found");
	ok(before.slot == e.slot && before.id < e.id,
	    "the one that its worker had before");
}

static void
test_kept(void)
{
	static const char ask_twice[] = "GET /200,0,x HTTP/1.1\r\nHost: t\r\n"
	    "\r\n";
	struct board_sum before = board_sum();
	struct board_view v = { .seen = BOARD_SEEN_EMPTY };
	int fd = client_connect(port), i, kept;

	client_send(fd, ask_twice, strlen(ask_twice));
	client_receive(fd, &r, 0);
	client_send(fd, ask_twice, strlen(ask_twice));
	client_receive(fd, &r, 0);
	requests += 2;
	do {
		for (i = kept = 0; i < WORKERS; i++) {
			board_look((unsigned int)i, clock_mono(), CONF_OFF,
			    &v);
			kept += v.seen == BOARD_SEEN_KEPT;
		}
	} while (kept == 0 && board_sum().requests < requests);
	ok(board_sum().requests - before.requests == 2, "two requests");
	is_int((long long)(board_sum().ways[BOARD_SHARED] -
	    before.ways[BOARD_SHARED]), 1, "one connection from shared");
	is_int((long long)(board_sum().ways[BOARD_STAYED] -
	    before.ways[BOARD_STAYED]), 1, "and once it was there already");
	close(fd);
	last();
}

/* What is forced holds from the next read of each worker on. */
static void
test_forced(void)
{
	unsigned int device = (unsigned int)device_find("one");
	const struct conf_disk *d = conf_disk(conf, "one", 3);
	int64_t until = 0, now = clock_mono();

	device_force(device, model_hash("bad"), INT64_MAX);
	ok(device_forced(device, now, &until) == model_hash("bad"),
	    "a condition is forced");
	ok(until == INT64_MAX, "for ever");
	is_string(disk_condition(conf, d, now)->name, "bad", "it holds");
	is_error("/one/x", 500, ERROR_READ_FAILED);
	ok(last().condition == model_hash("bad"), "which the read has met");
	device_force(device, model_hash("worse"), now + 3600 * CLOCK_S);
	is_error("/one/x", 507, ERROR_READ_FAILED);
	ok(device_forced(device, now + 3600 * CLOCK_S, NULL) == 0,
	    "it ends at its time");
	device_force(device, model_hash("of another configuration"),
	    INT64_MAX);
	is_int(client_get(port, "/one/x", &r), 200,
	    "who does not know the condition keeps to the schedule");
	device_force(device, 0, 0);
	is_int(client_get(port, "/one/x", &r), 200, "as does everybody again");
	requests += 2;
	ok(device_forced(device, now, NULL) == 0, "nothing is forced");
	last();
}

/* Sums of all that only grows, which nothing may make smaller. */
static uint64_t
all_counts(void)
{
	struct board_sum s = board_sum();
	uint64_t sum = s.requests + s.bytes + s.errors + s.aborted;
	int i;

	for (i = 0; i < BOARD_WAYS; i++)
		sum += s.ways[i];
	for (i = 0; i < BOARD_CLASSES; i++)
		sum += s.classes[i];
	for (i = 0; i < BOARD_TIMES; i++)
		sum += histogram_count(times((enum board_time)i));
	return sum;
}

static void
test_kills(void)
{
	uint64_t before = all_counts(), now, answered = 0;
	unsigned int i, slot, back = 0, bad = 0;
	struct board_view v;
	struct recent e;
	pid_t client;

	fflush(stdout);
	if ((client = fork()) == 0)
		for (;;)
			client_get(port, "/200,0,x", &r);
	for (i = 0; i < KILLS; i++) {
		slot = i % WORKERS;
		/* The next one has served somebody before it is killed. */
		while (board_slot(slot)->requests == answered) {
			now = all_counts();
			back += now < before;
			before = now;
			board_look(slot, clock_mono(), CLOCK_S, &v);
			bad += v.seen >= BOARD_SEEN;
			bad += recent_last(&e) == -1 || e.total < 0;
		}
		end_worker(slot, SIGKILL);
		board_look(slot, clock_mono(), CLOCK_S, &v);
		bad += v.seen != BOARD_SEEN_EMPTY || v.request != 0;
		now = all_counts();
		back += now < before;
		before = now;
		start_worker(slot);
		answered = board_slot((i + 1) % WORKERS)->requests;
	}
	kill(client, SIGKILL);
	waitpid(client, NULL, 0);
	is_int(back, 0, "%d workers killed: no count goes back", KILLS);
	is_int(bad, 0, "and the board can be read at any time");
	is_int(client_get(port, "/200,0,x", &r), 200, "there are still some");
}

int
main(void)
{
	plan_no_plan();
	begin();
	test_errors();
	test_losses();
	test_times();
	test_lane();
	test_queue();
	test_kept();
	test_forced();
	test_kills();
	return exit_status();
}
