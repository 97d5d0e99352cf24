/*
 * Requests, good and bad, and the status that the server gives for each:
 * one table for the parser's test, the system test and the fuzzer's seeds.
 */
#ifndef T_REQUESTS_H
#define T_REQUESTS_H

#include <stddef.h>

/*
 * What the table takes the server to be configured as: this many bytes of
 * head at most, a max-delay of an hour, and a model whose reads never fail.
 */
#define REQUESTS_LIMIT		8192
#define REQUESTS_MAX_DELAY_MS	3600000

struct request_case {
	const char *name;	/* unique */
	const char *bytes;	/* what the client sends; may hold NULs */
	size_t len;		/* bytes */
	int status;		/* of the reply; of the first, if pipelined */
};

extern const struct request_case	request_cases[];

size_t	request_cases_count(void);

#endif
