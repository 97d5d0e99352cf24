#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <string.h>

#include "common/clock.h"
#include "server/admin/snapshot.h"

/* What tcp_info says of a listener: its queue, and how long that may get. */
static void
take_listens(struct snapshot *s, const struct listeners *ls)
{
	struct snapshot_listen *l;
	struct tcp_info info;
	socklen_t len;
	size_t i;

	s->nlistens = 0;
	for (i = 0; i < ls->n && s->nlistens < CONF_LISTEN_MAX; i++) {
		len = sizeof(info);
		if (getsockopt(ls->v[i].fd, IPPROTO_TCP, TCP_INFO, &info,
		    &len) == -1 || info.tcpi_state != TCP_LISTEN)
			continue;
		l = &s->listens[s->nlistens++];
		addr_text(&ls->v[i].addr, l->address, sizeof(l->address));
		l->queue = info.tcpi_unacked;
		l->limit = info.tcpi_sacked;
	}
}

/* The condition that holds now, of those that the schedule has. */
static const char *
scheduled(const struct conf *c, const struct conf_disk *d, int64_t now)
{
	const int64_t t = now - c->loaded_at;

	/* Where a condition holds for a share of the reads, the likelier. */
	return d->models[schedule_condition(d->schedules, d->nschedules,
	    d->key, t > 0 ? t : 0, 0.5)].name;
}

static void
take_disk(struct snapshot_disk *to, const struct snapshot *s,
    const struct conf_disk *d)
{
	const char *forced;
	uint64_t hash;

	to->device = d->device;
	device_about(d->device, &to->about);
	to->condition = scheduled(s->conf, d, s->now);
	hash = device_forced(d->device, s->now, &to->until);
	forced = hash == 0 ? NULL : device_condition(&to->about, hash);
	to->forced = forced != NULL;
	if (forced != NULL)
		to->condition = forced;
	to->lanes_busy = d->lanes == 0 ? 0 :
	    device_lanes_busy(d->device, d->lanes, s->now);
	to->reading = to->waiting = to->stuck = 0;
	totals_disk(d->device, d->name, &to->totals);
}

static struct snapshot_disk *
find_disk(struct snapshot *s, int device)
{
	size_t i;

	for (i = 0; i < s->ndisks; i++)
		if ((int)s->disks[i].device == device)
			return &s->disks[i];
	return NULL;
}

static void
take_slot(struct snapshot *s, unsigned int slot)
{
	struct snapshot_slot *to = &s->slots[slot];
	const int64_t taken = board_slot(slot)->taken;
	struct snapshot_disk *d;

	to->slot = slot;
	board_look(slot, s->now, s->conf->stuck_after, &to->view);
	s->seen[to->view.seen]++;
	if (taken > s->taken)
		s->taken = taken;
	to->condition = NULL;
	to->disk = d = to->view.device == -1 ? NULL :
	    find_disk(s, to->view.device);
	if (d == NULL)
		return;
	to->condition = to->view.condition == 0 ? NULL :
	    device_condition(&d->about, to->view.condition);
	if (to->view.waits)
		d->waiting++;
	else
		d->reading++;
	if (to->view.seen == BOARD_SEEN_STUCK)
		d->stuck++;
}

void
snapshot_take(struct snapshot *s, const struct conf *c,
    const struct listeners *ls)
{
	unsigned int i;

	s->now = clock_mono();
	s->wall = clock_real();
	s->conf = c;
	bulletin_read(&s->master);
	take_listens(s, ls);
	totals_read(&s->totals);
	s->ndisks = c->ndisks;
	for (i = 0; i < c->ndisks; i++)
		take_disk(&s->disks[i], s, &c->disks[i]);
	memset(s->seen, 0, sizeof(s->seen));
	s->taken = 0;
	s->nslots = board_used();
	for (i = 0; i < s->nslots; i++)
		take_slot(s, i);
}

unsigned int
snapshot_busy(const struct snapshot *s)
{
	return s->seen[BOARD_SEEN_READING] + s->seen[BOARD_SEEN_QUEUED] +
	    s->seen[BOARD_SEEN_DISK] + s->seen[BOARD_SEEN_REPLYING] +
	    s->seen[BOARD_SEEN_KEPT] + s->seen[BOARD_SEEN_DRAINING] +
	    s->seen[BOARD_SEEN_STUCK];
}

uint64_t
snapshot_errors(const struct totals *t)
{
	uint64_t n = 0;
	unsigned int i;

	for (i = ERROR_NONE + 1; i < ERROR_KINDS; i++)
		n += t->sum.kinds[i];
	return n;
}

int64_t
snapshot_wall(const struct snapshot *s, int64_t mono)
{
	return s->wall + (mono - s->now);
}
