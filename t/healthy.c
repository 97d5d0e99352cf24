#include <sys/resource.h>

#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "t/check.h"
#include "t/healthy.h"
#include "t/torture.h"
#include "t/traffic/client.h"

/* How often it is looked whether a turn is over. */
#define LOOK		(10 * CLOCK_MS)

/* Who has no answer by then has failed; before, it is a matter of the p99. */
#define TIMEOUT		(10 * CLOCK_S)

/* A turn is a stream; each kind of them in its turn. */
enum turn { QUIET, ATTACKED, BETWEEN, TURNS };

#define STREAMS		(HEALTHY_TURNS * TURNS)

/* A clock that others stop measures them badly. */
#define NICE		(-10)

struct turns {
	struct watcher watcher;	/* first: it is what the client knows */
	const struct healthy *healthy;
	int attacked;		/* at this moment */
};

static int
is_attack(const struct stream *s, size_t n, int64_t now)
{
	size_t i;

	for (i = ATTACKED; i < n; i += TURNS)
		if (now >= s[i].begin && now < s[i].end)
			return 1;
	return 0;
}

static void
look(struct watcher *w, const struct stream *s, size_t n, int64_t now)
{
	struct turns *t = (struct turns *)w;
	int attacked = is_attack(s, n, now);

	if (attacked != t->attacked)
		t->healthy->attack(attacked);
	t->attacked = attacked;
}

static void
account(struct healthy_sum *sum, const struct stream *s, enum turn turn)
{
	struct samples *to = turn == ATTACKED ? &sum->attacked : &sum->quiet;
	int64_t lag = samples_percentile(&s->lag, 0.99);
	size_t i;
	int o;

	sum->sent += client_sent(s);
	sum->good += s->outcomes[OUTCOME_OK];
	if (turn == ATTACKED && lag > sum->lag)
		sum->lag = lag;
	for (i = 0; turn != BETWEEN && i < s->latency.n; i++)
		samples_add(to, s->latency.v[i]);
	for (o = 0; o < OUTCOMES; o++)
		if (o != OUTCOME_OK && s->outcomes[o] > 0)
			diag("%s: %llu times %s", s->name,
			    (unsigned long long)s->outcomes[o],
			    outcome_names[o]);
}

void
healthy_run(const struct healthy *h, const struct addr *server,
    struct healthy_sum *sum)
{
	static const char *const names[TURNS] = {
		"quiet", "attacked", "in between"
	};
	const int64_t lengths[TURNS] = { h->quiet, h->attacked, h->between };
	struct turns t = { { LOOK, look }, h, 0 };
	struct stream s[STREAMS];
	size_t i, n = (size_t)h->turns * TURNS;
	const int nice = getpriority(PRIO_PROCESS, 0);
	char request[128];
	int64_t at = 0;

	memset(s, 0, sizeof(s));
	memset(sum, 0, sizeof(*sum));
	snprintf(request, sizeof(request), "GET /200,%d,healthy HTTP/1.1\r\n"
	    "Host: t\r\nConnection: close\r\n\r\n", h->read_ms);
	for (i = 0; i < n; i++) {
		s[i].name = names[i % TURNS];
		s[i].request = request;
		s[i].rate = h->rate;
		s[i].timeout = TIMEOUT;
		s[i].asked = -1;
		s[i].begin = s[i].count_from = at;
		s[i].end = at += lengths[i % TURNS];
	}
	/* Only root may; who may not is as late as anybody. */
	(void)setpriority(PRIO_PROCESS, 0, NICE);
	client_run(server, s, n, &t.watcher);
	(void)setpriority(PRIO_PROCESS, 0, nice);
	if (t.attacked)
		h->attack(0);
	for (i = 0; i < n; i++)
		account(sum, &s[i], i % TURNS);
	samples_sort(&sum->quiet);
	samples_sort(&sum->attacked);
	client_free(s, n);
}

static double
ms(int64_t ns)
{
	return ns == SAMPLES_NEVER ? -1 : (double)ns / CLOCK_MS;
}

void
healthy_check(const struct healthy_sum *s, const char *name)
{
	const int64_t quiet = samples_percentile(&s->quiet, 0.99);
	const int64_t attacked = samples_percentile(&s->attacked, 0.99);
	const int64_t noise = torture_pick(1, 0) ? s->lag : 0;

	diag("%s: %llu requests; p50 and p99 %.1f and %.1f ms, under attack "
	    "%.1f and %.1f ms; in 99 of 100 cases the client itself was at most "
	    "%.1f ms late then", name,
	    (unsigned long long)s->sent,
	    ms(samples_percentile(&s->quiet, 0.5)), ms(quiet),
	    ms(samples_percentile(&s->attacked, 0.5)), ms(attacked),
	    ms(s->lag));
	is_int((long long)s->good, (long long)s->sent,
	    "%s: no healthy request fails", name);
	ok(quiet > 0 && attacked <= 2 * quiet + noise,
	    "%s: 99 in 100 take at most twice as long as when it is quiet%s",
	    name, noise > 0 ? ", but for what is the machine's" : "");
}

void
healthy_free(struct healthy_sum *s)
{
	samples_free(&s->quiet);
	samples_free(&s->attacked);
}
