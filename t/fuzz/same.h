/*
 * Whether what two texts say is the same, whatever the texts, in all that a
 * read can tell.  Where it stands does not count, nor do a trace's values.
 */
#ifndef T_FUZZ_SAME_H
#define T_FUZZ_SAME_H

#include "common/schedule.h"
#include "server/conf.h"

int	same_schedule(const struct schedule *, const struct schedule *);
int	same_disk(const struct conf_disk *, const struct conf_disk *);

#endif
