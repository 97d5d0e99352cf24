#include <stddef.h>
#include <string.h>

#include "common/chars.h"

/* The table below is made of these; short names keep it legible. */
enum {
	TOKEN = CHARS_TOKEN,
	HOST = CHARS_HOST,
	PATH = CHARS_PATH,
	QUERY = CHARS_QUERY,
	HEX = CHARS_HEX,
	DIGIT = CHARS_DIGIT,
	BLANK = CHARS_BLANK,
	TEXT = CHARS_TEXT
};

#define WORD (TOKEN | HOST | PATH | QUERY | TEXT)

static const unsigned char class_of[256] = {
	['\t'] = BLANK | TEXT, [' '] = BLANK | TEXT,

	['0' ... '9'] = WORD | HEX | DIGIT,
	['A' ... 'F'] = WORD | HEX, ['G' ... 'Z'] = WORD,
	['a' ... 'f'] = WORD | HEX, ['g' ... 'z'] = WORD,
	['-'] = WORD, ['.'] = WORD, ['_'] = WORD, ['~'] = WORD,

	/* RFC 3986's sub-delims, of which some may be in tokens too. */
	['!'] = WORD, ['$'] = WORD, ['&'] = WORD, ['\''] = WORD,
	['*'] = WORD, ['+'] = WORD,
	['('] = WORD & ~TOKEN, [')'] = WORD & ~TOKEN, [','] = WORD & ~TOKEN,
	[';'] = WORD & ~TOKEN, ['='] = WORD & ~TOKEN,

	[':'] = PATH | QUERY | TEXT, ['@'] = PATH | QUERY | TEXT,
	['/'] = PATH | QUERY | TEXT, ['?'] = QUERY | TEXT,

	['#'] = TOKEN | TEXT, ['%'] = TOKEN | TEXT, ['^'] = TOKEN | TEXT,
	['`'] = TOKEN | TEXT, ['|'] = TOKEN | TEXT,

	['"'] = TEXT, ['<'] = TEXT, ['>'] = TEXT, ['['] = TEXT, ['\\'] = TEXT,
	[']'] = TEXT, ['{'] = TEXT, ['}'] = TEXT, [0x80 ... 0xff] = TEXT,
};

int
chars_is(char c, int classes)
{
	return class_of[(unsigned char)c] & classes;
}

const char *
chars_span(const char *p, const char *end, int classes)
{
	while (p < end && chars_is(*p, classes))
		p++;
	return p;
}

/* What a hex digit is worth; -1: it is none. */
static int
digit(char c)
{
	if (!chars_is(c, HEX))
		return -1;
	return chars_is(c, DIGIT) ? c - '0' : (c | ('a' ^ 'A')) - 'a' + 10;
}

int
chars_encoded(const char *p, const char *end)
{
	int high, low;

	if (end - p < 3 || *p != '%' || (high = digit(p[1])) == -1 ||
	    (low = digit(p[2])) == -1)
		return -1;
	return high << 4 | low;
}

const char *
chars_span_encoded(const char *p, const char *end, int classes)
{
	for (;;) {
		p = chars_span(p, end, classes);
		if (chars_encoded(p, end) == -1)
			return p;
		p += 3;
	}
}

int
chars_is_name(const char *s, size_t max)
{
	size_t len = strlen(s);

	return len > 0 && len <= max && strspn(s,
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	    "._-") == len;
}

int
chars_is_word(const char *p, const char *end, const char *word)
{
	if ((size_t)(end - p) != strlen(word))
		return 0;
	for (; p < end; p++, word++)
		if (*p != *word && (*p < 'A' || *p > 'Z' ||
		    *p - 'A' + 'a' != *word))
			return 0;
	return 1;
}
