#include <endian.h>
#include <string.h>

#include "common/draw.h"

/*
 * Number n, from 0, of the generator SplitMix64 that is seeded with state.
 * Its state only ever grows by the golden ratio's odd fraction of 2^64, so
 * that any number of the sequence is as near as the first.  Steele, Lea and
 * Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014; the
 * finalizer is David Stafford's "Mix13" for MurmurHash3.
 */
static uint64_t
split(uint64_t state, uint64_t n)
{
	uint64_t z = state + (n + 1) * UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/*
 * Eight bytes at a time, the last ones filled up with zeros.  Each step is a
 * permutation of the 64 bits: two texts of one length that differ in a single
 * word never meet.
 */
uint64_t
draw_hash(uint64_t seed, const void *bytes, size_t len)
{
	const char *p = bytes;
	uint64_t h = draw_key(seed, len), word;

	for (; len >= sizeof(word); p += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		h = split(h ^ le64toh(word), 0);
	}
	if (len > 0) {
		word = 0;
		memcpy(&word, p, len);
		h = split(h ^ le64toh(word), 0);
	}
	return h;
}

/*
 * The seed is mixed by itself first.  Were it not, seeds that differ by the
 * step of the sequence would give each other's keys, shifted by one.
 */
uint64_t
draw_key(uint64_t seed, uint64_t n)
{
	return split(split(seed, 0), n);
}

/*
 * 52 bits and a half: a 53rd bit would make the largest sum round to 1.
 */
double
draw_unit(uint64_t key, unsigned int stream)
{
	return ((double)(split(key, stream) >> 12) + 0.5) * 0x1p-52;
}
