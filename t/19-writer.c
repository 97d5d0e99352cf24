/*
 * Text without printf(3): what printf would have written, and where the buffer
 * ends, no more.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/writer.h"
#include "t/check.h"
#include "t/guard.h"

#define ROUNDS	20000	/* random numbers */

static char buf[64];

static struct writer
begin(void)
{
	struct writer w = { buf, buf + sizeof(buf) - 1 };

	return w;
}

static const char *
text_of(const struct writer *w)
{
	*w->p = '\0';
	return buf;
}

/* 64 bits of which any number of the low ones count. */
static uint64_t
some_number(void)
{
	uint64_t n = (uint64_t)random() << 42 ^ (uint64_t)random() << 21 ^
	    (uint64_t)random();

	return n >> random() % 64;
}

static const uint64_t numbers[] = {
	0, 1, 9, 10, 99, 100, 999, 1000, 999999, 1000000, UINT32_MAX,
	INT64_MAX, UINT64_C(9999999999999999999),
	UINT64_C(10000000000000000000), UINT64_MAX
};

static int
is_number(uint64_t n)
{
	struct writer w = begin();
	char want[64];

	snprintf(want, sizeof(want), "%" PRIu64, n);
	writer_number(&w, n);
	return strcmp(text_of(&w), want) == 0;
}

static int
is_ms(int64_t ns)
{
	struct writer w = begin();
	char want[64];

	snprintf(want, sizeof(want), "%" PRId64 ".%03" PRId64, ns / CLOCK_MS,
	    ns / CLOCK_US % 1000);
	writer_ms(&w, ns);
	return strcmp(text_of(&w), want) == 0;
}

static void
test_numbers(void)
{
	size_t i, wrong = 0, wrong_ms = 0;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		ok(is_number(numbers[i]), "%" PRIu64, numbers[i]);
	for (i = 0; i < ROUNDS; i++) {
		wrong += !is_number(some_number());
		wrong_ms += !is_ms((int64_t)(some_number() >> 1));
	}
	is_int((long long)wrong, 0, "%d random numbers", ROUNDS);
	is_int((long long)wrong_ms, 0, "as many random times");
	ok(is_ms(0) && is_ms(999) && is_ms(1000) && is_ms(999999) &&
	    is_ms(CLOCK_MS) && is_ms(INT64_MAX), "the ends of times");
}

static void
test_digits(void)
{
	struct writer w = begin();

	writer_digits(&w, 7, 2);
	writer_text(&w, " ");
	writer_digits(&w, 1234, 2);
	writer_text(&w, " ");
	writer_digits(&w, 0, 1);
	writer_text(&w, " ");
	writer_digits(&w, UINT64_MAX, 20);
	is_string(text_of(&w), "07 34 0 18446744073709551615",
	    "the last digits, with zeros in front");
}

/* Of every length of buffer, all of it and not a byte behind. */
static void
test_ends(void)
{
	static const char all[] = "text, bytes, 123, 045, 6.789";
	const size_t len = sizeof(all) - 1;
	size_t room, wrong = 0;
	struct writer w;
	char *p;

	for (room = 0; room <= len + 2; room++) {
		p = guard_room(room);
		w.p = p;
		w.end = p + room;
		writer_text(&w, "text");
		writer_bytes(&w, ", bytes, and more", 9);
		writer_number(&w, 123);
		writer_text(&w, ", ");
		writer_digits(&w, 45, 3);
		writer_text(&w, ", ");
		writer_ms(&w, 6789012);
		if (w.p != p + (room < len ? room : len) ||
		    memcmp(p, all, (size_t)(w.p - p)) != 0)
			wrong++;
	}
	is_int((long long)wrong, 0, "what does not fit is cut");
}

int
main(void)
{
	plan_no_plan();
	srandom(19);
	test_numbers();
	test_digits();
	test_ends();
	return exit_status();
}
