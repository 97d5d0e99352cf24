/*
 * Time, in nanoseconds as int64_t throughout: enough for 292 years.
 */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include <stdint.h>
#include <time.h>

#define CLOCK_US	INT64_C(1000)
#define CLOCK_MS	INT64_C(1000000)
#define CLOCK_S		INT64_C(1000000000)

/* Nanoseconds since boot, never stepped.  For deadlines and durations. */
int64_t	clock_mono(void);

/* Nanoseconds since 1970.  For log lines and the kernel's time stamps only. */
int64_t	clock_real(void);

/*
 * Sleeps until clock_mono() is at least deadline.  Signals do not end the
 * sleep.  Gives the time at which it woke.
 */
int64_t	clock_sleep_until(int64_t deadline);

/*
 * Milliseconds from now until deadline for poll(2), rounded up so that the
 * deadline has passed when the wait times out; 0 when it has passed already.
 */
int	clock_poll_ms(int64_t now, int64_t deadline);

struct timespec	clock_timespec(int64_t ns);
int64_t		clock_ns(const struct timespec *);

#endif
