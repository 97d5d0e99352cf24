/*
 * The configuration's words.
 *
 * A statement is the words of one line.  '#' at the start of a word begins a
 * comment, "quotes" keep blanks and '#' (\" and \\ inside), '{' ends a
 * statement and opens a block, '}' is a statement of its own.
 */
#ifndef SERVER_LEX_H
#define SERVER_LEX_H

#include <stddef.h>

#define LEX_WORDS 40		/* words in one statement, at most */

enum lex_kind {
	LEX_STATEMENT,		/* words, and the line's end */
	LEX_OPEN,		/* words, and a '{' */
	LEX_CLOSE,		/* a '}' */
	LEX_ERROR,		/* error says what is wrong; the line is skipped */
	LEX_END			/* of the file */
};

struct lex {
	char *next;		/* where the next statement begins */
	char *end;		/* of the text */
	char held;		/* what stood at next before a word's NUL */
	unsigned int line;	/* of next, from 1 */

	/* The latest statement. */
	char *words[LEX_WORDS];
	size_t nwords;
	unsigned int at;	/* its line */
	const char *error;
};

/*
 * Starts on len bytes of text, which are changed: words are cut in place and
 * live as long as the text.  One byte behind the text must be writable.
 */
void	lex_init(struct lex *, char *text, size_t len);

/* Reads the next statement. */
enum lex_kind	lex_next(struct lex *);

#endif
