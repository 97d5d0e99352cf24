/* Text in a buffer: made piece by piece, or read from a file. */
#ifndef T_TEXT_H
#define T_TEXT_H

#include <stddef.h>

/*
 * Adds to the string in buf, of size bytes.  What does not fit is cut: a test
 * that compares it sees that.
 */
void	text_add(char *buf, size_t size, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));

/* Reads as much of a file as fits; "" when it cannot be opened. */
void	text_read(const char *path, char *buf, size_t size);

#endif
