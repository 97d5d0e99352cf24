/*
 * One line of a log that many processes write: made in a buffer, and written
 * at once, so that O_APPEND keeps it whole, as long as the disk has room.
 */
#ifndef SERVER_LINE_H
#define SERVER_LINE_H

#include <sys/types.h>

#include <stddef.h>

#include "common/append.h"
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

/* A log of lines, whichever file it is in at present. */
struct line_log {
	const char *keyword;	/* its name in the configuration */
	struct append *shared;	/* with all workers; NULL: never opened */
	struct append own;	/* of who writes without having opened it */
	dev_t dev;		/* the file */
	ino_t ino;
};

/*
 * Writes len bytes to the log's descriptor.  That lines are lost is logged once
 * for all workers, and so is that they are written again.
 */
void	line_write(struct line_log *, int fd, const char *, size_t len);

/*
 * Opens the log's file, which stands on line at of the configuration; or uses a
 * descriptor that is open, when file is NULL.  A last line that somebody has
 * left torn is ended by the next one.  Gives the descriptor, or -1 and a
 * report.
 */
int	line_open(struct line_log *, const char *file, int fd,
	    const struct conf *, unsigned int at, conf_report *);

#endif
