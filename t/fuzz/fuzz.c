#include <sanitizer/asan_interface.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/draw.h"
#include "t/fuzz/fuzz.h"

/*
 * Freed memory rests in a quarantine.  A small one stays in the processor's
 * cache, and one input uses less.
 */
const char	*__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return "quarantine_size_mb=1:thread_local_quarantine_size_kb=64:"
	    "malloc_context_size=8";
}

void
fuzz_broken(const char *file, int line, const char *law)
{
	fprintf(stderr, "%s:%d: broken: %s\n", file, line, law);
	abort();
}

char *
fuzz_copy(const void *bytes, size_t len)
{
	char *p = malloc(len > 0 ? len : 1);

	if (p == NULL)
		err(1, "malloc");
	if (len > 0)
		memcpy(p, bytes, len);
	else
		fuzz_hide(p, 1);
	return p;
}

char *
fuzz_string(const void *bytes, size_t len)
{
	char *p = malloc(len + 1);

	if (p == NULL)
		err(1, "malloc");
	if (len > 0)
		memcpy(p, bytes, len);
	p[len] = '\0';
	return p;
}

void
fuzz_hide(const char *p, size_t len)
{
	ASAN_POISON_MEMORY_REGION(p, len);
}

void
fuzz_show(const char *p, size_t len)
{
	ASAN_UNPOISON_MEMORY_REGION(p, len);
}

void
fuzz_dice(struct fuzz_dice *d, const void *bytes, size_t len)
{
	d->key = draw_hash(1, bytes, len);
	d->n = 0;
}

size_t
fuzz_choose(struct fuzz_dice *d, size_t n)
{
	return (size_t)(draw_key(d->key, d->n++) % n);
}

int
fuzz_is_message(const char *s)
{
	if (s == NULL || *s == '\0')
		return 0;
	for (; *s != '\0'; s++)
		if (*s < ' ' || *s > '~')
			return 0;
	return 1;
}
