/* The snapshot as JSON, version 1: spindled-admin(7) has its members. */
#ifndef SERVER_ADMIN_STATUS_JSON_H
#define SERVER_ADMIN_STATUS_JSON_H

#include <stdio.h>

#include "server/admin/snapshot.h"

/* All of it; slots: with one object for each slot. */
void	status_json_write(const struct snapshot *, int slots, FILE *);

/* One disk of it. */
void	status_json_disk(const struct snapshot_disk *,
	    const struct snapshot *, FILE *);

#endif
