#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Install what is missing, build what is out of date, run build/tcplab with the given arguments.
#
# build/.ready says when that was last done and for which packages. If no source is newer, the program starts at once,
# and no other program runs before it (this shell's -nt is enough).

self=$0
[ -h "$self" ] && self=$(readlink -f -- "$self")
case $self in
*/*) ;;
*) self=./$self ;; # sh run.sh
esac
home=$(cd -P -- "${self%/*}" && pwd) || exit 3
ready=$home/build/.ready
export TCPLAB_HOME="$home"

# Each with a file that exists if it is installed: a program, or a header.
packages='gcc:gcc make:make pkg-config:pkg-config libc6-dev:stdio.h linux-libc-dev:linux/netlink.h
libpcap-dev:pcap/pcap.h libnl-3-dev:libnl3/netlink/netlink.h
libnl-route-3-dev:libnl3/netlink/route/link.h libnl-idiag-3-dev:libnl3/netlink/idiag/idiagnl.h
libnl-nf-3-dev:libnl3/netlink/netfilter/log.h libnftables-dev:nftables/libnftables.h
libjansson-dev:jansson.h libseccomp-dev:seccomp.h libcmocka-dev:cmocka.h'

say() {
	printf 'tcplab: %s\n' "$*" >&2
}

is_ready() {
	[ -x "$home/build/tcplab" ] && [ -f "$ready" ] || return 1
	# shellcheck disable=SC3013  # dash, bash and busybox all have -nt
	for source in "$home/Makefile" "$home/run.sh" "$home"/harness "$home"/harness/*/ "$home"/netns "$home"/netns/*/ "$home"/filter \
		"$home"/kernels/preload "$home"/kernels/preload/*.c "$home"/harness/*.[ch] "$home"/harness/*/*.[ch] "$home"/harness/web/page.* "$home"/netns/*.[ch] "$home"/netns/*/*.[ch] \
		"$home"/filter/*.c; do
		[ "$source" -nt "$ready" ] && return 1
	done
	return 0
}

# Whether a header is in one of the places where gcc looks.
has_header() {
	for directory in /usr/include /usr/local/include /usr/include/*-linux-*; do
		[ -f "$directory/$1" ] && return 0
	done
	return 1
}

missing_packages() {
	for pair in $packages; do
		case $pair in
		*.h) has_header "${pair#*:}" ;;
		*) command -v "${pair#*:}" ;;
		esac >/dev/null 2>&1 || printf ' %s' "${pair%%:*}"
	done
}

# quietly WHAT COMMAND...: its output is shown only if it fails, and then the script ends.
quietly() {
	what=$1
	shift
	log=$(mktemp) || {
		say "no file can be made in ${TMPDIR:-/tmp}: set TMPDIR to a directory that you can write to"
		exit 3
	}
	if ! "$@" >"$log" 2>&1; then
		cat "$log" >&2
		rm -f "$log"
		say "$what failed"
		exit 3
	fi
	rm -f "$log"
}

install_packages() {
	missing=$(missing_packages)
	[ -z "$missing" ] && return
	if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
		say "these packages (by their names in Debian) are missing:$missing"
		say "install them, on Debian or Ubuntu as root with: apt-get install$missing"
		exit 3
	fi
	say "installing$missing"
	export DEBIAN_FRONTEND=noninteractive
	quietly 'apt-get update' apt-get update
	# shellcheck disable=SC2086  # a list
	quietly 'apt-get install' apt-get install -y --no-install-recommends $missing
}

# The tests also work without it: then they only try earlier findings.
install_fuzzer() {
	"$home/tests/fuzz.sh" can 2>/dev/null && return
	if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		say 'installing clang, with which the tests make up inputs'
		export DEBIAN_FRONTEND=noninteractive
		{
			apt-get update && apt-get install -y --no-install-recommends clang
			# The libraries that it links with are a separate package, but not in older releases.
			"$home/tests/fuzz.sh" can || apt-get install -y --no-install-recommends libclang-rt-dev
		} >/dev/null 2>&1
	fi
	why=$("$home/tests/fuzz.sh" can 2>&1) || say "the tests make up no inputs: $why"
}

build() {
	mkdir -p "$home/build" || exit 3
	[ -w "$home/build" ] || {
		say "it must be built anew, and you may not write to $home/build; its owner can start it once, or you a copy"
		exit 3
	}
	# Two runs of this script must not build at the same time.
	exec 9>"$home/build/.lock"
	flock -n 9 || {
		say 'another one is building it already; this one waits'
		flock 9
	}
	if ! is_ready; then
		# Its time is the beginning of the build: so files that are saved during the build are newer.
		: >"$ready.new" || exit 3
		install_packages
		say 'building it, which takes a minute or two'
		quietly 'the build' make -C "$home" -j"$(nproc)" "$@"
		mv "$ready.new" "$ready"
	fi
	exec 9>&-
}

if [ "$1" = kernel ] && [ "$2" = test ]; then
	# git bisect run would take a status below 128 as a verdict about the commit.
	trap '[ $? = 0 ] || exit 129' EXIT
elif [ "$1" = kernel ]; then
	shift
	exec "$home/kernels/build.sh" "$@"
fi

is_ready || build all

if [ "$1" = coverage ]; then
	shift
	make --no-print-directory -s -C "$home" build/coverage || exit 3
	exec "$home/kernels/coverage.sh" "$@"
fi

if [ "$1" = test ]; then
	shift
	case $1 in
	-h | --help | help) exec "$home/tests/run.sh" --help ;;
	esac
	"$home/tests/run.sh" --check "$@" || exit
	install_fuzzer
	make --no-print-directory -s -C "$home" -j"$(nproc)" all tests || exit 3
	exec "$home/tests/run.sh" build "$@"
fi
exec "$home/build/tcplab" "$@"
