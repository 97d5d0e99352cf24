/*
 * Files that are no configuration, and what has room in none: the messages.
 */
#include <sys/stat.h>

#include <err.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "server/conf.h"
#include "t/check.h"
#include "t/load.h"
#include "t/scratch.h"

#define WORKERS "workers: expected a number from 1 to 16384"

static struct conf c;

static void
test_files(void)
{
	struct stat st;

	load_refuses(load_file(&c, "missing"),
	    "missing: cannot read the configuration: No such file or "
	    "directory\n", "a file that is missing");
	load_refuses(load_file(&c, "missing/conf"),
	    "missing/conf: cannot read the configuration: No such file or "
	    "directory\n", "a directory that is missing");
	load_refuses(load_file(&c, "."),
	    ".: cannot read the configuration: Is a directory\n",
	    "a directory");
	scratch_write("plain", "", 0);
	load_refuses(load_file(&c, "plain/conf"),
	    "plain/conf: cannot read the configuration: Not a directory\n",
	    "a file in a file");
	/* Only a reader without privileges is kept out. */
	if (chmod(scratch_path("plain"), 0) == -1 ||
	    stat(scratch_path("plain"), &st) == -1)
		err(1, "chmod");
	if (access(scratch_path("plain"), R_OK) == 0)
		skip(2, "we may read everything");
	else
		load_refuses(load_file(&c, "plain"), "plain: cannot read the "
		    "configuration: Permission denied\n",
		    "a file that we may not read");
}

static void
test_long_file_name(void)
{
	char name[PATH_MAX + 2];

	memset(name, 'x', sizeof(name));
	name[PATH_MAX] = '\0';
	load_refuses(load_file(&c, name),
	    "the configuration's file name is too long\n",
	    "a file name that is too long");
	name[PATH_MAX - 1] = '\0';
	load_file(&c, name);
	has_string(load_messages(), "x: cannot read the configuration: File "
	    "name too long\n", "the longest name that fits");
}

/* A file of a MiB is read, one byte more is not. */
static void
test_size(void)
{
	static const char last[] = "workers 0\n";
	static char text[(1 << 20) + 1];

	memset(text, ' ', sizeof(text));
	memcpy(text + sizeof(text) - sizeof(last), last, sizeof(last) - 1);
	load_refuses(load_bytes(&c, text, sizeof(text) - 1),
	    "conf:1: " WORKERS "\n", "a MiB is read to its end");
	load_refuses(load_bytes(&c, text, sizeof(text)),
	    "conf: is longer than a configuration of 1048576 bytes\n",
	    "a MiB and a byte");
}

static void
test_nul(void)
{
	static const char text[] = "workers 5\nback\0log 5\nbacklog 0\n";
	static const char quoted[] = "pid-file \"/tmp\0/a\"\n";

	load_refuses(load_bytes(&c, text, sizeof(text) - 1),
	    "conf:2: a control character\n"
	    "conf:3: backlog: expected a number from 1 to 65535\n", "a NUL");
	load_refuses(load_bytes(&c, quoted, sizeof(quoted) - 1),
	    "conf:1: a NUL\n", "a NUL in quotes");
}

/* What is kept in records of fixed numbers. */
static void
test_full(void)
{
	char text[8192] = "";
	size_t i, len = 0;

	for (i = 0; i < CONF_LISTEN_MAX + 2; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "listen 127.0.0.1:%zu\n", i);
	load_refuses(load_text(&c, text),
	    "conf:17: listen: expected at most 16 addresses\n"
	    "conf:18: listen: expected at most 16 addresses\n",
	    "too many addresses");
	for (len = 0, i = 0; i < CONF_DISK_MAX; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "disk d%zu {}\n", i);
	snprintf(text + len, sizeof(text) - len, "disk default {}\n");
	load_refuses(load_text(&c, text),
	    "conf:64: disk: expected at most 64 disks\n", "too many disks");
}

/* A file name in a message is as long as it is; the rest is cut. */
static void
test_long_words(void)
{
	static char text[8192], name[PATH_MAX + 1];
	size_t len;

	memset(name, 'x', sizeof(name));
	name[0] = '/';
	name[PATH_MAX] = '\0';
	load_refuses(load_format(&c, "pid-file %s\n", name),
	    "conf:1: pid-file: the file name is longer than 4095 bytes\n",
	    "a pid file's name that is too long");
	len = (size_t)snprintf(text, sizeof(text), "conf:1: unknown keyword "
	    "`%s", name);
	load_format(&c, "%s 5\n", name);
	text[strlen("conf:1: ") + 1023] = '\n';
	text[strlen("conf:1: ") + 1024] = '\0';
	ok(len > 2048, "a long word");
	is_string(load_messages(), text, "a message of 1023 bytes at most");
}

int
main(void)
{
	plan_no_plan();
	load_here();
	test_files();
	test_long_file_name();
	test_size();
	test_nul();
	test_full();
	test_long_words();
	return exit_status();
}
