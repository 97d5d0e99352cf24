#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "server/picture.h"

int
picture_open(struct picture *p, size_t n)
{
	memset(p, 0, sizeof(*p));
	p->curves = calloc(n, sizeof(*p->curves));
	return p->curves == NULL ? -1 : 0;
}

void
picture_add(struct picture *p, const char *disk, const char *condition,
    const struct sample *s)
{
	struct plot_curve *c = &p->curves[p->n++];
	size_t i = 0, end = s->n - s->never;

	c->disk = disk;
	c->condition = condition;
	chart_curve(&c->curve, s->times, s->n);
	while (i < end && s->times[i] == 0)
		i++;
	if (i == end)
		return;
	if (p->least == 0 || s->times[i] < p->least)
		p->least = s->times[i];
	if (s->times[end - 1] > p->most)
		p->most = s->times[end - 1];
}

/* The variables of setlocale(3), in its order; nothing else needs a locale. */
static int
is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *value = NULL;
	size_t i;

	for (i = 0; i < 3 && (value == NULL || *value == '\0'); i++)
		value = getenv(names[i]);
	return value != NULL && (strcasestr(value, "UTF-8") != NULL ||
	    strcasestr(value, "UTF8") != NULL);
}

static void
print_charts(const struct picture *p, const struct chart_axis *a, FILE *f)
{
	size_t i;

	fprintf(f, "\nOf all reads, those that take longer than a time:\n");
	for (i = 0; i < p->n; i++) {
		fprintf(f, "\n%s, %s\n", p->curves[i].disk,
		    p->curves[i].condition);
		chart_print(&p->curves[i].curve, a, is_utf8(), f);
	}
}

int
picture_print(const struct picture *p, FILE *f)
{
	struct chart_axis a;

	/* Where everything takes no time, or for ever, any axis will do. */
	if (p->most == 0)
		chart_axis(&a, CLOCK_MS, CLOCK_S);
	else
		chart_axis(&a, p->least, p->most);
	print_charts(p, &a, f);
	switch (plot_svg(p->curves, p->n, &a, PICTURE_SVG)) {
	case GNUPLOT_DONE:
		fprintf(f, "\nThe same in one picture: " PICTURE_SVG "\n");
		return 0;
	case GNUPLOT_ABSENT:
		fprintf(f, "\nNo " PICTURE_SVG
		    ": there is no gnuplot on the PATH\n");
		return 0;
	case GNUPLOT_FAILED:
		break;
	}
	if (errno == 0)
		warnx(PICTURE_SVG ": gnuplot failed");
	else
		warn(PICTURE_SVG);
	return -1;
}

void
picture_close(struct picture *p)
{
	free(p->curves);
	p->curves = NULL;
}
