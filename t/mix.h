/*
 * A mix of clients, as a server has them in a day: connections of one request,
 * connections that are kept, objects and files, errors of all kinds, a disk at
 * its limit, and clients that reset.  Each request is accounted for.
 *
 * The daemon's configuration has MIX_DISKS in it, with the name of a directory
 * that holds a file `f' of MIX_FILE bytes.  What goes wrong here ends the test.
 */
#ifndef T_MIX_H
#define T_MIX_H

#include <stdint.h>

#define MIX_OBJECT	65536
#define MIX_FILE	20000
#define MIX_DISKS \
	"disk objects {\nread none\nobject-size 64k\n}\n" \
	"disk files {\nread none\npath %s\n}\n" \
	"disk narrow {\nread none\nlimit 1\n}\n"

enum mix_kind {
	MIX_ONE,		/* connections of one request */
	MIX_KEPT,		/* requests of connections that are kept */
	MIX_OBJECTS,
	MIX_FILES,
	MIX_BAD,		/* 400 */
	MIX_BAD_PATH,		/* 400 */
	MIX_FAILED,		/* 404, a read that fails so */
	MIX_NO_FILE,		/* 404 */
	MIX_METHOD,		/* 405 */
	MIX_NARROW,		/* 200, or 503 by the limit */
	MIX_RESET,		/* the client resets, and waits for nothing */
	MIX_KINDS
};

struct mix_sum {
	uint64_t asked[MIX_KINDS];
	uint64_t right;		/* answered as they have to be */
	uint64_t refused;	/* of these, 503 */
	uint64_t given_up;	/* MIX_RESET */
	uint64_t lost;		/* the connection ended without a reply */
	uint64_t wrong;		/* another answer */
	uint64_t again;		/* a kept connection was closed in between,
				   and the request asked anew */
	uint64_t unmet;		/* handshakes that were reset, before anything
				   was asked; each was tried once more */
};

/* How the kinds are called. */
extern const char *const mix_names[MIX_KINDS];

/* Begins with clients' processes, on 127.0.0.1, and so many requests. */
void	mix_start(int port, unsigned int clients, uint64_t requests,
	    uint64_t seed);

/* Waits until so many have begun, as long as there is progress. */
void	mix_await(uint64_t requests);

/* Waits for the end of all, and adds up what came of them. */
void	mix_end(struct mix_sum *);

#endif
