#include <stdlib.h>

#include "server/admin/sheet.h"

static size_t total;		/* bytes of all sheets */

/* What is being written: one at a time. */
static char *text;
static size_t len;

FILE *
sheet_begin(void)
{
	text = NULL;
	len = 0;
	return open_memstream(&text, &len);
}

struct sheet *
sheet_end(FILE *f)
{
	const int failed = ferror(f);
	struct sheet *s = NULL;

	if (fclose(f) == 0 && !failed &&
	    (len <= SHEET_SMALL || total + len <= SHEETS_MAX))
		s = malloc(sizeof(*s));
	if (s == NULL) {
		free(text);
		return NULL;
	}
	*s = (struct sheet){ .p = text, .len = len, .holders = 1 };
	total += len;
	return s;
}

struct sheet *
sheet_hold(struct sheet *s)
{
	if (s != NULL)
		s->holders++;
	return s;
}

void
sheet_drop(struct sheet *s)
{
	if (s == NULL || --s->holders > 0)
		return;
	total -= s->len;
	free(s->p);
	free(s);
}
