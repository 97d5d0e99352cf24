/*
 * One request and its reply, on their way through the worker.  Each station
 * fills in its part; the reply and the access log read all of it.
 */
#ifndef SERVER_EXCHANGE_H
#define SERVER_EXCHANGE_H

#include <stddef.h>
#include <stdint.h>

#include "common/ask.h"
#include "common/http.h"
#include "common/wire.h"
#include "server/conf.h"
#include "server/disk.h"
#include "server/object.h"

struct exchange {
	/* The client's part. */
	struct http_request http;
	int64_t queue;			/* its queue time, ns */
	struct wire wire;		/* what it asks for by its path, */
	struct ask ask;			/* and by its query */

	/* The disk's part. */
	const struct conf_disk *disk;	/* NULL: it never came so far */
	struct http_slice name;		/* of the object on it */
	struct disk_read read;
	struct object object;

	/* The reply. */
	int status;
	const char *why;		/* the text of an error; else NULL */
	int retry_after;		/* seconds, with a 503 or a 429; 0: not said */
	int keep;			/* the connection stays open */
	size_t sent;			/* bytes of its body */
	enum model_fault_kind fault;	/* what was done to it on purpose */
};

#endif
