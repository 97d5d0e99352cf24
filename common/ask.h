/*
 * What a request asks for in its query:
 *
 *	?delay=10ms:99,2s:1&status=503&size=4k&close=true
 *
 * The parameters are those of fortio's echo server.  Each may have up to
 * ASK_MAX values with weights behind them, of which one is picked for the
 * request; a value without a weight has weight 1.  Unlike fortio's, weights
 * are no percentages: status=503:10 is 503 always, as 503:10 leaves nothing
 * else to pick.  Values may be percent-encoded, also their ',' and ':'.
 *
 * Parameters of other names are ignored, for clients add some of their own.
 */
#ifndef COMMON_ASK_H
#define COMMON_ASK_H

#include <stddef.h>
#include <stdint.h>

#define ASK_MAX		8		/* values of one parameter */
#define ASK_VALUE	256		/* a parameter's, decoded, bytes */
#define ASK_WEIGHT	INT64_C(1000000)	/* the largest weight */
#define ASK_WHY		128		/* bytes */

struct ask_choice {
	size_t n;			/* 0: not asked for */
	int64_t values[ASK_MAX];
	int64_t weights[ASK_MAX];	/* 1 to ASK_WEIGHT */
};

struct ask {
	struct ask_choice delay;	/* of the read, ns */
	struct ask_choice status;	/* 200, or 400 to 599 */
	struct ask_choice size;		/* of the reply's body, bytes */
	struct ask_choice close;	/* the connection: 0 or 1 */
	char why[ASK_WHY];
};

/*
 * Takes a query of len bytes, '?' excluded; len may be 0, and query NULL then.
 * max_delay in ns and max_size in bytes are the most that may be asked for.
 * Gives NULL, or a line that says what is wrong, which lives in ask and holds
 * nothing that the client wrote.
 */
const char	*ask_parse(const char *query, size_t len, int64_t max_delay,
		    int64_t max_size, struct ask *);

/*
 * What u, uniform in (0, 1), picks of each; -1 where it was not asked for.
 * The same u picks the same value.
 */
int64_t	ask_delay(const struct ask *, double u);	/* ns */
int	ask_status(const struct ask *, double u);
int64_t	ask_size(const struct ask *, double u);		/* bytes */
int	ask_close(const struct ask *, double u);	/* 0 or 1 */

#endif
