#!/bin/sh
#
# The page of the admin address, in a browser: what it shows, what it does with
# the token, and who can read it.  t/page/ is made of: browser.py, which drives
# the browser; stage.py, which serves the page, with scene.py in the place of a
# daemon, so that it is known what has to be seen; and the tests, main.py.

cd "$(dirname "$0")/.." || exit 1
. t/tap.sh

for tool in chromium chromedriver /usr/bin/python3; do
	command -v $tool >/dev/null || skip_all "no $tool"
done

/usr/bin/python3 -B t/page/main.py "$tmp/browser"
