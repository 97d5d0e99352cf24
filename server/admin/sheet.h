/*
 * A text that is written once and sent to any number of clients: it is gone
 * with the last of them.  All sheets together have a bound.
 */
#ifndef SERVER_ADMIN_SHEET_H
#define SERVER_ADMIN_SHEET_H

#include <stddef.h>
#include <stdio.h>

/* What all of them may take, bytes; small ones come on top. */
#define SHEETS_MAX	(32UL << 20)
#define SHEET_SMALL	16384

struct sheet {
	char *p;
	size_t len;		/* bytes */
	unsigned int holders;
};

/*
 * Begins a sheet: what is written to the stream will be on it.  NULL: there is
 * no memory.
 */
FILE	*sheet_begin(void);

/*
 * Ends it.  Gives the sheet, held once; or NULL: there is no memory, or no room
 * for one more.
 */
struct sheet	*sheet_end(FILE *);

/* Holds it once more; and once less.  NULL is none. */
struct sheet	*sheet_hold(struct sheet *);
void		sheet_drop(struct sheet *);

#endif
