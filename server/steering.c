#include <sys/eventfd.h>
#include <sys/param.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "server/shared.h"
#include "server/steering.h"

/* Where the kernel says how often it sends a SYN-ACK again. */
#define RETRIES "/proc/sys/net/ipv4/tcp_synack_retries"
#define RETRIES_DEFAULT 5

/* The longest time between two of them. */
#define STEP_MAX (120 * CLOCK_S)

static int
synack_retries(void)
{
	int n = RETRIES_DEFAULT;
	FILE *f;

	if ((f = fopen(RETRIES, "re")) != NULL) {
		if (fscanf(f, "%d", &n) != 1 || n < 0 || n > 16)
			n = RETRIES_DEFAULT;
		fclose(f);
	}
	return n;
}

/*
 * A half-open handshake lives for 1 s, and for twice as long after each time
 * that its SYN-ACK is sent again: 63 s with 5 of them (tcp(7)).  Where the
 * client has acknowledged it and says nothing, it is not sent, but the times
 * are the same until the deferral is over; then it is sent once more at the
 * least, so that the client's answer makes a connection.
 *
 * The kernel's timers are late by up to an eighth of what they were set to; a
 * quarter more is beyond what any of them takes.
 */
int64_t
steering_forget(const struct steering *s, int deferral)
{
	int64_t before = 0, life = CLOCK_S, step = CLOCK_S;
	int n;

	for (n = 0; n < s->retries || before < deferral * CLOCK_S; n++) {
		before = life;
		step = MIN(2 * step, STEP_MAX);
		life += step;
	}
	return life + life / 4;
}

/* What failed, and what would help. */
static void
explain(const char *what, char *why, size_t size)
{
	if (errno == ETIMEDOUT)
		snprintf(why, size, "%s: the kernel did not come back, and "
		    "will not before it is restarted", what);
	else
		snprintf(why, size, "%s: %s: CAP_BPF and Linux 5.19 are needed",
		    what, strerror(errno));
}

int
steering_baton(void)
{
	return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

int
steering_open(struct steering *s, int baton, char *why, size_t size)
{
	char verifier[2048] = "";

	s->retries = synack_retries();
	if (steer_open(&s->steer) == -1) {
		explain("bpf(2)", why, size);
		return -1;
	}
	if (steer_explain(&s->steer, verifier, sizeof(verifier)) == -1) {
		explain("the program", why, size);
		log_debug("the kernel's verifier: %s", verifier);
		steer_close(&s->steer);
		return -1;
	}
	s->baton = baton != -1 ? baton : steering_baton();
	if (s->baton == -1 || shared_note((void *)(uintptr_t)s->steer.words,
	    STEER_WORDS * sizeof(uint64_t)) == -1 ||
	    shared_note(s->steer.gates.cookies,
	    STEER_COOKIES * sizeof(uint64_t)) == -1) {
		snprintf(why, size, "eventfd: %s", strerror(errno));
		steer_close(&s->steer);
		return -1;
	}
	return 0;
}

void
steering_pass(const struct steering *s)
{
	static const uint64_t one = 1;

	/* It cannot fail: 2^64 batons are more than anybody will pass. */
	if (write(s->baton, &one, sizeof(one)) == -1)
		log_warn_errno("baton");
}

void
steering_stop(const struct steering *s)
{
	unsigned int slot;

	for (slot = 0; slot < STEER_SLOTS; slot++)
		steer_busy(&s->steer, slot);
}

void
steering_halt(const struct steering *s, unsigned int slot)
{
	steer_busy(&s->steer, slot);
	steering_pass(s);
}

void
steering_bury(const struct steering *s, unsigned int slot)
{
	size_t i;

	steering_halt(s, slot);
	for (i = 0; i < STEER_GROUPS; i++)
		gate_remove(&s->steer.gates, slot, i);
}
