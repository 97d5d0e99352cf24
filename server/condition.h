/*
 * The conditions of a disk, when all of its block has been read: those that
 * need no block of their own, what they have from the disk, and whether all of
 * it goes together.
 */
#ifndef SERVER_CONDITION_H
#define SERVER_CONDITION_H

#include "server/conf.h"

/*
 * A condition that the schedule of the disk names, and nobody has described,
 * as a text for its block; NULL when there is no such one or it is unknown.
 */
const char	*condition_lacks(const void *disk);

/*
 * Ends the block of a disk: conditions take from the disk what they do not
 * say, and the schedule learns their numbers.  Reports what is wrong, and
 * gives the number of errors.
 */
unsigned int	condition_end(struct conf *, void *disk, conf_report *);

/*
 * Behind the conditions of each disk, those that are built in and that it does
 * not have, while there is room: an operator may force them.  Gives the number
 * of errors.
 */
unsigned int	condition_add_spares(struct conf *, conf_report *);

#endif
