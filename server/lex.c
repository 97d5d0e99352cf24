#include <string.h>

#include "server/lex.h"

void
lex_init(struct lex *l, char *text, size_t len)
{
	memset(l, 0, sizeof(*l));
	l->line = 1;
	l->next = text;
	l->end = text + len;
	*l->end = '\n';
}

static int
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static int
ends_word(char c)
{
	return is_blank(c) || c == '\n' || c == '{' || c == '}';
}

/* The next character, '\n' at the end of the text. */
static char
peek(const struct lex *l)
{
	if (l->held != '\0')
		return l->held;
	return *l->next;
}

static void
advance(struct lex *l)
{
	l->held = '\0';
	if (l->next < l->end)
		l->next++;
}

static void
skip_line(struct lex *l)
{
	while (l->next < l->end && peek(l) != '\n')
		advance(l);
}

static enum lex_kind
fail(struct lex *l, const char *error)
{
	l->error = error;
	skip_line(l);
	return LEX_ERROR;
}

/* A word in quotes, unescaped in place. */
static const char *
quoted(struct lex *l)
{
	char *to = l->next;

	l->words[l->nwords++] = to;
	for (advance(l); peek(l) != '"'; advance(l)) {
		if (peek(l) == '\\') {
			advance(l);
			if (peek(l) != '"' && peek(l) != '\\')
				return "only \\\" and \\\\ are known in quotes";
		}
		if (peek(l) == '\n')
			return "a quote is not closed on its line";
		if (peek(l) == '\0')
			return "a NUL";
		*to++ = *l->next;
	}
	*to = '\0';
	advance(l);
	return ends_word(peek(l)) ? NULL : "a blank is missing behind a quote";
}

/* A plain word; its NUL takes the place of what ended it, which is held. */
static const char *
plain(struct lex *l)
{
	l->words[l->nwords++] = l->next;
	for (; !ends_word(peek(l)); advance(l)) {
		if (peek(l) == '"')
			return "a blank is missing before a quote";
		if ((unsigned char)peek(l) < ' ' || peek(l) == 0x7f)
			return "a control character";
	}
	l->held = *l->next;
	*l->next = '\0';
	return NULL;
}

enum lex_kind
lex_next(struct lex *l)
{
	const char *error;

	for (l->nwords = 0; l->next < l->end;) {
		if (peek(l) == '#')
			skip_line(l);
		if (l->nwords == 0)
			l->at = l->line;
		if (is_blank(peek(l))) {
			advance(l);
		} else if (peek(l) == '\n') {
			advance(l);
			l->line++;
			if (l->nwords > 0)
				return LEX_STATEMENT;
		} else if (peek(l) == '{') {
			advance(l);
			return LEX_OPEN;
		} else if (peek(l) == '}') {
			if (l->nwords > 0)
				return LEX_STATEMENT;
			advance(l);
			return LEX_CLOSE;
		} else if (l->nwords == LEX_WORDS) {
			return fail(l, "too many words");
		} else {
			error = peek(l) == '"' ? quoted(l) : plain(l);
			if (error != NULL)
				return fail(l, error);
		}
	}
	return l->nwords > 0 ? LEX_STATEMENT : LEX_END;
}
