#include <stdio.h>
#include <string.h>

#include "t/client.h"
#include "t/reader.h"
#include "t/text.h"

#define WORKERS 256

int
reader_ask(const struct daemon *d, const char *path)
{
	char request[128];
	int fd = client_connect(d->port);

	snprintf(request, sizeof(request), "GET %s HTTP/1.0\r\n\r\n", path);
	client_send(fd, request, strlen(request));
	return fd;
}

pid_t
reader_pid(const struct daemon *d, pid_t other)
{
	char path[64], title[256];
	pid_t pids[WORKERS];
	size_t n = daemon_workers(d, pids, WORKERS), i;

	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pids[i]);
		text_read(path, title, sizeof(title));
		if (pids[i] != other && strstr(title, ", reading") != NULL)
			return pids[i];
	}
	return -1;
}
