/*
 * Objects: the bytes that a good read gives, other than the study's text.
 *
 * A synthetic one has a size and contents that its path alone decides, the
 * same in every worker and every run.  A real one is a file beneath the
 * disk's directory, read by this worker with blocking reads.
 */
#ifndef SERVER_OBJECT_H
#define SERVER_OBJECT_H

#include <stddef.h>
#include <stdint.h>

#include "server/conf.h"

enum object_kind {
	OBJECT_TEXT,		/* none: TOTAL,PATH */
	OBJECT_SYNTHETIC,
	OBJECT_FILE
};

struct object {
	enum object_kind kind;
	int64_t size;		/* bytes */
	uint64_t key;		/* SYNTHETIC: what its contents begin with */
	int fd;			/* FILE: open; -1 otherwise */
	int direct;		/* FILE: it is read with O_DIRECT */
	size_t ready;		/* FILE: bytes of its beginning that have been
				   read and wait in the worker's buffer */
};

/*
 * Finds the object that a read of name, len bytes, is about: of a disk with a
 * directory the file, whose name is percent-decoded here; of one with objects,
 * or where size is asked for (else -1), a synthetic one; else the text.
 * A first segment that picked the disk is not part of name.  Gives 200; or
 * the status to answer with, and in *why what is wrong.
 */
int	object_open(struct object *, const struct conf_disk *,
	    const char *name, size_t len, int64_t size, const char **why);

/*
 * Reads the beginning of a file, blocking, so that what can fail has failed
 * before the reply begins.  Of other kinds, does nothing.  Gives 0, or -1 and
 * errno.
 */
int	object_read(struct object *);

void	object_close(struct object *);

#endif
