/*
 * Lines that several processes append to one file, of which a full disk may
 * take a part, or nothing.
 *
 * What it has cut is ended by a newline before anybody's next line, so that
 * only the cut line is lost; two who do so at once leave an empty line.  Lost
 * lines are counted, in spells: one is over with the first line that is written
 * a second after the last loss, as a disk that is nearly full takes a short
 * line now and then.
 */
#ifndef COMMON_APPEND_H
#define COMMON_APPEND_H

#include <stddef.h>
#include <stdint.h>

/* Processes that fork share it, where append_new has made it. */
struct append {
	_Atomic unsigned int torn;	/* the cut that the file ends with; 0: it
					   ends with a line */
	_Atomic unsigned int cuts;	/* numbers them */
	_Atomic uint64_t lost;		/* lines of this spell; 0: all is well */
	_Atomic int64_t lost_at;	/* when the last of them was */
};

/* In memory that children will share.  Gives NULL, with errno, for none. */
struct append	*append_new(void);

/*
 * Writes a line, which ends in a newline.  The descriptor appends.  Gives 0; or
 * -1 with errno, and the line is lost, or the rest of it.
 */
int	append_line(struct append *, int fd, const char *, size_t len);

/* The file ends within a line. */
void	append_tear(struct append *);

/* A line was lost, at time now.  Whether it begins a spell. */
int	append_lose(struct append *, int64_t now);

/*
 * A line was written, at time now.  Gives how many were lost in the spell that
 * this ends, to the one who ends it, else 0.
 */
uint64_t	append_regain(struct append *, int64_t now);

#endif
