/* What a query asks for: NAME=VALUE&NAME=VALUE, percent-encoded. */
#ifndef SERVER_ADMIN_PARAMS_H
#define SERVER_ADMIN_PARAMS_H

#include <stddef.h>

#include "common/http.h"

/* Room for a value, its NUL included. */
#define PARAM_MAX	64

struct param {
	const char *name;	/* what is looked for */
	int given;
	char value[PARAM_MAX];
};

/*
 * Fills in the n parameters that there can be.  Gives NULL; or what is wrong:
 * an encoding, a value that is too long or has a control character, a parameter
 * that is there twice, or that nobody looks for.
 */
const char	*params_parse(struct http_slice query, struct param *, size_t n);

#endif
