/*
 * Memory that the master shares with all processes that it forks: made here,
 * so that a process which is only to look can give up writing it.
 */
#ifndef SERVER_SHARED_H
#define SERVER_SHARED_H

#include <stddef.h>

/*
 * Memory of so many bytes, all 0, or NULL and errno.  Pages that nobody uses
 * are never touched, and cost nothing.
 */
void	*shared_map(size_t size);

/* The same of what was mapped elsewhere.  Gives 0, or -1 and errno. */
int	shared_note(void *, size_t size);

/* This process cannot write any of it any more.  Gives 0, or -1 and errno. */
int	shared_protect(void);

#endif
