#include <inttypes.h>
#include <stdio.h>

#include "common/brief.h"
#include "t/test/print.h"

#define FORMAT	1		/* of the JSON; another one when it changes */
#define COLUMN	14		/* width, of the table's numbers */

static const struct {
	const char *name, *key;
	double p;
} quantiles[] = {
	{ "p50", "p50_s", 0.5 },
	{ "p99", "p99_s", 0.99 },
	{ "p99.9", "p999_s", 0.999 },
};

#define QUANTILES	(sizeof(quantiles) / sizeof(quantiles[0]))

/* The table. */

static const char *
time_text(int64_t ns, char *buf, size_t size)
{
	if (ns == TRIAL_WITHHELD)
		return "client late";
	if (ns == SAMPLES_NEVER)
		return "failed";
	return ns < 0 ? "-" : brief_time(ns, buf, size);
}

static void
print_counts(const char *name, uint64_t before, uint64_t during)
{
	printf("  %-22s%*" PRIu64 "%*" PRIu64 "\n", name, COLUMN, before,
	    COLUMN, during);
}

static void
print_quantile(const struct trial *t, const char *name, double p)
{
	char a[BRIEF_TEXT], b[BRIEF_TEXT];

	printf("  %-22s%*s%*s\n", name, COLUMN,
	    time_text(trial_quantile(t, TRIAL_BEFORE, p), a, sizeof(a)), COLUMN,
	    time_text(trial_quantile(t, TRIAL_DURING, p), b, sizeof(b)));
}

static void
print_head(const struct options *o)
{
	char timeout[BRIEF_TEXT];

	printf("http://%s: %" PRId64 " healthy reads/s, given up after %s\n"
	    "  healthy  %s\n  long     %s\n\n", o->url.field, o->rate,
	    brief_time(o->timeout, timeout, sizeof(timeout)), o->healthy,
	    o->slow);
	printf("  %-22s%*s%*s\n", "", COLUMN, "before", COLUMN, "during");
}

void
print_table(const struct trial *t, enum problem problem, const char *evidence)
{
	const struct verdict_case c = trial_case(t);
	const struct verdict_part *b = &c.before, *d = &c.during;
	size_t i;

	print_head(t->options);
	print_counts("healthy requests", b->sent, d->sent);
	print_counts("timed out", b->timed_out, d->timed_out);
	print_counts("failed otherwise", b->failed + b->local,
	    d->failed + d->local);
	for (i = 0; i < QUANTILES; i++)
		print_quantile(t, quantiles[i].name, quantiles[i].p);
	printf("  %-22s%*s%*" PRIu64 "\n\n", "long reads under way", COLUMN,
	    "-", COLUMN, c.under_way);
	printf("problem: %s\n%s.\n", verdict_name(problem), evidence);
}

/* JSON. */

static void
json_string(const char *key, const char *text, const char *behind)
{
	printf("\"%s\": \"", key);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
	printf("\"%s", behind);
}

static double
seconds(int64_t ns)
{
	return (double)ns / 1e9;
}

static void
json_options(const struct options *o)
{
	printf("  \"options\": {\"rate\": %" PRId64 ", \"read_s\": %.9g, "
	    "\"timeout_s\": %.9g, \"long\": %" PRId64 ", \"long_read_s\": %.9g, "
	    "\"before_s\": %.9g, \"during_s\": %.9g, \"lead_s\": %.9g, "
	    "\"arrivals\": \"%s\", \"seed\": %" PRId64 ", \"bound_s\": %.9g, "
	    "\"tolerate\": %.9g},\n", o->rate, seconds(o->read),
	    seconds(o->timeout), o->longs, seconds(o->long_read),
	    seconds(o->before), seconds(o->during), seconds(o->lead),
	    o->arrivals == ARRIVALS_POISSON ? "poisson" : "constant", o->seed,
	    seconds(o->bound), (double)o->tolerate / 1e6);
}

static void
json_counts(const struct stream *s)
{
	int i;

	printf("\"sent\": %" PRIu64, client_sent(s));
	for (i = 0; i < OUTCOMES; i++)
		printf(", \"%s\": %" PRIu64, outcome_names[i], s->outcomes[i]);
}

static void
json_part(const struct trial *t, int part)
{
	const struct stream *s = &t->streams[part];
	int64_t ns;
	size_t i;

	printf("  \"%s\": {", s->name);
	json_counts(s);
	printf(", \"answers_per_s\": %.1f", client_rate(s));
	for (i = 0; i < QUANTILES; i++) {
		ns = trial_quantile(t, part, quantiles[i].p);
		if (ns < 0 || ns == SAMPLES_NEVER)
			printf(", \"%s\": null", quantiles[i].key);
		else
			printf(", \"%s\": %.6f", quantiles[i].key, seconds(ns));
	}
	printf(", \"late\": %zu, \"fell_behind\": %s},\n",
	    client_late(s, t->options->bound),
	    trial_behind(t, part) ? "true" : "false");
}

void
print_json(const struct trial *t, enum problem problem, const char *evidence)
{
	const struct options *o = t->options;

	printf("{\n  \"format\": %d,\n  ", FORMAT);
	json_string("version", VERSION, ",\n  ");
	json_string("server", o->url.field, ",\n  ");
	json_string("healthy_target", o->healthy, ",\n  ");
	json_string("long_target", o->slow, ",\n");
	json_options(o);
	json_part(t, TRIAL_BEFORE);
	json_part(t, TRIAL_DURING);
	printf("  \"long\": {\"wanted\": %u, ", t->streams[TRIAL_LONG].clients);
	json_counts(&t->streams[TRIAL_LONG]);
	printf("},\n  ");
	json_string("problem", verdict_name(problem), ",\n  ");
	json_string("evidence", evidence, "\n}\n");
}
