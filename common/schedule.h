/*
 * Schedules: which of its conditions a disk is in at a time.
 *
 * The condition is a function of time and seed.  Nothing is remembered from
 * one question to the next, so that all who ask, in whatever process and
 * order, are told the same, without a lock.
 *
 * Conditions have names in the text and numbers here.  Number 0 is the disk
 * as it is without any of this, and its name is `healthy'.  Times are in ns,
 * from 0, when the configuration was loaded.
 *
 * A schedule is an array of entries.  The last one that applies at a time
 * decides; where none does, the condition is number 0.  An entry is written
 *
 *	NAME [after T] [for T] [every T]
 *	flap NAME T NAME T [after T] [for T]
 *	ramp NAME NAME for T [after T]
 *
 * with what follows the first names in any order.  The first applies from
 * `after' (0) for as long as `for' says (ever), and again whenever `every'
 * has passed since `after'.
 *
 * A flap is in one condition and the other by turns, beginning with the
 * first.  The times in each are independent of each other and exponentially
 * distributed, with the means that stand behind the names.
 *
 * A ramp leads from one condition to the other: of what is asked, the share
 * that meets the second grows from 0 at `after' in proportion to time, is 1
 * when `for' has passed, and stays 1.
 */
#ifndef COMMON_SCHEDULE_H
#define COMMON_SCHEDULE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define SCHEDULE_HEALTHY	"healthy"
#define SCHEDULE_NAME_MAX	32	/* of a condition, bytes */
#define SCHEDULE_EVER		INT64_C(0)	/* a length without an end */

enum schedule_kind { SCHEDULE_PLAIN, SCHEDULE_FLAP, SCHEDULE_RAMP };

/* One entry.  What is second is a flap's and a ramp's only. */
struct schedule {
	enum schedule_kind kind;
	char names[2][SCHEDULE_NAME_MAX + 1];
	int conditions[2];	/* the numbers of these */
	int64_t means[2];	/* of a flap's times in each, ns */
	int64_t after;		/* ns */
	int64_t length;		/* `for', ns, or SCHEDULE_EVER */
	int64_t every;		/* ns; 0: once */
};

/*
 * Whether a condition may have this name: at most SCHEDULE_NAME_MAX letters,
 * digits, '.', '_' and '-', and no word that an entry is written with.
 */
int	schedule_is_name(const char *);

/*
 * Reads an entry of n words.  Gives 0; or -1, and one line in error that says
 * what would be valid, and the entry is of no use.  It needs
 * schedule_resolve() before schedule_condition() may see it.
 */
int	schedule_parse(struct schedule *, char *const *words, size_t n,
	    char *error, size_t size);

/*
 * Replaces the entry's names by their places among the n names, of which the
 * first is SCHEDULE_HEALTHY.  It is a second step because a condition may be
 * described behind the entry that names it.  Gives 0, or -1 and the error.
 */
int	schedule_resolve(struct schedule *, const char *const *names, size_t n,
	    char *error, size_t size);

/* Writes what schedule_parse() reads back as the same. */
void	schedule_print(const struct schedule *, FILE *);

/*
 * The number of the condition that the n entries at v give at time t, in ns
 * and not negative.  Within a ramp u decides, uniform in (0, 1), and nowhere
 * else.  A flap is another one for each seed and each place in the schedule.
 * What an answer costs depends on neither t nor the means.
 */
int	schedule_condition(const struct schedule *v, size_t n, uint64_t seed,
	    int64_t t, double u);

#endif
