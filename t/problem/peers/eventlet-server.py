"""eventlet's own server: green threads, which one thread runs in turn.

time.sleep is left as it is, so that it blocks them all, as a read of a file
does even after eventlet's monkey_patch(): a file always counts as ready.
"""

import sys

import eventlet
import eventlet.wsgi

from disk import application

port, size = map(int, sys.argv[1:])
eventlet.wsgi.server(
    eventlet.listen(("127.0.0.1", port), backlog=4096), application,
    max_size=size, keepalive=False, log_output=False, debug=False)
