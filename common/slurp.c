#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/slurp.h"

char *
slurp_file(const char *file, size_t max, size_t *len)
{
	char *text = NULL;
	ssize_t n = -1;
	int fd, saved;

	*len = 0;
	fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1)
		return NULL;
	if ((text = malloc(max + 2)) != NULL)
		while ((n = read(fd, text + *len, max + 1 - *len)) > 0)
			if ((*len += (size_t)n) > max)
				break;
	saved = errno;
	close(fd);
	if (n == -1) {
		free(text);
		errno = saved;
		return NULL;
	}
	return text;
}
