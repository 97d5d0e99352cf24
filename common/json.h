/*
 * JSON (RFC 8259) on a stream, piece by piece.  Commas come by themselves;
 * objects and arrays have to be closed by who opened them.  The stream keeps
 * whether something could not be written, ferror(3).
 *
 * key is the name of a member, or NULL in an array and at the top.
 */
#ifndef COMMON_JSON_H
#define COMMON_JSON_H

#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *f;
	int more;		/* something stands before: a comma is due */
};

void	json_object(struct json *, const char *key);
void	json_end_object(struct json *);
void	json_array(struct json *, const char *key);
void	json_end_array(struct json *);

/*
 * A string; NULL is null.  What is not UTF-8 becomes U+FFFD, byte by byte.
 * text may hold anything else.
 */
void	json_string(struct json *, const char *key, const char *text);

/* The same in pieces: what is written between the two is plain ASCII. */
void	json_begin_string(struct json *, const char *key);
void	json_end_string(struct json *);

void	json_number(struct json *, const char *key, uint64_t);
void	json_bool(struct json *, const char *key, int);
void	json_null(struct json *, const char *key);

/* A time in ns, as seconds, exactly. */
void	json_seconds(struct json *, const char *key, int64_t ns);

/* A rate or the like, to a thousandth; finite. */
void	json_rate(struct json *, const char *key, double);

#endif
