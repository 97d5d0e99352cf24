-- A read of the study's form, for Apache.  r.usleep, which has no use for r, is
-- apr_sleep(), and that is select(2): it holds the thread, as a read of a file
-- does.

function handle(r)
	local status, ms, path = r.uri:match("^/(%d+),(%d+),(.+)$")
	if not status then
		return 400
	end
	local begun = r:clock()
	r.usleep(ms * 1000)
	local size = (r.args or ""):match("size=(%d+)")
	local total = math.floor((r:clock() - begun) / 1000)
	r.status = tonumber(status)
	r.content_type = "text/plain"
	r:write(size and ("."):rep(size) or total .. "," .. path)
	return apache2.OK
end
