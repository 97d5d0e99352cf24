/*
 * The parser of request heads: what it makes of each request, and that how
 * the bytes are cut, what lies behind them, and the limit change nothing that
 * they should not change.  Hosts by themselves are 10-host.c's, bytes and
 * their number 10-http-bytes.c's.
 */
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/wire.h"
#include "t/check.h"
#include "t/head.h"
#include "t/requests.h"

/* A request, and what head_describe() has to say of it. */
struct head_case {
	const char *name;
	const char *bytes;
	size_t len;
	const char *want;
};

#define T(name, bytes, want)	{ name, bytes, sizeof(bytes) - 1, want }

#define LINE(l)		l "\r\nHost: t\r\n\r\n"
#define TARGET(t)	LINE("GET " t " HTTP/1.1")
#define FIELD(f)	LINE("GET / HTTP/1.1\r\n" f)
#define FIELD10(f)	"GET / HTTP/1.0\r\n" f "\r\n\r\n"
#define HOST(h)		"GET / HTTP/1.1\r\nHost:" h "\r\n\r\n"
#define CL		"Content-Length: "
#define TE		"Transfer-Encoding: "

#define PLAIN		"GET [/] 1.1 keep host=[t]"

#define BYTE_400	"400 a first byte that begins no method"
#define CONTROL_400	"400 a control character"
#define CR_400		"400 a carriage return without its line feed"
#define BLANKS_400	"400 too many empty lines in front"
#define METHOD_400	"400 a method that is not a token"
#define NO_TARGET_400	"400 no target in the request line"
#define NO_VERSION_400	"400 no HTTP version in the request line"
#define SPACES_400	"400 more than two spaces in the request line"
#define VERSION_400	"400 a malformed HTTP version"
#define VERSION_505	"505 the HTTP version is neither 1.0 nor 1.1"
#define TARGET_400	"400 the target is neither a path nor an http URL"
#define URL_400		"400 a character in the target that belongs in no URL"
#define PERCENT_400	"400 a % without two hex digits in the target"
#define AUTHORITY_400	"400 a malformed host in the target"
#define FOLD_400	"400 a folded header field"
#define NO_COLON_400	"400 a header field without a colon"
#define NO_NAME_400	"400 a header field without a name"
#define COLON_400	"400 space before the colon of a header field"
#define NAME_400	"400 a header field's name that is not a token"
#define HOSTS_400	"400 more than one Host"
#define HOST_400	"400 a malformed Host"
#define NO_HOST_400	"400 no Host, which HTTP/1.1 demands"
#define CL_400		"400 a malformed Content-Length"
#define CL_RANGE_400	"400 a Content-Length out of all bounds"
#define CL_TWO_400	"400 two different Content-Lengths"
#define TE_400		"400 a malformed Transfer-Encoding"
#define TE_BEHIND_400	"400 a transfer coding behind chunked"
#define TE_LAST_400	"400 chunked is not the last transfer coding"
#define TE_10_400	"400 Transfer-Encoding in HTTP/1.0"
#define TE_CL_400	"400 both Transfer-Encoding and Content-Length"
#define TE_501		"501 a transfer coding other than chunked"
#define EXPECT_417	"417 an expectation other than 100-continue"

static const struct head_case heads[] = {
	/* Lines. */
	T("CR LF", TARGET("/"), PLAIN),
	T("bare LF", "GET / HTTP/1.1\nHost: t\n\n", PLAIN),
	T("mixed ends", "GET / HTTP/1.1\r\nHost: t\n\r\n", PLAIN),
	T("nothing", "", "more"),
	T("no empty line", "GET / HTTP/1.1\r\nHost: t\r\n", "more"),
	T("no last LF", "GET / HTTP/1.1\r\nHost: t\r\n\r", "more"),
	T("no line's end", "GET / HTTP/1.1", "more"),
	T("a lone CR", "\r", "more"),
	T("CR LF in front", "\r\n" TARGET("/"), PLAIN),
	T("LF in front", "\n" TARGET("/"), PLAIN),
	T("four empty lines", "\r\n\n\r\n\n" TARGET("/"), PLAIN),
	T("four empty lines only", "\r\n\r\n\r\n\r\n", "more"),
	T("five empty lines", "\r\n\r\n\r\n\r\n\r\n", BLANKS_400),
	T("five LF", "\n\n\n\n\n" TARGET("/"), BLANKS_400),
	T("a second request", TARGET("/a") TARGET("/b"),
	    "GET [/a] 1.1 keep host=[t] rest=28"),
	T("garbage behind", TARGET("/") "\026\0\r\r", PLAIN " rest=4"),
	T("one byte behind", TARGET("/") "\r", PLAIN " rest=1"),
	T("CR in the method", "G\rT / HTTP/1.1\r\n", CR_400),
	T("CR in front", "\rGET / HTTP/1.1\r\n", CR_400),
	T("CR CR LF", "GET / HTTP/1.1\r\r\n", CR_400),
	T("CR in a value", FIELD("X: a\rb"), CR_400),
	T("CR at a name", FIELD("\rX: a"), CR_400),
	T("CR CR at the end", "GET / HTTP/1.1\r\nHost: t\r\n\r\r\n", CR_400),
	T("CR and NUL", "GET / HTTP/1.1\r\0\n", CR_400),
	T("NUL in a value", FIELD("X: a\0b"), CONTROL_400),
	T("NUL in a name", FIELD("X\0: a"), CONTROL_400),
	T("NUL in the method", "GE\0T", CONTROL_400),
	T("NUL before a CR", FIELD("X: a\0\rb"), CONTROL_400),
	T("a control wins over its line", FIELD("X : \001"), CONTROL_400),
	T("a line wins over a later control", FIELD("X : x\r\nY: \001"),
	    COLON_400),
	T("DEL in a value", FIELD("X: \177"), CONTROL_400),
	T("TLS", "\026\003\001", BYTE_400),
	T("TLS behind an empty line", "\r\n\026\003\001", BYTE_400),
	T("NUL", "\0", BYTE_400),
	T("SP in front", " GET / HTTP/1.1\r\n", BYTE_400),
	T("HT in front", "\tGET / HTTP/1.1\r\n", BYTE_400),
	T("a blank line in front", " \r\nGET / HTTP/1.1\r\n", BYTE_400),
	T("a colon in front", ":", BYTE_400),
	T("0x80", "\200", BYTE_400),
	T("0xff", "\377", BYTE_400),

	/* The request line's parts. */
	T("GET", LINE("GET / HTTP/1.1"), PLAIN),
	T("HEAD", LINE("HEAD / HTTP/1.1"), "HEAD [/] 1.1 keep host=[t]"),
	T("POST", LINE("POST / HTTP/1.1"), "POST [/] 1.1 keep host=[t]"),
	T("get", LINE("get / HTTP/1.1"), "OTHER [/] 1.1 keep host=[t]"),
	T("GEt", LINE("GEt / HTTP/1.1"), "OTHER [/] 1.1 keep host=[t]"),
	T("GETS", LINE("GETS / HTTP/1.1"), "OTHER [/] 1.1 keep host=[t]"),
	T("HEA", LINE("HEA / HTTP/1.1"), "OTHER [/] 1.1 keep host=[t]"),
	T("HEADS", LINE("HEADS / HTTP/1.1"), "OTHER [/] 1.1 keep host=[t]"),
	T("X", LINE("X / HTTP/1.1"), "OTHER [/] 1.1 keep host=[t]"),
	T("a method in quotes", LINE("A\"B\" / HTTP/1.1"), METHOD_400),
	T("a method with a tab", LINE("GET\t/ HTTP/1.1"), METHOD_400),
	T("a method with 0xff", LINE("G\377 / HTTP/1.1"), METHOD_400),
	T("only a bad method", LINE("G:T"), METHOD_400),
	T("only a method", LINE("GET"), NO_TARGET_400),
	T("SSH", "SSH-2.0-OpenSSH_9.2p1\r\n", NO_TARGET_400),
	T("HTTP/0.9", "GET /\r\n", NO_VERSION_400),
	T("a method and a space", LINE("GET "), NO_VERSION_400),
	T("a target and a space", LINE("GET / "), VERSION_400),
	T("an empty target", LINE("GET  HTTP/1.1"), TARGET_400),
	T("SP SP target", LINE("GET  / HTTP/1.1"), SPACES_400),
	T("target SP SP", LINE("GET /  HTTP/1.1"), SPACES_400),
	T("a space in the target", LINE("GET /a b HTTP/1.1"), SPACES_400),
	T("a space at the end", LINE("GET / HTTP/1.1 "), SPACES_400),
	T("a tab for a space", LINE("GET /\tHTTP/1.1"), NO_VERSION_400),
	T("a tab at the end", LINE("GET / HTTP/1.1\t"), VERSION_400),
	T("HTTP/1.0", LINE("GET / HTTP/1.0"), "GET [/] 1.0 host=[t]"),
	T("HTTP/1.2", LINE("GET / HTTP/1.2"), PLAIN),
	T("HTTP/1.9", LINE("GET / HTTP/1.9"), PLAIN),
	T("HTTP/0.9 named", LINE("GET / HTTP/0.9"), VERSION_505),
	T("HTTP/2.0", LINE("GET / HTTP/2.0"), VERSION_505),
	T("HTTP/9.0", LINE("GET / HTTP/9.0"), VERSION_505),
	T("HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", VERSION_505),
	T("HTTP/2.0 before the target", LINE("GET # HTTP/2.0"), VERSION_505),
	T("HTTP/2", LINE("GET / HTTP/2"), VERSION_400),
	T("HTTP/1.", LINE("GET / HTTP/1."), VERSION_400),
	T("HTTP/1.10", LINE("GET / HTTP/1.10"), VERSION_400),
	T("HTTP/11.1", LINE("GET / HTTP/11.1"), VERSION_400),
	T("HTTP/1,1", LINE("GET / HTTP/1,1"), VERSION_400),
	T("HTTP/a.1", LINE("GET / HTTP/a.1"), VERSION_400),
	T("HTTP/1.a", LINE("GET / HTTP/1.a"), VERSION_400),
	T("http/1.1", LINE("GET / http/1.1"), VERSION_400),
	T("HTTPS/1.1", LINE("GET / HTTPS/1.1"), VERSION_400),
	T("HTTX/1.1", LINE("GET / HTTX/1.1"), VERSION_400),
	T("HTTP-1.1", LINE("GET / HTTP-1.1"), VERSION_400),
	T("a bad target in HTTP/1.x", LINE("GET # HTTP/x"), VERSION_400),

	/* Targets. */
	T("a path", TARGET("/a/b;c=d/"), "GET [/a/b;c=d/] 1.1 keep host=[t]"),
	T("a query", TARGET("/a?b?c/d"),
	    "GET [/a] ?[b?c/d] 1.1 keep host=[t]"),
	T("an empty query", TARGET("/?"), "GET [/] ?[] 1.1 keep host=[t]"),
	T("two slashes", TARGET("//a"), "GET [//a] 1.1 keep host=[t]"),
	T("encodings", TARGET("/%00%fF?%Ff"),
	    "GET [/%00%fF] ?[%Ff] 1.1 keep host=[t]"),
	T("an encoding at each end", TARGET("/%41b%43"),
	    "GET [/%41b%43] 1.1 keep host=[t]"),
	T("dots", TARGET("/../a/./b"), "GET [/../a/./b] 1.1 keep host=[t]"),
	T("absolute", TARGET("http://h:1/a?b"),
	    "GET [/a] ?[b] 1.1 keep host=[h:1]"),
	T("absolute, HTTPS", TARGET("HTTPS://h/"),
	    "GET [/] 1.1 keep host=[h]"),
	T("absolute, no path", TARGET("http://h"),
	    "GET [/] 1.1 keep host=[h]"),
	T("absolute, only a query", TARGET("http://h?b/c"),
	    "GET [/] ?[b/c] 1.1 keep host=[h]"),
	T("absolute, an empty port", TARGET("http://h:/"),
	    "GET [/] 1.1 keep host=[h:]"),
	T("absolute, IPv6", TARGET("http://[::1]:80/"),
	    "GET [/] 1.1 keep host=[[::1]:80]"),
	T("absolute, an empty Host",
	    "GET http://h/ HTTP/1.1\r\nHost:\r\n\r\n",
	    "GET [/] 1.1 keep host=[h]"),
	T("absolute in 1.0", "GET http://h/ HTTP/1.0\r\n\r\n",
	    "GET [/] 1.0 host=[h]"),
	T("absolute, no Host", "GET http://h/ HTTP/1.1\r\n\r\n", NO_HOST_400),
	T("absolute, a bad Host", "GET http://h/ HTTP/1.1\r\nHost: /\r\n\r\n",
	    HOST_400),
	T("absolute, POST", LINE("POST http://h/a HTTP/1.1"),
	    "POST [/a] 1.1 keep host=[h]"),
	T("absolute, no host", TARGET("http:///a"), AUTHORITY_400),
	T("absolute, nothing", TARGET("http://"), AUTHORITY_400),
	T("absolute, only a port", TARGET("http://:80/"), AUTHORITY_400),
	T("absolute, a user", TARGET("http://u@h/"), AUTHORITY_400),
	T("absolute, a fragment", TARGET("http://h#f"), AUTHORITY_400),
	T("absolute, a bad port", TARGET("http://h:a/"), AUTHORITY_400),
	T("absolute, a bad path", TARGET("http://h/{"), URL_400),
	T("absolute, FTP", TARGET("ftp://h/"), TARGET_400),
	T("absolute, one slash", TARGET("http:/h/"), TARGET_400),
	T("absolute, no slash", TARGET("http:h"), TARGET_400),
	T("absolute, two colons", TARGET("http::/h"), TARGET_400),
	T("absolute, a longer scheme", TARGET("httpss://h/"), TARGET_400),
	T("absolute, a shorter scheme", TARGET("htt://h/"), TARGET_400),
	T("absolute, no scheme", TARGET("://h/"), TARGET_400),
	T("absolute, the scheme only", TARGET("http:"), TARGET_400),
	T("GET *", TARGET("*"), TARGET_400),
	T("HEAD *", LINE("HEAD * HTTP/1.1"), TARGET_400),
	T("GET host:port", TARGET("h:80"), TARGET_400),
	T("GET a word", TARGET("a"), TARGET_400),
	T("GET a query", TARGET("?a"), TARGET_400),
	T("OPTIONS *", LINE("OPTIONS * HTTP/1.1"),
	    "OTHER - 1.1 keep host=[t]"),
	T("OPTIONS **", LINE("OPTIONS ** HTTP/1.1"), TARGET_400),
	T("CONNECT h:443", LINE("CONNECT h:443 HTTP/1.1"),
	    "OTHER - 1.1 keep host=[t]"),
	T("CONNECT IPv6", LINE("CONNECT [::]:443 HTTP/1.1"),
	    "OTHER - 1.1 keep host=[t]"),
	T("CONNECT h", LINE("CONNECT h HTTP/1.1"), TARGET_400),
	T("CONNECT h:", LINE("CONNECT h: HTTP/1.1"), TARGET_400),
	T("CONNECT :443", LINE("CONNECT :443 HTTP/1.1"), TARGET_400),
	T("a fragment", TARGET("/a#b"), URL_400),
	T("a bracket", TARGET("/a[b"), URL_400),
	T("UTF-8", TARGET("/\303\274"), URL_400),
	T("a tab in the target", TARGET("/a\tb"), URL_400),
	T("a fragment behind a query", TARGET("/a?b#c"), URL_400),
	T("%", TARGET("/%"), PERCENT_400),
	T("%4", TARGET("/%4"), PERCENT_400),
	T("%4/", TARGET("/%4/"), PERCENT_400),
	T("%g0", TARGET("/%g0"), PERCENT_400),
	T("%0g", TARGET("/%0g"), PERCENT_400),
	T("%%41", TARGET("/%%41"), PERCENT_400),
	T("%4 in a query", TARGET("/?%4"), PERCENT_400),

	/* Fields. */
	T("fields for the log", FIELD("User-Agent: \ta b \t\r\nREFERER:c"),
	    PLAIN " agent=[a b] referer=[c]"),
	T("fields of who changes something", FIELD("Authorization: Bearer x\r\n"
	    "ORIGIN: http://t\r\nsec-fetch-site: same-origin"),
	    PLAIN " authorization=[Bearer x] origin=[http://t] "
	    "site=[same-origin]"),
	T("the first of each", FIELD("Origin: a\r\nAuthorization: b\r\n"
	    "Sec-Fetch-Site: c\r\nOrigin: d\r\nAuthorization: e\r\n"
	    "Sec-Fetch-Site: f"),
	    PLAIN " authorization=[b] origin=[a] site=[c]"),
	T("empty fields for the log", FIELD("user-agent:\r\nreferer: \t"),
	    PLAIN " agent=[] referer=[]"),
	T("fields for the log, twice", FIELD("User-Agent: a\r\nReferer: c\r\n"
	    "User-Agent: b\r\nReferer: d"), PLAIN " agent=[a] referer=[c]"),
	T("names that are nearly known", FIELD("User-Agen: a\r\nReferers: c\r\n"
	    "User_Agent: a\r\nHost-: u\r\nHos: u\r\nContent-Lengt: 5\r\n"
	    "Connectio: close\r\nUser-Agents: a\r\nX-Host: u"), PLAIN),
	T("a name that ends in a bad byte", FIELD("Host(: u"), NAME_400),
	T("unknown fields", FIELD("A: b\r\n!#$%&'*+-.^_`|~:\r\nA: \200"),
	    PLAIN),
	T("a value of blanks and commas", FIELD("Connection: \t,, ,\t"), PLAIN),
	T("fold with SP", FIELD("X: a\r\n b"), FOLD_400),
	T("fold with HT", FIELD("X: a\r\n\tb: c"), FOLD_400),
	T("fold of the request line", LINE("GET / HTTP/1.1\r\n X: a"),
	    FOLD_400),
	T("fold of blanks", FIELD("X: a\r\n "), FOLD_400),
	T("no colon", FIELD("abc"), NO_COLON_400),
	T("no colon but a space", FIELD("abc def"), NO_COLON_400),
	T("a slash and no colon", FIELD("abc/def"), NO_COLON_400),
	T("no name", FIELD(": a"), NO_NAME_400),
	T("no name, two colons", FIELD(":: a"), NO_NAME_400),
	T("SP before the colon", FIELD("X : a"), COLON_400),
	T("HT before the colon", FIELD("X\t: a"), COLON_400),
	T("blanks before the colon", FIELD("X \t : a"), COLON_400),
	T("SP in a name", FIELD("X Y: a"), NAME_400),
	T("a slash in a name", FIELD("X/Y: a"), NAME_400),
	T("0xff in a name", FIELD("\377X: a"), NAME_400),
	T("a name in quotes", FIELD("\"X\": a"), NAME_400),

	/* Host. */
	T("Host in capitals", "GET / HTTP/1.1\r\nHOST: t\r\n\r\n", PLAIN),
	T("Host trimmed", HOST("\t t \t"), PLAIN),
	T("Host empty", HOST(""), "GET [/] 1.1 keep host=[]"),
	T("Host with a port", HOST("t:80"), "GET [/] 1.1 keep host=[t:80]"),
	T("Host with an empty port", HOST("t:"), "GET [/] 1.1 keep host=[t:]"),
	T("Host none", "GET / HTTP/1.1\r\nA: b\r\n\r\n", NO_HOST_400),
	T("Host none, no fields", "GET / HTTP/1.1\r\n\r\n", NO_HOST_400),
	T("Host none in 1.2", "GET / HTTP/1.2\r\n\r\n", NO_HOST_400),
	T("Host none in 1.0", "GET / HTTP/1.0\r\n\r\n", "GET [/] 1.0"),
	T("Host none, POST", "POST / HTTP/1.1\r\n\r\n", NO_HOST_400),
	T("Host twice", FIELD("Host: t"), HOSTS_400),
	T("Host twice, first empty", FIELD("Host:"), HOSTS_400),
	T("Host twice in 1.0", FIELD10("Host: t\r\nHost: t"), HOSTS_400),
	T("Host twice, second bad", HOST("t\r\nHost: /"), HOSTS_400),
	T("Host bad in 1.0", FIELD10("Host: /"), HOST_400),
	T("Host a list", HOST("a, b"), HOST_400),

	/* Content-Length. */
	T("length 0", FIELD(CL "0"), PLAIN " length=0"),
	T("length 5", FIELD(CL "5") "hello", PLAIN " length=5 body rest=5"),
	T("length 5 in 1.0", FIELD10(CL "5"),
	    "GET [/] 1.0 length=5 body"),
	T("length 0005", FIELD(CL "0005"), PLAIN " length=5 body"),
	T("length 5, 5", FIELD(CL "5 ,\t5,5"), PLAIN " length=5 body"),
	T("length 5, 05", FIELD(CL "5, 05"), PLAIN " length=5 body"),
	T("length 5 twice", FIELD(CL "5\r\n" CL "5"), PLAIN " length=5 body"),
	T("length 0 twice", FIELD(CL "0\r\n" CL "0"), PLAIN " length=0"),
	T("length 2^63 - 1", FIELD(CL "9223372036854775807"),
	    PLAIN " length=9223372036854775807 body"),
	T("length 2^63", FIELD(CL "9223372036854775808"), CL_RANGE_400),
	T("length 2^63 + 2", FIELD(CL "9223372036854775810"), CL_RANGE_400),
	T("length 2^64 + 5", FIELD(CL "18446744073709551621"), CL_RANGE_400),
	T("length 5, 6", FIELD(CL "5, 6"), CL_TWO_400),
	T("length 5 and 6", FIELD(CL "5\r\n" CL "6"), CL_TWO_400),
	T("length 0 and 5", FIELD(CL "0\r\n" CL "5"), CL_TWO_400),
	T("length none", FIELD(CL), CL_400),
	T("length 5,", FIELD(CL "5,"), CL_400),
	T("length ,5", FIELD(CL ",5"), CL_400),
	T("length 5,,5", FIELD(CL "5,,5"), CL_400),
	T("length +5", FIELD(CL "+5"), CL_400),
	T("length -1", FIELD(CL "-1"), CL_400),
	T("length 5 5", FIELD(CL "5 5"), CL_400),
	T("length 5;", FIELD(CL "5;"), CL_400),
	T("length 5a", FIELD(CL "5a"), CL_400),
	T("length a", FIELD(CL "a"), CL_400),
	T("length 5, none", FIELD(CL "5\r\n" CL), CL_400),

	/* Transfer-Encoding. */
	T("chunked", FIELD(TE "chunked") "0\r\n\r\n",
	    PLAIN " chunked body rest=5"),
	T("cHUNKED", FIELD(TE "cHUNKED"), PLAIN " chunked body"),
	T("chunked, empty elements", FIELD(TE ",\t,chunked, ,"),
	    PLAIN " chunked body"),
	T("chunked, an empty field", FIELD(TE "chunked\r\n" TE),
	    PLAIN " chunked body"),
	T("chunked, POST", LINE("POST / HTTP/1.1\r\n" TE "chunked"),
	    "POST [/] 1.1 keep host=[t] chunked body"),
	T("chunked in 1.0", FIELD10(TE "chunked"), TE_10_400),
	T("gzip in 1.0", FIELD10(TE "gzip"), TE_10_400),
	T("chunked, length", FIELD(TE "chunked\r\n" CL "0"), TE_CL_400),
	T("length, chunked", FIELD(CL "5\r\n" TE "chunked"), TE_CL_400),
	T("chunked twice", FIELD(TE "chunked, chunked"), TE_BEHIND_400),
	T("chunked in two fields", FIELD(TE "chunked\r\n" TE "chunked"),
	    TE_BEHIND_400),
	T("chunked, gzip", FIELD(TE "chunked, gzip"), TE_BEHIND_400),
	T("gzip, chunked, gzip", FIELD(TE "gzip, chunked, gzip"),
	    TE_BEHIND_400),
	T("gzip", FIELD(TE "gzip"), TE_LAST_400),
	T("identity", FIELD(TE "identity"), TE_LAST_400),
	T("no coding", FIELD(TE), TE_LAST_400),
	T("commas for codings", FIELD(TE ",,"), TE_LAST_400),
	T("xchunked", FIELD(TE "xchunked"), TE_LAST_400),
	T("chunkedx", FIELD(TE "chunkedx"), TE_LAST_400),
	T("gzip, chunked", FIELD(TE "gzip, chunked"), TE_501),
	T("gzip;a=b, chunked", FIELD(TE "gzip \t;a=b, chunked"), TE_501),
	T("gzip and chunked", FIELD(TE "gzip\r\n" TE "chunked"), TE_501),
	T("chunked;a=b", FIELD(TE "chunked;a=b"), TE_400),
	T("Chunked ;", FIELD(TE "Chunked ;"), TE_400),
	T("\"chunked\"", FIELD(TE "\"chunked\""), TE_400),
	T("gzip chunked", FIELD(TE "gzip chunked"), TE_400),
	T(";a=b", FIELD(TE ";a=b"), TE_400),

	/* Connection. */
	T("close", FIELD("Connection: close"), "GET [/] 1.1 host=[t]"),
	T("CLOSE", FIELD("CONNECTION:CLOSE"), "GET [/] 1.1 host=[t]"),
	T("x, close", FIELD("Connection: x,\tclose ,y"),
	    "GET [/] 1.1 host=[t]"),
	T("x and close", FIELD("Connection: x\r\nConnection: close"),
	    "GET [/] 1.1 host=[t]"),
	T("close and x", FIELD("Connection: close\r\nConnection: x"),
	    "GET [/] 1.1 host=[t]"),
	T("keep-alive, close", FIELD("Connection: keep-alive, close"),
	    "GET [/] 1.1 host=[t]"),
	T("close, keep-alive", FIELD("Connection: close, keep-alive"),
	    "GET [/] 1.1 host=[t]"),
	T("closed", FIELD("Connection: closed, xclose, clos"), PLAIN),
	T("keep-alive in 1.1", FIELD("Connection: keep-alive"), PLAIN),
	T("1.0", FIELD10("A: b"), "GET [/] 1.0"),
	T("keep-alive in 1.0", FIELD10("Connection: Keep-Alive"),
	    "GET [/] 1.0 keep"),
	T("x, keep-alive in 1.0", FIELD10("Connection: x, keep-alive"),
	    "GET [/] 1.0 keep"),
	T("both in 1.0", FIELD10("Connection: keep-alive\r\n"
	    "Connection: close"), "GET [/] 1.0"),
	T("x in 1.0", FIELD10("Connection: x"), "GET [/] 1.0"),
	T("Proxy-Connection in 1.0", FIELD10("Proxy-Connection: keep-alive"),
	    "GET [/] 1.0"),

	/* Expect. */
	T("100-continue", FIELD("Expect: 100-continue"), PLAIN),
	T("100-Continue", FIELD("Expect: 100-Continue,100-CONTINUE"), PLAIN),
	T("no expectation", FIELD("Expect:"), PLAIN),
	T("100-continue in 1.0", FIELD10("Expect: 100-continue"),
	    "GET [/] 1.0"),
	T("another expectation", FIELD("Expect: x"), EXPECT_417),
	T("100-continue, x", FIELD("Expect: 100-continue, x"), EXPECT_417),
	T("100-continue;a", FIELD("Expect: 100-continue;a"), EXPECT_417),
	T("100", FIELD("Expect: 100"), EXPECT_417),
};

/* What is logged as the request line, however the request ends. */
static const struct head_case request_lines[] = {
	T("good", TARGET("/a?b"), "GET /a?b HTTP/1.1"),
	T("behind empty lines", "\r\n\n" TARGET("/"), "GET / HTTP/1.1"),
	T("a bad field", FIELD("X : x"), "GET / HTTP/1.1"),
	T("a bad target", TARGET("/\"{\377"), "GET /\"{\377 HTTP/1.1"),
	T("a control", "GET /a\001b HTTP/1.1\r\n", "GET /a"),
	T("a carriage return", "GET /a\rb HTTP/1.1\r\n", "GET /a"),
	T("a bad first byte", "\026\003", ""),
	T("a bad first byte behind a line", "\r\n GET", ""),
	T("not complete", "GET /a", "GET /a"),
	T("not complete but for an LF", "GET /a\r", "GET /a"),
	T("too many empty lines", "\n\n\n\n\n", ""),
	T("nothing", "", ""),
};

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static void
test_heads(void)
{
	const struct head_case *c;
	struct head p;
	char text[512];

	for (c = heads; c < heads + COUNT(heads); c++) {
		head_parse(&p, c->bytes, c->len, HEAD_NO_LIMIT);
		head_describe(&p, text, sizeof(text));
		is_string(text, c->want, "%s", c->name);
		is_string(head_laws(c->bytes, c->len, HEAD_NO_LIMIT), NULL,
		    "%s, however it is cut", c->name);
	}
}

static void
test_request_lines(void)
{
	const struct head_case *c;
	struct head p;
	char text[512];

	for (c = request_lines; c < request_lines + COUNT(request_lines);
	    c++) {
		head_parse(&p, c->bytes, c->len, HEAD_NO_LIMIT);
		snprintf(text, sizeof(text), "%.*s", (int)p.r.line.len,
		    p.r.line.p == NULL ? "" : p.r.line.p);
		is_string(text, c->want, "request line, %s", c->name);
	}
	head_parse(&p, TARGET("/abc"), 31, 6);
	head_describe(&p, text, sizeof(text));
	is_string(text, "431 the head is too large", "request line, too long");
	is_int((long long)p.r.line.len, 6, "request line, what fits of it");
}

/* The status of the server's reply; 0 for none. */
static int
server_status(const char *bytes, size_t len)
{
	int64_t max = REQUESTS_MAX_DELAY_MS * CLOCK_MS;
	struct wire w;
	struct head p;

	head_parse(&p, bytes, len, REQUESTS_LIMIT);
	if (p.result != HTTP_DONE)
		return p.result == HTTP_BAD ? p.r.status : 0;
	if (p.r.method != HTTP_GET && p.r.method != HTTP_HEAD)
		return 405;
	return wire_parse(p.r.path.p, p.r.path.len, max, &w) == NULL ?
	    w.status : 400;
}

static int
same_case(const struct request_case *a, const struct request_case *b)
{
	return strcmp(a->name, b->name) == 0 ||
	    (a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0);
}

static void
test_requests(void)
{
	const struct request_case *c, *d, *end;
	const char *twice = NULL;

	end = request_cases + request_cases_count();
	for (c = request_cases; c < end; c++) {
		is_int(server_status(c->bytes, c->len), c->status,
		    "requests: %s", c->name);
		is_string(head_laws(c->bytes, c->len, REQUESTS_LIMIT), NULL,
		    "requests: %s, however it is cut", c->name);
		for (d = request_cases; d < c; d++)
			if (same_case(c, d))
				twice = c->name;
	}
	is_string(twice, NULL, "requests: each is there once");
	ok(request_cases_count() >= 170, "requests: %zu of them",
	    request_cases_count());
}

static void
test_pipeline(void)
{
	static const char bytes[] = TARGET("/a") "\r\n" LINE("HEAD /b HTTP/1.1")
	    FIELD10("Connection: close") "GET";
	static const char *const want[] = {
		"GET [/a] 1.1 keep host=[t]", "HEAD [/b] 1.1 keep host=[t]",
		"GET [/] 1.0", "more",
	};
	size_t i, at = 0;
	char text[512];
	struct head p;

	for (i = 0; i < COUNT(want); i++) {
		head_parse(&p, bytes + at, sizeof(bytes) - 1 - at,
		    HEAD_NO_LIMIT);
		at += p.r.head_len;
		p.len = p.r.head_len;		/* the rest is known */
		head_describe(&p, text, sizeof(text));
		is_string(text, want[i], "pipelined request %zu", i);
	}
}

static void
test_late(void)
{
	static const char good[] = TARGET("/a") "GET /b HTTP/1.1\r\n";
	static const char bad_one[] = LINE("GET") TARGET("/b");
	struct head p, q;

	head_parse(&p, good, sizeof(TARGET("/a")) - 1, HEAD_NO_LIMIT);
	q = p;
	head_more(&q, sizeof(good) - 1, HEAD_NO_LIMIT);
	ok(q.result == HTTP_DONE && head_same(&p, &q),
	    "what comes after a good head changes nothing");
	head_parse(&p, bad_one, 5, HEAD_NO_LIMIT);
	q = p;
	head_more(&q, sizeof(bad_one) - 1, HEAD_NO_LIMIT);
	ok(q.result == HTTP_BAD && head_same(&p, &q),
	    "what comes after a bad head changes nothing");
}

int
main(void)
{
	plan_no_plan();
	test_heads();
	test_request_lines();
	test_requests();
	test_pipeline();
	test_late();
	return exit_status();
}
