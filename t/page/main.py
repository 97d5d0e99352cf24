"""The page of the admin address in a browser, before a stage on which the test
itself moves the scene.  Speaks TAP.  Arguments: a directory for the browser;
and, of a daemon that runs, its admin address, its own, and its token.
"""

import sys

from browser import Browser, Failure
from scene import NAMES, Disk, Scene
from stage import Stage

XSS = "<img src=x onerror=window.hacked=1>"

# The colours of the page, by its names for them.  All that is read back is read
# from copies: the browser has a word to say about it otherwise.
COLOURS = """
	const css = getComputedStyle(document.documentElement);
	const copy = c => {
		const k = document.createElement('canvas');
		k.width = c.width;
		k.height = c.height;
		const g = k.getContext('2d', { willReadFrequently: true });
		if (c.width > 1)
			g.drawImage(c, 0, 0);
		return g;
	};
	const box = copy({ width: 1, height: 1 });
	const rgb = {};
	for (const name of arguments[0]) {
		box.clearRect(0, 0, 1, 1);
		box.fillStyle = css.getPropertyValue('--' + name).trim();
		box.fillRect(0, 0, 1, 1);
		rgb[name] = [...box.getImageData(0, 0, 1, 1).data].join();
	}
"""

# Squares by what is in their corners, where no letter is.
COUNT_SQUARES = COLOURS + """
	const c = document.getElementById('grid'), n = {};
	const g = copy(c), r = devicePixelRatio;
	const cell = +c.dataset.cell, cols = +c.dataset.cols;
	for (let i = 0; i < arguments[1]; i++) {
		const x = i % cols * cell, y = Math.floor(i / cols) * cell;
		const at = [...g.getImageData(x * r, y * r, 1, 1)
		    .data].join();
		const name = Object.keys(rgb).find(k => rgb[k] === at) || at;
		n[name] = (n[name] || 0) + 1;
	}
	return n;
"""

# How many pixels of a canvas are of a colour that the page defines.
COUNT_PIXELS = COLOURS + """
	const c = document.querySelector(arguments[1]);
	const d = copy(c).getImageData(0, 0, c.width, c.height).data;
	const n = Object.fromEntries(arguments[0].map(k => [k, 0]));
	for (let i = 0; i < d.length; i += 4)
		for (const k in rgb)
			if (rgb[k] === [...d.slice(i, i + 4)].join())
				n[k]++;
	return n;
"""

LEGEND = """
	return Object.fromEntries([...document.querySelectorAll('#legend b')]
	    .map(b => [b.id.slice(2), b.textContent.replace(/,/g, '')])
	    .filter(([k, v]) => v !== '0').map(([k, v]) => [k, +v]));
"""

TEXT_IS = """
	return document.querySelector(arguments[0])?.textContent === arguments[1];
"""

TEXT_HAS = """
	return document.querySelector(arguments[0])?.textContent
	    .includes(arguments[1]) || false;
"""

FOCUS = """
	const e = document.activeElement, s = getComputedStyle(e);
	const box = e.getBoundingClientRect();
	return e === document.body ? null : [(e.id || (e.closest('article')
	    ?.getAttribute('aria-label') || '') + ': ' + (e.getAttribute(
	    'aria-label') || e.textContent)), s.outlineStyle !== 'none' &&
	    parseFloat(s.outlineWidth) >= 2 && box.top >= 0 && box.bottom <=
	    innerHeight];
"""

# Lightness of text and of what is behind it, as WCAG has it.
CONTRAST = """
	const rgb = s => s.match(/[\\d.]+/g).map(Number);
	const light = c => c.slice(0, 3).map(v => (v /= 255) <= .03928 ?
	    v / 12.92 : ((v + .055) / 1.055) ** 2.4).reduce((sum, v, i) =>
	    sum + v * [.2126, .7152, .0722][i], 0);
	const behind = e => { for (; e; e = e.parentElement) {
		const c = rgb(getComputedStyle(e).backgroundColor);
		if (c.length < 4 || c[3] > 0) return c;
	} };
	const poor = [];
	for (const e of document.querySelectorAll('body *')) {
		if (![...e.childNodes].some(n => n.nodeType === 3 &&
		    n.data.trim()) || e.closest('script, style, [hidden]'))
			continue;
		const a = light(rgb(getComputedStyle(e).color));
		const b = light(behind(e));
		const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
		if (ratio < 4.5)
			poor.push(e.textContent.trim().slice(0, 30) + ' ' +
			    ratio.toFixed(1));
	}
	return poor;
"""

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


def scene_64():
    """A disk that is dying, one that is well, and one of each letter."""
    letters = "_" * 36 + "RQDWKGS" + "!" * 5 + "D" * 8 + "Q" * 4 + "...."
    return Scene(letters, [
        Disk("sda", "dying", lanes=4, lanes_busy=3, limit=32, inside=19,
             stuck=5),
        Disk("default", lanes=0)])


def counted(letters):
    return {name: letters.count(c) for c, name in NAMES.items()
            if c in letters}


class Page:
    """The page of a stage, up and current."""

    def __init__(self, browser, scene):
        self.b = browser
        self.scene = scene
        self.stage = Stage(scene)
        self.open()

    def open(self):
        self.b.go("http://127.0.0.1:%d/" % self.stage.port)
        self.b.wait("return document.getElementById('link').dataset.is"
                    "=== 'live'")
        self.tick()
        self.b.wait(TEXT_HAS, "#about", "spindled/")

    def tick(self):
        """One tick, and it has been drawn."""
        self.stage.tick()
        self.b.wait("return ticks.length > 0 && ticks.at(-1).t === "
                    "arguments[0]", self.scene.now)

    def close(self):
        self.b.go("about:blank")
        self.stage.cut()


def test_grid(b):
    b.size(1280, 900)
    p = Page(b, scene_64())
    letters = p.scene.slots
    same(b.run(LEGEND), counted(letters), "the legend counts the slots")
    # An empty slot is a dot on what is behind it.
    want = counted(letters)
    drawn = b.run(COUNT_SQUARES, [n for n in NAMES.values()], len(letters))
    same(drawn, want, "the squares have the colours of the states")
    same(b.text("#sum"), "36 of 60 workers are idle; 5 are stuck in sda.",
         "the summary")
    same(b.text("#f-busy"), "23", "busy are all that do something")
    same(b.text("#f-wanted"), "60", "how many there should be")
    p.scene.slots = "!" * 60
    p.scene.queue = 231
    p.tick()
    same(b.text("#sum"), "No worker is idle: all 60 are stuck in sda.",
         "all are stuck")
    same(b.run(LEGEND), {"stuck": 60}, "the legend, then")
    same(b.run(COUNT_SQUARES, ["stuck", "idle"], 60), {"stuck": 60},
         "the squares, then, of which there are fewer")
    same(b.text("#f-queue"), "231", "and the queue is long")
    p.scene.fallback = "the kernel says <no>"
    p.scene.balance = "shared"
    b.run("poll()")
    ok(b.wait(TEXT_HAS, "#fallback", "shared, which is not the one "
              "configured: the kernel says <no>"), "why a policy is in force")
    ok(b.run("return document.getElementById('fallback').offsetHeight > 0"),
       "it is seen")
    same(b.complaints(), [], "the console is empty")
    p.close()


def test_many(b):
    b.size(1280, 900)
    letters = ("_" * 20 + "D" * 3 + "!" + "QWRK"[0] + "_" * 75) * 100
    p = Page(b, Scene(letters, [Disk("sda", lanes=0, inside=300)]))
    same(b.run(LEGEND), counted(letters), "10,000 slots: the legend")
    n = b.run(COUNT_SQUARES, list(NAMES.values()), len(letters))
    same((n["disk"], n["stuck"]), (300, 100), "10,000 slots: the squares")
    same([a for _, a, _ in p.stage.asked if a.startswith("/status")],
         ["/status.json?slots=0"], "the slots are not asked for")
    b.run("document.getElementById('grid').focus()")
    b.press("End")
    ok(b.wait(TEXT_HAS, "#slot", "pid 10999"), "but where somebody looks",
       b.text("#slot"))
    b.size(360, 740)
    ok(b.wait("const g = document.getElementById('grid');"
              "return g.width <= 360 && g.height > 0 && g.dataset.cols *"
              "g.dataset.cell <= g.clientWidth"),
       "10,000 slots have room on a phone")
    same(b.complaints(), [], "the console is empty")
    p.close()


def test_disks(b):
    b.size(1280, 900)
    p = Page(b, scene_64())
    card = "[aria-label='Disk sda'] "
    b.wait("return document.querySelector(arguments[0])", card)
    same(b.text(card + ".is"), "dying", "the condition of a disk")
    ok(b.run("return document.querySelector(arguments[0])"
             ".classList.contains('off')", card + ".is"), "is one that shows")
    p.tick()
    same(b.text(card + ".facts"), "3 of 4 lanes busy · 19 of 32 inside · "
         "90,001 reads, 12 failed", "lanes, who is inside, reads")
    same(b.text("[aria-label='Disk default'] .facts"), "any number of lanes"
         " · 0 inside · 90,001 reads, 12 failed", "no lanes, no limit")
    b.click(card + "summary")
    ok(b.wait("return document.querySelectorAll(arguments[0]).length === 19",
              card + "tbody tr"), "who is inside: Q, D and !")
    same(b.text(card + "tbody tr td"), "47", "the longest one first")
    shades = ["h0", "h1", "h2", "h3", "h4"]
    before = b.run(COUNT_PIXELS, shades + ["queued"], card + ".heat")
    ok(before["h0"] > 0 and before["h4"] > 0,
       "the heat map has few and many", before)
    ok(before["queued"] > 0, "and tells of the condition", before)
    for d in p.scene.disks:
        d.took = 20.0
        d.reads = 9
    was = b.run("return document.querySelector(arguments[0]).toDataURL()",
                card + ".heat")
    high = COLOURS + """
	const c = document.querySelector(arguments[1]);
	const g = copy(c);
	const y = 20 + 23 * 6 - (edges.findIndex(e => e >= 20) + 1) * 6 + 2;
	return [...g.getImageData(c.width - 2, y, 1, 1).data].join();
"""
    empty = b.run(high, [], card + ".heat")
    p.tick()
    ok(was != b.run("return document.querySelector(arguments[0])"
                    ".toDataURL()", card + ".heat"), "a tick changes it")
    ok(empty != b.run(high, [], card + ".heat"),
       "reads of 20 s are where 20 s are, now")
    b.run("describe()")
    same(b.run("return document.querySelector(arguments[0])"
               ".getAttribute('aria-label')", card + ".heat"),
         "Latency of disk sda over the last minutes: most reads took up to "
         "8.4 ms, the slowest up to 2 min 17 s", "what it shows, in words")
    p.scene.disks.append(Disk("sdb"))
    del p.scene.disks[1]
    p.tick()
    b.run("poll()")
    ok(b.wait("return [...document.querySelectorAll('#disks h3')].map(e => "
              "e.textContent).join() === 'sda,sdb'"),
       "disks come and go with a reload")
    same(b.complaints(), [], "the console is empty")
    p.close()


def test_charts(b):
    p = Page(b, scene_64())
    for i, name in enumerate(["requests", "total", "queue", "disk"]):
        chart = "#charts article:nth-child(%d) " % (i + 1)
        n = b.run(COUNT_PIXELS, ["accent", "stuck"], chart + "canvas")
        ok(n["accent"] > 250 and n["stuck"] > 100,
           "two lines are drawn: %s" % name, n)
    t = p.scene.tick()
    shown = b.run("return [...document.querySelectorAll('#charts b')]"
                  ".map(e => e.textContent)")
    same(shown[:2], ["%.0f" % t["rate"]["requests"], "0"],
         "requests and errors each second, now")
    same(shown[2:4], ["%.0f ms" % (v * 1e3) for v in t["latency"]["total"]],
         "p50 and p99, now")
    b.run("describe()")
    ok("now %.0f" % t["rate"]["requests"] in b.run(
        "return document.querySelector('#charts canvas')"
        ".getAttribute('aria-label')"), "in words, too")
    p.scene.history = {"interval": 1, "rows": [1, 2], "ticks": []}
    p.open()
    n = b.run(COUNT_PIXELS, ["accent"], "#charts canvas")
    ok(n["accent"] < 20, "without a history there is no line yet", n)
    same(b.complaints(), [], "the console is empty")
    p.close()


def test_token(b):
    p = Page(b, scene_64())
    buttons = "return document.querySelectorAll('fieldset button').length"
    same(b.run(buttons), 0, "without the token there are no buttons")
    b.click("#key")
    b.write("wrong-token-is-this")
    b.press("Enter")
    ok(b.wait(buttons), "with one there are")
    same(b.run(buttons), 8, "one for each condition, one for the schedule")
    dying = "[aria-label='Disk default'] fieldset button:nth-of-type(2)"
    same(b.text(dying), "dying", "the second is to be dying")
    b.click(dying)
    ok(b.wait(TEXT_IS, "#why", "The token was refused."),
       "a wrong one is told")
    b.complaints()                      # the 401
    b.click("#key")
    same(b.run(buttons), 0, "when it is forgotten, the buttons are gone")
    same(b.run("return sessionStorage.length + localStorage.length"), 0,
         "and nobody keeps it")
    b.click("#key")
    b.write(Stage.token)
    b.press("Enter")
    b.wait(buttons)
    b.run("const s = document.querySelector(arguments[0]); s.value = '5m'",
          "[aria-label='Disk default'] select")
    b.click(dying)
    said = "[aria-label='Disk default'] .said"
    ok(b.wait(TEXT_IS, said, "disk default is dying"), "what came of it",
       b.text(said))
    same([a for a in p.stage.asked if a[0] == "POST"][-1],
         ("POST", "/disks/default/condition?name=dying&for=5m",
          "Bearer " + Stage.token), "it was asked for with the token")
    ok(b.wait("return document.querySelector(arguments[0])"
              ".getAttribute('aria-pressed') === 'true'", dying),
       "the button is pressed")
    p.tick()
    ok("default is dying, forced until changed" in b.text("#more"),
       "the summary tells", b.text("#more"))
    b.click("[aria-label='Disk default'] fieldset button:nth-of-type(3)")
    ok(b.wait(TEXT_IS, said, "the master <b>refuses</b>"),
       "what the master refuses is told as it is")
    b.click("[aria-label='Disk default'] fieldset button:nth-of-type(4)")
    ok(b.wait(TEXT_IS, said, "disk default is healthy"),
       "back to the schedule")
    same(p.stage.asked[-1][1] if p.stage.asked[-1][0] == "POST" else
         [a for a in p.stage.asked if a[0] == "POST"][-1][1],
         "/disks/default/condition?name=", "which has no name, no time")
    same(b.run("return Object.keys(sessionStorage).join() + "
               "localStorage.length + document.cookie"), "token0",
         "the token is in the session's storage and nowhere else")
    p.open()
    ok(b.wait(buttons), "a reload of the page keeps it")
    p.stage.guarded = True
    b.run("use(''); restart()")
    ok(b.wait(TEXT_IS, "#link", "token needed"),
       "where all needs the token, it is asked for")
    b.complaints()
    b.run("document.getElementById('word').focus()")
    b.write(Stage.token)
    b.press("Enter")
    ok(b.wait(TEXT_IS, "#link", "live"), "and is enough")
    same(b.run("return document.getElementById('token').hidden"), True,
         "the question goes away")
    # What was under way without the token may be refused a moment later.
    same([m for m in b.complaints() if "401" not in m], [],
         "the console has no more than refusals")
    p.close()


def test_lost(b):
    p = Page(b, scene_64())
    p.stage.cut()
    ok(b.wait(TEXT_IS, "#link", "connection lost"),
       "a lost connection is shown", b.text("#link"))
    ok(b.run("return document.body.classList.contains('lost') && "
             "document.getElementById('lost').offsetHeight > 0"),
       "and cannot be missed")
    ok(b.wait(TEXT_HAS, "#say", "Connection lost."), "it is said")
    ok(b.wait("return wait >= 4"), "tries become rare")
    same(b.run(LEGEND), counted(p.scene.slots), "what was known is still shown")
    p.stage.open()
    p.scene.slots = "_" * 64
    b.click("#lost button")
    ok(b.wait(TEXT_IS, "#link", "live"), "it is back when asked to try")
    p.tick()
    same(b.run(LEGEND), {"idle": 64}, "and current")
    ok(not b.run("return document.body.classList.contains('lost')"),
       "nothing is left of it")
    p.stage.cut()
    b.wait(TEXT_IS, "#link", "connection lost")
    p.stage.open()
    ok(b.wait(TEXT_IS, "#link", "live"), "it comes back by itself")
    p.stage.silent = True
    ok(b.wait(TEXT_IS, "#link", "connection lost"),
       "silence is a lost connection, too")
    b.complaints()                      # refused connections
    p.close()


def test_hostile(b):
    evil = Disk(XSS, condition=XSS, conditions=[XSS, "'\"><script>hacked=1"],
                inside=1)
    s = Scene("_D!", [evil], fallback=XSS, balance=XSS, state=XSS)
    p = Page(b, s)
    b.run("use('x')")
    b.wait("return document.querySelectorAll('fieldset button').length")
    b.click("summary")
    b.run("look(1)")
    p.tick()
    b.wait(TEXT_HAS, "#slot", "pid")
    same(b.run("return window.hacked === undefined"), True,
         "names are not obeyed")
    same(b.run("return document.querySelectorAll('img').length"), 0,
         "and become no elements")
    same(b.text("h3"), XSS, "a name is shown as it is")
    same(b.text(".is"), XSS, "so is a condition")
    same(b.text("fieldset button:nth-of-type(1)"), XSS, "on a button, too")
    ok(XSS in b.text("#fallback") and XSS in b.text("#slot"),
       "and in sentences", b.text("#slot"))
    same(b.complaints(), [], "the policy had nothing to forbid")
    b.run("use('')")
    p.close()


def test_policy(b):
    p = Page(b, scene_64())
    b.run("""
	const s = document.createElement('script');
	s.textContent = 'window.hacked = 1';
	document.body.append(s);
""")
    same(b.run("return window.hacked === undefined"), True,
         "what is not in the page is not run")
    ok(any("Content Security Policy" in m for m in b.complaints()),
       "and the console of this browser would tell")
    same(b.run("return performance.getEntriesByType('resource').filter(e => "
               "!e.name.startsWith(location.origin + '/') && "
               "!e.name.startsWith('data:')).length"), 0,
         "nothing comes from elsewhere")
    p.close()


def test_keyboard(b):
    b.size(1280, 900)
    p = Page(b, scene_64())
    b.run("use('%s')" % Stage.token)
    b.wait("return document.querySelectorAll('fieldset button').length")
    b.run("document.activeElement.blur(); scrollTo(0, 0)")
    seen = []
    for _ in range(40):
        b.press("Tab")
        at = b.run(FOCUS)
        if at is None:
            break
        seen.append(at)
    names = [name for name, _ in seen]
    same(names[:2], ["key", "grid"], "Tab leads to the token, to the slots")
    for disk in ("sda", "default"):
        same([n.split(": ", 1)[1] for n in names
              if n.startswith("Disk " + disk)],
             ["Who is inside", "healthy", "dying", "hang",
              "How long %s stays so" % disk, "Back to the schedule"],
             "and to all of disk " + disk)
    same([n for n, visible in seen if not visible], [],
         "where the focus is, is always to be seen")
    b.run("document.getElementById('grid').focus()")
    b.press("Home")
    b.wait(TEXT_HAS, "#slot", "Slot 0: idle")
    b.press("Right", "Right")
    same(b.run("return document.getElementById('grid')"
               ".getAttribute('aria-valuenow')"), "2", "arrows move")
    b.press("Down")
    cols = b.run("return +document.getElementById('grid').dataset.cols")
    ok(b.text("#slot").startswith("Slot %d:" % (2 + cols)), "a row down",
       b.text("#slot"))
    b.press("End", "Left", "Left", "Left", "Left")
    ok(b.wait(TEXT_HAS, "#slot", "Slot 59: queued for"), "what a slot does",
       b.text("#slot"))
    ok("disk sda (dying)" in b.text("#slot"), "and where", b.text("#slot"))
    b.run("document.querySelectorAll('fieldset button')[2].focus()")
    b.press("Enter")
    ok(b.wait(TEXT_HAS, "[aria-label='Disk sda'] .said", "refuses"), "a button without a mouse")
    b.complaints()                      # the 409
    b.run("use('')")
    p.close()


def test_looks(b):
    names = ["starting", "idle", "reading", "queued", "disk", "replying",
             "kept", "draining", "stuck"]
    paper = {}
    for scheme in ("light", "dark"):
        b.media(prefers_color_scheme=scheme)
        b.size(1280, 900)
        p = Page(b, scene_64())
        b.run("use('x'); unlock('why')")
        b.wait("return document.querySelectorAll('fieldset').length")
        paper[scheme] = b.run(
            "return getComputedStyle(document.body).backgroundColor")
        same(b.run(CONTRAST), [], "%s: all text has contrast" % scheme)
        n = b.run(COUNT_SQUARES, names, 60)
        same(n, counted(p.scene.slots[:60]), "%s: the squares" % scheme)
        b.size(360, 740)
        ok(b.wait("return innerWidth === 360"), "a phone")
        ok(b.run("return document.documentElement.scrollWidth <= 360"),
           "%s: 360 pixels are enough" % scheme)
        b.run("document.querySelectorAll('details').forEach(d => "
              "d.open = true)")
        b.wait("return document.querySelectorAll('tbody tr').length > 40")
        ok(b.run("return document.documentElement.scrollWidth <= 360"),
           "%s: also with all of it open" % scheme)
        b.run("use('')")
        same(b.complaints(), [], "%s: the console is empty" % scheme)
        p.close()
    ok(paper["light"] != paper["dark"], "dark is not light", paper)
    b.media(prefers_color_scheme="light")
    b.size(1280, 900)
    p = Page(b, scene_64())
    before = b.run(COUNT_PIXELS, ["accent"], "#charts canvas")
    b.media(prefers_color_scheme="dark")
    p.tick()
    after = b.run(COUNT_PIXELS, ["accent"], "#charts canvas")
    ok(before["accent"] > 250 and after["accent"] > 250,
       "the pictures follow when it becomes dark", before, after)
    b.media(prefers_reduced_motion="reduce")
    p.open()
    b.run("draw()")
    was = b.run("return document.querySelector('.heat').toDataURL()")
    p.scene.slots = "D" * 64
    p.tick()
    same(b.run("return document.querySelector('.heat').toDataURL()") == was,
         True, "who wants less motion has pictures that stand")
    same(b.run(LEGEND), {"disk": 64}, "while numbers are current")
    b.media()
    p.close()


def test_voice(b):
    """Who hears the page hears of changes, and not each second."""
    p = Page(b, scene_64())
    b.run("""
	window.said = [];
	new MutationObserver(() => said.push(document.getElementById('say')
	    .textContent)).observe(document.getElementById('say'),
	    { childList: true });
""")
    for _ in range(20):
        p.tick()
    p.scene.disks[1].condition = "hang"
    p.tick()
    p.scene.slots = "!" * 60
    p.tick()
    ok(b.wait("return said.join().includes('default is hang')"),
       "a disk that changes is told", b.run("return said"))
    ok(b.wait("return said.join().includes('No worker is idle.')"),
       "nobody being idle, too", b.run("return said"))
    same(b.run("return said.length <= 2"), True, "and nothing else is")
    same(b.complaints(), [], "the console is empty")
    p.close()


def main():
    b = Browser(sys.argv[1])
    try:
        for test in (test_grid, test_many, test_disks, test_charts,
                     test_token, test_lost, test_hostile, test_policy,
                     test_keyboard, test_looks, test_voice):
            try:
                test(b)
            except Failure as e:
                ok(False, test.__name__, e)
    finally:
        b.close()
    print("1..%d" % tests)
    return failed != 0


sys.exit(main())
