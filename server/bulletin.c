#include <stdatomic.h>
#include <string.h>

#include "server/bulletin.h"
#include "server/shared.h"

#define WORDS	(sizeof(struct bulletin) / sizeof(uint64_t))

/* A copy takes far less than a change's pause: nobody is so unlucky. */
#define TRIES	100000

_Static_assert(sizeof(struct bulletin) % sizeof(uint64_t) == 0, "whole words");

static struct wall {
	_Atomic uint64_t version;	/* odd: it is being changed */
	_Atomic uint64_t words[WORDS];
} *wall;

static uint64_t last[WORDS];		/* the master's: what is there */

int
bulletin_open(void)
{
	void *p;

	if ((p = shared_map(sizeof(*wall))) == NULL)
		return -1;
	wall = p;
	memset(last, 0, sizeof(last));
	return 0;
}

void
bulletin_publish(const struct bulletin *b)
{
	uint64_t words[WORDS];
	size_t i;

	memcpy(words, b, sizeof(words));
	if (memcmp(words, last, sizeof(last)) == 0)
		return;
	memcpy(last, words, sizeof(last));
	atomic_fetch_add(&wall->version, 1);
	for (i = 0; i < WORDS; i++)
		atomic_store_explicit(&wall->words[i], words[i],
		    memory_order_release);
	atomic_fetch_add(&wall->version, 1);
}

int
bulletin_read(struct bulletin *b)
{
	uint64_t words[WORDS], version = 1;
	int tries, whole = 0;
	size_t i;

	for (tries = 0; tries < TRIES && !whole; tries++) {
		version = atomic_load(&wall->version);
		for (i = 0; i < WORDS; i++)
			words[i] = atomic_load_explicit(&wall->words[i],
			    memory_order_acquire);
		whole = version % 2 == 0 &&
		    version == atomic_load(&wall->version);
	}
	memcpy(b, words, sizeof(words));
	/* Workers may write all of this. */
	b->fallback[sizeof(b->fallback) - 1] = '\0';
	b->confinement[sizeof(b->confinement) - 1] = '\0';
	if (b->policy < BALANCE_IDLE || b->policy > BALANCE_HASH)
		b->policy = BALANCE_IDLE;
	return whole ? 0 : -1;
}

const char *
bulletin_phase_name(int phase)
{
	static const char *const names[] = {
		[BULLETIN_STARTING] = "starting",
		[BULLETIN_RUNNING] = "running",
		[BULLETIN_UPGRADING] = "upgrading",
		[BULLETIN_DRAINING] = "draining",
		[BULLETIN_STOPPING] = "stopping",
	};

	return phase >= 0 && phase <= BULLETIN_STOPPING ? names[phase] : "?";
}
