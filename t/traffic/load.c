/*
 * load: sends requests to an HTTP server as a schedule says, and tells what
 * became of each.  README describes the output.
 */
#include <sys/resource.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/units.h"
#include "t/traffic/client.h"
#include "t/traffic/report.h"
#include "t/traffic/url.h"

enum { MAIN, LONG };

struct options {
	const char *url;
	const char *long_path;	/* what the long requests ask for */
	const char *log;	/* file for a line a request, or NULL */
	enum form form;
	int64_t duration;	/* ns, without lead and warm-up */
	int64_t lead;		/* ns that long requests begin earlier */
	int64_t warmup;		/* ns */
	int64_t bound;		/* ns of lag that is still on schedule */
	struct stream streams[2]; /* MAIN and LONG, as far as options say */
	char requests[2][URL_REQUEST];	/* their bytes to send */
};

_Noreturn static void
usage(void)
{
	fputs("usage: load [-a poisson|constant] [-b bound] [-c clients]"
	    " [-d duration]\n            [-K path] [-k long] [-L lead]"
	    " [-l file] [-n requests]\n            [-o table|csv|json]"
	    " [-r rate] [-s seed] [-T timeout]\n            [-t timeout]"
	    " [-w warm-up] http://host:port/path\n", stderr);
	exit(2);
}

static int64_t
time_option(int letter, const char *text)
{
	int64_t ns;

	if (units_time(text, &ns) == -1)
		errx(2, "-%c %s: not a time, such as 250ms or 4s", letter,
		    text);
	return ns;
}

static long long
number_option(int letter, const char *text, long long most)
{
	const char *why;
	long long n = strtonum(text, 0, most, &why);

	if (why != NULL)
		errx(2, "-%c %s: %s", letter, text, why);
	return n;
}

static int
choice_option(int letter, const char *text, const char *const *names)
{
	int i;

	for (i = 0; names[i] != NULL; i++)
		if (strcmp(text, names[i]) == 0)
			return i;
	errx(2, "-%c %s: unknown", letter, text);
}

static void
options_parse(struct options *o, int argc, char **argv)
{
	struct stream *m = &o->streams[MAIN], *l = &o->streams[LONG];
	static const char *const arrivals[] = { "constant", "poisson", NULL };
	static const char *const forms[] = { "table", "csv", "json", NULL };
	int c;

	while ((c = getopt(argc, argv,
	    "a:b:c:d:K:k:L:l:n:o:r:s:T:t:w:")) != -1)
		switch (c) {
		case 'a':
			m->poisson = choice_option(c, optarg, arrivals);
			break;
		case 'b':
			o->bound = time_option(c, optarg);
			break;
		case 'c':
			m->clients = (unsigned int)number_option(c,
			    optarg, 1000000);
			break;
		case 'd':
			o->duration = time_option(c, optarg);
			break;
		case 'K':
			o->long_path = optarg;
			break;
		case 'k':
			l->clients = (unsigned int)number_option(c,
			    optarg, 1000000);
			break;
		case 'L':
			o->lead = time_option(c, optarg);
			break;
		case 'l':
			o->log = optarg;
			break;
		case 'n':
			m->most = (uint64_t)number_option(c, optarg,
			    1000000000);
			break;
		case 'o':
			o->form = (enum form)choice_option(c, optarg, forms);
			break;
		case 'r':
			m->rate = (double)number_option(c, optarg,
			    1000000);
			break;
		case 's':
			m->seed = (uint64_t)number_option(c, optarg,
			    INT64_MAX);
			break;
		case 'T':
			l->timeout = time_option(c, optarg);
			break;
		case 't':
			m->timeout = time_option(c, optarg);
			break;
		case 'w':
			o->warmup = time_option(c, optarg);
			break;
		default:
			usage();
		}
	if (argc - optind != 1)
		usage();
	o->url = argv[optind];
	if ((m->rate > 0) == (m->clients > 0))
		errx(2, "either -r rate or -c clients is needed");
	if (o->duration == 0 && m->most == 0)
		errx(2, "either -d duration or -n requests is needed");
	if ((l->clients > 0) != (o->long_path != NULL))
		errx(2, "-k and -K belong together");
}

static void
target_parse(struct url *u, struct addr *server, const char *text)
{
	const char *why = url_parse(u, text);

	if (why != NULL)
		errx(2, "%s: %s", text, why);
	if (u->target[0] == '\0')
		strlcpy(u->target, "/", sizeof(u->target));
	if (url_look_up(u, server, 1, &why) == 0)
		errx(2, "%s: %s", u->host, why);
}

/* A line in the log. */
static void
note(const struct stream *s, int64_t due, int64_t took, enum outcome outcome)
{
	fprintf(s->arg, "%s,%.6f,%.6f,%s\n", s->name, (double)due / 1e9,
	    (double)took / 1e6, outcome_names[outcome]);
}

static void
stream_prepare(struct options *o, int i, const char *name,
    const struct url *u, const char *path)
{
	struct stream *s = &o->streams[i];
	int status, ms;

	if (strlen(path) >= URL_TARGET || !url_is_target(path))
		errx(2, "%s: too long, or no path", path);
	s->name = name;
	s->request = url_request(u, path, "load", o->requests[i],
	    sizeof(o->requests[i]));
	s->end = INT64_MAX;
	/* The study's form says how long the read is to take. */
	s->asked = sscanf(path, "/%d,%d,", &status, &ms) == 2 && ms >= 0 ?
	    ms * CLOCK_MS : -1;
}

/* Gives how many streams there are. */
static size_t
streams_prepare(struct options *o, const struct url *u)
{
	struct stream *s = &o->streams[MAIN];
	bool longs = o->streams[LONG].clients > 0;

	stream_prepare(o, MAIN, "main", u, u->target);
	s->begin = longs ? o->lead : 0;
	s->count_from = s->begin + o->warmup;
	if (o->duration != 0)
		s->end = s->count_from + o->duration;
	if (o->log != NULL) {
		if ((s->arg = fopen(o->log, "w")) == NULL)
			err(2, "%s", o->log);
		fputs("stream,due_s,took_ms,outcome\n", s->arg);
		s->over = note;
	}
	if (!longs)
		return 1;
	stream_prepare(o, LONG, "long", u, o->long_path);
	o->streams[LONG].background = true;
	return 2;
}

static double
cpu_seconds(void)
{
	struct rusage ru;

	getrusage(RUSAGE_SELF, &ru);
	return (double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) +
	    (double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6;
}

int
main(int argc, char **argv)
{
	struct options o = {
		.lead = 500 * CLOCK_MS, .bound = 5 * CLOCK_MS,
		.streams = {
			[MAIN] = { .seed = 1, .timeout = 4 * CLOCK_S,
			    .poisson = true, .pause = 10 * CLOCK_MS },
			[LONG] = { .timeout = 3600 * CLOCK_S,
			    .pause = 10 * CLOCK_MS },
		},
	};
	struct addr server;
	struct url url;
	bool behind;
	size_t n;

	options_parse(&o, argc, argv);
	target_parse(&url, &server, o.url);
	n = streams_prepare(&o, &url);

	client_run(&server, o.streams, n, NULL);

	report(o.form, o.streams, n, cpu_seconds());
	behind = report_lag(&o.streams[MAIN], o.bound);
	if (o.log != NULL && fclose(o.streams[MAIN].arg) != 0)
		err(2, "%s", o.log);
	client_free(o.streams, n);
	return behind ? 3 : 0;
}
