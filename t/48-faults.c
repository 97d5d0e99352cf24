/* Faults of a disk, as the clients of the daemon see them. */
#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/draw.h"
#include "server/conf.h"
#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"

#define REPLIES	300	/* of which some suffer */

#define SIZE	1001	/* of all objects, bytes */

#define DISK(name, faults) "disk " name " {\nread none\nobject-size 1001\n" \
	    faults "}\n"

static struct daemon d;
static struct response r;

/* What happened, judged by what came. */
static enum model_fault_kind
suffered(const struct response *reply)
{
	int status = 0, length = -1;
	const char *field = strstr(reply->head, "\r\nContent-Length: ");

	if (reply->head[0] == '\0' && reply->reset)
		return FAULT_RESET;
	if (sscanf(reply->head, "HTTP/1.1 %d ", &status) != 1 ||
	    field == NULL || sscanf(field + 2, "Content-Length: %d",
	    &length) != 1)
		return FAULT_GARBAGE;
	return (int)reply->body_len == length ? FAULT_NONE : FAULT_TRUNCATE;
}

static void
test_each(void)
{
	is_int(client_get(d.port, "/reset/object", &r), 0, "a reset");
	ok(r.reset && r.head[0] == '\0', "is one, and nothing else");

	is_int(client_get(d.port, "/truncate/object", &r), 200, "a cut body");
	has_string(r.head, "Content-Length: 1001\r\n", "all is announced");
	is_int((long long)r.body_len, SIZE / 2, "half of it comes");

	client_get(d.port, "/garbage/object", &r);
	ok(strncmp(r.head, "HTTP", 4) != 0 && r.head[0] != '\0', "garbage");

	is_int(client_get(d.port, "/none/object", &r), 200, "no fault");
	is_int((long long)r.body_len, SIZE, "on another disk");
	is_int(client_get(d.port, "/reset/object?delay=0", &r), 200,
	    "a read whose time is asked for draws no fault");
}

static void
test_stall(void)
{
	int64_t before = clock_mono();

	is_int(client_get(d.port, "/stall/object", &r), 200, "a stall");
	is_int((long long)r.body_len, SIZE, "all of it comes");
	ok(clock_mono() - before >= 50 * CLOCK_MS, "but not at once");
}

/* The only worker is free as soon as the client has had enough. */
static void
test_hang(void)
{
	static const char request[] = "GET /hang/object HTTP/1.1\r\n"
	    "Host: t\r\n\r\n";
	int fd = client_connect(d.port);
	char reply[4096], *body = NULL;
	size_t n = 0;
	ssize_t k;

	client_send(fd, request, sizeof(request) - 1);
	do {
		k = recv(fd, reply + n, sizeof(reply) - 1 - n, 0);
		n += k > 0 ? (size_t)k : 0;
		reply[n] = '\0';
		body = strstr(reply, "\r\n\r\n");
	} while (k > 0 && (body == NULL || n < (size_t)(body + 4 - reply) +
	    SIZE / 2));
	ok(body != NULL && reply + n == body + 4 + SIZE / 2, "half comes");
	ok(recv(fd, reply, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN,
	    "and no more, nor an end");
	close(fd);
	is_int(client_get(d.port, "/none/object", &r), 200,
	    "who hangs up has ended it");
}

/* A connection does not outlive a fault. */
static void
test_kept(void)
{
	static const char kept[] = "GET /none/object HTTP/1.1\r\n"
	    "Host: t\r\n\r\n";
	static const char cut[] = "GET /stall/object HTTP/1.1\r\n"
	    "Host: t\r\n\r\n";
	int fd = client_connect(d.port);

	client_send(fd, kept, sizeof(kept) - 1);
	client_receive(fd, &r, 0);
	ok(strstr(r.head, "Connection: close") == NULL, "kept");
	client_send(fd, cut, sizeof(cut) - 1);
	client_receive(fd, &r, 0);
	has_string(r.head, "Connection: close\r\n", "a fault ends that");
	ok(client_closed(fd), "and it ends");
	close(fd);
}

/*
 * The disk's seed decides which replies suffer: the reads are numbered as they
 * arrive, and here one arrives behind the other.
 */
static void
test_shares(void)
{
	unsigned int count[FAULT_GARBAGE + 1] = { 0 }, wrong = 0;
	struct conf *c = conf_new();
	const struct conf_disk *disk;
	struct model_draw draw;
	uint64_t i;

	if (c == NULL || conf_load(c, d.conf, NULL) != 0)
		errx(1, "%s", d.conf);
	disk = conf_disk(c, "shares", strlen("shares"));
	for (i = 0; i < REPLIES; i++) {
		client_get(d.port, "/shares/object", &r);
		model_draw(&disk->models[0], draw_key(disk->key, i), i, SIZE,
		    &draw);
		count[draw.fault]++;
		wrong += suffered(&r) != draw.fault;
	}
	is_int(wrong, 0, "each of %d replies suffers what it has drawn",
	    REPLIES);
	/* 4 standard deviations of a binomial distribution. */
	ok(count[FAULT_RESET] > 60 - 28 && count[FAULT_RESET] < 60 + 28,
	    "20 %% are reset (%u)", count[FAULT_RESET]);
	ok(count[FAULT_TRUNCATE] > 90 - 32 && count[FAULT_TRUNCATE] < 90 + 32,
	    "30 %% are cut (%u)", count[FAULT_TRUNCATE]);
	ok(count[FAULT_GARBAGE] > 30 - 21 && count[FAULT_GARBAGE] < 30 + 21,
	    "10 %% are garbage (%u)", count[FAULT_GARBAGE]);
	conf_free(c);
}

int
main(void)
{
	plan_no_plan();
	daemon_configure(&d, "workers 1\n"
	    "keepalive-timeout 10s\n"
	    DISK("default", "") DISK("none", "")
	    DISK("reset", "fault 100%% reset\n")
	    DISK("truncate", "fault 100%% truncate\n")
	    DISK("garbage", "fault 100%% garbage\n")
	    DISK("stall", "fault 100%% stall fixed 50ms\n")
	    DISK("hang", "fault 100%% stall hang\n")
	    DISK("shares", "seed 48\nfault 20%% reset\n"
	    "fault 30%% truncate\nfault 10%% garbage\n"));
	daemon_start(&d);
	test_each();
	test_stall();
	test_hang();
	test_kept();
	test_shares();
	daemon_finish(&d, NULL);
	return exit_status();
}
