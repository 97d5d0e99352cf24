"""What a daemon would say: its status and its ticks, as the page is sent them.

A scene is made of few words (letters of slots, disks), and the rest follows
from these and from the time, so that two runs show the same.
"""

import math

NAMES = {
    ".": "empty", "S": "starting", "_": "idle", "R": "reading",
    "Q": "queued", "D": "disk", "W": "replying", "K": "kept",
    "G": "draining", "!": "stuck",
}
EDGES = [2 ** k / 1e9 for k in range(17, 40)]
KINDS = ("bad_request late queue_timeout limit address read_failed "
         "read_timeout not_found file gone").split()


class Disk:
    def __init__(self, name, condition="healthy", **more):
        self.name = name
        self.condition = condition
        self.conditions = ["healthy", "dying", "hang"]
        self.forced = False
        self.until = None
        self.lanes = 1
        self.lanes_busy = 0
        self.limit = 0
        self.inside = 0
        self.stuck = 0
        self.reads = 5                  # each second
        self.took = 0.008               # s, most of them
        self.__dict__.update(more)

    def heat(self, n):
        """Reads of tick n: most where they belong, some an octave around."""
        rows = [0] * len(EDGES)
        where = next(i for i, e in enumerate(EDGES) if e >= self.took)
        for i in range(self.reads):
            off = (0, 0, 0, 1, -1, 0, 2, 0)[(n * 7 + i * 3) % 8]
            rows[min(max(where + off, 0), len(rows) - 1)] += 1
        if self.condition == "dying" and n % 3 == 0:
            rows[19 - n % 4] += 1
        return rows


def latency(p50, p99, count=1000):
    return {"count": count, "sum": count * p50, "p50": p50, "p90": p50 * 1.5,
            "p99": p99, "p999": p99 * 1.2, "max": p99 * 1.5}


class Scene:
    def __init__(self, slots, disks, **more):
        self.slots = slots
        self.disks = disks
        self.where = disks[0].name      # the disk that all who read are in
        self.now = 1790000000.0
        self.n = 0                      # of the tick
        self.queue = 0
        self.requests = 120.0           # each second
        self.errors = 0.0
        self.state = "running"
        self.balance = "idle"
        self.fallback = None
        self.past = 300                 # ticks of the history
        self.history = None             # another one, of whoever makes it
        self.__dict__.update(more)

    def disk(self, name):
        return next(d for d in self.disks if d.name == name)

    def next(self):
        self.n += 1
        self.now += 1
        return self.tick()

    def tick(self, n=None, slots=True):
        n = self.n if n is None else n
        wave = 1 + 0.25 * math.sin(n / 9) + 0.1 * math.sin(n / 2.3)
        took = self.disks[0].took
        t = {
            "t": self.now + (n - self.n),
            "queue": self.queue,
            "rate": {"requests": round(self.requests * wave, 3),
                     "errors": self.errors, "bytes": 1e5 * wave},
            "latency": {
                "queue": [1e-5 * wave, 2e-4 * wave],
                "lane": [0.001 * wave, 0.01 * wave],
                "disk": [took * wave, took * 4 * wave],
                "lateness": [6e-5, 1e-4],
                "total": [took * 1.2 * wave, took * 5 * wave],
            },
            "disks": [{
                "name": d.name, "condition": d.condition,
                "forced": d.forced, "until": d.until, "lanes": d.lanes,
                "lanes_busy": d.lanes_busy, "limit": d.limit,
                "inside": d.inside, "heat": d.heat(n),
            } for d in self.disks],
        }
        if slots:
            t["slots"] = self.slots
        return t

    def begin(self):
        if self.history is not None:
            return self.history
        first = self.n - self.past + 1
        return {"interval": 1, "rows": EDGES, "ticks": [
            self.tick(n, slots=False) for n in range(first, self.n + 1)]}

    def status(self, slots=True):
        n = {name: self.slots.count(c) for c, name in NAMES.items()}
        every = len(self.slots) - n["empty"]
        s = {
            "version": 1, "server": "spindled/0.1", "pid": 71,
            "now": self.now, "started": self.now - 7500, "uptime": 7500.0,
            "config": "/etc/spindled.conf", "state": self.state,
            "balance": self.balance, "fallback": self.fallback,
            "reloads": {"total": 3, "failed": 1, "last": self.now - 600,
                        "last_ok": True},
            "upgrades": {"total": 0, "failed": 0}, "generation": 4,
            "confinement": "no-new-privs landlock rlimits",
            "listen": [{"address": "127.0.0.1:7000", "queue": self.queue,
                        "limit": 4096},
                       {"address": "[::1]:7000", "queue": 0, "limit": 4096}],
            "workers": {
                "wanted": every, "min": every, "max": every, "spare": 0,
                "starting": n["starting"], "idle": n["idle"],
                "busy": every - n["idle"] - n["starting"],
                "kept": n["kept"], "stuck": n["stuck"],
                "draining": n["draining"], "waiting": 0, "undead": 0},
            "deaths": {"status": 0, "signal": 1, "core": 0, "memory": 0,
                       "timeout": 2},
            "requests": {"total": 904210, "2xx": 903000, "3xx": 0,
                         "4xx": 1010, "5xx": 200},
            "errors": {k: i * 17 for i, k in enumerate(KINDS)},
            "bytes": 123456789,
            "connections": {"steered": 880000, "shared": 24000, "hash": 0,
                            "kept": 210},
            "steering": {"shut": 31, "expired": 2, "empty": 5},
            "latency": {"queue": latency(1e-5, 2e-4),
                        "lane": latency(0.001, 0.01),
                        "disk": latency(0.008, 31.5),
                        "lateness": latency(6e-5, 1e-4),
                        "total": latency(0.009, 41.0)},
            "disks": [{
                "name": d.name, "condition": d.condition,
                "forced": d.forced, "until": d.until,
                "conditions": d.conditions, "lanes": d.lanes,
                "lanes_busy": d.lanes_busy, "limit": d.limit,
                "inside": d.inside, "waiting": 0, "reading": d.inside,
                "stuck": d.stuck, "reads": 90000 + self.n, "failed": 12,
                "latency": latency(d.took, d.took * 4),
            } for d in self.disks],
        }
        if slots:
            s["slots"] = [self.slot(i) for i, c in enumerate(self.slots)
                          if c != "."]
        return s

    def slot(self, i):
        c = self.slots[i]
        reads = c in "QD!"
        return {
            "slot": i, "pid": 1000 + i, "state": NAMES[c],
            "since": 0.25 + i % 7 * (11 if c == "!" else 0.001),
            "disk": self.where if reads else None,
            "condition": self.disk(self.where).condition if reads else None,
            "requests": 130 + i, "errors": i % 3, "bytes": 1000 * i,
            "request": "%016x" % (0xa2f00 + i) if reads else None,
        }
