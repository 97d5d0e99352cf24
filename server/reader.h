/*
 * Reads the statements of a file into a configuration: finds the keyword of
 * each in the table of its block, and lets that have the words.
 */
#ifndef SERVER_READER_H
#define SERVER_READER_H

#include "server/conf.h"

/*
 * Reads conf->file.  Reports all that is wrong with it, and gives the number
 * of errors.
 */
unsigned int	reader_load(struct conf *, conf_report *);

/* Reads statements as if they stood at the end of a disk's block; likewise. */
unsigned int	reader_add(struct conf *, struct conf_disk *,
		    const char *statements, conf_report *);

#endif
