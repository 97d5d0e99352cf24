#include <sys/param.h>

#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/account.h"
#include "server/device.h"
#include "server/recent.h"

/* A shorter queue time is the machine's, not that of a request before. */
#define BEHIND_WORTH	CLOCK_MS

void
account_open(struct account *a, unsigned int slot)
{
	a->board = board_slot(slot);
	a->times = board_times(slot);
	a->slot = slot;
	a->pid = getpid();
	a->last = 0;
	a->ended = 0;
}

void
account_begin(struct account *a, struct exchange *x)
{
	x->id = recent_id();
	board_name(a->board, x->id);
}

/* An error's kind is known where it was made, but for a client that left. */
static void
judge(struct exchange *x, int lost)
{
	if (lost && x->error == ERROR_NONE &&
	    (x->fault == FAULT_NONE || x->fault == FAULT_STALL))
		x->error = ERROR_GONE;
}

static void
count(struct board_slot *b, const struct exchange *x, int lost)
{
	const unsigned int hundreds = (unsigned int)x->status / 100 - 2;

	board_count(&b->requests);
	board_add(&b->bytes, x->sent);
	if (hundreds < BOARD_CLASSES)
		board_count(&b->classes[hundreds]);
	if (x->status >= 400)
		board_count(&b->errors);
	if (lost)
		board_count(&b->aborted);
	if (x->error != ERROR_NONE)
		board_count(&b->kinds[x->error]);
	if (x->fault != FAULT_NONE)
		board_count(&b->faults[x->fault]);
}

/* In lanes and in the disk, where there was a read. */
static void
measure_read(struct histogram *times, const struct exchange *x)
{
	const struct disk_read *r = &x->read;

	if (r->how != DISK_READ && r->how != DISK_GONE)
		return;
	if (r->queued)
		histogram_add(&times[BOARD_LANE], r->lane);
	histogram_add(&times[BOARD_DISK], disk_time(r) - r->lane);
	if (r->how == DISK_READ)
		histogram_add(&times[BOARD_LATENESS], r->late);
	device_count(x->disk->device, disk_time(r),
	    r->lane > 0, x->error == ERROR_READ_FAILED);
}

static void
remember(const struct account *a, const struct exchange *x, int64_t total,
    int64_t reply)
{
	const struct disk_read *r = &x->read;
	struct recent e = {
		.id = x->id,
		.arrived = x->received - x->queue,
		.total = total,
		.queue = x->queue,
		.lane = r->lane,
		.disk = disk_time(r) - r->lane,
		.reply = reply,
		.behind_lane = r->follows,
		.condition = r->model == NULL ? 0 : r->model->hash,
		.bytes = x->sent,
		.slot = a->slot,
		.pid = a->pid,
		.device = x->disk == NULL ? -1 : (int)x->disk->device,
		.status = x->status,
		.error = (int)x->error,
		.fault = (int)x->fault,
		.len = (unsigned int)MIN(x->http.line.len, RECENT_LINE),
	};

	if (x->queue >= BEHIND_WORTH && x->received - x->queue < a->ended)
		e.behind_queue = a->last;
	if (e.len > 0)
		memcpy(e.line, x->http.line.p, e.len);
	recent_put(&e);
}

void
account_end(struct account *a, struct exchange *x, int64_t reply_at, int lost)
{
	const int64_t now = clock_mono();
	const int64_t total = x->queue + now - x->received;

	judge(x, lost);
	count(a->board, x, lost);
	/* Nobody has read what these had to say. */
	if (x->error != ERROR_LATE && x->error != ERROR_ADDRESS)
		histogram_add(&a->times[BOARD_QUEUE], x->queue);
	histogram_add(&a->times[BOARD_TOTAL], total);
	measure_read(a->times, x);
	remember(a, x, total, now - reply_at);
	a->last = x->id;
	a->ended = now;
}

void
account_gone(struct account *a)
{
	board_count(&a->board->aborted);
	board_count(&a->board->kinds[ERROR_GONE]);
}
