/*
 * What the designs of blocking-servers(7) have in common, and what is no part
 * of any of them: options, the listening socket, requests, replies, a disk.
 *
 * A connection brings one request.  Its state is what has to be done next, and
 * each step moves it on:
 *
 *	receive  ->  disk  ->  send  ->  close
 *
 * A step on a descriptor that does not block does what can be done now, and
 * leaves the state as it is when there is more to do.  Who makes the steps,
 * and who waits meanwhile, is the design.
 *
 * Nothing here has a deadline, and bytes behind a request's head are not read.
 */
#ifndef T_PROBLEM_STUDY_H
#define T_PROBLEM_STUDY_H

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <stddef.h>
#include <stdint.h>

#include "common/http.h"

#define STUDY_HEAD	8192		/* a request's head, bytes */
#define STUDY_SIZE	65536		/* the largest body that has a size */

enum study_state {
	STUDY_RECEIVE,			/* more of the request has to come */
	STUDY_DISK,			/* the read is to be made */
	STUDY_SEND,			/* more of the reply has to leave */
	STUDY_CLOSE			/* nothing, or nobody, is left */
};

struct study_conn {
	enum study_state state;
	int fd;				/* the connection */
	int disk;			/* study_open_disk's descriptor */
	uint64_t block;			/* what is read from that */
	struct study_conn *next;	/* in a queue of the design's */

	/* The request. */
	struct http_request http;
	int64_t start;			/* when it was read, clock_mono() */
	int64_t delay;			/* the read's time, ns */
	int64_t size;			/* of the body, bytes; -1: none given */
	const char *name;		/* PATH, in the head */
	size_t name_len;		/* bytes */

	/* The reply. */
	int status;
	const char *why;		/* of an error; else NULL */
	struct msghdr reply;		/* what is left of it, in pieces: */
	struct iovec pieces[3];		/* its head, its text, and the rest */
	char fields[160], text[160];

	size_t len;			/* bytes of the request's head */
	char head[STUDY_HEAD];
};

/*
 * Reads [-w workers] port, of which a design without a number of workers has
 * only the port and gives NULL.  What goes wrong here ends the program.  Gives
 * the port.
 */
int	study_options(int argc, char **argv, unsigned int *workers);

/*
 * Listens on that port of 127.0.0.1, or on one that the kernel chooses when it
 * is 0, and says which.  flags: SOCK_NONBLOCK or 0.  Gives the descriptor.
 */
int	study_listen(int port, int flags);

/*
 * How many connections there can be at once, if each needs so many
 * descriptors.  Who keeps to it never hears EMFILE, which epoll(7) and its like
 * would go on reporting as a connection to accept.
 */
size_t	study_room(unsigned int each);

/*
 * The next connection, with such flags; or NULL.  When the system has run out
 * of something, that comes after a pause, so that asking again is no busy loop.
 */
struct study_conn	*study_accept(int listener, int flags);

/* The pause; and a connection of that descriptor, or NULL and it is closed. */
void			 study_pause(void);
struct study_conn	*study_open(int fd);

/* Receives what is there.  Of a bad request, the reply comes next. */
void	study_receive(struct study_conn *);

/* The read: blocks for as long as the request says. */
void	study_disk(struct study_conn *);

/* Sends as much as there is room for. */
void	study_send(struct study_conn *);

/* Closes, and frees. */
void	study_close(struct study_conn *);

/*
 * For who can hand the read to somebody: a descriptor, and read(2) of the block
 * from it takes as long as the disk, counted from now.  Gives 0, or -1 and the
 * request is refused.  study_reply ends the read, once the descriptor is
 * closed.
 */
int	study_open_disk(struct study_conn *);
void	study_reply(struct study_conn *);

/* The reply is a 503, and why; for who has not the means for the request. */
void	study_refuse(struct study_conn *, const char *why);

/* For who receives and sends by other means: what that gave, or -errno. */
void	study_received(struct study_conn *, ssize_t n);
void	study_sent(struct study_conn *, ssize_t n);

#endif
