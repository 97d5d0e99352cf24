#include <sys/stat.h>

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/decimal.h"
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

static int
is_off(const struct keyword *k, const struct keyword_args *a)
{
	return k->may_be_off && a->n == 1 && (strcmp(a->words[0], "off") == 0 ||
	    strcmp(a->words[0], "0") == 0);
}

static const char *
or_off(const struct keyword *k)
{
	return k->may_be_off ? ", or off" : "";
}

int
value_number(const struct keyword *k, void *base, struct keyword_args *a)
{
	const char *err = "no number";
	long long n = 0;

	/* strtonum(3) takes blanks and signs in front; a number has none. */
	if (is_off(k, a))
		err = NULL;
	else if (a->n == 1 && isdigit((unsigned char)a->words[0][0]))
		n = strtonum(a->words[0], k->min, k->max, &err);
	if (err != NULL)
		return value_fail(a, "expected a number from %" PRId64 " to %" PRId64
		    "%s", k->min, k->max, or_off(k));
	*int64_at(k, base) = n;
	return 0;
}

void
value_number_print(const struct keyword *k, const void *base,
    const struct keyword_out *o)
{
	int64_t n = *int64_at(k, base);

	if (n == 0 && k->may_be_off)
		fputs("off", o->f);
	else
		fprintf(o->f, "%" PRId64, n);
}

int
value_time(const struct keyword *k, void *base, struct keyword_args *a)
{
	char min[UNITS_TEXT], max[UNITS_TEXT];
	int64_t ns;

	if (is_off(k, a)) {
		*int64_at(k, base) = CONF_OFF;
		return 0;
	}
	if (a->n != 1 || units_time(a->words[0], &ns) == -1 ||
	    ns < k->min || ns > k->max)
		return value_fail(a, "expected a time from %s to %s, such as "
		    "20ms, 4s or 2m%s",
		    units_time_text(k->min, min, sizeof(min)),
		    units_time_text(k->max, max, sizeof(max)),
		    or_off(k));
	*int64_at(k, base) = ns;
	return 0;
}

void
value_time_print(const struct keyword *k, const void *base,
    const struct keyword_out *o)
{
	char buf[UNITS_TEXT];
	int64_t ns = *int64_at(k, base);

	fputs(ns == CONF_OFF && k->may_be_off ? "off" :
	    units_time_text(ns, buf, sizeof(buf)), o->f);
}

int
value_size(const struct keyword *k, void *base, struct keyword_args *a)
{
	char min[UNITS_TEXT], max[UNITS_TEXT];
	int64_t bytes = 0;

	if (is_off(k, a)) {
		*int64_at(k, base) = 0;
		return 0;
	}
	if (a->n != 1 || units_size(a->words[0], &bytes) == -1 ||
	    bytes < k->min || bytes > k->max)
		return value_fail(a, "expected a size from %s to %s, such as 8192 "
		    "or 8k%s", units_size_text(k->min, min, sizeof(min)),
		    units_size_text(k->max, max, sizeof(max)), or_off(k));
	*int64_at(k, base) = bytes;
	return 0;
}

void
value_size_print(const struct keyword *k, const void *base,
    const struct keyword_out *o)
{
	char buf[UNITS_TEXT];

	int64_t bytes = *int64_at(k, base);

	fputs(bytes == 0 && k->may_be_off ? "off" :
	    units_size_text(bytes, buf, sizeof(buf)), o->f);
}

/* Factors and percentages, which are millionths. */

#define ONE	INT64_C(1000000)

/* value / 10^digits, without zeros at the end. */
static void
put_decimal(int64_t value, int digits, FILE *f)
{
	int64_t scale = 1, rest;
	int i;

	for (i = 0; i < digits; i++)
		scale *= 10;
	fprintf(f, "%" PRId64, value / scale);
	if ((rest = value % scale) == 0)
		return;
	for (; rest % 10 == 0; digits--)
		rest /= 10;
	fprintf(f, ".%0*" PRId64, digits, rest);
}

void
value_put_factor(int64_t ppm, FILE *f)
{
	put_decimal(ppm, 6, f);
}

void
value_put_percent(int64_t ppm, FILE *f)
{
	put_decimal(ppm, 4, f);
	fputc('%', f);
}

int
value_factor(const struct keyword *k, void *base, struct keyword_args *a)
{
	const char *word = a->n == 1 ? a->words[0] : "";
	const char *end = word + strlen(word);
	struct decimal d;
	int64_t ppm;

	if (decimal_scan(word, end, &d) != end ||
	    decimal_times(&d, ONE, &ppm) != 0 || ppm < k->min || ppm > k->max)
		return value_fail(a, "expected a factor from 0.001 to 1000000, "
		    "such as 10 or 1.5");
	*int64_at(k, base) = ppm;
	return 0;
}

void
value_factor_print(const struct keyword *k, const void *base,
    const struct keyword_out *o)
{
	value_put_factor(*int64_at(k, base), o->f);
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
value_choice_print(const struct keyword *k, const void *base,
    const struct keyword_out *o)
{
	fputs(k->choices[*int_at(k, base)], o->f);
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

int
value_beside(const char *name, struct keyword_args *a, char *path)
{
	char file[PATH_MAX], dir[PATH_MAX] = "";
	int len;

	/* The directory's own name, so that it means the same to others. */
	strlcpy(file, a->file, sizeof(file));
	if (name[0] != '/' && realpath(dirname(file), dir) == NULL)
		return value_fail(a, "cannot find the directory of %s: %s",
		    a->file, strerror(errno));
	len = snprintf(path, PATH_MAX, "%s%s%s", dir,
	    name[0] != '/' ? "/" : "", name);
	if (len < PATH_MAX)
		return 0;
	return value_fail(a, "the file name is longer than %d bytes",
	    PATH_MAX - 1);
}

/* Quoted, as every file name can be. */
void
value_put_file(const char *path, FILE *f)
{
	if (*path == '\0') {
		fputs("off", f);
		return;
	}
	fputc('"', f);
	for (; *path != '\0'; path++) {
		if (*path == '"' || *path == '\\')
			fputc('\\', f);
		fputc(*path, f);
	}
	fputc('"', f);
}
