#!/bin/sh
#
# make install and uninstall, into a directory of our own; and what was
# installed is used from there.

cd "$(dirname "$0")/.." || exit 1
. t/tap.sh

make=${MAKE:-make}

root=$tmp/root			# what stands for / to those who install
conf=$root/etc/spindled.conf
spindled=$root/usr/sbin/spindled
test=$root/usr/bin/spindled-test
ctl=$root/usr/sbin/spindlectl

# A build of our own, of which most is there already: other tests use the tree's
# at the same time.
mkdir -p "$tmp/build/t"
cp -a build/common build/server build/*.a build/spindled build/spindled-test \
    build/flags "$tmp/build" 2>/dev/null
cp -a build/t/test build/t/traffic "$tmp/build/t" 2>/dev/null
make_here() {
	"$make" -s B="$tmp/build" S="$tmp/build/san" "$@"
}

# As a distribution does; a careful root's umask must not show.
install_as() {
	(umask 077 && make_here DESTDIR="$root" PREFIX=/usr SYSCONFDIR=/etc \
	    UNITDIR=/usr/lib/systemd/system "$@")
}

# Modes and names of all files, and of the directories that hold them.
tree() {
	(cd "$root" && find . -mindepth 1 -printf '%m %P\n' | sort -k 2)
}

manuals() {
	for m in man/*.[1-8]; do
		echo "usr/share/man/man${m##*.}/${m#man/}"
	done
}

expected() {
	{
		echo usr/bin/spindled-test
		echo usr/sbin/spindlectl
		echo usr/sbin/spindled
		echo usr/share/bash-completion/completions/spindlectl
		for f in haproxy.cfg spindled.rules.yml spindled.logrotate; do
			echo "usr/share/doc/spindled/$f"
		done
		echo etc/spindled.conf
		echo usr/lib/systemd/system/spindled.service
		echo usr/lib/systemd/system/spindled@.service
		echo usr/share/doc/spindled/README
		echo usr/share/doc/spindled/spindled.conf
		for p in conf/profiles/*; do
			echo "usr/share/spindled/${p#conf/}"
		done
		manuals
	} | sort
}

ok "make install" install_as install
is "it installs what there is and nothing else" \
    "$(cd "$root" && find . ! -type d -printf '%P\n' | sort)" "$(expected)"
is "only programs are executable, and all may read" \
    "$(tree | grep -v '^755 ' | grep -v '^644 ')" ""
is "the programs" "$(stat -c %a "$spindled" "$test" "$ctl" | xargs)" \
    "755 755 755"
is "what is executable besides them" \
    "$(find "$root" -type f -perm /111 ! -path "$spindled" ! -path "$test" \
    ! -path "$ctl")" ""
ok "a directory for the instances' configurations" \
    test -d "$root/etc/spindled"

# What is installed has been made for where it is.
is "no placeholder is left in the units" \
    "$(grep -n '@[A-Z][A-Z]*@' "$root"/usr/lib/systemd/system/*)" ""
is "they start the program where it is" \
    "$(sed -n 's/^ExecStart=\([^ ]*\) .*/\1/p' \
    "$root"/usr/lib/systemd/system/* | sort -u)" /usr/sbin/spindled
ok "with the configuration where that is" \
    grep -q '^ExecStart=.* -f /etc/spindled\.conf$' \
    "$root/usr/lib/systemd/system/spindled.service"
ok "and each instance with its own" \
    grep -q '^ExecStart=.* -f /etc/spindled/%i\.conf$' \
    "$root/usr/lib/systemd/system/spindled@.service"
is "no DESTDIR is left in anything" \
    "$(grep -rlF "$root" "$root")" ""
is "the installed program takes the installed configuration" \
    "$("$spindled" -n -f "$conf" 2>&1)" "configuration OK"

ok "a build for /usr looks for profiles where they are installed" \
    grep -qF /usr/share/spindled/profiles "$spindled"

# vdso and ld.so are the kernel's and the loader's; libmd is libbsd's.
for program in "$spindled" "$test"; do
	is "${program##*/} needs libc, its libm, and libbsd" \
	    "$(ldd "$program" | sed 's/^[[:space:]]*//; s/ .*//' |
	    grep -v '^linux-vdso\.so\|/ld-linux\|^libmd\.so' | sort |
	    tr '\n' ' ')" "libbsd.so.0 libc.so.6 libm.so.6 "
done
is "the installed test is of the daemon's version" \
    "$("$test" -V | sed 's/-test//')" "$("$spindled" -V)"

# An operator's configuration is the operator's.
echo "# mine" >"$conf"
chmod 640 "$conf"
ok "make install again" install_as install
is "leaves a configuration that is there" "$(cat "$conf")" "# mine"
is "with its mode" "$(stat -c %a "$conf")" 640
echo "# mine too" >"$root/etc/spindled/sda.conf"
profile=$root/usr/share/spindled/profiles/mine
echo "read fixed 1ms" >"$profile"
ok "make uninstall" install_as uninstall
is "removes all but the configuration, and profiles of others" \
    "$(cd "$root" && find . ! -type d -printf '%P\n' | sort | tr '\n' ' ')" \
    "etc/spindled.conf etc/spindled/sda.conf usr/share/spindled/profiles/mine "
rm "$profile"
ok "make uninstall without such" install_as uninstall
is "and its own directory" \
    "$(find "$root" -type d -name spindled -printf '%P\n')" etc/spindled
ok "make uninstall again" install_as uninstall

# The default file of a build is its SYSCONFDIR's, and not that of the build
# before it.
other=$tmp/etc
mkdir "$other"
default_file() {
	(cd "$tmp" && "$tmp/build/spindled" -n 2>&1)
}
ok "make SYSCONFDIR=..." make_here CFLAGS=-O0 SYSCONFDIR="$other" \
    "$tmp/build/spindled"
is "its program looks there for its configuration" \
    "$(default_file)" \
    "$other/spindled.conf: cannot read the configuration: No such file or directory"
echo "workers 1" >"$other/spindled.conf"
is "and takes it when there is one" "$(default_file)" "configuration OK"

# A profile is found where PREFIX has them.
ok "make PREFIX=... install" make_here CFLAGS=-O0 PREFIX="$other" \
    SYSCONFDIR="$other" UNITDIR="$other" install
echo 'disk d { profile study }' >"$other/spindled.conf"
is "a profile that is installed" "$(default_file)" "configuration OK"
echo 'disk d { profile students }' >"$other/spindled.conf"
is "and one that is not" "$(default_file)" "$other/spindled.conf:1: profile: \
there is no profile \`students': expected one of fail-slow hdd sick-hdd ssd \
study tail-at-store"

tap_end
