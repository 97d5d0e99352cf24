#include <err.h>
#include <stdio.h>

#include "t/traffic/report.h"

/*
 * Milliseconds as text: a number, nan where nothing was measured, and inf
 * where that many requests failed.  JSON has neither word.
 */
static const char *
ms(enum form form, const struct samples *s, int64_t ns)
{
	static char ring[16][24];
	static unsigned int at;
	char *buf = ring[at++ % 16];

	if (form == FORM_JSON && (s->n == 0 || ns == SAMPLES_NEVER))
		return s->n == 0 ? "null" : "\"failed\"";
	if (s->n == 0 || ns == SAMPLES_NEVER)
		return s->n == 0 ? "nan" : "inf";
	snprintf(buf, sizeof(ring[0]), "%.3f", (double)ns / 1e6);
	return buf;
}

/* Every number of a stream, once: what it is called, and its text. */
struct cell {
	const char *name;
	char text[24];
};

#define CELLS 32

static size_t
cells_fill(struct cell *cells, enum form form, const struct stream *s)
{
	const struct {
		const char *name;
		const struct samples *of;
		double p;
	} times[] = {
		{ "p50", &s->latency, 0.5 }, { "p90", &s->latency, 0.9 },
		{ "p99", &s->latency, 0.99 }, { "p999", &s->latency, 0.999 },
		{ "max", &s->latency, 1 },
		{ "late_p50", &s->late, 0.5 }, { "late_p99", &s->late, 0.99 },
		{ "late_max", &s->late, 1 },
		{ "queue_p50", &s->queue, 0.5 },
		{ "queue_p99", &s->queue, 0.99 }, { "queue_max", &s->queue, 1 },
		{ "lag_p99", &s->lag, 0.99 }, { "lag_max", &s->lag, 1 },
	};
	struct cell *c = cells;
	size_t i;

#define CELL(called, ...) do {						\
	c->name = called;						\
	snprintf(c++->text, sizeof(c->text), __VA_ARGS__);		\
} while (0)
	CELL("sent", "%ju", (uintmax_t)client_sent(s));
	for (i = 0; i < OUTCOMES; i++)
		CELL(outcome_names[i], "%ju", (uintmax_t)s->outcomes[i]);
	CELL("rate", "%.1f", client_rate(s));
	CELL("bytes_rate", "%.1f", client_bytes_rate(s));
	CELL("mean", "%s", ms(form, &s->latency, samples_mean(&s->latency)));
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		CELL(times[i].name, "%s", ms(form, times[i].of,
		    samples_percentile(times[i].of, times[i].p)));
#undef CELL
	return (size_t)(c - cells);
}

static void
report_csv(const struct stream *s, size_t n, double cpu)
{
	struct cell cells[CELLS];
	size_t i, j, k;

	for (i = 0; i < n; i++) {
		k = cells_fill(cells, FORM_CSV, &s[i]);
		if (i == 0) {
			printf("stream");
			for (j = 0; j < k; j++)
				printf(",%s", cells[j].name);
			printf(",client_cpu_s\n");
		}
		printf("%s", s[i].name);
		for (j = 0; j < k; j++)
			printf(",%s", cells[j].text);
		printf(",%.6f\n", cpu);
	}
}

static void
report_json(const struct stream *s, size_t n, double cpu)
{
	struct cell cells[CELLS];
	size_t i, j, k;

	printf("{\"client_cpu_s\": %.6f, \"streams\": {", cpu);
	for (i = 0; i < n; i++) {
		k = cells_fill(cells, FORM_JSON, &s[i]);
		printf("%s\n\t\"%s\": {", i == 0 ? "" : ",", s[i].name);
		for (j = 0; j < k; j++)
			printf("%s\"%s\": %s", j == 0 ? "" : ", ",
			    cells[j].name, cells[j].text);
		printf("}");
	}
	printf("\n}}\n");
}

static void
report_table(const struct stream *s, size_t n, double cpu)
{
	struct cell cells[2][CELLS];
	size_t i, j, k = 0;

	printf("%-12s", "");
	for (i = 0; i < n; i++) {
		k = cells_fill(cells[i], FORM_TABLE, &s[i]);
		printf("%12s", s[i].name);
	}
	for (j = 0; j < k; j++) {
		printf("\n%-12s", cells[0][j].name);
		for (i = 0; i < n; i++)
			printf("%12s", cells[i][j].text);
	}
	printf("\n\nrate: good answers a second, and bytes of their bodies.  The rest are counts, and "
	    "milliseconds: mean to max of\nthe latency, late: the server's read "
	    "beyond what was asked, queue: the server's,\nlag: how late "
	    "requests began.  inf: that many failed.  The client used %.3f s "
	    "of CPU.\n", cpu);
}

bool
report_lag(const struct stream *s, int64_t bound)
{
	if (!client_behind(s, bound))
		return false;
	warnx("fell behind its own schedule: %zu of %zu requests began more "
	    "than %g ms late, the worst %s ms", client_late(s, bound),
	    s->lag.n,
	    (double)bound / 1e6, ms(FORM_TABLE, &s->lag,
	    samples_percentile(&s->lag, 1)));
	return true;
}

void
report(enum form form, const struct stream *s, size_t n, double cpu)
{
	if (form == FORM_CSV)
		report_csv(s, n, cpu);
	else if (form == FORM_JSON)
		report_json(s, n, cpu);
	else
		report_table(s, n, cpu);
}
