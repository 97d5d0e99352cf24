/*
 * Sheets: they are gone with the last who holds them, and their bound keeps
 * large ones out, never small ones.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "server/admin/sheet.h"
#include "t/check.h"

#define LARGE	(4UL << 20)
#define LARGES	(SHEETS_MAX / LARGE)

/* One of so many bytes; NULL: it is not to be had. */
static struct sheet *
make(size_t len)
{
	FILE *f = sheet_begin();
	size_t i;

	if (f == NULL)
		err(1, "sheet_begin");
	for (i = 0; i < len; i++)
		putc('a' + (int)(i % 26), f);
	return sheet_end(f);
}

static void
test_one(void)
{
	struct sheet *s = make(30);

	if (s == NULL)
		errx(1, "a small one is not to be had");
	is_int((long long)s->len, 30, "its length");
	ok(memcmp(s->p, "abcdefghijklmnopqrstuvwxyzabcd", 30) == 0,
	    "what is on it");
	ok(sheet_hold(s) == s, "held once more");
	sheet_drop(s);
	is_int(s->holders, 1, "who holds it still has it");
	sheet_drop(s);
	sheet_drop(sheet_hold(NULL));
	s = make(0);
	ok(s != NULL && s->len == 0, "an empty one");
	sheet_drop(s);
}

static void
test_bound(void)
{
	struct sheet *large[LARGES], *small[3];
	size_t i, n = 0;

	for (i = 0; i < LARGES; i++)
		n += (large[i] = make(LARGE)) != NULL;
	is_int((long long)n, (long long)LARGES, "large ones, all there is");
	ok(make(LARGE) == NULL, "one more has no room");
	ok(make(SHEET_SMALL + 1) == NULL, "nor one that is not quite small");
	n = 0;
	for (i = 0; i < 3; i++)
		n += (small[i] = make(SHEET_SMALL)) != NULL;
	is_int((long long)n, 3, "small ones have");

	/* Those that had none have left nothing behind. */
	sheet_drop(large[0]);
	ok((large[0] = make(LARGE - 3UL * SHEET_SMALL)) != NULL,
	    "one that goes makes room for what it had, less the small ones");
	ok(make(SHEET_SMALL + 1) == NULL, "and for no more");
	for (i = 0; i < LARGES; i++)
		sheet_drop(large[i]);
	for (i = 0; i < 3; i++)
		sheet_drop(small[i]);
	for (i = 0; i < LARGES; i++)
		ok((large[i] = make(LARGE)) != NULL,
		    "all is there again: %zu", i);
	for (i = 0; i < LARGES; i++)
		sheet_drop(large[i]);
}

int
main(void)
{
	plan_no_plan();
	test_one();
	test_bound();
	return exit_status();
}
