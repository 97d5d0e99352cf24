#!/bin/sh
#
# The page of the admin address, in a browser: what it shows, what it does with
# the token, and who can read it; t/page/main.py and its neighbours.  It stands
# before a stage, so that it is known what has to be seen, and then before a
# daemon.

cd "$(dirname "$0")/.." || exit 1
. t/tap.sh
. t/daemon.sh

for tool in chromium chromedriver /usr/bin/python3; do
	command -v $tool >/dev/null || skip_all "no $tool"
done

token=sixteen-bytes-or-more
echo $token >"$tmp/token"
chmod 600 "$tmp/token"

daemon_start page "workers 8" "stuck-after 100ms" "stop-timeout 100ms" \
    "admin 127.0.0.1:0" "admin-token $tmp/token" \
    "disk sda {" "read fixed 1m" "}" \
    "disk default {" "read fixed 0" "condition dying {" \
    "slow 50% fixed 1s" "}" "}"
set -- "$tmp/browser" "${url##*:}" \
    "$(sed -n 's/.*admin: status at .*://p' "$tmp/page.log")" $token "$pid"
/usr/bin/python3 -B t/page/main.py "$@"
status=$?
daemon_stop "$pid" 2>/dev/null
exit $status
