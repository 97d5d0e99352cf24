"""gunicorn with a process for each read: worker class sync, its default."""

import os

workers = int(os.environ["SIZE"])
worker_class = "sync"
bind = "127.0.0.1:" + os.environ["PORT"]
backlog = 4096

# The arbiter kills a worker that has not been heard of for `timeout', 30 s by
# default, and a sync worker is not heard of while it reads.  0 would do as
# well, but then every idle worker wakes twice a second.
timeout = 3600

# Where a worker's sign of life is a write to memory, and never to a disk.
worker_tmp_dir = "/dev/shm"

# Imported once, before the fork: its pages are shared.
preload_app = True

loglevel = "warning"
if os.getuid() == 0:
    user = group = "www-data"
