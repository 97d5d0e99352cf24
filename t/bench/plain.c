/*
 * What makes build/bench/spindled-poll of the daemon: with the linker's
 * --wrap=epoll_ctl, waiting for the shared listeners is not exclusive, and
 * each connection there wakes whoever waits, as poll(2) does.
 */
#include <sys/epoll.h>

#include "server/waiter.h"

int	__real_epoll_ctl(int, int, int, struct epoll_event *);
int	__wrap_epoll_ctl(int, int, int, struct epoll_event *);

int
__wrap_epoll_ctl(int epoll, int op, int fd, struct epoll_event *ev)
{
	if (ev != NULL && ev->data.u32 == WAITER_SHARED)
		ev->events &= ~(uint32_t)EPOLLEXCLUSIVE;
	return __real_epoll_ctl(epoll, op, fd, ev);
}
