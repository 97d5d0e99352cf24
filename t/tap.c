#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "t/tap.h"

static unsigned int planned;	/* tests announced; 0: not yet known */
static unsigned int ran;	/* tests so far, skipped ones included */
static unsigned int failed;	/* tests that failed */

static void
start(void)
{
	/* A line must be out before a child is forked or a signal kills us. */
	setvbuf(stdout, NULL, _IOLBF, 0);
}

int
plan_tests(unsigned int n)
{
	start();
	planned = n;
	printf("1..%u\n", n);
	return 0;
}

int
plan_no_plan(void)
{
	start();
	return 0;
}

int
plan_skip_all(const char *reason)
{
	start();
	printf("1..0 # SKIP %s\n", reason);
	exit(0);
}

int
tap_result(int pass, const char *expr, const char *file, int line,
    const char *fmt, ...)
{
	va_list ap;

	printf("%sok %u - ", pass ? "" : "not ", ++ran);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	if (!pass) {
		failed++;
		diag("failed: %s, %s:%d", expr, file, line);
	}
	return pass;
}

int
skip(unsigned int n, const char *fmt, ...)
{
	va_list ap;

	while (n-- > 0) {
		printf("ok %u # skip ", ++ran);
		va_start(ap, fmt);
		vprintf(fmt, ap);
		va_end(ap);
		printf("\n");
	}
	return 1;
}

int
diag(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fprintf(stderr, "# ");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	return 0;
}

int
exit_status(void)
{
	if (planned == 0)
		printf("1..%u\n", planned = ran);
	if (ran != planned)
		diag("planned %u tests, ran %u", planned, ran);
	return failed > 0 || ran != planned;
}
