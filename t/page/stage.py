"""Serves the page, and a scene in the place of a daemon, as the daemon's
admin address would: the same paths, the same refusals, the same policy of
what the page may do.  The test moves the scene, tick by tick.
"""

import base64
import hashlib
import http.server
import json
import queue
import re
import socket
import threading
import urllib.parse

PAGE = "server/admin/page.html"


def policy(page):
    """Nothing but what is in the page itself."""
    def hashes(tag):
        return " ".join(
            "'sha256-%s'" % base64.b64encode(hashlib.sha256(s).digest())
            .decode() for s in re.findall(
                b"<%s>(.*?)</%s>" % (tag, tag), page, re.S))
    return ("default-src 'none'; script-src %s; style-src %s; "
            "connect-src 'self'; img-src data:; base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'none'"
            % (hashes(b"script"), hashes(b"style")))


class Visit(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def setup(self):
        super().setup()
        self.server.stage.visits.add(self.request)

    def finish(self):
        self.server.stage.visits.discard(self.request)
        super().finish()

    def reply(self, status, kind, body, **fields):
        if isinstance(body, str):
            body = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def reply_json(self, status, what, **fields):
        self.reply(status, "application/json", json.dumps(what), **fields)

    def do_GET(self):
        stage = self.server.stage
        url = urllib.parse.urlsplit(self.path)
        if url.path == "/":
            with open(PAGE, "rb") as f:
                page = f.read()
            self.reply(200, "text/html; charset=utf-8", page,
                       Content_Security_Policy=policy(page))
            return
        stage.heard(self)
        if stage.guarded and not self.knows_token():
            self.refuse()
        elif url.path == "/status.json":
            self.reply_json(200, stage.scene.status("slots=0" not in
                                                    url.query))
        elif url.path == "/events":
            self.events()
        else:
            self.reply_json(404, {"ok": False, "error": "no such page"})

    def do_POST(self):
        stage = self.server.stage
        stage.heard(self)
        if not self.knows_token():
            self.refuse()
            return
        url = urllib.parse.urlsplit(self.path)
        disk = urllib.parse.unquote(url.path.split("/")[2])
        q = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        d = stage.scene.disk(disk)
        if q["name"] == "hang":
            self.reply_json(409, {"ok": False, "error":
                                  "the master <b>refuses</b>"})
            return
        d.forced = q["name"] != ""
        d.condition = q["name"] or "healthy"
        self.reply_json(200, {"ok": True, "message": "disk %s is %s" %
                              (disk, d.condition)})

    def knows_token(self):
        return self.headers["Authorization"] == "Bearer " + \
            self.server.stage.token

    def refuse(self):
        self.reply_json(401, {"ok": False, "error": "token?"},
                        WWW_Authenticate="Bearer")

    def events(self):
        stage = self.server.stage
        mine = queue.Queue()
        with stage.lock:
            first = stage.scene.begin()
            stage.streams.append(mine)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        try:
            self.event("history", first)
            while (t := self.next(mine)) is not None:
                self.event("tick", t)
        except OSError:
            pass                        # who listened has gone
        finally:
            with stage.lock:
                stage.streams.remove(mine)

    def next(self, mine):
        """What is said next, with a word now and then while nothing is."""
        while True:
            try:
                return mine.get(timeout=1)
            except queue.Empty:
                if not self.server.stage.silent:
                    self.wfile.write(b": still here\n\n")

    def event(self, name, what):
        # In two pieces: what is read is not always whole.
        data = json.dumps(what)
        half = len(data) // 2
        self.wfile.write(("event: %s\ndata: %s" % (name, data[:half]))
                         .encode())
        self.wfile.flush()
        self.wfile.write((data[half:] + "\n\n").encode())
        self.wfile.flush()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_):
        pass                            # clients come and go


class Stage:
    token = "sixteen-bytes-or-more"

    def __init__(self, scene):
        self.scene = scene
        self.guarded = False            # tells nothing without the token
        self.silent = False             # streams say nothing, and do not end
        self.lock = threading.Lock()
        self.streams = []
        self.visits = set()
        self.asked = []                 # (method, path, Authorization)
        self.port = 0
        self.open()

    def open(self):
        self.server = Server(("127.0.0.1", self.port), Visit)
        self.server.stage = self
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,),
                         daemon=True).start()

    def cut(self):
        """Nobody is there any more, as when the daemon has been killed."""
        self.server.shutdown()
        self.server.server_close()
        for s in list(self.visits):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        with self.lock:
            for q in self.streams:
                q.put(None)

    def heard(self, visit):
        self.asked.append((visit.command, visit.path,
                           visit.headers["Authorization"]))

    def tick(self):
        with self.lock:
            t = self.scene.next()
            for q in self.streams:
                q.put(t)
