#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/log.h"
#include "server/conf.h"
#include "server/master.h"

static struct conf *conf;

_Noreturn static void
usage(void)
{
	fprintf(stderr, "usage: spindled [-nVv] [-f file]\n");
	exit(MASTER_FAILED);
}

/* -n: the configuration alone; with -v, also what it amounts to. */
static int
check_only(int verbose)
{
	if (verbose)
		conf_print(conf, stdout);
	/* As a comment, what -v prints can be read as a configuration. */
	printf("%sconfiguration OK\n", verbose ? "# " : "");
	if (fflush(stdout) == EOF)
		err(MASTER_FAILED, "standard output");
	return 0;
}

/* Where a standard descriptor is closed, a socket would get its number. */
static void
open_standard(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd != -1 && fd <= STDERR_FILENO);
	if (fd == -1)
		exit(MASTER_FAILED);
	close(fd);
}

int
main(int argc, char *argv[])
{
	const char *file = SYSCONFDIR "/spindled.conf";
	int ch, check = 0, verbose = 0;
	enum master_exit status;

	open_standard();
	while ((ch = getopt(argc, argv, "f:nVv")) != -1) {
		switch (ch) {
		case 'f':
			file = optarg;
			break;
		case 'n':
			check = 1;
			break;
		case 'V':
			printf("spindled " VERSION "\n");
			return 0;
		case 'v':
			verbose = 1;
			break;
		default:
			usage();
		}
	}
	if (optind != argc)
		usage();

	log_open(LOG_TO_STDERR, verbose);
	if ((conf = conf_new()) == NULL)
		err(MASTER_FAILED, "the configuration");
	if (conf_load(conf, file, log_plain) > 0)
		return MASTER_BAD_CONF;
	if (check)
		return check_only(verbose);
	if ((status = master_open(conf, log_plain)) != MASTER_STOPPED)
		return (int)status;
	return (int)master_run(verbose);
}
