#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "t/check.h"

/* What the test is called, from the caller's format. */
#define NAME(buf, fmt) do {					\
	va_list ap;						\
	va_start(ap, fmt);					\
	vsnprintf(buf, sizeof(buf), fmt, ap);			\
	va_end(ap);						\
} while (0)

int
is_int(long long got, long long want, const char *fmt, ...)
{
	char name[512];

	NAME(name, fmt);
	if (!ok(got == want, "%s", name)) {
		diag("  got:  %lld", got);
		diag("  want: %lld", want);
	}
	return got == want;
}

int
is_string(const char *got, const char *want, const char *fmt, ...)
{
	int same = got == NULL || want == NULL ? got == want :
	    strcmp(got, want) == 0;
	char name[512];

	NAME(name, fmt);
	if (!ok(same, "%s", name)) {
		diag("  got:  %s", got == NULL ? "(null)" : got);
		diag("  want: %s", want == NULL ? "(null)" : want);
	}
	return same;
}

int
has_string(const char *text, const char *part, const char *fmt, ...)
{
	int found = text != NULL && strstr(text, part) != NULL;
	char name[512];

	NAME(name, fmt);
	if (!ok(found, "%s", name)) {
		diag("  in:      %s", text == NULL ? "(null)" : text);
		diag("  missing: %s", part);
	}
	return found;
}
