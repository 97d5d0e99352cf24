"""The page of a daemon that runs; and whether the stage, on which all else is
tested, is like the daemon.
"""

import json
import os
import signal
import socket
import urllib.request

from probe import COUNT_PIXELS, LEGEND, TEXT_HAS, TEXT_IS
from scene import Disk, Scene
from stage import PAGE, policy
from tap import ok, same, skip

TESTS = 19

# Whether the heat map of a disk has so many reads.
HEAT = """
	return arguments[1] === ticks.flatMap(t => t.disks)
	    .filter(d => d.name === arguments[0]).flatMap(d => d.heat)
	    .reduce((n, v) => n + v, 0);
"""


def fetch(port, path):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    return opener.open("http://127.0.0.1:%s%s" % (port, path), timeout=60)


def hang(port):
    """A read that takes longer than this test looks at it."""
    s = socket.create_connection(("127.0.0.1", int(port)))
    s.sendall(b"GET /sda/x HTTP/1.1\r\nHost: t\r\n\r\n")
    return s


def first_events(port, count):
    """The data of the first events of the stream."""
    got = []
    with fetch(port, "/events") as f:
        while len(got) < count:
            line = f.readline()
            if line.startswith(b"data: "):
                got.append(json.loads(line[6:]))
    return got


def lacks(want, got, path=""):
    """What want has and got has not, of names and of kinds of values."""
    if isinstance(want, dict):
        if not isinstance(got, dict):
            return [path]
        return [x for k in want for x in (
            lacks(want[k], got[k], path + "." + k) if k in got
            else [path + "." + k])]
    if isinstance(want, list) and want and isinstance(got, list) and got:
        return lacks(want[0], got[0], path + "[]")
    number = (int, float)
    alike = want is None or got is None or isinstance(got, type(want)) or \
        isinstance(want, number) and isinstance(got, number)
    return [] if alike else [path]


def test_like_the_stage(admin):
    with open(PAGE, "rb") as f:
        page = f.read()
    with fetch(admin, "/") as f:
        same(f.read() == page, True, "the daemon serves this page")
        same(f.headers["Content-Security-Policy"], policy(page),
             "and says what it may do, as the stage does")
    stage = Scene("_D", [Disk("sda")], past=1)
    with fetch(admin, "/status.json") as f:
        same(lacks(stage.status(), json.load(f)), [],
             "status.json has all that the stage has")
    history, tick = first_events(admin, 2)
    same(lacks(stage.begin(), history), [], "so has the history")
    same(history["rows"], stage.begin()["rows"], "with the same rows")
    same(lacks(stage.tick(), tick), [], "and a tick")
    same([len(d["heat"]) for d in tick["disks"]],
         [len(history["rows"])] * len(tick["disks"]), "a count for each row")


def test_daemon(b, port=None, admin=None, token=None, pid=None):
    if admin is None:
        skip(TESTS, "the daemon has no admin address")
        return
    test_like_the_stage(admin)
    b.size(1280, 900)
    b.go("http://127.0.0.1:%s/" % admin)
    ok(b.wait(TEXT_IS, "#link", "live"), "the page of a daemon is live")
    ok(b.wait(TEXT_IS, "#sum", "8 of 8 workers are idle."), "the summary",
       b.text("#sum"))
    same(b.run(LEGEND), {"idle": 8}, "the slots")
    for _ in range(20):
        fetch(port, "/x").read()
    ok(b.wait(HEAT, "default", 20), "reads are in the heat map")
    n = b.run(COUNT_PIXELS, ["h0", "h4"], "[aria-label='Disk default'] .heat")
    ok(n["h0"] + n["h4"] > 0, "to be seen", n)
    stuck = [hang(port) for _ in range(3)]
    ok(b.wait(TEXT_IS, "#sum",
              "5 of 8 workers are idle; 3 are stuck in sda."),
       "who is stuck, and where", b.text("#sum"))
    same(b.run(LEGEND), {"idle": 5, "stuck": 3}, "the slots, then")
    b.click("#key")
    b.write(token)
    b.press("Enter")
    card = "[aria-label='Disk default'] "
    b.wait("return document.querySelector(arguments[0])", card + "fieldset")
    b.click(card + "fieldset button:nth-of-type(2)")
    ok(b.wait(TEXT_HAS, card + ".said", "dying"), "the daemon answers",
       b.text(card + ".said"))
    ok(b.wait(TEXT_IS, card + ".is", "dying, forced until changed"),
       "and does it", b.text(card + ".is"))
    b.click(card + "fieldset button:last-of-type")
    ok(b.wait(TEXT_IS, card + ".is", "healthy"), "and back to the schedule",
       b.text(card + ".is"))
    same(b.complaints(), [], "the console is empty")
    os.kill(int(pid), signal.SIGTERM)
    ok(b.wait(TEXT_IS, "#link", "connection lost"), "the daemon has gone",
       b.text("#link"))
    for s in stuck:
        s.close()
