#include <sys/stat.h>

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/units.h"
#include "server/value.h"

int
value_fail(struct keyword_args *a, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(a->error, sizeof(a->error), fmt, ap);
	va_end(ap);
	return -1;
}

static int64_t *
int64_at(const struct keyword *k, const void *base)
{
	return (int64_t *)(uintptr_t)((const char *)base + k->offset);
}

static int *
int_at(const struct keyword *k, const void *base)
{
	return (int *)(uintptr_t)((const char *)base + k->offset);
}

/* Numbers, times and sizes: one word within the keyword's range. */

int
value_number(const struct keyword *k, void *base, struct keyword_args *a)
{
	const char *err = "no number";
	long long n = 0;

	/* strtonum(3) takes blanks and signs in front; a number has none. */
	if (a->n == 1 && isdigit((unsigned char)a->words[0][0]))
		n = strtonum(a->words[0], k->min, k->max, &err);
	if (err != NULL)
		return value_fail(a, "expected a number from %" PRId64 " to %" PRId64,
		    k->min, k->max);
	*int64_at(k, base) = n;
	return 0;
}

void
value_number_print(const struct keyword *k, const void *base, FILE *f)
{
	fprintf(f, "%" PRId64, *int64_at(k, base));
}

int
value_time(const struct keyword *k, void *base, struct keyword_args *a)
{
	char min[UNITS_TEXT], max[UNITS_TEXT];
	int64_t ns;

	if (a->n == 1 && k->may_be_off && (strcmp(a->words[0], "off") == 0 ||
	    strcmp(a->words[0], "0") == 0)) {
		*int64_at(k, base) = CONF_OFF;
		return 0;
	}
	if (a->n != 1 || units_time(a->words[0], &ns) == -1 ||
	    ns < k->min || ns > k->max)
		return value_fail(a, "expected a time from %s to %s, such as 250us, "
		    "20ms, 4s or 2m%s",
		    units_time_text(k->min, min, sizeof(min)),
		    units_time_text(k->max, max, sizeof(max)),
		    k->may_be_off ? ", or off" : "");
	*int64_at(k, base) = ns;
	return 0;
}

void
value_time_print(const struct keyword *k, const void *base, FILE *f)
{
	char buf[UNITS_TEXT];
	int64_t ns = *int64_at(k, base);

	fputs(ns == CONF_OFF && k->may_be_off ? "off" :
	    units_time_text(ns, buf, sizeof(buf)), f);
}

int
value_size(const struct keyword *k, void *base, struct keyword_args *a)
{
	char min[UNITS_TEXT], max[UNITS_TEXT];
	int64_t bytes;

	if (a->n != 1 || units_size(a->words[0], &bytes) == -1 ||
	    bytes < k->min || bytes > k->max)
		return value_fail(a, "expected a size from %s to %s, such as 8192 "
		    "or 8k", units_size_text(k->min, min, sizeof(min)),
		    units_size_text(k->max, max, sizeof(max)));
	*int64_at(k, base) = bytes;
	return 0;
}

void
value_size_print(const struct keyword *k, const void *base, FILE *f)
{
	char buf[UNITS_TEXT];

	fputs(units_size_text(*int64_at(k, base), buf, sizeof(buf)), f);
}

/* One word of several. */

int
value_choice_index(const char *const *choices, const char *word)
{
	int i;

	for (i = 0; choices[i] != NULL; i++)
		if (strcmp(choices[i], word) == 0)
			return i;
	return -1;
}

int
value_choice(const struct keyword *k, void *base, struct keyword_args *a)
{
	char list[128] = "";
	int i;

	if (a->n == 1 && (i = value_choice_index(k->choices, a->words[0])) != -1) {
		*int_at(k, base) = i;
		return 0;
	}
	for (i = 0; k->choices[i] != NULL; i++) {
		if (i > 0)
			strlcat(list, k->choices[i + 1] ? ", " : " or ",
			    sizeof(list));
		strlcat(list, k->choices[i], sizeof(list));
	}
	return value_fail(a, "expected %s", list);
}

void
value_choice_print(const struct keyword *k, const void *base, FILE *f)
{
	fputs(k->choices[*int_at(k, base)], f);
}

/* Files that the daemon will write. */

/* Only looks: opening the file is for the start, which -n is not. */
int
value_check_file(const char *path, struct keyword_args *a)
{
	char dir[PATH_MAX];
	struct stat st;

	if (path[0] != '/')
		return value_fail(a, "`%s' is no absolute file "
		    "name: expected one that begins with /", path);
	if (strlcpy(dir, path, sizeof(dir)) >= sizeof(dir))
		return value_fail(a, "the file name is longer than %d bytes",
		    PATH_MAX - 1);
	if (path[strlen(path) - 1] == '/')
		return value_fail(a, "%s is a directory: expected a file",
		    path);
	if (stat(path, &st) == 0)
		return S_ISDIR(st.st_mode) ?
		    value_fail(a, "%s is a directory: expected a file", path) : 0;
	if (stat(dirname(dir), &st) == -1)
		return value_fail(a, "%s: %s: expected a directory that exists",
		    dir, strerror(errno));
	return S_ISDIR(st.st_mode) ? 0 :
	    value_fail(a, "%s is no directory: expected one", dir);
}

/* Quoted, as every file name can be. */
void
value_file_print(const char *path, FILE *f)
{
	fputc('"', f);
	for (; *path != '\0'; path++) {
		if (*path == '"' || *path == '\\')
			fputc('\\', f);
		fputc(*path, f);
	}
	fputc('"', f);
}
