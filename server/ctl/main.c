/*
 * spindlectl: asks the daemon's status process, by its Unix socket, for what
 * it shows, and for what the master shall do.
 */
#include <err.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/units.h"
#include "server/ctl/ask.h"
#include "server/ctl/ctl.h"
#include "server/ctl/top.h"

#define SOCKET		"/run/spindled/spindled.admin"
#define TARGET_MAX	2048

struct request {
	const char *socket;
	int json;
	int64_t delay;		/* of top, ns */
	long long times;	/* of top; 0: until somebody ends it */
	int argc;		/* the words behind the verb */
	char **argv;
};

_Noreturn static void
usage(void)
{
	fprintf(stderr,
	    "usage: spindlectl [-jV] [-s socket] verb [argument ...]\n"
	    "       spindlectl status | health | reload | upgrade | drain\n"
	    "       spindlectl top [delay [times]]\n"
	    "       spindlectl disk name show\n"
	    "       spindlectl disk name condition name [for time]\n"
	    "       spindlectl disk name condition schedule\n"
	    "       spindlectl workers n\n"
	    "       spindlectl why id | last | slowest\n");
	exit(CTL_USAGE);
}

/* Adds to a target; what does not fit is an error of who typed it. */
static void __attribute__((format(printf, 2, 3)))
add(char *target, const char *fmt, ...)
{
	const size_t len = strlen(target);
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(target + len, TARGET_MAX - len, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= TARGET_MAX - len)
		errx(CTL_USAGE, "an argument is too long");
}

/* Asks, and prints the answer: to standard error where it is a refusal. */
static int
carry_out(const struct request *r, const char *method, const char *target)
{
	struct answer a;
	char why[CTL_WHY];
	int status;

	if (ask_daemon(r->socket, method, target, &a, why, sizeof(why)) == -1) {
		warnx("%s", why);
		return CTL_UNREACHABLE;
	}
	status = a.status < 300 ? CTL_DONE : CTL_FAILED;
	if (status == CTL_FAILED && !r->json)
		fprintf(stderr, "spindlectl: %s", a.body);
	else
		fwrite(a.body, 1, a.len, stdout);
	ask_free(&a);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(CTL_FAILED, "standard output");
	return status;
}

/* The form of the answer, as the last thing of a target. */
static const char *
form(const struct request *r, int first)
{
	return r->json ? "" : first ? "?as=text" : "&as=text";
}

static int
verb_status(const struct request *r)
{
	if (r->argc != 0)
		usage();
	return carry_out(r, "GET", r->json ? "/status.json" : "/status");
}

static int
verb_health(const struct request *r)
{
	if (r->argc != 0)
		usage();
	return carry_out(r, "GET", "/healthz");
}

static int
verb_top(const struct request *r)
{
	const char *wrong;
	int64_t delay = CLOCK_S;
	long long n = 0;

	if (r->argc > 2 || r->json)
		usage();
	if (r->argc > 0 && (units_time(r->argv[0], &delay) == -1 ||
	    delay < 100 * CLOCK_MS || delay > 3600 * CLOCK_S))
		errx(CTL_USAGE, "%s: expected a time from 100ms to 1h",
		    r->argv[0]);
	if (r->argc > 1) {
		n = strtonum(r->argv[1], 1, INT64_MAX, &wrong);
		if (wrong != NULL)
			errx(CTL_USAGE, "%s: %s", r->argv[1], wrong);
	}
	return top_run(r->socket, delay, n);
}

static int
set_condition(const struct request *r, char *target)
{
	char *const *v = r->argv;
	int64_t ns;

	if (r->argc != 3 && (r->argc != 5 || strcmp(v[3], "for") != 0))
		usage();
	add(target, "/condition?name=");
	ask_encode(v[2], target, TARGET_MAX);
	if (r->argc == 5) {
		if (units_time(v[4], &ns) == -1 || ns == 0)
			errx(CTL_USAGE, "%s: expected a time, such as 5m",
			    v[4]);
		add(target, "&for=%s", v[4]);
	}
	add(target, "%s", form(r, 0));
	return carry_out(r, "POST", target);
}

static int
verb_disk(const struct request *r)
{
	char target[TARGET_MAX] = "/disks/";

	if (r->argc < 2)
		usage();
	ask_encode(r->argv[0], target, sizeof(target));
	if (strcmp(r->argv[1], "condition") == 0)
		return set_condition(r, target);
	if (strcmp(r->argv[1], "show") != 0 || r->argc != 2)
		usage();
	add(target, "%s", form(r, 1));
	return carry_out(r, "GET", target);
}

static int
verb_workers(const struct request *r)
{
	char target[TARGET_MAX] = "/workers?n=";

	if (r->argc != 1)
		usage();
	ask_encode(r->argv[0], target, sizeof(target));
	add(target, "%s", form(r, 0));
	return carry_out(r, "POST", target);
}

static int
verb_why(const struct request *r)
{
	char target[TARGET_MAX] = "/requests/";

	if (r->argc != 1)
		usage();
	ask_encode(r->argv[0], target, sizeof(target));
	add(target, "%s", form(r, 1));
	return carry_out(r, "GET", target);
}

static int
simple(const struct request *r, const char *path)
{
	char target[TARGET_MAX] = "";

	if (r->argc != 0)
		usage();
	add(target, "%s%s", path, form(r, 1));
	return carry_out(r, "POST", target);
}

static int
verb_reload(const struct request *r)
{
	return simple(r, "/reload");
}

static int
verb_upgrade(const struct request *r)
{
	return simple(r, "/upgrade");
}

static int
verb_drain(const struct request *r)
{
	return simple(r, "/drain");
}

static const struct {
	const char *name;
	int	(*run)(const struct request *);
} verbs[] = {
	{ "status", verb_status },
	{ "health", verb_health },
	{ "top", verb_top },
	{ "disk", verb_disk },
	{ "workers", verb_workers },
	{ "reload", verb_reload },
	{ "upgrade", verb_upgrade },
	{ "drain", verb_drain },
	{ "why", verb_why },
};

static int
run(const char *verb, const struct request *r)
{
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verb, verbs[i].name) == 0)
			return verbs[i].run(r);
	warnx("%s: no such verb", verb);
	usage();
}

int
main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "socket", required_argument, NULL, 's' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct request r = { .socket = getenv("SPINDLED_ADMIN") };
	int c;

	if (r.socket == NULL || r.socket[0] == '\0')
		r.socket = SOCKET;
	while ((c = getopt_long(argc, argv, "hjs:V", longs, NULL)) != -1)
		switch (c) {
		case 'j':
			r.json = 1;
			break;
		case 's':
			r.socket = optarg;
			break;
		case 'V':
			puts("spindlectl " VERSION);
			return CTL_DONE;
		default:
			usage();
		}
	if (optind == argc)
		usage();
	r.argc = argc - optind - 1;
	r.argv = argv + optind + 1;
	return run(argv[optind], &r);
}
