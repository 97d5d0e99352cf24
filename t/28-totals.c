/*
 * What one master hands on to the next: numbers by their names, through
 * ledgers, over several upgrades, and between versions that do not know the
 * same; and what the master publishes.
 */
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/bulletin.h"
#include "server/device.h"
#include "server/ledger.h"
#include "server/totals.h"
#include "t/check.h"

#define READS	100000		/* of the bulletin */

/* Everything that a master has, made anew: this process is one, or becomes. */
static void
open_all(void)
{
	if (board_open() == -1 || bulletin_open() == -1 || device_open() == -1)
		err(1, "cannot start");
}

static unsigned int
disk(const char *name)
{
	static struct conf c;

	c.ndisks = 1;
	strlcpy(c.disks[0].name, name, sizeof(c.disks[0].name));
	device_assign(&c, NULL);
	return c.disks[0].device;
}

/* What a worker in slot 1 would count. */
static void
work(unsigned int n)
{
	struct board_slot *s;

	board_enter(1);
	s = board_slot(1);
	for (; n > 0; n--) {
		board_begin(s, 1);
		board_count(&s->requests);
		board_add(&s->bytes, 100);
		board_count(&s->ways[BOARD_STAYED]);
		board_count(&s->classes[3]);
		board_count(&s->kinds[ERROR_LATE]);
		board_count(&s->faults[FAULT_GARBAGE]);
		histogram_add(&board_times(1)[BOARD_TOTAL], n * CLOCK_MS);
		device_count(disk("sda"), n * CLOCK_MS, 1, n % 2 == 0);
		board_end(s);
	}
}

/* A master in a process of its own, which does as it is told. */
struct order {
	char what;		/* i(mport) w(ork) x(export) u(pdate) e(nd) */
	unsigned int n;		/* requests to work on */
	char path[64];		/* of a ledger to import */
};

struct answer {
	uint64_t requests, bytes, errors, faults, times, max, none;
	uint64_t reads, waited, failed, latency, alone;
	int result;
	int fds[TOTALS_LEDGERS];
};

static struct answer
count_all(void)
{
	static struct totals t;
	static struct totals_disk d;
	struct answer a = { .result = 0 };

	totals_read(&t);
	totals_disk(disk("sda"), "sda", &d);
	a.requests = t.sum.requests;
	a.bytes = t.sum.bytes;
	a.errors = t.sum.kinds[ERROR_LATE];
	a.faults = t.sum.faults[FAULT_GARBAGE];
	a.times = histogram_count(&t.times[BOARD_TOTAL]);
	a.max = t.times[BOARD_TOTAL].max;
	a.none = histogram_count(&t.times[BOARD_QUEUE]);
	a.reads = d.reads;
	a.waited = d.waited;
	a.failed = d.failed;
	a.latency = histogram_count(&d.latency);
	a.alone = totals_sum().requests;
	return a;
}

_Noreturn static void
be_master(int fd)
{
	int fds[TOTALS_LEDGERS], result;
	struct order o;
	struct answer a;

	open_all();
	disk("sda");
	while (read(fd, &o, sizeof(o)) == (ssize_t)sizeof(o)) {
		result = 0;
		switch (o.what) {
		case 'i':
			result = totals_import(open(o.path, O_RDWR | O_CLOEXEC));
			break;
		case 'w':
			work(o.n);
			break;
		case 'x':
			result = (int)totals_export(fds);
			break;
		case 'u':
			totals_update();
			break;
		case 'e':
			totals_end();
			break;
		}
		a = count_all();
		a.result = result;
		memcpy(a.fds, fds, sizeof(fds));
		if (write(fd, &a, sizeof(a)) != (ssize_t)sizeof(a))
			break;
	}
	_exit(0);
}

struct master {
	pid_t pid;
	int fd;
	struct answer a;	/* the latest */
};

static struct master
new_master(void)
{
	struct master m;
	int pair[2];

	fflush(stdout);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1 ||
	    (m.pid = fork()) == -1)
		err(1, "fork");
	if (m.pid == 0) {
		close(pair[1]);
		be_master(pair[0]);
	}
	close(pair[0]);
	m.fd = pair[1];
	return m;
}

static void
tell(struct master *m, char what, unsigned int n, const char *path)
{
	struct order o = { what, n, "" };

	strlcpy(o.path, path, sizeof(o.path));
	if (write(m->fd, &o, sizeof(o)) != (ssize_t)sizeof(o) ||
	    read(m->fd, &m->a, sizeof(m->a)) != (ssize_t)sizeof(m->a))
		err(1, "master %d", (int)m->pid);
}

/* It exports, and another one takes all of that over. */
static struct master
succeed(struct master *old, int want)
{
	struct master m = new_master();
	char path[64];
	int i, wrong = 0;

	tell(old, 'x', 0, "");
	is_int(old->a.result, want, "ledgers that are handed on");
	for (i = 0; i < old->a.result; i++) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)old->pid,
		    old->a.fds[i]);
		tell(&m, 'i', 0, path);
		wrong += m.a.result != 0;
	}
	is_int(wrong, 0, "and taken over");
	return m;
}

static void
is_total(struct master *m, uint64_t n, uint64_t failed, int64_t longest,
    const char *when)
{
	const struct answer *a = &m->a;

	tell(m, 'r', 0, "");
	is_int((long long)a->requests, (long long)n, "%s: requests", when);
	is_int((long long)a->alone, (long long)n, "%s: by themselves", when);
	ok(a->bytes == n * 100 && a->errors == n && a->faults == n &&
	    a->reads == n && a->waited == n, "%s: what goes with them", when);
	is_int((long long)a->failed, (long long)failed, "%s: failed", when);
	is_int((long long)a->times, (long long)n, "%s: times", when);
	is_int((long long)a->latency, (long long)n, "%s: of a disk", when);
	is_int((long long)a->max, longest, "%s: the longest", when);
	is_int((long long)a->none, 0, "%s: none of another kind", when);
}

static void
test_ledger(void)
{
	struct ledger l, in;
	char text[] = "no ledger at all, but long enough to be one, or so it "
	    "seems from its length alone";
	int fd;

	if (ledger_create(&l, 3) == -1)
		err(1, "ledger_create");
	ledger_begin(&l);
	ledger_put(&l, "a", 1);
	ledger_put(&l, "b max", 5);
	ledger_add(&l, "b max", 4);
	ledger_add(&l, "a", 2);
	ledger_add(&l, "c", 7);
	ledger_publish(&l);
	is_int(ledger_open(&in, dup(l.fd)), 0, "a ledger opens");
	is_int((long long)in.n, 3, "with each name once");
	is_string(ledger_name(&in, 2), "c", "as they came");
	is_int((long long)ledger_value(&in, 0), 3, "what is added adds up");
	is_int((long long)ledger_value(&in, 1), 5, "the largest counts");
	ledger_begin(&l);
	ledger_put(&l, "a", 10);
	is_int((long long)ledger_value(&in, 0), 3, "all changes at once");
	ledger_put(&l, "b max", 6);
	ledger_add(&l, "c", 8);
	ledger_publish(&l);
	is_int((long long)ledger_value(&in, 0), 10, "then it has changed");
	is_int((long long)ledger_value(&in, 2), 8, "all of it");
	ok(!ledger_is_final(&in), "its writer lives");
	ledger_end(&l);
	ok(ledger_is_final(&in), "and has ended");
	ok(ftruncate(in.fd, 0) == -1, "nobody makes it shorter");
	ledger_close(&in);
	ledger_close(&l);

	fd = memfd_create("none", MFD_ALLOW_SEALING);
	if (fd == -1 || write(fd, text, sizeof(text)) == -1)
		err(1, "memfd");
	is_int(ledger_open(&in, dup(fd)), -1, "what can shrink is none");
	ledger_close(&in);
	fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK);
	is_int(ledger_open(&in, dup(fd)), -1, "nor is a text");
	ledger_close(&in);
	close(fd);
	is_int(ledger_open(&in, dup(STDIN_FILENO)), -1, "nor just anything");
	ledger_close(&in);
}

/* A master of another version: fewer names, others, and wider buckets. */
static int
foreign(void)
{
	static struct ledger l;

	if (ledger_create(&l, 16) == -1)
		err(1, "ledger_create");
	ledger_begin(&l);
	ledger_put(&l, "requests", 1000);
	ledger_put(&l, "wishes", 41);
	ledger_put(&l, "total sum", 77);
	ledger_put(&l, "total 2048", 3);
	ledger_put(&l, "total 3000", 4);
	ledger_put(&l, "total max", 9);
	ledger_put(&l, "disk sda reads", 5);
	ledger_put(&l, "disk old reads", 6);
	ledger_put(&l, "disk old 1024", 6);
	ledger_publish(&l);
	ledger_end(&l);
	return dup(l.fd);
}

static uint64_t
value_of(const struct ledger *l, const char *name)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (strcmp(ledger_name(l, i), name) == 0)
			return ledger_value(l, i);
	return UINT64_MAX;
}

static void
test_foreign(void)
{
	static struct totals t;
	static struct totals_disk d;
	int fds[TOTALS_LEDGERS];
	struct ledger l;

	open_all();
	disk("sda");
	work(10);
	is_int(totals_import(foreign()), 0, "another version's");
	totals_read(&t);
	is_int((long long)t.sum.requests, 1010, "what both know adds up");
	is_int((long long)histogram_count(&t.times[BOARD_TOTAL]), 17,
	    "so do times");
	is_int((long long)t.times[BOARD_TOTAL].buckets[histogram_index(3000)],
	    4, "in whatever bucket they begin");
	is_int((long long)t.times[BOARD_TOTAL].max, (long long)10 * CLOCK_MS,
	    "and the longest of both");
	totals_disk(disk("sda"), "sda", &d);
	is_int((long long)d.reads, 15, "and disks of one name");
	is_int((long long)totals_export(fds), 1,
	    "who has ended is in this one's ledger");
	if (ledger_open(&l, dup(fds[0])) == -1)
		err(1, "ledger_open");
	is_int((long long)value_of(&l, "wishes"), 41,
	    "with what this version does not know");
	is_int((long long)value_of(&l, "disk old 1024"), 6,
	    "and a disk that it does not have");
	is_int((long long)value_of(&l, "requests"), 1010, "all in all");
	is_int((long long)value_of(&l, "total 3072"), 0, "each");
	work(5);
	is_int((long long)value_of(&l, "requests"), 1010,
	    "as it was for the time being");
	totals_update();
	is_int((long long)value_of(&l, "requests"), 1015, "until an update");
	ok(totals_deadline() != INT64_MAX, "of which more will come");
	ok(!ledger_is_final(&l), "it is not final");
	totals_end();
	ok(ledger_is_final(&l), "then it is");
	is_int((long long)totals_deadline(), (long long)INT64_MAX,
	    "and nothing more comes");
	ledger_close(&l);
}

/* Masters, one after the other, while the first ones still have workers. */
static void
test_chain(void)
{
	struct master first = new_master(), second, third, fourth;

	tell(&first, 'w', 7, "");
	is_total(&first, 7, 3, 7 * CLOCK_MS, "a master");
	second = succeed(&first, 1);
	is_total(&second, 7, 3, 7 * CLOCK_MS, "its heir");
	tell(&first, 'w', 4, "");
	is_total(&second, 7, 3, 7 * CLOCK_MS, "the old one works on");
	tell(&first, 'u', 0, "");
	is_total(&second, 11, 5, 7 * CLOCK_MS, "and says so");
	tell(&second, 'w', 9, "");
	is_total(&second, 20, 9, 9 * CLOCK_MS, "the heir works");
	third = succeed(&second, 2);
	is_total(&third, 20, 9, 9 * CLOCK_MS, "a third one");
	tell(&first, 'w', 3, "");
	tell(&first, 'e', 0, "");
	is_total(&third, 23, 10, 9 * CLOCK_MS, "the first ends");
	tell(&second, 'w', 1, "");
	/* Its process is gone, and has not said that it ends. */
	tell(&second, 'u', 0, "");
	kill(second.pid, SIGKILL);
	waitpid(second.pid, NULL, 0);
	is_total(&third, 24, 10, 9 * CLOCK_MS, "the second is killed");
	fourth = succeed(&third, 1);
	is_total(&fourth, 24, 10, 9 * CLOCK_MS, "the last, of one ledger");
	close(first.fd);
	close(third.fd);
	close(fourth.fd);
	close(second.fd);
	while (waitpid(-1, NULL, 0) > 0)
		continue;
}

/* Readers never see one half of one, the other half of another. */
static void
test_bulletin(void)
{
	struct bulletin b, got = { .wanted = 0 };
	unsigned int mixed = 0, seen = 0;
	int status;
	pid_t pid;

	open_all();
	memset(&b, 0, sizeof(b));
	b.wanted = 1;
	bulletin_publish(&b);
	fflush(stdout);
	if ((pid = fork()) == 0) {
		for (b.reloads = 1; ; b.reloads++) {
			b.upgrades_failed = b.reloads;
			memset(b.confinement, 'a' + (int)(b.reloads % 26),
			    sizeof(b.confinement) - 1);
			bulletin_publish(&b);
		}
	}
	while (seen < READS) {
		if (bulletin_read(&got) == -1)
			continue;
		seen++;
		mixed += got.reloads != got.upgrades_failed ||
		    (got.reloads > 0 && (got.confinement[0] !=
		    'a' + (int)(got.reloads % 26) ||
		    got.confinement[254] != got.confinement[0]));
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	is_int(mixed, 0, "no bulletin is a mix of two");
	is_int(got.wanted, 1, "what does not change stays");
}

int
main(void)
{
	plan_no_plan();
	test_ledger();
	test_chain();
	test_foreign();
	test_bulletin();
	return exit_status();
}
