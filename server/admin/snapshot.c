#include "server/admin/snapshot.h"

unsigned int
snapshot_busy(const struct snapshot *s)
{
	return s->seen[SEEN_READING] + s->seen[SEEN_QUEUED] +
	    s->seen[SEEN_DISK] + s->seen[SEEN_REPLYING] +
	    s->seen[SEEN_KEPT] + s->seen[SEEN_DRAINING] +
	    s->seen[SEEN_STUCK];
}

uint64_t
snapshot_requests(const struct snapshot_counts *c)
{
	uint64_t n = 0;
	unsigned int i;

	for (i = 0; i < sizeof(c->responses) / sizeof(c->responses[0]); i++)
		n += c->responses[i];
	return n;
}
