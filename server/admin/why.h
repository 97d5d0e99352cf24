/* What a request waited for, and behind whom. */
#ifndef SERVER_ADMIN_WHY_H
#define SERVER_ADMIN_WHY_H

#include <stdio.h>

#include "server/recent.h"

/* As an object, version 1 of status.json's kind; or for people. */
void	why_write_json(const struct recent *, FILE *);
void	why_write_text(const struct recent *, FILE *);

#endif
