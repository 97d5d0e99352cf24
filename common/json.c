#include <inttypes.h>
#include <stddef.h>

#include "common/json.h"
#include "common/units.h"

/*
 * The length of the well-formed character at s, RFC 3629, or 0.  The string's
 * NUL ends every sequence too early.
 */
static size_t
utf8_length(const unsigned char *s)
{
	size_t n, i;

	if (s[0] < 0x80)
		return 1;
	n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	for (i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* Longer than needed, a surrogate, or beyond U+10FFFF. */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

/* Safe in a <script>, too, should somebody put it there. */
static void
write_quoted(FILE *f, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t n;

	putc('"', f);
	for (; *s != '\0'; s += n) {
		if ((n = utf8_length(s)) == 0) {
			fputs("\\ufffd", f);
			n = 1;
		} else if (*s == '"' || *s == '\\') {
			fprintf(f, "\\%c", *s);
		} else if (*s < ' ' || *s == 0x7f || *s == '<') {
			fprintf(f, "\\u%04x", *s);
		} else {
			fwrite(s, 1, n, f);
		}
	}
	putc('"', f);
}

static void
begin(struct json *j, const char *key)
{
	if (j->more)
		putc(',', j->f);
	j->more = 1;
	if (key != NULL) {
		write_quoted(j->f, key);
		putc(':', j->f);
	}
}

static void
open_with(struct json *j, const char *key, int bracket)
{
	begin(j, key);
	putc(bracket, j->f);
	j->more = 0;
}

static void
close_with(struct json *j, int bracket)
{
	putc(bracket, j->f);
	j->more = 1;
}

void
json_object(struct json *j, const char *key)
{
	open_with(j, key, '{');
}

void
json_end_object(struct json *j)
{
	close_with(j, '}');
}

void
json_array(struct json *j, const char *key)
{
	open_with(j, key, '[');
}

void
json_end_array(struct json *j)
{
	close_with(j, ']');
}

void
json_string(struct json *j, const char *key, const char *text)
{
	if (text == NULL) {
		json_null(j, key);
		return;
	}
	begin(j, key);
	write_quoted(j->f, text);
}

void
json_begin_string(struct json *j, const char *key)
{
	begin(j, key);
	putc('"', j->f);
}

void
json_end_string(struct json *j)
{
	putc('"', j->f);
}

void
json_number(struct json *j, const char *key, uint64_t n)
{
	begin(j, key);
	fprintf(j->f, "%" PRIu64, n);
}

void
json_bool(struct json *j, const char *key, int yes)
{
	begin(j, key);
	fputs(yes ? "true" : "false", j->f);
}

void
json_null(struct json *j, const char *key)
{
	begin(j, key);
	fputs("null", j->f);
}

void
json_seconds(struct json *j, const char *key, int64_t ns)
{
	char text[UNITS_TEXT];

	begin(j, key);
	fputs(units_seconds_text(ns, text, sizeof(text)), j->f);
}

void
json_rate(struct json *j, const char *key, double rate)
{
	begin(j, key);
	fprintf(j->f, "%.3f", rate);
}
