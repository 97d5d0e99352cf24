"""What can be done with the page, and to it."""

from play import Page, counted, scene_64
from probe import FOCUS, LEGEND, TEXT_HAS, TEXT_IS
from scene import Disk, Scene
from stage import Stage
from tap import ok, same

XSS = "<img src=x onerror=window.hacked=1>"


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
    ok(b.wait(TEXT_HAS, "[aria-label='Disk sda'] .said", "refuses"),
       "a button without a mouse")
    b.complaints()                      # the 409
    b.run("use('')")
    p.close()
