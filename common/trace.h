/*
 * A recording of a disk's latencies, all of it in memory, to replay.
 *
 * common/record.h says which files are one.  It is to be loaded once, before
 * fork(2): the memory can only be read, and so stays the same pages in all
 * processes.
 */
#ifndef COMMON_TRACE_H
#define COMMON_TRACE_H

#include <stddef.h>
#include <stdint.h>

struct trace {
	const int64_t *ns;	/* reads, in the file's order: 0 to 24 hours */
	size_t n;		/* of them; at least one */
	size_t size;		/* of the mapping that they are in: bytes */
};

/*
 * Reads a file, which must be a regular one, in one pass.  Gives 0 and a
 * trace that the caller owns, or -1, an empty trace and one line in error:
 * "FILE:LINE: what is wrong there, what was expected", of the first bad line,
 * or "FILE: what is wrong with it".
 */
int	trace_load(struct trace *, const char *file, char *error, size_t size);

/* The same from len bytes in memory; name stands for the file in an error. */
int	trace_parse(struct trace *, const char *name, const char *bytes,
	    size_t len, char *error, size_t size);

/* Empties the trace; an empty one may be freed. */
void	trace_free(struct trace *);

#endif
