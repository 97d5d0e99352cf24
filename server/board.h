/*
 * The board: one small record for each slot in memory that all processes
 * share.  A record is written by the worker in the slot alone, and read by
 * anyone without locks; what it counts survives the worker.  Beside it are
 * the histograms of the slot, likewise, and a few words of the master's.
 */
#ifndef SERVER_BOARD_H
#define SERVER_BOARD_H

#include <sys/types.h>

#include <stdatomic.h>
#include <stdint.h>

#include "common/histogram.h"
#include "server/conf.h"
#include "server/error.h"

/* Slots that exist: as many workers as there can be, old ones included. */
#define BOARD_SLOTS CONF_WORKERS_MAX

/* There is no such call. */
#define BOARD_NONE_REFUSED	(-1)

/* Hundreds of the statuses that there are: 200 to 599. */
#define BOARD_CLASSES		4

enum board_state {
	BOARD_EMPTY,		/* nobody is in the slot */
	BOARD_STARTING,
	BOARD_IDLE,		/* waits for a connection */
	BOARD_READING,		/* has one, and reads the request */
	BOARD_IN_DISK,
	BOARD_REPLYING,
	BOARD_KEPT		/* waits for the next request on one */
};

/* How a request came to its worker. */
enum board_way {
	BOARD_STEERED,		/* `idle': on a listener of the worker's own */
	BOARD_SHARED,
	BOARD_HASH,		/* `hash': on its own as well */
	BOARD_STAYED,		/* the connection was there already */
	BOARD_WAYS
};

/* What is measured of a request: one histogram each. */
enum board_time {
	BOARD_QUEUE,		/* from its arrival until it was read */
	BOARD_LANE,		/* its read, until it had a lane, where there
				   are such */
	BOARD_DISK,		/* its read, from then on */
	BOARD_LATENESS,		/* what the read took beyond what was drawn */
	BOARD_TOTAL,		/* from its arrival to the end of its reply */
	BOARD_TIMES
};

/*
 * A record has its cache lines for itself: its worker writes them all the
 * time.  The first one is what it does at present.
 */
struct board_slot {
	_Alignas(64) _Atomic int state;	/* enum board_state */
	_Atomic int refused;		/* the system call that ended it, by
					   its filter (seccomp.h) */
	/* Times of clock_mono(); 0: there is no such thing at present. */
	_Atomic int64_t since;		/* it is in that state */
	_Atomic int64_t begun;		/* the request at hand */
	_Atomic int64_t read_at;	/* its read */
	_Atomic int64_t lane_until;	/* that waits for a lane until then */
	_Atomic uint64_t request;	/* its id; 0: it has none yet */
	_Atomic uint64_t condition;	/* that the read met, see model_hash */
	_Atomic unsigned int device;	/* of the read */
	unsigned int unused;

	_Atomic int64_t taken;		/* when its latest request came into
					   its hands; 0: it never had one */
	_Atomic uint64_t requests;	/* answered, with whatever status */
	_Atomic uint64_t bytes;		/* sent, of bodies */
	_Atomic uint64_t ways[BOARD_WAYS];	/* how connections came */
	_Atomic uint64_t classes[BOARD_CLASSES];	/* of requests: 2xx,
					   3xx, 4xx, 5xx */
	_Atomic uint64_t before;	/* requests of who was here before */
	_Atomic int64_t told;		/* the master's: what it has told of */
	_Atomic int stopped;		/* the master's: it is (halts.h) */

	_Atomic uint64_t errors;	/* requests, with a status from 400 on */
	_Atomic uint64_t aborted;	/* replies that the client did not get
					   all of, whoever wanted that */
	_Atomic uint64_t kinds[ERROR_KINDS];	/* what went wrong, once each;
					   [0] is not counted */
	_Atomic uint64_t faults[FAULT_KINDS];	/* done to replies on purpose;
					   [0] is not counted */

	/* Under `idle', what that took. */
	_Atomic uint64_t shut;		/* times that own listeners were shut */
	_Atomic uint64_t expired;	/* claims that nothing came of */
	_Atomic uint64_t empty;		/* wake-ups that found nothing */
};

/* All slots together, at about the same time. */
struct board_sum {
	unsigned int idle;	/* workers, that are not stopped */
	unsigned int busy;	/* workers with a connection */
	uint64_t requests;
	uint64_t bytes;
	uint64_t errors;
	uint64_t aborted;
	uint64_t ways[BOARD_WAYS];
	uint64_t classes[BOARD_CLASSES];
	uint64_t kinds[ERROR_KINDS];
	uint64_t faults[FAULT_KINDS];
	uint64_t shut;
	uint64_t expired;
	uint64_t empty;
};

/* What a slot is seen to be in: its state, with what time makes of it. */
enum board_seen {
	BOARD_SEEN_EMPTY,
	BOARD_SEEN_STARTING,
	BOARD_SEEN_IDLE,
	BOARD_SEEN_READING,
	BOARD_SEEN_QUEUED,	/* waits for a lane of its disk */
	BOARD_SEEN_DISK,
	BOARD_SEEN_REPLYING,
	BOARD_SEEN_KEPT,
	BOARD_SEEN_DRAINING,	/* it retires, and still has something to do */
	BOARD_SEEN_STUCK,	/* it is in its disk for long; or stopped; or
				   was killed, and does not die */
	BOARD_SEEN
};

/* One slot, at about one moment. */
struct board_view {
	enum board_seen seen;
	int64_t since;		/* of that; clock_mono() */
	pid_t pid;		/* 0: there is nobody, or it has just begun */
	int device;		/* it reads; -1: none */
	int waits;		/* for a lane of that */
	uint64_t condition;	/* that its read met; 0: none */
	uint64_t request;	/* the id of what it does; 0: nothing */
	uint64_t requests, errors, bytes;
};

/* Makes the board, before the first fork.  Gives 0, or -1 and errno. */
int	board_open(void);

/* slot is below BOARD_SLOTS. */
struct board_slot	*board_slot(unsigned int slot);

/* The histograms of the slot, one for each enum board_time. */
struct histogram	*board_times(unsigned int slot);

/* No slot from here on was ever taken. */
unsigned int	board_used(void);

/* The master is about to put a worker into slot. */
void	board_enter(unsigned int slot);

/*
 * The master's word of who is in the slot: 0 is nobody.  killed_at is 0 for
 * who was not.
 */
void	board_own(unsigned int slot, pid_t, int retiring, int64_t killed_at);

/* Requests that the worker in slot has answered. */
uint64_t	board_served(unsigned int slot);

/* The master has reaped the worker in slot. */
void	board_leave(unsigned int slot);

/* These are for the slot's own worker alone. */
void	board_begin(struct board_slot *, int64_t now);
void	board_read(struct board_slot *, unsigned int device,
	    uint64_t condition, int64_t now, int64_t lane_until);
void	board_read_over(struct board_slot *);
void	board_end(struct board_slot *);
void	board_set(struct board_slot *, enum board_state, int64_t now);
void	board_name(struct board_slot *, uint64_t request);
void	board_count(_Atomic uint64_t *);
void	board_add(_Atomic uint64_t *, uint64_t);

struct board_sum	board_sum(void);

/* Adds the histograms of all slots to these, one for each enum board_time. */
void	board_merge(struct histogram *);

/* Looks at a slot; stuck_after is as in the configuration. */
void	board_look(unsigned int slot, int64_t now, int64_t stuck_after,
	    struct board_view *);

/* The letter of a scoreboard, and the word. */
char		board_letter(enum board_seen);
const char	*board_word(enum board_seen);

/* "queue" and so on; "steered" and so on, and the last one "kept". */
const char	*board_time_name(enum board_time);
const char	*board_way_name(enum board_way);

/* Whether any worker waits for a connection; or the one in slot does. */
int	board_any_idle(void);
int	board_is_idle(unsigned int slot);

#endif
