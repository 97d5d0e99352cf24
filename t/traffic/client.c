#include <sys/prctl.h>

#include <err.h>
#include <math.h>
#include <stdlib.h>

#include "t/traffic/client.h"
#include "t/traffic/request.h"

/* Requests that a stream may begin before answers are looked at again. */
#define BURST		64

const char *const outcome_names[OUTCOMES] = {
	"ok", "timeout", "refused", "reset", "status", "local", "cut"
};

/* Steele, Lea and Flood's splitmix64, as a number in (0, 1]. */
static double
uniform(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	z ^= z >> 31;
	return (double)((z >> 11) + 1) * 0x1p-53;
}

/* Whether a stream begins no more requests. */
static bool
stream_finished(const struct stream *s, int64_t t)
{
	if (s->most != 0 && s->started >= s->most)
		return true;
	return (s->rate > 0 ? s->next : t) >= s->end;
}

/* Whether an unfinished stream has a request to begin once next is here. */
static bool
stream_ready(const struct stream *s)
{
	return s->rate > 0 || s->busy + s->paused < s->clients;
}

/* Clients whose pause is over may ask again. */
static void
stream_resume(struct stream *s, int64_t t)
{
	while (s->paused > 0 && s->pauses[s->first] <= t) {
		s->first = (s->first + 1) % s->clients;
		s->paused--;
	}
}

static void
stream_launch(struct stream *s, int64_t t)
{
	int64_t due;
	int i;

	for (i = 0; i < BURST; i++) {
		if (stream_finished(s, t) || !stream_ready(s) || s->next > t)
			return;
		s->started++;
		due = t;
		if (s->rate > 0) {
			due = s->next;
			if (due >= s->count_from)
				samples_add(&s->lag, request_now() - due);
			s->next = s->poisson ? due +
			    (int64_t)(-log(uniform(&s->random)) / s->rate * 1e9)
			    : s->begin +
			    (int64_t)((double)s->started / s->rate * 1e9);
		}
		request_start(s, due);
	}
}

/* When the stream next wants to be looked at though nothing has come. */
static int64_t
stream_wake(const struct stream *s, int64_t t)
{
	int64_t wake = request_deadline(s);

	if (stream_finished(s, t))
		return wake;
	if (stream_ready(s) && s->next < wake)
		wake = s->next;
	if (s->paused > 0 && s->pauses[s->first] < wake)
		wake = s->pauses[s->first];
	return wake;
}

static void
begin(struct stream *s, size_t n)
{
	size_t i;

	/* Sleep until the very moment, not until a convenient one. */
	prctl(PR_SET_TIMERSLACK, 1UL);
	for (i = 0; i < n; i++) {
		s[i].next = s[i].begin;
		s[i].random = s[i].seed;
		if (s[i].clients > 0 && (s[i].pauses = calloc(s[i].clients,
		    sizeof(*s[i].pauses))) == NULL)
			err(2, "%u clients", s[i].clients);
	}
}

/* Ends what is under way, and sees that no request has been lost. */
static void
finish(struct stream *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		while (s[i].oldest != NULL)
			request_over(s[i].oldest, OUTCOME_CUT);
		if (client_sent(&s[i]) + s[i].warmups != s[i].started)
			abort();
		samples_sort(&s[i].latency);
		samples_sort(&s[i].lag);
		samples_sort(&s[i].queue);
		samples_sort(&s[i].late);
	}
}

/* Lets the watcher look when it is time.  Gives when the next time is. */
static int64_t
watch(struct watcher *w, const struct stream *s, size_t n, int64_t next)
{
	int64_t t = request_now();

	if (w == NULL)
		return INT64_MAX;
	if (t < next)
		return next;
	w->look(w, s, n, t);
	return t + w->every;
}

void
client_run(const struct addr *server, struct stream *s, size_t n,
    struct watcher *watcher)
{
	int64_t t, w, wake, look = 0;
	bool over;
	size_t i;

	begin(s, n);
	request_open(server);
	do {
		over = true;
		wake = look = watch(watcher, s, n, look);
		for (i = 0; i < n; i++) {
			t = request_now();
			request_expire(&s[i], t);
			stream_resume(&s[i], t);
			stream_launch(&s[i], t);
			if ((w = stream_wake(&s[i], t)) < wake)
				wake = w;
			if (!s[i].background &&
			    (s[i].busy > 0 || !stream_finished(&s[i], t)))
				over = false;
		}
		if (!over)
			request_wait(wake);
	} while (!over);
	finish(s, n);
	request_close();
}

void
client_free(struct stream *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		samples_free(&s[i].latency);
		samples_free(&s[i].lag);
		samples_free(&s[i].queue);
		samples_free(&s[i].late);
		free(s[i].pauses);
	}
}

uint64_t
client_sent(const struct stream *s)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < OUTCOMES; i++)
		sum += s->outcomes[i];
	return sum;
}

size_t
client_late(const struct stream *s, int64_t bound)
{
	size_t late = 0;

	while (late < s->lag.n && s->lag.v[s->lag.n - 1 - late] > bound)
		late++;
	return late;
}

bool
client_behind(const struct stream *s, int64_t bound)
{
	return client_late(s, bound) * 100 > s->lag.n;
}

/* So much in the counted time, a second. */
static double
rate(const struct stream *s, double much)
{
	int64_t to = s->most != 0 && s->started >= s->most ? s->last : s->end;
	int64_t from = s->begin > s->count_from ? s->begin : s->count_from;

	return to > from ? much * 1e9 / (double)(to - from) : 0;
}

double
client_rate(const struct stream *s)
{
	return rate(s, s->answers);
}

double
client_bytes_rate(const struct stream *s)
{
	return rate(s, s->bytes);
}
