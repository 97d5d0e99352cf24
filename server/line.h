/*
 * One line of a log that many processes write: made in a buffer, and written
 * at once, so that O_APPEND keeps it whole.
 */
#ifndef SERVER_LINE_H
#define SERVER_LINE_H

#include <stddef.h>

#include "common/http.h"
#include "common/writer.h"
#include "server/conf.h"

/* Bytes of a client's text that are shown. */
#define LINE_TEXT	1200

/*
 * Adds a client's text in quotes.  Whatever could end the quote, the line, or
 * be taken for a terminal's command, is written as \xHH.
 */
void	line_quote(struct writer *, const struct http_slice *);

/*
 * Writes len bytes to the log of that keyword.  A failure is logged once,
 * until a write succeeds again: *failing remembers.
 */
void	line_write(int fd, const char *, size_t len, const char *keyword,
	    int *failing);

/*
 * Opens the file of that keyword, which stands on line at of the
 * configuration.  Gives its descriptor, or -1 and a report.
 */
int	line_open(const char *file, const struct conf *, unsigned int at,
	    const char *keyword, conf_report *);

#endif
