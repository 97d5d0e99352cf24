#include <ctype.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/log.h"
#include "server/conf.h"
#include "server/master.h"
#include "server/preview.h"
#include "server/upgrade.h"

struct options {
	const char *file;
	int check;		/* -n */
	int verbose;
	int preview;		/* -T */
	int picture;
	long long count;	/* of draws; 0: not given */
};

static struct conf *conf;

_Noreturn static void
usage(void)
{
	fprintf(stderr, "usage: spindled [-nVv] [-f file]\n"
	    "       spindled -T file [-P] [-c count]\n");
	exit(MASTER_FAILED);
}

static void
flush(void)
{
	if (fflush(stdout) == EOF || ferror(stdout))
		err(MASTER_FAILED, "standard output");
}

/* -n: the configuration alone; with -v, also what it amounts to. */
static int
check_only(int verbose)
{
	if (verbose)
		conf_print(conf, stdout);
	/* As a comment, what -v prints can be read as a configuration. */
	printf("%sconfiguration OK\n", verbose ? "# " : "");
	flush();
	return MASTER_STOPPED;
}

/*
 * Where a standard descriptor is closed, a socket would get its number.  Who
 * closes standard output, and then asks for something to be printed there, is
 * to hear of it: that one cannot be written.
 */
static void
open_standard(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1 && open("/dev/null",
		    fd == STDOUT_FILENO ? O_RDONLY : O_RDWR) != fd)
			exit(MASTER_FAILED);
}

static long long
parse_count(const char *word)
{
	const char *error = "no number";
	long long n = 0;

	/* strtonum(3) takes blanks and signs in front; a number has none. */
	if (isdigit((unsigned char)word[0]))
		n = strtonum(word, 1, PREVIEW_COUNT_MAX, &error);
	if (error != NULL)
		errx(MASTER_FAILED, "-c: expected a number from 1 to %d",
		    PREVIEW_COUNT_MAX);
	return n;
}

static void
parse_options(struct options *o, int argc, char *argv[])
{
	int ch;

	while ((ch = getopt(argc, argv, "c:f:nPT:Vv")) != -1) {
		switch (ch) {
		case 'c':
			o->count = parse_count(optarg);
			break;
		case 'f':
			o->file = optarg;
			break;
		case 'n':
			o->check = 1;
			break;
		case 'P':
			o->picture = 1;
			break;
		case 'T':
			o->preview = 1;
			o->file = optarg;
			break;
		case 'V':
			printf("spindled " VERSION "\n");
			exit(MASTER_STOPPED);
		case 'v':
			o->verbose = 1;
			break;
		default:
			usage();
		}
	}
	if (optind != argc || (o->preview && o->check) ||
	    (!o->preview && (o->picture || o->count > 0)))
		usage();
}

/* -T: what its reads would take, and nothing is opened either. */
static int
preview(const struct options *o)
{
	size_t count = o->count > 0 ? (size_t)o->count : PREVIEW_COUNT;

	if (preview_print(conf, count, o->picture, stdout) == -1)
		return MASTER_FAILED;
	flush();
	return MASTER_STOPPED;
}

int
main(int argc, char *argv[])
{
	struct options o = { .file = SYSCONFDIR "/spindled.conf" };
	enum master_exit status;

	open_standard();
	upgrade_init(argv);
	parse_options(&o, argc, argv);
	log_open(LOG_TO_STDERR, o.verbose);
	if ((conf = conf_new()) == NULL)
		err(MASTER_FAILED, "the configuration");
	if (conf_load(conf, o.file, log_plain) > 0)
		return MASTER_BAD_CONF;
	if (o.check)
		return check_only(o.verbose);
	if (o.preview)
		return preview(&o);
	if ((status = master_open(conf, log_plain)) != MASTER_STOPPED)
		return (int)status;
	return (int)master_run(o.verbose);
}
