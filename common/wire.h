/*
 * The study's wire form: GET /RC,MS,PATH.
 *
 * A path is in this form when an optional '-' and at least one digit and then
 * a comma follow its '/'.  Any other path is a plain one, of which the disk's
 * model decides everything.
 */
#ifndef COMMON_WIRE_H
#define COMMON_WIRE_H

#include <stddef.h>
#include <stdint.h>

/* The model of the disk decides the time. */
#define WIRE_BY_MODEL	INT64_C(-1)

struct wire {
	int status;		/* 200, or 400 to 599: what the read ends in */
	int64_t delay;		/* the read's time in ns, or WIRE_BY_MODEL */
	const char *name;	/* PATH, or a plain path less its '/' */
	size_t name_len;	/* bytes */
};

/*
 * Takes a path, '/' included and query excluded, of len bytes.  max_delay is
 * the longest time in ns that a request may ask for.  Gives NULL and fills
 * the wire, or says in one line what is wrong with the path.
 */
const char	*wire_parse(const char *path, size_t len, int64_t max_delay,
		    struct wire *);

/*
 * The name's first segment names the disk: its length in bytes, 0 if empty.
 */
size_t	wire_disk(const struct wire *);

#endif
