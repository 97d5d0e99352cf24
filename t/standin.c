#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "server/conf.h"
#include "server/master.h"
#include "t/daemon.h"
#include "t/standin.h"

void
standin_begin(void)
{
	setenv("T_PROGRAM", daemon_program(), 0);
	setenv("SPINDLED", "/proc/self/exe", 1);
}

void
standin_end(void)
{
	if (getenv("T_PROGRAM") == NULL)
		return;
	setenv("SPINDLED", standin_variable("T_PROGRAM"), 1);
	unsetenv("T_PROGRAM");
}

int
standin_is_called(char *argv[])
{
	return strcmp(argv[0], "spindled") == 0;
}

int
standin_serve(const char *file)
{
	struct conf *c;

	log_open(LOG_TO_STDERR, 1);
	if ((c = conf_new()) == NULL || conf_load(c, file, log_plain) > 0 ||
	    master_open(c, log_plain) != MASTER_STOPPED)
		return MASTER_FAILED;
	return (int)master_run(1);
}

const char *
standin_variable(const char *name)
{
	const char *value = getenv(name);

	if (value == NULL)
		errx(126, "%s is not set", name);
	return value;
}
