/*
 * Objects: the bytes that a good read gives, other than the study's text.
 *
 * A synthetic one has a size and contents that its path alone decides, the
 * same in every worker and every run.  A real one is a file beneath the
 * disk's directory, read by this worker with blocking reads.
 */
#ifndef SERVER_OBJECT_H
#define SERVER_OBJECT_H

#include <sys/types.h>
#include <sys/uio.h>

#include <stddef.h>
#include <stdint.h>

#include "server/conf.h"

/*
 * What is read or sent at once: 64 KiB, which is also what sendfile(2) moves
 * in one go.
 */
#define OBJECT_PIECE	65536

#define OBJECT_NAME_LOGGED	200	/* bytes of its name, in the log */

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
	int64_t at;		/* FILE: the offset, and the number, of the */
	size_t ready;		/* bytes that wait in the worker's buffer */
};

/*
 * Makes what all synthetic objects are cut from: before the first fork, so
 * that the workers share it.
 */
void	object_init(void);

/*
 * The size of the synthetic object of that name, in bytes, on a disk that has
 * such: 16 GiB at most, for the tail of a distribution ends nowhere.
 */
int64_t	object_size(const struct conf_disk *, const char *name, size_t len);

/*
 * Finds the object that a read of name, len bytes, is about: of a disk with a
 * directory the file, whose name is percent-decoded here; of one with objects,
 * or where size is asked for (else -1), a synthetic one; else the text.
 * A first segment that picked the disk is not part of name.  Gives 200; or
 * the status to answer with, and in *why what is wrong.  What is the server's
 * fault is logged as well.
 */
int	object_open(struct object *, const struct conf_disk *,
	    const char *name, size_t len, int64_t size, const char **why);

/*
 * Reads the beginning of a file, blocking, so that what can fail has failed
 * before the reply begins.  A file that has become shorter since it was opened
 * is an object of that size.  Of other kinds, does nothing.  Gives 0, or -1
 * and errno.
 */
int	object_read(struct object *);

/*
 * The bytes from offset `from' on, OBJECT_PIECE of them at most and none at
 * `to' or behind it; a file's are read, blocking, where they are not in the
 * buffer.  from < to, and to is at most the size; of text there is none.
 * Gives their number and, in the two pieces of iov, where they are until the
 * next call of anything here; or 0, the file ends before them; or -1 and
 * errno.
 */
ssize_t	object_piece(struct object *, int64_t from, int64_t to,
	    struct iovec iov[2]);

/* Whether it is a file of which not all has been read. */
int	object_is_unread(const struct object *);

/* An object of zeros only may be closed, too. */
void	object_close(struct object *);

#endif
