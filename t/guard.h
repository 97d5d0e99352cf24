/*
 * Memory that ends at an unreadable page: a parser that looks at one byte more
 * than it was given dies of it, and the test with it.
 */
#ifndef T_GUARD_H
#define T_GUARD_H

#include <stddef.h>

/* The most that the functions below give: bytes. */
#define GUARD_ROOM	((size_t)4 << 20)

/*
 * The last len bytes before the unreadable page, to be written and read.
 * There is one such page: what the next call gives may be the same bytes.
 */
char	*guard_room(size_t len);

/* As guard_room, with a copy of the bytes, which are not in there already. */
char	*guard_copy(const void *bytes, size_t len);

#endif
