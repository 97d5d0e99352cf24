"""The tests of the page, in one browser.  Arguments: a directory for it; and,
of a daemon that serves the page, its port, that of its admin address, its
token, and its pid.
"""

import sys

import done
import real
import shown
import tap
from browser import Browser, Failure


def main():
    tests = [getattr(where, name) for where in (shown, done)
             for name in vars(where) if name.startswith("test_")]
    b = Browser(sys.argv[1])
    try:
        for test in tests + [lambda b: real.test_daemon(b, *sys.argv[2:])]:
            try:
                test(b)
            except Failure as e:
                tap.ok(False, "the browser did what it was asked", e)
    finally:
        b.close()
    return tap.end()


sys.exit(main())
