/*
 * The master's book of deaths: why workers ended, in words and in numbers, and
 * one line in the log for a spell of deaths rather than one for each.
 *
 * The first death of a spell is logged, what follows is counted, and a line
 * tells of it when nobody has died for a while, or every minute.
 */
#ifndef SERVER_DEATHS_H
#define SERVER_DEATHS_H

#include <sys/types.h>

#include <stdint.h>

#include "server/slots.h"

enum death_cause {
	DEATH_STATUS,		/* exited with a status */
	DEATH_SIGNAL,		/* killed by a signal */
	DEATH_CORE,		/* the same, and a core was dumped */
	DEATH_MEMORY,		/* killed as memory had run out */
	DEATH_TIMEOUT,		/* killed by the master: worker-timeout */
	DEATH_CAUSES
};

/* Deaths that crash-limit can count. */
#define DEATHS_LIMIT_MAX 1000

/* Bytes of a text that says how a process died. */
#define DEATH_TEXT 96

/* Such a text, of what waitpid(2) gave.  Gives how. */
char	*deaths_how(int status, char how[DEATH_TEXT]);

/* Once, before the first fork. */
void	deaths_open(void);

/* A worker was reaped: status is what waitpid(2) gave. */
void	deaths_note(const struct slot_report *, pid_t, int status,
	    int64_t now);

/* Logs what is due, and says when it wants to be called again. */
void	deaths_tick(int64_t now);
int64_t	deaths_deadline(void);

/* Whether limit workers, DEATHS_LIMIT_MAX at most, died in the time before. */
int	deaths_reached(int64_t limit, int64_t within, int64_t now);

/* How many there were, of those that nobody had asked for. */
uint64_t	deaths_count(enum death_cause);

/* "status" and so on: a cause in one word. */
const char	*deaths_name(enum death_cause);

#endif
