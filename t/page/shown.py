"""What the page shows, to whom."""

from play import Page, counted, scene_64
from probe import (CONTRAST, COLOURS, COUNT_PIXELS, COUNT_SQUARES, LEGEND,
                   TEXT_HAS)
from scene import NAMES, Disk, Scene
from tap import ok, same


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
    same(b.run("return said.join(' ')"),
         "Disk default is hang. No worker is idle.", "and nothing else is")
    same(b.complaints(), [], "the console is empty")
    p.close()
