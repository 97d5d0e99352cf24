/* JSON as it is written, to the byte. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "t/check.h"

static char *text;
static size_t size;

static struct json
begin(void)
{
	struct json j = { .f = open_memstream(&text, &size) };

	return j;
}

static void
is_json(struct json *j, const char *want, const char *name)
{
	fclose(j->f);
	is_string(text, want, "%s", name);
	free(text);
}

static void
test_structure(void)
{
	struct json j = begin();

	json_object(&j, NULL);
	json_array(&j, "none");
	json_end_array(&j);
	json_object(&j, "o");
	json_end_object(&j);
	json_array(&j, "some");
	json_number(&j, NULL, 0);
	json_number(&j, NULL, UINT64_MAX);
	json_object(&j, NULL);
	json_bool(&j, "yes", 2);
	json_bool(&j, "no", 0);
	json_end_object(&j);
	json_null(&j, NULL);
	json_begin_string(&j, NULL);
	fputs("__!", j.f);
	json_end_string(&j);
	json_end_array(&j);
	json_string(&j, "last", NULL);
	json_end_object(&j);
	is_json(&j, "{\"none\":[],\"o\":{},\"some\":[0,18446744073709551615,"
	    "{\"yes\":true,\"no\":false},null,"
	    "\"__!\"],\"last\":null}",
	    "commas are where they belong");
}

static void
test_numbers(void)
{
	static const int64_t times[] = {
		0, 1, 1500000000, -1, -2500000000, 60000000000, INT64_MAX,
		INT64_MIN
	};
	struct json j = begin();
	size_t i;

	json_array(&j, NULL);
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		json_seconds(&j, NULL, times[i]);
	json_rate(&j, NULL, 1234.56789);
	json_rate(&j, NULL, 0);
	json_end_array(&j);
	is_json(&j, "[0,0.000000001,1.5,-0.000000001,-2.5,60,"
	    "9223372036.854775807,-9223372036.854775808,1234.568,0.000]",
	    "times are exact");
}

static void
test_strings(void)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "" },
		{ "a\"b\\c/d", "a\\\"b\\\\c/d" },
		{ "\b\n\x1f\x7f", "\\u0008\\u000a\\u001f\\u007f" },
		{ "</script>", "\\u003c/script>" },
		{ "\xc3\xa4\xe2\x82\xac\xf0\x9f\x92\xbe",
		    "\xc3\xa4\xe2\x82\xac\xf0\x9f\x92\xbe" },
		{ "\xff", "\\ufffd" },
		{ "\x80x", "\\ufffdx" },
		{ "\xc3", "\\ufffd" },
		{ "\xe2\x82", "\\ufffd\\ufffd" },
		{ "\xc0\xaf", "\\ufffd\\ufffd" },
		{ "\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd" },
		{ "\xf4\x90\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd" },
		{ "\xe0\x80\xaf", "\\ufffd\\ufffd\\ufffd" },
		{ "\xf0\x80\x80\xaf", "\\ufffd\\ufffd\\ufffd\\ufffd" },
	};
	char want[64];
	struct json j;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		j = begin();
		json_string(&j, NULL, cases[i].text);
		snprintf(want, sizeof(want), "\"%s\"", cases[i].want);
		is_json(&j, want, cases[i].want);
	}
	j = begin();
	json_object(&j, NULL);
	json_number(&j, "\"<", 1);
	json_end_object(&j);
	is_json(&j, "{\"\\\"\\u003c\":1}", "keys are strings as well");
}

int
main(void)
{
	plan_no_plan();
	test_structure();
	test_numbers();
	test_strings();
	return exit_status();
}
