/*
 * Random numbers without state: a draw is a function of the numbers that name
 * it.  Whoever asks again, in whatever process and order, gets the same.
 *
 * A seed and what a draw is for make a key; the streams of a key are the
 * draws for it, each independent of the others:
 *
 *	disk = draw_hash(seed, name, strlen(name));
 *	read = draw_key(disk, arrival);
 *	time = dist_value(d, draw_unit(read, TIME), arrival);
 *	fails = draw_unit(read, FAILS) < p;
 *
 * The numbers stay what they are, on every machine and in every version, so
 * that what a seed has shown it shows again.  They are no secret: whoever
 * sees some can compute the others.
 */
#ifndef COMMON_DRAW_H
#define COMMON_DRAW_H

#include <stddef.h>
#include <stdint.h>

/* A key from len bytes.  The same bytes of another length are another key. */
uint64_t	draw_hash(uint64_t seed, const void *bytes, size_t len);

/* A key from a number.  The seed may be a key: keys can be made of many. */
uint64_t	draw_key(uint64_t seed, uint64_t n);

/* Uniform in the open interval (0, 1), a multiple of 2^-53. */
double	draw_unit(uint64_t key, unsigned int stream);

#endif
