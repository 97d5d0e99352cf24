/*
 * The snapshot as Prometheus reads it, text format 0.0.4: spindled-admin(7)
 * has the names.
 */
#ifndef SERVER_ADMIN_METRICS_H
#define SERVER_ADMIN_METRICS_H

#include <stdio.h>

#include "server/admin/snapshot.h"

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

void	metrics_write(const struct snapshot *, FILE *);

#endif
