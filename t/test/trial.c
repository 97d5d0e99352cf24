#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "t/test/progress.h"
#include "t/test/trial.h"

#define ADDRESSES	8	/* of one name, that are tried */
#define AGENT		"spindled-test/" VERSION

/* A client whose long read is refused comes again after so long. */
#define PAUSE		CLOCK_S

/* Nobody gives up a long read. */
#define FOREVER		(INT64_C(24) * 3600 * CLOCK_S)

/* So little of a tail is not looked at for the client's lateness alone. */
#define TAIL		0.01

static void
remember(const struct stream *s, int64_t due, int64_t took,
    enum outcome outcome)
{
	struct trial *t = s->arg;
	const int64_t began = s == &t->streams[TRIAL_BEFORE] ?
	    t->options->before : 0;

	/* Room doubles whenever the count is a power of two. */
	if (t->nevents == 0 || (t->nevents & (t->nevents - 1)) == 0) {
		t->events = reallocarray(t->events,
		    t->nevents == 0 ? 1 : 2 * t->nevents, sizeof(*t->events));
		if (t->events == NULL)
			err(PROBLEM_UNKNOWN, "%zu requests", t->nevents);
	}
	t->events[t->nevents++] = (struct event){ due - began, took, outcome };
}

/*
 * A long read that is answered sooner than it was asked to take, or than a
 * client gives up, disturbs nobody and proves nothing.
 */
static void
note_long(const struct stream *s, int64_t due, int64_t took,
    enum outcome outcome)
{
	struct trial *t = s->arg;
	const struct options *o = t->options;

	(void)due;
	if (outcome == OUTCOME_OK &&
	    took < (o->long_is_timed ? o->long_read / 2 : o->timeout))
		t->quick++;
}

static void
prepare_healthy(struct trial *t, int part, const char *name, int64_t begin,
    int64_t duration)
{
	const struct options *o = t->options;

	t->streams[part] = (struct stream){
		.name = name, .request = t->requests[0],
		.rate = (double)o->rate,
		.poisson = o->arrivals == ARRIVALS_POISSON,
		.seed = (uint64_t)o->seed,
		.begin = begin, .count_from = begin, .end = begin + duration,
		.timeout = o->timeout, .asked = -1,
		.over = remember, .arg = t,
	};
}

static void
prepare(struct trial *t)
{
	const struct options *o = t->options;

	url_request(&o->url, o->healthy, AGENT, t->requests[0], URL_REQUEST);
	url_request(&o->url, o->slow, AGENT, t->requests[1], URL_REQUEST);
	prepare_healthy(t, TRIAL_BEFORE, "before", 0, o->before);
	prepare_healthy(t, TRIAL_DURING, "during", o->lead, o->during);
	t->streams[TRIAL_LONG] = (struct stream){
		.name = "long", .request = t->requests[1],
		.clients = (unsigned int)o->longs, .pause = PAUSE,
		.end = INT64_MAX, .timeout = FOREVER, .asked = -1,
		.background = true, .over = note_long, .arg = t,
	};
}

/* One healthy request to an address.  Gives what became of it. */
static enum outcome
probe(const struct trial *t, const struct addr *a, int *status)
{
	struct stream s = {
		.name = "probe", .request = t->requests[0], .clients = 1,
		.most = 1, .end = INT64_MAX, .timeout = t->options->timeout,
		.asked = -1,
	};
	int i;

	client_run(a, &s, 1, NULL);
	client_free(&s, 1);
	*status = s.status;
	for (i = 0; s.outcomes[i] == 0; i++)
		;
	return (enum outcome)i;
}

static void
say_why(const struct trial *t, const struct addr *a, enum outcome outcome,
    int status, char *why, size_t size)
{
	static const char *const texts[OUTCOMES] = {
		[OUTCOME_TIMEOUT] = "no answer within the timeout",
		[OUTCOME_REFUSED] = "nobody listens there, or it is not to be "
		    "reached",
		[OUTCOME_RESET] = "the answer was cut off, no HTTP/1, or its "
		    "head longer than 8 kB",
		[OUTCOME_LOCAL] = "cannot connect from here",
	};
	char text[ADDR_TEXT];

	addr_text(a, text, sizeof(text));
	if (outcome == OUTCOME_STATUS)
		snprintf(why, size, "%s: a healthy read is answered with %d: %s",
		    text, status, t->options->healthy);
	else
		snprintf(why, size, "%s: %s", text, texts[outcome]);
}

/* Finds an address of the host that answers as it should. */
static int
find_server(const struct trial *t, struct addr *server, char *why, size_t size)
{
	struct addr addrs[ADDRESSES];
	const char *error = NULL;
	enum outcome outcome;
	size_t i, n;
	int status;

	n = url_look_up(&t->options->url, addrs, ADDRESSES, &error);
	if (n == 0)
		snprintf(why, size, "%s: %s", t->options->url.host, error);
	for (i = 0; i < n; i++) {
		outcome = probe(t, &addrs[i], &status);
		if (outcome == OUTCOME_OK) {
			*server = addrs[i];
			return 0;
		}
		say_why(t, &addrs[i], outcome, status, why, size);
	}
	return -1;
}

int
trial_run(struct trial *t, const struct options *o, char *why, size_t size)
{
	struct addr server;
	struct progress p;

	memset(t, 0, sizeof(*t));
	t->options = o;
	prepare(t);
	if (find_server(t, &server, why, size) == -1)
		return -1;

	progress_begin(&p, o, "before", o->before);
	client_run(&server, &t->streams[TRIAL_BEFORE], 1, &p.watcher);
	progress_end(&p);
	progress_begin(&p, o, "during", o->lead + o->during);
	client_run(&server, &t->streams[TRIAL_DURING], 2, &p.watcher);
	progress_end(&p);
	return 0;
}

void
trial_free(struct trial *t)
{
	client_free(t->streams, TRIAL_STREAMS);
	free(t->events);
}

bool
trial_behind(const struct trial *t, int part)
{
	return client_behind(&t->streams[part], t->options->bound);
}

/* The far tail is the client's own when more began late than it holds. */
int64_t
trial_quantile(const struct trial *t, int part, double p)
{
	const struct stream *s = &t->streams[part];
	const size_t late = client_late(s, t->options->bound);

	if (trial_behind(t, part) || (1 - p < TAIL &&
	    (double)late > (1 - p) * (double)s->lag.n))
		return TRIAL_WITHHELD;
	return samples_percentile(&s->latency, p);
}

static struct verdict_part
verdict_part(const struct trial *t, int part)
{
	const struct stream *s = &t->streams[part];

	return (struct verdict_part){
		.sent = client_sent(s),
		.timed_out = s->outcomes[OUTCOME_TIMEOUT],
		.failed = s->outcomes[OUTCOME_REFUSED] +
		    s->outcomes[OUTCOME_RESET] + s->outcomes[OUTCOME_STATUS],
		.local = s->outcomes[OUTCOME_LOCAL],
		.late = client_late(s, t->options->bound),
		.behind = trial_behind(t, part),
	};
}

struct verdict_case
trial_case(const struct trial *t)
{
	const struct stream *l = &t->streams[TRIAL_LONG];

	return (struct verdict_case){
		.before = verdict_part(t, TRIAL_BEFORE),
		.during = verdict_part(t, TRIAL_DURING),
		.wanted = l->clients,
		.under_way = l->outcomes[OUTCOME_CUT],
		.quick = t->quick,
		.broken = l->outcomes[OUTCOME_REFUSED] +
		    l->outcomes[OUTCOME_RESET] + l->outcomes[OUTCOME_LOCAL],
		.status = l->status,
		.tolerate = t->options->tolerate,
	};
}
