/*
 * The board: one small record for each slot in memory that all processes
 * share.  A record is written by the worker in the slot alone, and read by
 * anyone without locks; what it counts survives the worker.
 */
#ifndef SERVER_BOARD_H
#define SERVER_BOARD_H

#include <stdatomic.h>
#include <stdint.h>

#include "server/conf.h"

/* Slots that exist: as many workers as there can be, old ones included. */
#define BOARD_SLOTS CONF_WORKERS_MAX

/* There is no such call. */
#define BOARD_NONE_REFUSED	(-1)

enum board_state {
	BOARD_EMPTY,		/* nobody is in the slot */
	BOARD_STARTING,
	BOARD_IDLE,		/* waits for a connection */
	BOARD_READING,		/* has one, and reads the request */
	BOARD_IN_DISK,
	BOARD_REPLYING
};

/* A record has its cache line for itself: its worker writes it all the time. */
struct board_slot {
	_Alignas(64) _Atomic int state;	/* enum board_state */
	_Atomic int refused;		/* the system call that ended it, by
					   its filter (seccomp.h) */
	_Atomic uint64_t requests;	/* answered, with whatever status */
	_Atomic uint64_t errors;	/* of them, with a status of 400 or more */
	_Atomic uint64_t aborted;	/* lost: the client had gone away */
	_Atomic uint64_t before;	/* requests of who was here before */

	/* Times of clock_mono(); 0: there is no such thing at present. */
	_Atomic int64_t begun;		/* the request at hand */
	_Atomic int64_t read_at;	/* its read */
	_Atomic unsigned int device;	/* of which device */
	_Atomic int64_t told;		/* the master's: what it has told of */

	/* Under `idle', how connections came and what that took. */
	_Atomic uint64_t steered;	/* from a listener of its own */
	_Atomic uint64_t shared;	/* from a shared listener */
	_Atomic uint64_t shut;		/* times that own listeners were shut */
	_Atomic uint64_t expired;	/* claims that nothing came of */
	_Atomic uint64_t empty;		/* wake-ups that found nothing */
};

/* All slots together, at about the same time. */
struct board_sum {
	unsigned int idle;	/* workers */
	unsigned int busy;	/* workers with a connection */
	uint64_t requests;
	uint64_t errors;
	uint64_t aborted;
	uint64_t steered;
	uint64_t shared;
	uint64_t shut;
	uint64_t expired;
	uint64_t empty;
};

/* Makes the board, before the first fork.  Gives 0, or -1 and errno. */
int	board_open(void);

/* slot is below BOARD_SLOTS. */
struct board_slot	*board_slot(unsigned int slot);

/* No slot from here on was ever taken. */
unsigned int	board_used(void);

/* The master is about to put a worker into slot. */
void	board_enter(unsigned int slot);

/* Requests that the worker in slot has answered. */
uint64_t	board_served(unsigned int slot);

/* The master has reaped the worker in slot. */
void	board_leave(unsigned int slot);

/* These are for the slot's own worker alone. */
void	board_begin(struct board_slot *, int64_t now);
void	board_read(struct board_slot *, unsigned int device, int64_t now);
void	board_read_over(struct board_slot *);
void	board_end(struct board_slot *);
void	board_set(struct board_slot *, enum board_state);
void	board_count(_Atomic uint64_t *);

struct board_sum	board_sum(void);

/* Whether any worker waits for a connection. */
int	board_any_idle(void);

#endif
