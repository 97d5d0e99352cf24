/*
 * Recordings of latencies.  The input is one, in any of the formats.
 *
 * It is loaded from memory, and from a file that gives its bytes in pieces.
 * Both come from system.h, so that no disk is asked, and no kernel.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/record.h"
#include "common/trace.h"
#include "t/fuzz/fuzz.h"
#include "t/fuzz/system.h"

#define ERROR	256		/* bytes */
#define NAME	"t"

/* An error is one line, with a line's number that there is. */
static void
check_error(const char *error, const char *bytes, size_t len)
{
	const char *end = bytes + len, *p;
	unsigned long line = 0, lines = 1;
	char *behind;

	FUZZ_LAW(fuzz_is_message(error) && strncmp(error, NAME ":", 2) == 0,
	    "an error is one line");
	for (p = bytes; p < end; p++)
		lines += *p == '\n';
	if (error[2] == ' ')
		return;
	line = strtoul(error + 2, &behind, 10);
	FUZZ_LAW(*behind == ':' && line >= 1 && line <= lines,
	    "an error is on a line that there is");
}

/* Line by line: the same values, in this order. */
static void
check_order(const struct trace *t, const char *bytes, size_t len)
{
	const char *p = bytes, *end = bytes + len, *next;
	struct record_layout layout = { NULL, 0, 0, 0 };
	enum record_result result;
	char why[RECORD_WHY];
	int64_t ns = 0;
	size_t n = 0;

	for (; p < end; p = next) {
		next = memchr(p, '\n', (size_t)(end - p));
		next = next == NULL ? end : next + 1;
		result = record_parse(&layout, p, (size_t)(next - p), &ns,
		    why);
		FUZZ_LAW(result != RECORD_BAD, "a good file has no bad line");
		if (result == RECORD_NONE)
			continue;
		FUZZ_LAW(n < t->n && t->ns[n] == ns,
		    "values are in the file's order");
		FUZZ_LAW(ns >= 0 && ns <= 86400 * CLOCK_S,
		    "a value is from 0 to 24 hours");
		n++;
	}
	FUZZ_LAW(n == t->n && n > 0, "there are as many values as reads");
}

static int
same(const struct trace *a, const struct trace *b)
{
	return a->n == b->n && (a->n == 0 ||
	    memcmp(a->ns, b->ns, a->n * sizeof(*a->ns)) == 0);
}

static void
check_file(const struct trace *whole, const char *bytes, size_t len,
    int result, const char *error)
{
	char other_error[ERROR] = "";
	struct trace t;

	system_file(NAME, bytes, len);
	FUZZ_LAW(trace_load(&t, NAME, other_error, sizeof(other_error)) ==
	    result && same(whole, &t), "a file is what its bytes are");
	FUZZ_LAW(strcmp(error, other_error) == 0, "and as wrong");
	trace_free(&t);
}

/* The first values as a log of fio's, and as seconds. */
static void
check_again(const struct trace *t)
{
	const size_t n = t->n < 8 ? t->n : 8;
	char fio[8 * 64], seconds[8 * 64], error[ERROR];
	size_t i, fio_len = 0, seconds_len = 0;
	struct trace a, b;

	for (i = 0; i < n; i++) {
		fio_len += (size_t)sprintf(fio + fio_len,
		    "0, %" PRId64 ", 0, 0\n", t->ns[i]);
		seconds_len += (size_t)sprintf(seconds + seconds_len,
		    "%" PRId64 ".%09" PRId64 "\n", t->ns[i] / CLOCK_S,
		    t->ns[i] % CLOCK_S);
	}
	FUZZ_LAW(trace_parse(&a, NAME, fio, fio_len, error, sizeof(error)) ==
	    0 && a.n == n && memcmp(a.ns, t->ns, n * sizeof(*a.ns)) == 0,
	    "as a log of fio's they are the same");
	FUZZ_LAW(trace_parse(&b, NAME, seconds, seconds_len, error,
	    sizeof(error)) == 0 && same(&a, &b), "and as seconds");
	trace_free(&a);
	trace_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *text = fuzz_copy(bytes, len), error[ERROR] = "";
	struct trace t;
	int result;

	system_begin();
	result = trace_parse(&t, NAME, text, len, error, sizeof(error));
	if (result == 0) {
		check_order(&t, text, len);
		check_again(&t);
	} else {
		FUZZ_LAW(t.n == 0 && t.ns == NULL, "a bad trace is empty");
		check_error(error, text, len);
	}
	check_file(&t, text, len, result, error);
	trace_free(&t);
	system_end();
	free(text);
	return 0;
}
