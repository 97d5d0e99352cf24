/*
 * The words of a configuration.  The input is a text.
 */
#include <stdlib.h>
#include <string.h>

#include "server/lex.h"
#include "t/fuzz/fuzz.h"

/* Writes a statement anew, with each word in quotes.  Gives its end. */
static char *
put(const struct lex *l, char *p)
{
	const char *s;
	size_t i;

	for (i = 0; i < l->nwords; i++) {
		*p++ = '"';
		for (s = l->words[i]; *s != '\0'; s++) {
			if (*s == '"' || *s == '\\')
				*p++ = '\\';
			*p++ = *s;
		}
		*p++ = '"';
		*p++ = ' ';
	}
	return p;
}

static int
same_words(const struct lex *a, const struct lex *b)
{
	size_t i;

	for (i = 0; i < a->nwords && i < b->nwords; i++)
		if (strcmp(a->words[i], b->words[i]) != 0)
			return 0;
	return a->nwords == b->nwords;
}

/* However the words are written, they are the same words. */
static void
check_again(const struct lex *l, enum lex_kind kind, char *room)
{
	char *p = put(l, room);
	size_t len;
	struct lex again;
	char *text;

	*p++ = kind == LEX_OPEN ? '{' : '\n';
	len = (size_t)(p - room);
	text = fuzz_copy(room, len + 1);
	lex_init(&again, text, len);
	FUZZ_LAW((l->nwords == 0 && kind == LEX_STATEMENT) ||
	    (lex_next(&again) == kind && same_words(l, &again)),
	    "in quotes the words are the same");
	FUZZ_LAW(lex_next(&again) == LEX_END, "and there are no more");
	free(text);
}

static void
check_words(const struct lex *l, const char *text, size_t len)
{
	size_t i;

	FUZZ_LAW(l->nwords <= LEX_WORDS, "there are as many words as fit");
	for (i = 0; i < l->nwords; i++)
		FUZZ_LAW(l->words[i] >= text &&
		    l->words[i] + strlen(l->words[i]) <= text + len &&
		    strchr(l->words[i], '\n') == NULL &&
		    (i == 0 || l->words[i] > l->words[i - 1] +
		    strlen(l->words[i - 1])),
		    "the words are in the text, one behind the other");
}

static unsigned int
count_lines(const uint8_t *bytes, size_t len)
{
	unsigned int n = 1;
	size_t i;

	for (i = 0; i < len; i++)
		n += bytes[i] == '\n';
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	/* A word of n bytes may need 2 n + 3 when it is in quotes. */
	char *text = malloc(len + 1), *room = malloc(5 * len + 16);
	const unsigned int lines = count_lines(bytes, len);
	unsigned int line = 1;
	enum lex_kind kind;
	struct lex l;
	size_t n = 0;

	if (text == NULL || room == NULL)
		abort();
	if (len > 0)
		memcpy(text, bytes, len);
	lex_init(&l, text, len);
	while ((kind = lex_next(&l)) != LEX_END) {
		FUZZ_LAW(n++ < len, "each statement takes a byte at least");
		FUZZ_LAW(l.at >= line && l.at <= l.line && l.line <= lines + 1,
		    "lines are those of the text, in their order");
		line = l.at;
		if (kind == LEX_ERROR)
			FUZZ_LAW(fuzz_is_message(l.error),
			    "what is wrong is told");
		if (kind == LEX_STATEMENT)
			FUZZ_LAW(l.nwords > 0, "a statement has words");
		if (kind == LEX_STATEMENT || kind == LEX_OPEN) {
			check_words(&l, text, len);
			check_again(&l, kind, room);
		}
	}
	FUZZ_LAW(lex_next(&l) == LEX_END, "the end stays the end");
	free(room);
	free(text);
	return 0;
}
