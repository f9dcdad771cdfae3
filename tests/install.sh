#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tests/install.sh [debootstrap]: what `make install` installs works without the source tree, and `make uninstall`
# removes all of it; the shells' completions; the Debian package. With `debootstrap` that package is also installed and
# run in a fresh Debian 12, which is fetched for it.

# shellcheck disable=SC2317  # ok() calls the functions

cd "${0%/*}/.." || exit 2
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
. tests/tap.sh
root=$scratch/root
program=$root/usr/bin/tcplab
build=${TCPLAB%/*}
build=${build:-build}
unset TCPLAB_HOME

finish() {
	echo "1..$number"
	exit $((failures > 0))
}

# installed ARGUMENT...: run it in an empty directory, with nothing in the environment that could help
installed() {
	(cd "$scratch/here" && env -i PATH="$PATH" HOME="$scratch/home" "${settings[@]}" "$program" "$@")
}

# prints EXPECTED COMMAND...: a line that matches
prints() {
	local expected=$1
	shift
	"$@" | tee "$scratch/printed"
	grep -qE -- "$expected" "$scratch/printed" || {
		echo "expected a line: $expected"
		return 1
	}
}

prints_only() { # EXPECTED COMMAND...: one line, which matches
	prints "$@" && [ "$(wc -l <"$scratch/printed")" = 1 ]
}

prints_nothing() { # COMMAND...: nothing but empty lines
	! "$@" | grep .
}

exists() {
	ls -l "$@"
}

mkdir -p "$scratch/here" "$scratch/home"
settings=()

ok 'make install' make -s install BUILD="$build" DESTDIR="$root" PREFIX=/usr
ok 'a scenario runs' prints '^pass  connect-refused ' installed -q connect-refused
ok 'its results are in tcplab-results' exists "$scratch"/here/tcplab-results/*/connect-refused/client.pcap
settings=(XDG_STATE_HOME="$scratch/state")
ok 'or where XDG_STATE_HOME says' prints '^pass' installed -q connect-refused
ok 'it has them' exists "$scratch"/state/tcplab/*/connect-refused/client.pcap
settings=(XDG_STATE_HOME=relative)
ok 'a relative XDG_STATE_HOME is ignored' prints '^pass' installed -q connect-refused
ok 'so it is not made' [ ! -e "$scratch/here/relative" ]
settings=()
ok 'all scenarios are there' diff <(installed check 2>&1) <("$build/tcplab" check 2>&1)
ok 'the program names itself' prints '^usage: tcplab ' installed --help
ok 'no kernel yet' prints '^  none$' installed kernel list
ok 'a kernel that is not there' prints 'tcplab kernel build 9.9 makes it' bash -c '"$@" 2>&1; true' - \
	env -i PATH="$PATH" HOME="$scratch/home" "$program" --kernel 9.9 connect-refused
if [ -x build/kernels/6.12/linux ]; then
	mkdir -p "$scratch/cache/tcplab/kernels"
	ln -s "$PWD/build/kernels/6.12" "$scratch/cache/tcplab/kernels/6.12"
	settings=(XDG_CACHE_HOME="$scratch/cache")
	ok 'kernels in XDG_CACHE_HOME' prints '^  6\.12 .*linux-source-6\.12' installed kernel list
	ok 'a scenario runs on one' prints '^pass' installed -q --kernel 6.12 connect-refused
	settings=()
else
	skip 'kernels in XDG_CACHE_HOME' 'kernel 6.12 is not built'
	skip 'a scenario runs on one' 'kernel 6.12 is not built'
fi
# fake DIRECTORY NAME: a kernel there, which says that it was started.
fake() {
	mkdir -p "$1/tcplab/kernels/$2"
	printf '%s\n' '#!/bin/sh' 'echo started >&2; exit 1' >"$1/tcplab/kernels/$2/linux"
	chmod +x "$1/tcplab/kernels/$2/linux"
}
fake "$scratch/here/.cache" 9.8
ok 'without HOME: no kernel of the current directory' prints 'there is no kernel 9.8' \
	sh -c "cd '$scratch/here' && env -i PATH='$PATH' '$program' --kernel 9.8 connect-refused 2>&1"
fake "$scratch/foreign" 9.7
ok 'a kernel of one'"'"'s own is started' prints '^started$' sh -c '"$@" 2>&1; true' - \
	env -i PATH="$PATH" XDG_CACHE_HOME="$scratch/foreign" "$program" --kernel 9.7 connect-refused
if [ "$(id -u)" = 0 ]; then
	chown -R 4711 "$scratch/foreign"
	ok 'one of somebody else'"'"'s is not' prints_only 'the kernel 9.7 belongs to somebody else, .* say --kernel /.*/9.7/linux$' \
		sh -c '"$@" 2>&1; true' - env -i PATH="$PATH" XDG_CACHE_HOME="$scratch/foreign" "$program" --kernel 9.7 connect-refused
else
	skip 'one of somebody else'"'"'s is not' 'not root'
fi
ok 'the manual' grep -q '^\.Nm tcplab\|^\.SH NAME\|^\.Sh NAME' "$root/usr/share/man/man1/tcplab.1"
ok 'the schemas of its JSON' exists "$root"/usr/share/doc/tcplab/{run,merge,try}.schema.json

# ---- completion ----

# completes WORDS EXPECTED: by bash's own function, as it would be called for `tcplab WORDS`.
in_bash() {
	# shellcheck disable=SC2016  # that is for the other one to expand
	env -i PATH="$root/usr/bin:$PATH" HOME="$scratch/home" bash -c '
		. "$1/usr/share/bash-completion/completions/tcplab"
		shift
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_tcplab
		printf "%s\n" "${COMPREPLY[@]}"' - "$root" "$@"
}

ok 'bash: commands' prints '^show$' in_bash tcplab sh
ok 'bash: scenarios' prints '^connect-refused$' in_bash tcplab run connect-re
ok 'bash: options of that command' prints '^--dry-run$' in_bash tcplab bless --dr
ok 'bash: not those of others' prints_nothing in_bash tcplab list --dr
ok 'bash: topics' prints '^connect$' in_bash tcplab --tag conn
for shell in zsh fish; do
	file=$root/usr/share/zsh/site-functions/_tcplab
	[ $shell = fish ] && file=$root/usr/share/fish/vendor_completions.d/tcplab.fish
	if command -v $shell >/dev/null; then
		ok "$shell: it can be read" $shell -n "$file"
	else
		skip "$shell: it can be read" "$shell is not installed"
	fi
done

# ---- the package ----

version=$("$build/tcplab" --version | cut -d ' ' -f 2)
package=$build/tcplab_${version}_$(dpkg --print-architecture 2>/dev/null).deb
if command -v dpkg-shlibdeps >/dev/null; then
	ok 'make deb' make -s deb BUILD="$build"
	for depends in libpcap0.8 libnftables1 libnl-3-200 libnl-nf-3-200 libjansson4; do
		ok "the package depends on $depends" prints "Depends:.*$depends" dpkg-deb --info "$package"
	done
	ok 'it has what make install installs' diff <(cd "$root" && find . -type f | sed 's/man1.*/&.gz/' | sort) \
		<(dpkg-deb --fsys-tarfile "$package" | tar -t | grep -v '/$' | sort)
else
	skip 'make deb' 'dpkg-dev is not installed'
fi

ok 'make uninstall' make -s uninstall DESTDIR="$root" PREFIX=/usr
ok 'leaves no file' prints_nothing find "$root" -type f

# ---- a fresh Debian ----

[ "$1" = debootstrap ] || finish
debian=$scratch/debian
trap 'umount -l "$debian/proc" "$debian/sys" 2>/dev/null; rm -rf "$scratch"' EXIT
ok 'debootstrap' debootstrap --variant=minbase bookworm "$debian"
cp "$package" "$debian/"
for file in proc sys; do
	mount --rbind "/$file" "$debian/$file" && mount --make-rslave "$debian/$file"
done
ok 'apt-get install' chroot "$debian" apt-get install -y --no-install-recommends "/${package##*/}"
ok 'it runs there' prints '^pass  connect-refused ' chroot "$debian" tcplab -q connect-refused
ok 'all of it' prints ' 0 failed' chroot "$debian" tcplab -q -4 -6 all
finish
