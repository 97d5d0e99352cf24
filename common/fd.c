#include <errno.h>
#include <unistd.h>

#include "common/fd.h"

int
fd_drop(int *fd)
{
	const int saved = errno;

	if (*fd != -1)
		close(*fd);
	*fd = -1;
	errno = saved;
	return -1;
}
