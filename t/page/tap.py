"""The Test Anything Protocol."""

import sys

tests = failed = 0


def ok(passed, name, *shown):
    global tests, failed
    tests += 1
    failed += not passed
    print("%s %d - %s" % ("ok" if passed else "not ok", tests, name))
    if not passed:
        for what in shown:
            print("#   %s" % (what,))
    sys.stdout.flush()


def same(got, want, name):
    ok(got == want, name, "got:  %r" % (got,), "want: %r" % (want,))


def skip(count, why):
    global tests
    for _ in range(count):
        tests += 1
        print("ok %d # skip %s" % (tests, why))


def end():
    """The plan; gives the exit status."""
    print("1..%d" % tests)
    return failed != 0
