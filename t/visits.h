/*
 * The book of a storm: every connection there was, by its number, with what
 * its client knows of it and what the access log says.
 *
 * Times are clock_mono()'s.  Memory that is not to be had ends the test.
 */
#ifndef T_VISITS_H
#define T_VISITS_H

#include "t/idleness.h"
#include "t/records.h"

enum visit_kind {
	VISIT_REQUEST,
	VISIT_LATE,		/* a request that completes its handshake */
	VISIT_SILENT,		/* goes away without having asked */
	VISIT_RESET		/* resets the connection after it has asked */
};

struct visit {
	int64_t begin;		/* before it connected */
	int64_t asked;		/* before it sent its request; 0: not yet */
	int64_t end;		/* no worker was busy with it from here on */
	int64_t queue, disk;	/* ns, by the log */
	enum visit_kind kind;
	int read_time;		/* ms, of what it asks for */
	int answered;
	int logged;
	int held;		/* by a worker that died */
};

struct visits_sum {
	unsigned long sent;	/* requests whose clients want an answer */
	int64_t asked_for;	/* ns, of reads, all together */
	unsigned long late;	/* of them, whose handshake completed late */
	unsigned long answered;
	unsigned long lost;	/* the connection ended without an answer */
	unsigned long stolen;	/* of the lost, with no dead worker to blame */
	unsigned long unlogged;	/* answered, and not in the access log,
				   although the worker lived on */
};

/* Forgets all of them. */
void		visits_clear(void);

/* A new one that begins now.  Gives its number. */
size_t		visits_new(enum visit_kind, int read_time);

/* Until the next visits_new. */
struct visit	*visits_get(size_t number);

/* Enters what the access log says. */
void		visits_record(const struct record *);

struct visits_sum	visits_sum(void);

/*
 * When connections kept a worker busy, or may have; and when requests waited
 * for certain.
 */
void		visits_spans(struct spans *busy, struct spans *waits);

#endif
