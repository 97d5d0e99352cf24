/*
 * Addresses of the status process, as text: 127.0.0.1:7001, [::1]:7001, and
 * unix:/run/spindled/spindled.admin; and who can reach them.
 */
#ifndef SERVER_ADMIN_DOOR_H
#define SERVER_ADMIN_DOOR_H

#include <stddef.h>

#include "common/addr.h"

/* A socket's file name, bytes; and room for any text, its NUL included. */
#define DOOR_NAME_MAX	107
#define DOOR_TEXT	128

/*
 * Reads an address of TCP, or the name of a Unix socket: absolute, and without
 * blanks and control characters, so that it is one word wherever it stands.
 * Gives 0, or -1 for anything else.
 */
int	door_parse(const char *, struct addr *);

/* The text of it, in buf of at least DOOR_TEXT.  Gives buf. */
char	*door_text(const struct addr *, char *buf, size_t size);

/* The file's name; NULL: it is an address of TCP. */
const char	*door_file(const struct addr *);

/* Whether it is of TCP, and is not this machine's alone. */
int	door_is_remote(const struct addr *);

#endif
