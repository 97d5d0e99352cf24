/*
 * peers: what max-per-address costs a connection: its client's place, and that
 * it is given back.
 *
 *	peers [rounds]
 *
 * Prints ns for one connection: median, least and greatest of the rounds (15),
 * without a limit, and with one, of which nothing is taken, at 64 and at 10,000
 * workers, who each have another client; and the same when each of them has
 * got one since the look before, on another processor where there is one.
 */
#include <sys/mman.h>
#include <sys/wait.h>

#include <err.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/board.h"
#include "server/peers.h"
#include "t/traffic/samples.h"

#define CONNECTIONS	500	/* in a round, of each kind */
#define OWN		UINT64_C(1)	/* the key of who is measured */

struct row {
	const char *name;
	int64_t max;
	unsigned int slots;
	int moved;		/* the words are in another's cache */
};

static const struct row rows[] = {
	{ "off", CONF_OFF, 64, 0 },
	{ "64 slots", 1, 64, 0 },
	{ "64 slots, all of them written before", 1, 64, 1 },
	{ "10,000 slots", 1, 10000, 0 },
	{ "10,000 slots, all of them written before", 1, 10000, 1 },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static _Atomic int *turn;	/* 1: the writer's */

static void
run_on(int processor)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(processor, &set);
	/* Where there is but one, both run there. */
	sched_setaffinity(0, sizeof(set), &set);
}

static void
write_all(unsigned int slots)
{
	unsigned int i;

	for (i = 1; i < slots; i++)
		if (peers_enter(PEERS_SERVED, i, OWN + i, CONF_OFF) == -1)
			errx(1, "refused without a limit");
}

/* The other workers: whenever it is asked to, each gets a client. */
static pid_t
start_writer(unsigned int slots)
{
	pid_t pid = fork();

	if (pid == -1)
		err(1, "fork");
	if (pid > 0)
		return pid;
	run_on(1);
	for (;;) {
		while (*turn == 0)
			continue;
		write_all(slots);
		*turn = 0;
	}
}

static int64_t
measure(const struct row *r)
{
	int64_t start, sum = 0;
	int i;

	for (i = 0; i < CONNECTIONS; i++) {
		if (r->moved) {
			*turn = 1;
			while (*turn != 0)
				continue;
		}
		start = clock_mono();
		if (peers_enter(PEERS_SERVED, 0, OWN, r->max) == -1)
			errx(1, "refused");
		peers_leave(PEERS_SERVED, 0);
		sum += clock_mono() - start;
	}
	return sum;
}

static void
print_row(const struct row *r, struct samples *s)
{
	samples_sort(s);
	printf("%-48s %8.0f %8.0f %8.0f\n", r->name,
	    (double)samples_percentile(s, 0.5) / CONNECTIONS,
	    (double)samples_percentile(s, 0) / CONNECTIONS,
	    (double)samples_percentile(s, 1) / CONNECTIONS);
	samples_free(s);
}

int
main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 15, r;
	struct samples s = { .n = 0 };
	unsigned int slot = 0;
	pid_t writer;
	size_t i;

	if (argc > 2 || rounds < 1)
		errx(2, "usage: peers [rounds]");
	turn = mmap(NULL, sizeof(*turn), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (turn == MAP_FAILED || board_open() == -1 || peers_open() == -1)
		err(1, "shared memory");
	run_on(0);
	printf("%-48s %8s %8s %8s\n", "ns for one connection", "median",
	    "least", "most");
	for (i = 0; i < ROWS; i++) {
		for (; slot < rows[i].slots; slot++)
			board_enter(slot);
		write_all(rows[i].slots);
		writer = rows[i].moved ? start_writer(rows[i].slots) : -1;
		for (r = 0; r < rounds; r++)
			samples_add(&s, measure(&rows[i]));
		if (writer != -1) {
			kill(writer, SIGKILL);
			waitpid(writer, NULL, 0);
		}
		print_row(&rows[i], &s);
		s = (struct samples){ .n = 0 };
	}
	return 0;
}
