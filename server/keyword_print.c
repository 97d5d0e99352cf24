/*
 * Keywords as they are written: keyword_text and those below it in keyword.h.
 */
#include <stdlib.h>
#include <string.h>

#include "server/keyword.h"

char *
keyword_text(const struct keyword *k, const void *base,
    const struct keyword_out *o)
{
	struct keyword_out mine = *o;
	char *text = NULL;
	size_t len;

	if ((mine.f = open_memstream(&text, &len)) == NULL)
		return NULL;
	if (k->print != NULL)
		k->print(k, base, &mine);
	if (fclose(mine.f) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

static void
begin(const struct keyword *k, const struct keyword_out *o)
{
	unsigned int i;

	for (i = 0; i < o->depth; i++)
		fputc('\t', o->f);
	fprintf(o->f, "%s ", k->name);
}

void
keyword_again(const struct keyword *k, const struct keyword_out *o)
{
	fputc('\n', o->f);
	begin(k, o);
}

void
keyword_dump(const struct keyword *table, const void *base,
    const unsigned int *lines, const struct keyword_out *o)
{
	const struct keyword *k;
	char *text;

	for (k = table; k->name != NULL; k++) {
		if (lines != NULL && lines[k - table] == 0)
			continue;
		text = keyword_text(k, base, o);
		if (text != NULL && text[0] != '\0' && (lines != NULL ||
		    !k->quiet || strcmp(text, k->preset) != 0)) {
			begin(k, o);
			fprintf(o->f, "%s\n", text);
		}
		free(text);
	}
}
