/*
 * spindled-test: do long reads make others time out?  spindled-test(1) tells.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "t/test/picture.h"
#include "t/test/print.h"
#include "t/test/trial.h"

/* Before it takes its time: NULL where none is asked for. */
static FILE *
open_log(const char *file)
{
	FILE *f = NULL;

	if (file != NULL && (f = fopen(file, "we")) == NULL)
		err(PROBLEM_UNKNOWN, "%s", file);
	return f;
}

static void
write_log(const struct trial *t, FILE *f, const char *file)
{
	picture_log(t, f);
	if (ferror(f) || fclose(f) == EOF)
		err(PROBLEM_UNKNOWN, "%s", file);
}

static void
draw(const struct trial *t, enum problem problem, const char *evidence,
    const char *file)
{
	char title[VERDICT_EVIDENCE + 32];

	snprintf(title, sizeof(title), "problem: %s.  %s",
	    verdict_name(problem), evidence);
	if (t->nevents == 0)
		errx(PROBLEM_UNKNOWN, "%s: there is nothing to draw", file);
	switch (picture_make(t, title, file)) {
	case GNUPLOT_DONE:
		break;
	case GNUPLOT_ABSENT:
		errx(PROBLEM_UNKNOWN, "%s: there is no gnuplot on the PATH",
		    file);
	case GNUPLOT_FAILED:
		errx(PROBLEM_UNKNOWN, "%s: %s", file,
		    errno != 0 ? strerror(errno) : "gnuplot failed");
	}
}

static void
print(const struct trial *t, enum problem problem, const char *evidence)
{
	if (t->options->json)
		print_json(t, problem, evidence);
	else
		print_table(t, problem, evidence);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(PROBLEM_UNKNOWN, "standard output");
}

int
main(int argc, char *argv[])
{
	char evidence[VERDICT_EVIDENCE], why[TRIAL_WHY];
	struct options o;
	struct trial t;
	struct verdict_case c;
	enum problem problem;
	FILE *log;

	options_parse(&o, argc, argv);
	log = open_log(o.log);
	if (trial_run(&t, &o, why, sizeof(why)) == -1)
		errx(PROBLEM_UNKNOWN, "%s", why);
	c = trial_case(&t);
	problem = verdict_reach(&c, evidence, sizeof(evidence));
	print(&t, problem, evidence);
	if (log != NULL)
		write_log(&t, log, o.log);
	if (o.plot != NULL)
		draw(&t, problem, evidence, o.plot);
	trial_free(&t);
	return problem;
}
