/*
 * replace: how long after a worker's SIGKILL its replacement serves.
 *
 *	replace port master workers times
 *
 * 1. Every worker gets a request that does not end.
 * 2. A probe is sent.  If it is answered somebody was idle still: again.
 *    Once it is not, nobody but a new worker can answer it.
 * 3. A worker is killed, and the clock runs until the probe is answered.
 * 4. The new worker is occupied too; back to 2.
 *
 * Prints the milliseconds of each, a line each.  So they hold the kernel's
 * part of the death, the master's, the fork, and the answer.
 */
#include <sys/resource.h>
#include <sys/socket.h>

#include <netinet/in.h>

#include <err.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"

/* A probe that is not answered for so long finds nobody idle. */
#define QUIET		100		/* ms */
#define PATIENCE	(10 * CLOCK_S)

static int
request(int port, const char *path)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons((in_port_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd == -1 || connect(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1)
		err(2, "connect");
	if (dprintf(fd, "GET %s HTTP/1.1\r\nHost: localhost\r\n"
	    "Connection: close\r\n\r\n", path) < 0)
		err(2, "send");
	return fd;
}

/* Waits for an answer.  Gives whether one came, and then closes fd. */
static bool
answered(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char buf[1024];

	if (poll(&p, 1, ms) == 0)
		return false;
	if (read(fd, buf, sizeof(buf)) < 12 ||
	    memcmp(buf, "HTTP/1.1 200", 12) != 0)
		errx(1, "the probe was answered, but not with 200");
	close(fd);
	return true;
}

/* A probe that waits because all workers are occupied. */
static int
waiting_probe(int port)
{
	int64_t deadline = clock_mono() + PATIENCE;
	int fd;

	do {
		fd = request(port, "/200,0,probe");
		if (!answered(fd, QUIET))
			return fd;
	} while (clock_mono() < deadline);
	errx(1, "some worker stays idle, whatever it is sent");
}

/* One of the master's children, any. */
static pid_t
some_worker(int master)
{
	char path[64];
	unsigned int n = 0;
	int pid, chosen = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", master,
	    master);
	if ((f = fopen(path, "r")) == NULL)
		err(2, "%s", path);
	while (fscanf(f, "%d", &pid) == 1)
		if (arc4random_uniform(++n) == 0)
			chosen = pid;
	fclose(f);
	if (chosen == -1)
		errx(1, "process %d has no workers", master);
	return chosen;
}

int
main(int argc, char **argv)
{
	struct rlimit rl;
	int port, master, workers, times, i, probe;
	int64_t killed;
	pid_t victim;

	if (argc != 5)
		errx(2, "usage: replace port master workers times");
	port = atoi(argv[1]);
	master = atoi(argv[2]);
	workers = atoi(argv[3]);
	times = atoi(argv[4]);
	getrlimit(RLIMIT_NOFILE, &rl);
	rl.rlim_cur = rl.rlim_max;
	setrlimit(RLIMIT_NOFILE, &rl);

	for (i = 0; i < workers; i++)
		request(port, "/200,600000,hold");
	for (i = 0; i < times; i++) {
		probe = waiting_probe(port);
		victim = some_worker(master);
		killed = clock_mono();
		if (kill(victim, SIGKILL) == -1)
			err(2, "kill %d", (int)victim);
		if (!answered(probe, (int)(PATIENCE / CLOCK_MS)))
			errx(1, "no replacement within 10 s");
		printf("%.3f\n", (double)(clock_mono() - killed) / 1e6);
		request(port, "/200,600000,hold");
	}
	return 0;
}
