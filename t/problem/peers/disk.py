"""A read of the study's form, as a WSGI application that blocks in it."""

import re
import time

REQUEST = re.compile("/([0-9]+),([0-9]+),(.+)")
SIZE = re.compile("size=([0-9]+)")


def application(environ, start_response):
    request = REQUEST.fullmatch(environ["PATH_INFO"])
    if not request:
        start_response("400 Bad Request", [("Content-Length", "0")])
        return []
    status, ms, path = request.groups()
    begun = time.monotonic()
    time.sleep(int(ms) / 1000)
    total = int((time.monotonic() - begun) * 1000)
    size = SIZE.match(environ.get("QUERY_STRING", ""))
    body = b"." * int(size[1]) if size else f"{total},{path}".encode()
    start_response(status + " OK", [("Content-Type", "text/plain"),
                                      ("Content-Length", str(len(body)))])
    return [body]
