#include <sys/ioctl.h>

#include <err.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/units.h"
#include "server/ctl/ask.h"
#include "server/ctl/ctl.h"
#include "server/ctl/top.h"

/* What is typed between two pictures changes these. */
struct view {
	const char *socket;
	int64_t delay;		/* ns */
	int longest;		/* slots by the time of their state, or all */
	int help;
};

static struct termios before;
static int changed;		/* the terminal is not as it was */
static volatile sig_atomic_t ended;

static void
restore(void)
{
	if (changed) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
		/* The cursor, and the screen as it was. */
		fputs("\033[?25h\033[?1049l", stdout);
		fflush(stdout);
	}
	changed = 0;
}

static void
end(int sig)
{
	(void)sig;
	ended = 1;
}

/*
 * Keys come one by one and unseen; ^C still is a signal, and ^Z no longer is:
 * a shell would have got this terminal.
 */
static void
prepare(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	const struct sigaction sa = { .sa_handler = end };
	struct termios raw;
	size_t i;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) ||
	    tcgetattr(STDIN_FILENO, &before) == -1)
		return;
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &sa, NULL);
	atexit(restore);
	raw = before;
	raw.c_lflag &= (tcflag_t)~(ICANON | ECHO);
	raw.c_cc[VSUSP] = _POSIX_VDISABLE;
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	fputs("\033[?1049h\033[?25l", stdout);
	changed = 1;
}

/* As many lines, and as much of each, as the terminal has room for. */
static void
show(const char *text)
{
	struct winsize w;
	unsigned int row;
	const char *line;
	size_t len;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == -1 || w.ws_row == 0 ||
	    w.ws_col == 0) {
		w.ws_row = 24;
		w.ws_col = 80;
	}
	fputs("\033[H", stdout);
	for (row = 0, line = text; row < w.ws_row && *line != '\0'; row++) {
		len = strcspn(line, "\n");
		/* What is left of the line before is cleared. */
		printf("%s%.*s\033[K", row == 0 ? "" : "\n",
		    (int)(len < w.ws_col ? len : w.ws_col), line);
		line += len + (line[len] == '\n');
	}
	fputs("\033[J", stdout);
}

static const char help[] =
	"q        quit\n"
	"space    again, at once\n"
	"s        the next of 0.5, 1, 2, 5 and 10 seconds between two pictures\n"
	"i        all slots, or those that have been busy for longest\n"
	"h or ?   this text, and back\n";

static void
type(struct view *v, char key)
{
	static const int64_t delays[] = {
		500 * CLOCK_MS, CLOCK_S, 2 * CLOCK_S, 5 * CLOCK_S, 10 * CLOCK_S
	};
	size_t i;

	switch (key) {
	case 'q':
	case 'Q':
		ended = 1;
		break;
	case 'i':
		v->longest = !v->longest;
		break;
	case 'h':
	case '?':
		v->help = !v->help;
		break;
	case 's':
	case 'd':
		for (i = 0; i < 4 && delays[i] <= v->delay; i++)
			continue;
		v->delay = v->delay >= delays[4] ? delays[0] : delays[i];
		break;
	}
}

/* Until the next picture is due, or a key wants one at once. */
static void
pause_for(struct view *v)
{
	struct pollfd p = { .fd = changed ? STDIN_FILENO : -1,
	    .events = POLLIN };
	const struct timespec ts = clock_timespec(v->delay);
	char key;

	if (ppoll(&p, 1, &ts, NULL) != 1)
		return;
	/* A terminal that is gone is readable for ever. */
	if (read(STDIN_FILENO, &key, 1) != 1)
		ended = 1;
	else
		type(v, key);
}

int
top_run(const char *socket, long long delay, long long n)
{
	struct view v = { .socket = socket, .delay = delay, .longest = 1 };
	struct answer a;
	char why[CTL_WHY];
	long long i;

	prepare();
	for (i = 0; !ended && (n == 0 || i < n); i++) {
		if (i > 0)
			pause_for(&v);
		if (ended)
			break;
		if (ask_daemon(socket, "GET", v.longest ? "/status" :
		    "/status?slots=all", &a, why, sizeof(why)) == -1) {
			if (ended)
				break;
			restore();
			warnx("%s", why);
			return CTL_UNREACHABLE;
		}
		if (v.help)
			show(help);
		else if (changed)
			show(a.body);
		else
			fputs(a.body, stdout);
		ask_free(&a);
		if (fflush(stdout) == EOF)
			return CTL_FAILED;
	}
	restore();
	return CTL_DONE;
}
