/*
 * bare: the least that a blocking worker does for a request.
 *
 *	bare port workers
 *
 * Each worker has a listener of its own, as under `hash'; it accepts, reads
 * once, sends a reply that is a constant, and closes.  It parses nothing, has
 * no deadline and no log, and is no server to use: bench 3 shows by it what of
 * a request's cost is the kernel's, for any server of this shape.
 */
#include <sys/prctl.h>
#include <sys/socket.h>

#include <netinet/in.h>

#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static const char reply[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
    "Content-Length: 7\r\nConnection: close\r\n\r\n0,file\n";

static int
listener(int port)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons((in_port_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	if (fd == -1 || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on,
	    sizeof(on)) == -1 ||
	    bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    listen(fd, 4096) == -1)
		err(1, "port %d", port);
	return fd;
}

_Noreturn static void
work(int fd)
{
	char request[4096];
	int c;

	for (;;) {
		if ((c = accept(fd, NULL, NULL)) == -1)
			continue;
		/* As spindled's, the last bytes leave with the end. */
		if (recv(c, request, sizeof(request), 0) > 0)
			send(c, reply, sizeof(reply) - 1,
			    MSG_NOSIGNAL | MSG_MORE);
		close(c);
	}
}

int
main(int argc, char *argv[])
{
	int port, n;

	if (argc != 3)
		errx(2, "usage: bare port workers");
	port = atoi(argv[1]);
	for (n = atoi(argv[2]); n > 0; n--)
		switch (fork()) {
		case -1:
			err(1, "fork");
		case 0:
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			work(listener(port));
		}
	pause();
	return 0;
}
