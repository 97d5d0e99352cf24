/* The snapshot for people, in 80 columns, as Apache shows its scoreboard. */
#ifndef SERVER_ADMIN_STATUS_TEXT_H
#define SERVER_ADMIN_STATUS_TEXT_H

#include <stdio.h>

#include "server/admin/snapshot.h"

void	status_text_write(const struct snapshot *, FILE *);

#endif
