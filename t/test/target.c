#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "t/test/target.h"

static bool
begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

bool
target_is_timed(const char *template)
{
	return strstr(template, "{ms}") != NULL ||
	    strstr(template, "{s}") != NULL;
}

const char *
target_expand(const char *template, int64_t ns, char *buf, size_t size)
{
	const int64_t ms = ns / CLOCK_MS;
	const char *p = template;
	size_t n = 0;

	if (template[0] != '/')
		return "it does not begin with /";
	while (*p != '\0') {
		if (n >= size)
			break;
		if (begins(p, "{ms}") || begins(p, "{s}")) {
			if (ns % CLOCK_MS != 0)
				return "{ms} and {s} are whole milliseconds";
			n += (size_t)snprintf(buf + n, size - n, p[1] == 'm' ?
			    "%" PRId64 : "%" PRId64 ".%03" PRId64,
			    p[1] == 'm' ? ms : ms / 1000, ms % 1000);
			p += p[1] == 'm' ? 4 : 3;
		} else if (*p == '{' || *p == '}') {
			return "braces are for {ms} and {s}";
		} else {
			buf[n++] = *p++;
		}
	}
	if (n >= size)
		return "it is too long";
	buf[n] = '\0';
	return NULL;
}
