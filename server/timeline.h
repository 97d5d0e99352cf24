/*
 * What a disk's schedule amounts to, in words.
 */
#ifndef SERVER_TIMELINE_H
#define SERVER_TIMELINE_H

#include <stdio.h>

#include "server/conf.h"

/*
 * Writes two lines, each behind the disk's name: when which condition begins,
 * and what share of evenly spread reads meets it.  Of the first hour; or of
 * the first day, where an entry has a time of an hour or more.  A spell that is
 * shorter than a 36,000th of that may be left out of the first.  Without a
 * schedule, nothing.
 */
void	timeline_print(const struct conf_disk *, FILE *);

#endif
