#include <sys/param.h>

#include "server/muster.h"

static unsigned int
within(const struct muster *m, uint64_t n)
{
	return (unsigned int)MAX(MIN(n, m->max), m->min);
}

static void
start_calm(struct muster *m, int64_t now)
{
	m->calm_since = now;
	m->surplus = m->max;
}

void
muster_configure(struct muster *m, unsigned int min, unsigned int max,
    unsigned int spare, int64_t calm, int64_t now)
{
	m->min = min;
	m->max = max;
	m->spare = spare;
	m->calm = calm;
	m->wanted = spare == 0 ? min : within(m, m->wanted);
	start_calm(m, now);
}

/* Who is missing is wanted at once; who is too many has to be so for long. */
void
muster_decide(struct muster *m, const struct muster_census *c, int64_t now)
{
	unsigned int needed;

	if (m->spare == 0)
		return;
	needed = within(m, (uint64_t)c->busy + c->queued + m->spare);
	if (needed >= m->wanted) {
		m->wanted = needed;
		start_calm(m, now);
		return;
	}
	m->surplus = MIN(m->surplus, m->wanted - needed);
	if (now - m->calm_since < m->calm)
		return;
	m->wanted -= m->surplus;
	start_calm(m, now);
}
