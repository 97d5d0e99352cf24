/*
 * One line of a recording of a disk's latencies, in one of four formats; the
 * first line that is not empty and no comment tells which.
 *
 * fio(1), write_lat_log, *_lat.log and *_clat.log: milliseconds, latency in
 * nanoseconds, 0 for a read, block size, and up to three more, with commas.
 * A fio older than 3.0 writes microseconds, and one with log_avg_msec
 * averages, and nothing in the log says so.
 *
 * biosnoop of bcc and of bpftrace: blanks between columns, and a header with
 * LAT(ms), milliseconds, and T, which begins with R for a read.  bpftrace's
 * has no T: all that it saw counts as a read.
 *
 * Google's Thesios: CSV, its header with disk_time, seconds, and op_type (if
 * that column is missing, all are reads).  No quotes.  Where disk_time is 0
 * the disk was not read: a cache was, or the request is a write.
 *
 * A column of seconds: one number in a line.
 *
 * Lines that are empty or begin with # count for nothing anywhere, nor does a
 * header that comes again where files have been joined.
 */
#ifndef COMMON_RECORD_H
#define COMMON_RECORD_H

#include <stddef.h>
#include <stdint.h>

/* The longest line, without its end: bytes. */
#define RECORD_LINE_MAX	((size_t)65536)

/* Room for any text that says why. */
#define RECORD_WHY	160

enum record_result {
	RECORD_READ,		/* *ns is the latency of a read */
	RECORD_NONE,		/* a good line, without a read */
	RECORD_BAD		/* why says what is wrong with it */
};

/* What the first lines have told of the others.  Zeros before the first. */
struct record_layout {
	const struct record_format *format;	/* NULL while unknown */
	size_t columns;		/* in the header; 0 in a format without one */
	size_t latency;		/* its column, from 0 */
	size_t direction;	/* likewise; SIZE_MAX: all are reads */
};

/*
 * Takes the next line, of len bytes, with or without its CR and LF.  ns is
 * from 0 to 24 hours, exact where the text is, else rounded to the nearest.
 * why is one line, what is wrong and what was expected, in at least
 * RECORD_WHY bytes, without anything that a terminal would obey.
 */
enum record_result	record_parse(struct record_layout *, const char *line,
			    size_t len, int64_t *ns, char *why);

#endif
