/*
 * The configuration's words, written down so that a case is one string:
 *
 *   1[a|b c]   the statement of two words on line 1
 *   2[disk|x]{ a statement that opens a block
 *   3}         the end of a block
 *   4!error    an error
 */
#include <string.h>

#include "server/lex.h"
#include "t/check.h"
#include "t/guard.h"
#include "t/text.h"

/* No text has more statements: the lexer would be in a loop. */
#define STATEMENTS_MAX	1000

#define ESCAPE	"only \\\" and \\\\ are known in quotes"
#define OPEN_QUOTE "a quote is not closed on its line"
#define BEHIND	"a blank is missing behind a quote"
#define BEFORE	"a blank is missing before a quote"
#define CONTROL	"a control character"
#define NUL	"a NUL"
#define WORDS	"too many words"

struct lex_case {
	const char *name;
	const char *text;
	size_t len;
	const char *want;
};

#define T(name, text, want)	{ name, text, sizeof(text) - 1, want }

#define W8	"a b c d e f g h "
#define W10	W8 "i j "
#define B8	"a|b|c|d|e|f|g|h|"
#define B10	B8 "i|j|"

static const struct lex_case cases[] = {
	/* Words and lines. */
	T("nothing", "", ""),
	T("an empty line", "\n", ""),
	T("blanks", " \t \n\t\n   ", ""),
	T("a word", "a\n", "1[a]"),
	T("a word without a line's end", "a", "1[a]"),
	T("two words", "a b\n", "1[a|b]"),
	T("blanks about words", "  a\t\tb \t\n", "1[a|b]"),
	T("blanks at the end", "a   ", "1[a]"),
	T("lines", "a\n\nb c\n\n\nd", "1[a] 3[b|c] 6[d]"),
	T("a word of one letter at the end", "a b", "1[a|b]"),
	T("all that a word may have", "!$%&'()*+,-./:;<=>?@[\\]^_`|~\n",
	    "1[!$%&'()*+,-./:;<=>?@[\\]^_`|~]"),
	T("bytes above 0x7f", "\303\244 \377\n", "1[\303\244|\377]"),
	T("40 words", W10 W10 W10 W8 "k l\n", "1[" B10 B10 B10 B8 "k|l]"),
	T("41 words", W10 W10 W10 W8 "k l m\na\n", "1!" WORDS " 2[a]"),
	T("41 words, quoted", W10 W10 W10 W8 "k l \"m\"\na\n",
	    "1!" WORDS " 2[a]"),
	T("40 words and a block", W10 W10 W10 W8 "k l {\n",
	    "1[" B10 B10 B10 B8 "k|l]{"),
	T("40 words and a comment", W10 W10 W10 W8 "k l # m\n",
	    "1[" B10 B10 B10 B8 "k|l]"),

	/* CR LF. */
	T("CR LF", "a b\r\nc\r\n", "1[a|b] 2[c]"),
	T("CR LF, empty lines", "\r\n\r\na\r\n", "3[a]"),
	T("CR LF behind a quote", "\"a\"\r\n", "1[a]"),
	T("CR LF behind a comment", "a # b\r\nc\r\n", "1[a] 2[c]"),
	T("CR LF behind braces", "a {\r\n}\r\n", "1[a]{ 2}"),
	T("CR at the end", "a\r", "1[a]"),
	T("CR in the middle", "a\rb", "1[a|b]"),

	/* Comments. */
	T("a comment", "# a b\nc\n", "2[c]"),
	T("a comment behind a word", "a # b\nc\n", "1[a] 2[c]"),
	T("a comment behind blanks", "  # b\nc\n", "2[c]"),
	T("a comment at the end", "a\n# b", "1[a]"),
	T("an empty comment", "a #\nb", "1[a] 2[b]"),
	T("a # in a word", "a#b c\n", "1[a#b|c]"),
	T("a # behind a quote", "\"a\"#\n", "1!" BEHIND),
	T("a # in quotes", "a \"# b\" # c\n", "1[a|# b]"),
	T("a # behind a brace", "a {# b }\n}# c\n", "1[a]{ 2}"),
	T("a comment with braces and a quote", "a # { } \" \\\nb\n",
	    "1[a] 2[b]"),
	T("a comment with a NUL", "a # \0 b\nc\n", "1[a] 2[c]"),
	T("a comment with a control", "a # \001\nb\n", "1[a] 2[b]"),

	/* Quotes. */
	T("quotes", "a \"b c\" d\n", "1[a|b c|d]"),
	T("quotes first", "\"a b\" c\n", "1[a b|c]"),
	T("quotes at the end", "a \"b\"", "1[a|b]"),
	T("an empty quote", "a \"\"\n", "1[a|]"),
	T("an empty quote alone", "\"\"\n", "1[]"),
	T("braces in quotes", "a \"{ }\"\n", "1[a|{ }]"),
	T("tabs in quotes", "a \"\tb\t\"\n", "1[a|\tb\t]"),
	T("CR in quotes", "a \"b\rc\"\n", "1[a|b\rc]"),
	T("a brace behind quotes", "\"a\"{\n", "1[a]{"),
	T("a closing brace behind quotes", "\"a\"}\n", "1[a] 1}"),
	T("escapes", "\"\\\"a\\\\b\\\"\"\n", "1[\"a\\b\"]"),
	T("an escape at the end", "\"a\\\\\"\n", "1[a\\]"),
	T("only escapes", "\"\\\"\" \"\\\\\"\n", "1[\"|\\]"),
	T("bytes above 0x7f in quotes", "\"\303\244\"\n", "1[\303\244]"),
	T("a backslash outside quotes", "a\\ b\n", "1[a\\|b]"),
	T("an unknown escape", "a \"\\n\" b\nc\n", "1!" ESCAPE " 2[c]"),
	T("an escaped blank", "\"a\\ b\"\n", "1!" ESCAPE),
	T("an escaped line's end", "\"a\\\nb\n", "1!" ESCAPE " 2[b]"),
	T("a backslash at the end", "\"a\\", "1!" ESCAPE),
	T("an open quote", "a \"b c\nd\n", "1!" OPEN_QUOTE " 2[d]"),
	T("an open quote at the end", "a \"b", "1!" OPEN_QUOTE),
	T("a quote alone at the end", "\"", "1!" OPEN_QUOTE),
	T("an open quote and a block", "a \"b {\n}\n", "1!" OPEN_QUOTE " 2}"),
	T("an open quote, CR LF", "a \"b\r\nc\r\n", "1!" OPEN_QUOTE " 2[c]"),
	T("an escaped quote leaves it open", "\"a\\\"\nb\n",
	    "1!" OPEN_QUOTE " 2[b]"),
	T("a word behind a quote", "\"a\"b\nc\n", "1!" BEHIND " 2[c]"),
	T("a quote behind a quote", "\"a\"\"b\"\nc\n", "1!" BEHIND " 2[c]"),
	T("a quote in a word", "a\"b\" c\nd\n", "1!" BEFORE " 2[d]"),
	T("a quote at a word's end", "a\"\nb\n", "1!" BEFORE " 2[b]"),

	/* What has no place in a text. */
	T("a NUL", "a \0 b\nc\n", "1!" CONTROL " 2[c]"),
	T("a NUL in a word", "a\0b c\nd\n", "1!" CONTROL " 2[d]"),
	T("a NUL alone", "\0", "1!" CONTROL),
	T("a NUL at a word's end", "a\0", "1!" CONTROL),
	T("a NUL behind a brace", "a {\0}\nb\n", "1[a]{ 1!" CONTROL " 2[b]"),
	T("a NUL in quotes", "\"a\0b\" c\nd\n", "1!" NUL " 2[d]"),
	T("an escaped NUL", "\"a\\\0b\"\nd\n", "1!" ESCAPE " 2[d]"),
	T("a control", "a\001b\nc\n", "1!" CONTROL " 2[c]"),
	T("an escape sequence", "\033[2J\n", "1!" CONTROL),
	T("a form feed", "a\fb\n", "1!" CONTROL),
	T("a vertical tab", "a \v b\n", "1!" CONTROL),
	T("a DEL", "a\177b\n", "1!" CONTROL),

	/* Blocks. */
	T("a block", "a b {\n\tc d\n}\n", "1[a|b]{ 2[c|d] 3}"),
	T("a block on one line", "a b { c d }\n", "1[a|b]{ 1[c|d] 1}"),
	T("a block without blanks", "a{b}c", "1[a]{ 1[b] 1} 1[c]"),
	T("an empty block", "a {}\n", "1[a]{ 1}"),
	T("two blocks on a line", "a {} b {}\n", "1[a]{ 1} 1[b]{ 1}"),
	T("a statement behind a block", "a {\n} b c\nd\n",
	    "1[a]{ 2} 2[b|c] 3[d]"),
	T("a brace alone", "{\n}\n", "1[]{ 2}"),
	T("a brace on the next line", "a\n{\n}\n", "1[a] 2[]{ 3}"),
	T("closing braces", "}}\n} }\n", "1} 1} 2} 2}"),
	T("opening braces", "a {{ b {\n", "1[a]{ 1[]{ 1[b]{"),
	T("an open block at the end", "a {", "1[a]{"),
	T("a closing brace at the end", "a {\nb }", "1[a]{ 2[b] 2}"),
	T("a closing brace behind a comment's line", "a { # b\n}\n",
	    "1[a]{ 2}"),
};

static void
add_statement(char *buf, size_t size, const struct lex *l)
{
	size_t i;

	text_add(buf, size, "%u[", l->at);
	for (i = 0; i < l->nwords; i++)
		text_add(buf, size, "%s%s", i ? "|" : "", l->words[i]);
	text_add(buf, size, "]");
}

/*
 * What the lexer makes of the text, of which only one more byte is there.
 * Gives NULL when there is no end of it.
 */
static const char *
words_of(const char *text, size_t len)
{
	static char buf[8192];
	char *at = guard_room(len + 1);
	enum lex_kind kind;
	struct lex l;
	int n = 0;

	memcpy(at, text, len);
	at[len] = 'X';
	lex_init(&l, at, len);
	buf[0] = '\0';
	while ((kind = lex_next(&l)) != LEX_END && n++ < STATEMENTS_MAX) {
		text_add(buf, sizeof(buf), "%s", n > 1 ? " " : "");
		if (kind == LEX_CLOSE)
			text_add(buf, sizeof(buf), "%u}", l.line);
		else if (kind == LEX_ERROR)
			text_add(buf, sizeof(buf), "%u!%s", l.at, l.error);
		else
			add_statement(buf, sizeof(buf), &l);
		if (kind == LEX_OPEN)
			text_add(buf, sizeof(buf), "{");
	}
	return kind == LEX_END && lex_next(&l) == LEX_END ? buf : NULL;
}

/* Cut at every length, a text has an end, and nothing behind it is read. */
static void
test_cut(const struct lex_case *c)
{
	size_t len, endless = 0;

	for (len = 0; len < c->len; len++)
		if (words_of(c->text, len) == NULL)
			endless++;
	is_int((long long)endless, 0, "%s, cut at every length", c->name);
}

int
main(void)
{
	size_t i;

	plan_no_plan();
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		is_string(words_of(cases[i].text, cases[i].len), cases[i].want,
		    "%s", cases[i].name);
		test_cut(&cases[i]);
	}
	return exit_status();
}
