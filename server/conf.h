/*
 * The configuration: one record that is built beside the one in force, and
 * replaces it, or is thrown away.  It is large, but pages of it that hold
 * nothing are never touched: so it is neither copied nor cleared.
 */
#ifndef SERVER_CONF_H
#define SERVER_CONF_H

#include <sys/types.h>

#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include "common/addr.h"
#include "common/log.h"
#include "common/schedule.h"
#include "common/trace.h"
#include "server/model.h"

#define CONF_LISTEN_MAX		16
#define CONF_DISK_MAX		64
#define CONF_CONDITION_MAX	8	/* of a disk, `healthy' included */
#define CONF_SCHEDULE_MAX	8	/* entries of a disk's schedule */
#define CONF_TRACE_MAX		16	/* files, each loaded once */
#define CONF_LANES_MAX		1024	/* of a disk */
#define CONF_NAME_MAX		32	/* of a disk, a user, a group; bytes */
#define CONF_WORKERS_MAX	16384
#define CONF_HEAD_MAX		65536	/* of a request, bytes */
#define CONF_OBJECT_MAX		(INT64_C(16) << 30)	/* bytes */
#define CONF_KEYWORDS_MAX	32	/* of a table, see keyword.h */
#define CONF_CALM	(30 * INT64_C(1000000000))	/* ns, of `workers' */
#define CONF_OFF		INT64_C(0)	/* a time that is switched off */

enum conf_balance {
	BALANCE_IDLE,
	BALANCE_SHARED,
	BALANCE_HASH
};

/* Bits, in the order of the keyword's words. */
enum conf_confine {
	CONFINE_NO_NEW_PRIVS = 1,
	CONFINE_SECCOMP = 2,
	CONFINE_LANDLOCK = 4,
	CONFINE_RLIMITS = 8,
	CONFINE_ALL = 15
};

enum conf_access {
	ACCESS_OFF,
	ACCESS_STDERR,
	ACCESS_FILE
};

enum conf_format {
	FORMAT_COMBINED,
	FORMAT_LOGFMT
};

struct conf_listen {
	struct addr addr;
	unsigned int line;	/* in the file; 0: a default, which may fail */
};

enum conf_seed_by {
	SEED_BY_ARRIVAL,	/* each read draws anew */
	SEED_BY_PATH		/* the same path always draws the same */
};

enum conf_path_mode {
	PATH_BUFFERED,		/* reads of files go through the page cache */
	PATH_DIRECT		/* O_DIRECT: they go to the device */
};

/* A trace that was loaded; distributions borrow its values. */
struct conf_trace {
	char file[PATH_MAX];	/* empty: none */
	struct trace trace;
};

struct conf_disk {
	char name[CONF_NAME_MAX + 1];
	unsigned int line;	/* in the file; 0: the built-in default */

	/* [0] is the disk's own keywords, the condition `healthy'. */
	struct model models[CONF_CONDITION_MAX];
	size_t nmodels;
	struct schedule schedules[CONF_SCHEDULE_MAX];
	unsigned int schedule_at[CONF_SCHEDULE_MAX];	/* their lines */
	size_t nschedules;

	/*
	 * Where the keywords of each block are, by their places in its table;
	 * 0: nowhere.  [0] is the disk's own block.
	 */
	unsigned int lines[CONF_CONDITION_MAX][CONF_KEYWORDS_MAX];

	int64_t seed;
	int seed_by;		/* enum conf_seed_by */
	uint64_t key;		/* of all its draws: seed and name, mixed */

	int64_t lanes;		/* reads at once; 0: any number */
	int64_t limit;		/* workers at once; 0: any number */
	unsigned int device;	/* see device.h */

	int sized;		/* replies carry objects of object_size */
	struct dist object_size;	/* bytes */

	char path[PATH_MAX];	/* of real files; empty: none */
	int path_mode;		/* enum conf_path_mode */
	unsigned int path_at;	/* its line */
	int dir;		/* the directory, open; -1: none */

	int interruptible;	/* a client that hangs up ends its read */
};

struct conf {
	char file[PATH_MAX];	/* where all this was read */

	struct conf_listen listens[CONF_LISTEN_MAX];
	size_t nlistens;
	int64_t workers;	/* at least */
	int64_t workers_max;	/* at most */
	int64_t spare;		/* of them idle; 0: there are always `workers' */
	int64_t calm;		/* ns, after which those who were added go */
	int64_t max_requests;	/* that a worker answers, or CONF_OFF */
	int64_t max_requests_jitter;	/* less by up to this part, ppm */
	int64_t crash_limit;	/* deaths of workers; 0: any number */
	int64_t crash_within;	/* so soon one after the other, ns */
	int balance;		/* enum conf_balance */
	int64_t backlog;	/* connections that may wait on one address */
	int defer_accept;	/* the kernel keeps those that say nothing */

	char user[CONF_NAME_MAX + 1];	/* empty: none given */
	char group[CONF_NAME_MAX + 1];	/* empty: the user's own */
	uid_t uid;
	gid_t gid;
	int confine;		/* bits of enum conf_confine */

	/* Times are in ns; those that may be off are CONF_OFF then. */
	int64_t queue_timeout;
	int64_t queue_timeout_status;
	int64_t request_timeout;
	int64_t read_timeout;
	int64_t stop_timeout;
	int64_t upgrade_timeout;
	int64_t stuck_after;
	int64_t worker_timeout;
	int64_t max_delay;
	int64_t keepalive_timeout;
	int64_t max_per_address;	/* connections; CONF_OFF: any number */
	int64_t request_limit;	/* of a request's head, bytes */

	int access;		/* enum conf_access */
	int access_format;	/* enum conf_format */
	char access_file[PATH_MAX];
	unsigned int access_at;	/* its line */
	char truth_file[PATH_MAX];	/* of the truth log; empty: none */
	unsigned int truth_at;	/* its line */
	int error_log;		/* enum log_target */
	char pid_file[PATH_MAX];	/* empty: none */
	unsigned int pid_file_at;	/* its line */

	int64_t loaded_at;	/* time 0 of all schedules, clock_mono() */
	struct conf_trace traces[CONF_TRACE_MAX];
	size_t ntraces;
	struct conf_disk disks[CONF_DISK_MAX];	/* [0] is `default' */
	size_t ndisks;
};

/* Takes one line that says what is wrong, without a newline. */
typedef void conf_report(const char *message);

/* An empty record, or NULL and errno. */
struct conf	*conf_new(void);

/* Closes and frees what it holds: it is not to be used any more, but freed. */
void	conf_close(struct conf *);

/* The same, and frees the record itself.  NULL is none. */
void	conf_free(struct conf *);

/*
 * Reads a file into an empty conf.  Every error in it is reported as FILE:LINE:
 * MESSAGE.  Gives the number of errors; conf is good only when that is 0.
 */
unsigned int	conf_load(struct conf *, const char *file, conf_report *);

/* Writes conf as a file that reads back as the same. */
void	conf_print(const struct conf *, FILE *);

/*
 * Reports each keyword that differs between the two although only a restart
 * puts it in force, and carries the old value over into the new.
 */
void	conf_keep_fixed(const struct conf *old, struct conf *new,
	    conf_report *);

/* Reports FILE:LINE: and the message, for what only the start can know. */
void	conf_error(const struct conf *, unsigned int line, conf_report *,
	    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * Reports FILE:LINE: and the message; line 0 is the file as a whole.  For those
 * that read it, or a file that it names.
 */
void	conf_error_in(const char *file, unsigned int line,
	    conf_report *report, const char *fmt, va_list ap);

/* The disk of that name, else the one named `default'. */
const struct conf_disk	*conf_disk(const struct conf *, const char *name,
			    size_t len);

const char	*conf_balance_name(int balance);

#endif
