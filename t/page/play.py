"""What the tests on the stage begin with: scenes, and the page of a stage."""

from probe import TEXT_HAS
from scene import NAMES, Disk, Scene
from stage import Stage


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
