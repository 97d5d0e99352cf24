/*
 * A file in memory of numbers with names, which one process keeps current, and
 * others, of whatever version of the program, read.
 *
 * Each name is there once: what is added to it adds up; but of those whose
 * last word is `max' the largest counts.
 */
#ifndef SERVER_LEDGER_H
#define SERVER_LEDGER_H

#include <stddef.h>
#include <stdint.h>

#define LEDGER_NAME	56	/* bytes of a name, its end included */

struct ledger {
	int fd;			/* of the file; -1: there is none */
	struct ledger_file *file;
	size_t size;		/* of that, bytes */
	size_t n;		/* numbers */

	/* Of who writes it. */
	size_t room;		/* for so many numbers */
	uint64_t *next;		/* their next values */
	size_t at;		/* where the next name is likely to be */
};

/* Makes one, with room for so many numbers.  Gives 0, or -1 and errno. */
int	ledger_create(struct ledger *, size_t room);

/* All numbers anew: begin, add each, and then all of them take effect. */
void	ledger_begin(struct ledger *);

/*
 * ledger_put is for who has its own names, the same in the same order each
 * time, and in front of all others.
 */
void	ledger_put(struct ledger *, const char *name, uint64_t value);
void	ledger_add(struct ledger *, const char *name, uint64_t value);
void	ledger_publish(struct ledger *);

/* There will be no more of that. */
void	ledger_end(struct ledger *);

/* Opens one to read it: fd is the ledger's then.  Gives 0, or -1: it is none. */
int	ledger_open(struct ledger *, int fd);
const char	*ledger_name(const struct ledger *, size_t i);
uint64_t	ledger_value(const struct ledger *, size_t i);

/* Whether its numbers are what they will always be: its writer has ended. */
int	ledger_is_final(const struct ledger *);

/* Whether the largest counts. */
int	ledger_is_max(const char *name);

void	ledger_close(struct ledger *);

/* The same for a child that ends without it: no page of its own comes of it. */
void	ledger_leave(const struct ledger *);

#endif
