/*
 * Steering: the kernel hands each new connection to a worker that is idle.
 *
 *   SYN --> steer.bpf.c --- claims bit i -----> own listener of slot i
 *                       \-- nobody is idle ---> shared listener
 *
 * All listen addresses share one bitmap, in which a worker says that it is
 * idle; each has a group: the map of its listeners, and the program that
 * picks among them.  The master opens both, workers inherit them.  To open
 * takes CAP_BPF and Linux 5.19; what a worker does takes no privilege.
 *
 * What whoever owns a slot may rely on, and what it owes in return:
 *
 *  - A bit that was set once is cleared once: by steer_busy(), or by the
 *    program, which then sends one handshake to the slot's own listener.  The
 *    program may also clear a bit and send nothing: when the slot has no
 *    listener in that group, or when the kernel drops the SYN behind it.
 *  - The program may overlook an idle worker.  Who waits at its own listener
 *    must wait at the shared one as well.
 *  - A listener that is shut or closed leaves the group by itself, and what
 *    is queued there moves to the shared listener, as long as that is in the
 *    group; else to any that is.  Who connects then and finds nobody idle is
 *    refused.
 *  - A slot has one process at a time, and a new one begins with steer_busy()
 *    before steer_group_put(): what its predecessor left set would otherwise
 *    send it a handshake that it does not know of.
 *
 * The functions here do not log; those that fail give -1 and errno.
 */
#ifndef SERVER_STEER_H
#define SERVER_STEER_H

#include <stddef.h>
#include <stdint.h>

#include "server/gate.h"

/* Slots are numbered from 0; the shared listener is put where none can be. */
#define STEER_SLOTS	16384
#define STEER_SHARED	STEER_SLOTS

/* Groups that a slot can have listeners in. */
#define STEER_GROUPS	16

/* What the program counts, over all groups, since steer_open. */
enum steer_count {
	STEER_TO_IDLE,		/* SYNs sent to a worker that was idle */
	STEER_TO_SHARED,	/* SYNs for which no idle worker was found */
	STEER_MIGRATED,		/* connections of listeners that were shut */
	STEER_STRAY		/* other segments: SYN cookies, old connections */
};

/*
 * The words are an array of 64 bits each that programs look up by number: the
 * slots' bitmap; the summary, with a bit for each word of it that is not 0; the
 * counters; and the gates (gate.h), one for each slot and one for STEER_SHARED.
 * Each part begins on a cache line of its own.
 */
#define STEER_SUMMARY	(STEER_SLOTS / 64)
#define STEER_COUNTS	(STEER_SUMMARY + 8)
#define STEER_GATES	(STEER_COUNTS + 8)
#define STEER_GATES_MAX	(STEER_SLOTS + 1)
#define STEER_LINES	(STEER_SLOTS / 8 + 1)	/* cache lines of gates */
#define STEER_WORDS	(STEER_GATES + 8 * STEER_LINES)

/* Listeners that gates may be placed before. */
#define STEER_COOKIES	((size_t)STEER_GATES_MAX * STEER_GROUPS)

struct steer {
	int fd;				/* the map of words; -1: none */
	struct gates gates;		/* for own.h */
	volatile uint64_t *words;	/* the map, mapped; NULL: not open */
};

struct steer_group {
	int fd;				/* the map of listeners; -1: none */
	int prog;			/* the program, until it is attached;
					   -1: none */
};

/* Makes the bitmap, with nobody idle.  Before the first fork. */
int	steer_open(struct steer *);

/* Gives this process' share in it back, also after steer_open has failed. */
void	steer_close(struct steer *);

/*
 * Makes the group of a shared listener, which must listen and be in no other
 * group, and puts it in.  Every connection to its address is steered from now
 * on.  Where this fails, nothing has changed.
 */
int	steer_group_open(struct steer_group *, const struct steer *,
	    int shared);

/*
 * The same in two steps, for an address that another program steers still.
 * The first does all that can fail, and nothing is steered by it; the second,
 * of a descriptor of the group, puts the program in force in the place of any
 * other.
 */
int	steer_group_prepare(struct steer_group *, const struct steer *,
	    int shared);
int	steer_group_attach(struct steer_group *, int shared);

/* Closes, in a child, a program that has not been attached: it must not. */
void	steer_group_leave(const struct steer_group *);

/* Gives this process' descriptors back; the address remains steered. */
void	steer_group_close(struct steer_group *);

/*
 * Enters a listener that belongs to the group's address and listens, in the
 * place of what is there.  EBUSY: it is in a group already.
 */
int	steer_group_put(const struct steer_group *, unsigned int slot, int fd);

/* Sets the slot's bit: from now on a connection may come any time. */
void	steer_idle(const struct steer *, unsigned int slot);

/* Clears the slot's bit.  Gives 1, or 0 when somebody had cleared it before. */
int	steer_busy(const struct steer *, unsigned int slot);

/*
 * Which word is the gate of a slot, or of STEER_SHARED.  Neighbours are on
 * different cache lines.
 */
uint32_t	steer_gate(unsigned int slot);

uint64_t	steer_count(const struct steer *, enum steer_count);

/*
 * Why steer_group_open fails, in the words of the kernel's verifier: loads the
 * program once more.  log takes lines of text; size is 256 or more.  Gives 0
 * when the program does load; log says what that took.
 */
int	steer_explain(const struct steer *, char *log, size_t size);

#endif
