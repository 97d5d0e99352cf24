"""A browser, driven by chromedriver(1) over its protocol, WebDriver."""

import base64
import json
import subprocess
import time
import urllib.error
import urllib.request

DEADLINE = 120          # s, for what is waited for; never how long it takes
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {"Tab": "\ue004", "Enter": "\ue007", "Right": "\ue014",
        "Left": "\ue012", "Down": "\ue015", "End": "\ue010",
        "Home": "\ue011", "Space": " "}


class Failure(Exception):
    pass


class Browser:
    def __init__(self, scratch):
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)
        self.session = None
        try:
            self.begin(scratch)
        except BaseException:
            self.close()
            raise

    def begin(self, scratch):
        port = None
        while port is None:
            line = self.driver.stdout.readline()
            if line == "":
                raise Failure("chromedriver ended")
            if "successfully on port " in line:
                port = int(line.rsplit("on port ", 1)[1].rstrip(". \n"))
        self.url = "http://127.0.0.1:%d/session" % port
        got = self.call("POST", "", {"capabilities": {"alwaysMatch": {
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {"args": [
                "--headless=new", "--no-sandbox", "--disable-gpu",
                "--disable-dev-shm-usage", "--hide-scrollbars",
                "--no-proxy-server", "--disable-background-networking",
                "--user-data-dir=" + scratch]}}}})
        self.session = got["sessionId"]
        self.url += "/" + self.session

    def call(self, method, path, what=None):
        r = urllib.request.Request(
            self.url + path, method=method,
            data=None if what is None else json.dumps(what).encode(),
            headers={"Content-Type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(r, timeout=2 * DEADLINE) as f:
                return json.load(f)["value"]
        except urllib.error.HTTPError as e:
            raise Failure(json.load(e)["value"]["message"]) from None

    def close(self):
        try:
            if self.session is not None:
                self.call("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait()
            self.driver.stdout.close()

    def cdp(self, command, **params):
        return self.call("POST", "/goog/cdp/execute",
                         {"cmd": command, "params": params})

    def go(self, url):
        self.call("POST", "/url", {"url": url})

    def run(self, script, *args):
        """What the script returns."""
        return self.call("POST", "/execute/sync",
                         {"script": script, "args": list(args)})

    def wait(self, script, *args):
        """Until the script returns something that is true, and gives that;
        or what it returned last."""
        end = time.monotonic() + DEADLINE
        while not (got := self.run(script, *args)):
            if time.monotonic() > end:
                break
            time.sleep(0.02)
        return got

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0])"
                        "?.textContent", selector)

    def find(self, selector):
        return self.call("POST", "/element", {
            "using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        self.call("POST", "/element/%s/click" % self.find(selector), {})

    def press(self, *names):
        """Keys, for whatever has the focus."""
        self.call("POST", "/actions", {"actions": [{
            "type": "key", "id": "keys", "actions": [
                {"type": kind, "value": KEYS.get(name, name)}
                for name in names for kind in ("keyDown", "keyUp")]}]})

    def write(self, text):
        self.press(*text)

    def size(self, width, height, scale=1):
        self.cdp("Emulation.setDeviceMetricsOverride", width=width,
                 height=height, deviceScaleFactor=scale, mobile=False)

    def media(self, **features):
        self.cdp("Emulation.setEmulatedMedia", features=[
            {"name": k.replace("_", "-"), "value": v}
            for k, v in features.items()])

    def shot(self, path):
        """The whole page."""
        got = self.cdp("Page.captureScreenshot", captureBeyondViewport=True)
        with open(path, "wb") as f:
            f.write(base64.b64decode(got["data"]))

    def complaints(self):
        """The console's, since the last time."""
        return [e["message"] for e in self.call("POST", "/se/log",
                                                {"type": "browser"})
                if e["level"] in ("SEVERE", "WARNING")]
