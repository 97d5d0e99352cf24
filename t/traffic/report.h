/*
 * What came of a client's streams, for people and for programs.
 */
#ifndef T_TRAFFIC_REPORT_H
#define T_TRAFFIC_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "t/traffic/client.h"

enum form { FORM_TABLE, FORM_CSV, FORM_JSON };

/* On stdout.  cpu: seconds of CPU time that the client itself used. */
void	report(enum form, const struct stream *, size_t n, double cpu);

/*
 * Says on stderr when the client was too slow for the figures to mean much:
 * one in a hundred requests began more than bound (ns) late.  Gives whether.
 */
bool	report_lag(const struct stream *, int64_t bound);

#endif
