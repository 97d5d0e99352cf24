/*
 * Random draws: the numbers that they will be for ever, and that these look
 * uniform and independent, whatever two draws differ in.
 */
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/draw.h"
#include "t/check.h"
#include "t/fit.h"

#define DRAWS 100000
#define SIDE 16			/* cells of a square, each way */
#define GOLDEN UINT64_C(0x9e3779b97f4a7c15)

struct hash_case {
	uint64_t seed;
	const char *text;
	size_t len;
	uint64_t want;
};

#define TEXT(s) s, sizeof(s) - 1

/* Of another implementation, in Python. */
static const struct hash_case hashes[] = {
	{ 0, TEXT(""), UINT64_C(0xa706dd2f4d197e6f) },
	{ 0, TEXT("a"), UINT64_C(0x9b833c5959adb6b7) },
	{ 1, TEXT("a"), UINT64_C(0x55b19353893bbd10) },
	{ 42, TEXT("sda"), UINT64_C(0x71874074574da720) },
	{ 42, TEXT("sdb"), UINT64_C(0x68bd28763c9c2647) },
	{ 0, TEXT("1234567"), UINT64_C(0xb8ce049878ed2ccc) },
	{ 0, TEXT("12345678"), UINT64_C(0x2ecb05d00b93d6d0) },
	{ 0, TEXT("123456789"), UINT64_C(0x7f8892a3344c490b) },
	{ 7, TEXT("sda/var/lib/some_file"), UINT64_C(0x6a65e84b6ae2ba3e) },
	{ UINT64_MAX, TEXT("\xff\xfe\x80\0\x01"),
	    UINT64_C(0x5276a65eb49e42d4) },
};

static const struct {
	uint64_t seed, n, want;
} keys[] = {
	{ 0, 0, UINT64_C(0xa706dd2f4d197e6f) },
	{ 0, 1, UINT64_C(0xb382a305f4414f5e) },
	{ 1, 0, UINT64_C(0x5e41ab087439611e) },
	{ 42, 1000000, UINT64_C(0x8505da9e8a915c81) },
	{ UINT64_MAX, UINT64_MAX, UINT64_C(0x445018e305810b78) },
	{ GOLDEN, 0, UINT64_C(0x46b73e79f0c37c00) },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
test_pinned(void)
{
	/* What everybody's SplitMix64 gives for this seed. */
	static const uint64_t published[] = {
		UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
		UINT64_C(9817491932198370423), UINT64_C(4593380528125082431),
		UINT64_C(16408922859458223821),
	};
	uint64_t got;
	unsigned int i;
	double u;

	for (i = 0; i < COUNT(hashes); i++) {
		got = draw_hash(hashes[i].seed, hashes[i].text, hashes[i].len);
		ok(got == hashes[i].want, "the hash of \"%s\" (%" PRIx64 ")",
		    hashes[i].text, got);
	}
	for (i = 0; i < COUNT(keys); i++) {
		got = draw_key(keys[i].seed, keys[i].n);
		ok(got == keys[i].want, "key %" PRIu64 " of seed %" PRIu64
		    " (%" PRIx64 ")", keys[i].n, keys[i].seed, got);
	}
	for (i = 0; i < COUNT(published); i++) {
		u = draw_unit(1234567, i);
		ok(u == (double)(published[i] >> 12) * 0x1p-52 + 0x1p-53,
		    "stream %u of 1234567 (%.17g)", i, u);
	}
}

/* The odd number with x * it = 1 modulo 2^64, by Newton's method. */
static uint64_t
inverse(uint64_t x)
{
	uint64_t y = x;
	int i;

	for (i = 0; i < 6; i++)
		y *= 2 - x * y;
	return y;
}

/* The key whose stream 0 has these 64 bits: the finalizer backwards. */
static uint64_t
key_of(uint64_t bits)
{
	bits ^= bits >> 31 ^ bits >> 62;
	bits *= inverse(UINT64_C(0x94d049bb133111eb));
	bits ^= bits >> 27 ^ bits >> 54;
	bits *= inverse(UINT64_C(0xbf58476d1ce4e5b9));
	bits ^= bits >> 30 ^ bits >> 60;
	return bits - GOLDEN;
}

static void
test_ends(void)
{
	double least = draw_unit(key_of(0), 0);
	double most = draw_unit(key_of(UINT64_MAX), 0);

	ok(least == 0x1p-53, "the least draw is above 0 (%a)", least);
	ok(most == 1 - 0x1p-53, "the greatest draw is below 1 (%a)", most);
}

static void
test_hash_reads(void)
{
	static const char text[] = "sda/some/path/of/a/file";
	unsigned char *at, *bytes = malloc(sizeof(text) + 8);
	uint64_t want = draw_hash(1, text, sizeof(text)), zeros[64];
	size_t i, j, same = 0;

	for (i = 0; bytes != NULL && i <= 8; i++) {
		at = bytes + i;
		memcpy(at, text, sizeof(text));
		same += draw_hash(1, at, sizeof(text)) == want;
	}
	free(bytes);
	is_int((long long)same, 9, "a hash is that of the bytes, wherever "
	    "they are");

	same = 0;
	for (i = 0; i < COUNT(zeros); i++) {
		/* The sanitizer guards its end. */
		bytes = calloc(i + 1, 1);
		zeros[i] = draw_hash(1, bytes, i + 1);
		free(bytes);
		for (j = 0; j < i; j++)
			same += zeros[i] == zeros[j];
	}
	is_int((long long)same, 0, "zeros have another hash for each length");
}

/* Any bit of the text turns each bit of the hash every other time. */
static void
test_avalanche(void)
{
	size_t turned[64] = { 0 }, texts, bit, i, n = 0, bad = 0;
	unsigned char text[20];
	uint64_t before, diff;

	for (texts = 0; texts < 500; texts++) {
		for (i = 0; i < sizeof(text); i++)
			text[i] = draw_hash(texts, &i, sizeof(i)) & 0xff;
		before = draw_hash(0, text, sizeof(text));
		for (bit = 0; bit < 8 * sizeof(text); bit++, n++) {
			text[bit / 8] ^= (unsigned char)(1 << bit % 8);
			diff = draw_hash(0, text, sizeof(text)) ^ before;
			text[bit / 8] ^= (unsigned char)(1 << bit % 8);
			for (i = 0; i < 64; i++)
				turned[i] += diff >> i & 1;
		}
	}
	for (i = 0; i < 64; i++)
		bad += !fit_share(turned[i], n, 0.5);
	is_int((long long)bad, 0, "a bit of the text turns half of the hash");
}

/* Two draws each of number i, that differ in something. */
typedef void pair(uint64_t i, double *x, double *y);

static void
streams(uint64_t i, double *x, double *y)
{
	*x = draw_unit(draw_key(1, i), 0);
	*y = draw_unit(draw_key(1, i), 1);
}

static void
far_streams(uint64_t i, double *x, double *y)
{
	*x = draw_unit(draw_key(1, i), 2);
	*y = draw_unit(draw_key(1, i), UINT32_MAX);
}

static void
successors(uint64_t i, double *x, double *y)
{
	*x = draw_unit(draw_key(2, i), 0);
	*y = draw_unit(draw_key(2, i + 1), 0);
}

static void
diagonal(uint64_t i, double *x, double *y)
{
	*x = draw_unit(draw_key(3, i), 1);
	*y = draw_unit(draw_key(3, i + 1), 0);
}

static void
seeds(uint64_t i, double *x, double *y)
{
	*x = draw_unit(draw_key(4, i), 0);
	*y = draw_unit(draw_key(5, i), 0);
}

/* Seeds that are the generator's own step apart. */
static void
golden_seeds(uint64_t i, double *x, double *y)
{
	*x = draw_unit(draw_key(6, i + 1), 0);
	*y = draw_unit(draw_key(6 + GOLDEN, i), 0);
}

static void
high_bits(uint64_t i, double *x, double *y)
{
	*x = draw_unit(draw_key(7, i), 0);
	*y = draw_unit(draw_key(7, i | UINT64_C(1) << 63), 0);
}

static void
names(uint64_t i, double *x, double *y)
{
	char text[32];
	int len = snprintf(text, sizeof(text), "sda/file%" PRIu64, i);

	*x = draw_unit(draw_hash(8, text, (size_t)len), 0);
	text[2] = 'b';
	*y = draw_unit(draw_hash(8, text, (size_t)len), 0);
}

/* A key of a key: the arrivals at two disks. */
static void
disks(uint64_t i, double *x, double *y)
{
	*x = draw_unit(draw_key(draw_hash(9, "sda", 3), i), 0);
	*y = draw_unit(draw_key(draw_hash(9, "sdb", 3), i), 0);
}

/* What no draw may do, so that the tests are seen to fail. */
static void
crooked(uint64_t i, double *x, double *y)
{
	streams(i, x, y);
	*x = pow(*x, 1.05);
	*y = pow(*y, 1.05);
}

static void
dependent(uint64_t i, double *x, double *y)
{
	streams(i, x, y);
	if (fmod(*x * 1000, 1) < 0.02)
		*y = *x;
}

static void
test_pair(const char *name, pair *draw, bool uniform, bool independent)
{
	static double x[DRAWS], y[DRAWS];
	unsigned int cells[SIDE * SIDE] = { 0 };
	bool fit;
	size_t i;

	for (i = 0; i < DRAWS; i++) {
		draw(i, &x[i], &y[i]);
		cells[(int)(x[i] * SIDE) * SIDE + (int)(y[i] * SIDE)]++;
	}
	ok(fit_even(cells, COUNT(cells)) == independent,
	    "%s: %sindependent", name, independent ? "" : "seen not to be ");
	fit = fit_uniform(x, DRAWS);
	ok(fit == uniform && fit_uniform(y, DRAWS) == uniform,
	    "%s: %suniform (%g)", name, uniform ? "" : "seen not to be ",
	    fit_distance());
}

int
main(void)
{
	plan_no_plan();
	test_pinned();
	test_ends();
	test_hash_reads();
	test_avalanche();
	test_pair("two streams", streams, true, true);
	test_pair("two streams far apart", far_streams, true, true);
	test_pair("one read and the next", successors, true, true);
	test_pair("streams of neighbours", diagonal, true, true);
	test_pair("two seeds", seeds, true, true);
	test_pair("two seeds, one step apart", golden_seeds, true, true);
	test_pair("numbers apart by their first bit", high_bits, true, true);
	test_pair("paths on two disks", names, true, true);
	test_pair("arrivals at two disks", disks, true, true);
	test_pair("crooked draws", crooked, false, false);
	test_pair("draws that depend", dependent, true, false);
	return exit_status();
}
