/*
 * What the status process asks of the master, and what that answers: a pair of
 * sockets with a message in each packet.
 *
 * Neither side ever waits for room.  The master takes nothing for granted: the
 * other end has no privileges, and deals with whoever comes.
 */
#ifndef SERVER_ADMIN_CHANNEL_H
#define SERVER_ADMIN_CHANNEL_H

#include <sys/types.h>

#include <stdint.h>

#include "server/conf.h"

enum channel_verb {
	CHANNEL_CONDITION,	/* of a disk: name, condition, for_ns */
	CHANNEL_WORKERS,	/* n of them */
	CHANNEL_RELOAD,
	CHANNEL_UPGRADE,
	CHANNEL_DRAIN,
	CHANNEL_VERBS
};

enum channel_result {
	CHANNEL_DONE,
	CHANNEL_BAD,		/* what was asked for cannot be */
	CHANNEL_NONE,		/* there is no such thing */
	CHANNEL_REFUSED,	/* not now, or it has failed */
	CHANNEL_RESULTS
};

#define CHANNEL_FROM	96
#define CHANNEL_TEXT	512

struct channel_request {
	uint32_t number;	/* the answer's, too */
	uint32_t verb;		/* enum channel_verb */
	char name[CONF_NAME_MAX + 1];
	char condition[SCHEDULE_NAME_MAX + 1];	/* "": the schedule's */
	int64_t for_ns;		/* 0: until it is changed */
	int64_t n;
	int32_t pid;		/* who asks, by a Unix socket; 0: not known */
	char from[CHANNEL_FROM];	/* who asks, for the log */
};

struct channel_reply {
	uint32_t number;	/* 0: another process takes over, see below */
	uint32_t result;	/* enum channel_result */
	char text[CHANNEL_TEXT];
};

/*
 * The master's word that another status process has taken over: this one takes
 * nobody new, and ends when it has answered.
 */
#define CHANNEL_FINISH	0

/* Makes it: [0] is the master's end.  Gives 0, or -1 and errno. */
int	channel_open(int pair[2]);

/* Each gives 0, or -1: there is no room, or nobody at the other end. */
int	channel_ask(int fd, const struct channel_request *);
int	channel_answer(int fd, const struct channel_reply *);

/*
 * Takes what has come.  Gives 1; 0: nothing has come, or nothing of use; or -1:
 * the other end is closed.  A request's texts are made of what can be a name,
 * and from of what can be seen.
 */
int	channel_take_request(int fd, struct channel_request *);
int	channel_take_reply(int fd, struct channel_reply *);

#endif
