#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "t/text.h"

void
text_add(char *buf, size_t size, const char *fmt, ...)
{
	size_t len = strlen(buf);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf + len, size - len, fmt, ap);
	va_end(ap);
}

void
text_read(const char *path, char *buf, size_t size)
{
	FILE *f = fopen(path, "r");

	buf[0] = '\0';
	if (f == NULL)
		return;
	buf[fread(buf, 1, size - 1, f)] = '\0';
	fclose(f);
}
