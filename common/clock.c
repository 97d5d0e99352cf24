#include <limits.h>

#include "common/clock.h"

struct timespec
clock_timespec(int64_t ns)
{
	struct timespec ts = {
		.tv_sec = ns / CLOCK_S,
		.tv_nsec = ns % CLOCK_S,
	};

	return ts;
}

int64_t
clock_ns(const struct timespec *ts)
{
	return (int64_t)ts->tv_sec * CLOCK_S + ts->tv_nsec;
}

int64_t
clock_mono(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return clock_ns(&ts);
}

int64_t
clock_real(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return clock_ns(&ts);
}

int64_t
clock_sleep_until(int64_t deadline)
{
	struct timespec ts = clock_timespec(deadline);
	int64_t now;

	/* An absolute time, so that an interrupted sleep loses nothing. */
	while ((now = clock_mono()) < deadline)
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
	return now;
}

int
clock_poll_ms(int64_t now, int64_t deadline)
{
	int64_t ms;

	if (deadline <= now)
		return 0;
	ms = (deadline - now - 1) / CLOCK_MS + 1;
	return ms > INT_MAX ? INT_MAX : (int)ms;
}
