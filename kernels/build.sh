#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# User-Mode Linux kernels: `build.sh build VERSION` from the distribution's packaged source, `build.sh
# build PATH [NAME]` from a kernel tree, `build.sh list`; and, for mutants.sh, `build.sh source VERSION
# DIRECTORY`, which only unpacks that source (there, into source/). TCPLAB_KERNELS is a directory that
# takes the place of build/kernels.
#
# All of a kernel is in build/kernels/NAME/:
#
#   source/    the package, unpacked; a kernel tree is left where it is and is not written to
#   objects/   the build (O=)
#   log        the output of the newest build
#   linux      the kernel
#   linux.new  a kernel that has not been tried yet, or on which no program can run
#   info       its sources; its line `stamp` identifies all of them
#
# Each step can be interrupted: an unfinished file either has another name until it is complete, or belongs to make,
# which continues with it. A kernel gets its name, and `info` is written, only when a program has run on it (check.tcp).
# A kernel whose stamp is still right is not built again; it is only tried, because this may be another machine. When a
# package's kernel is built, its source and objects are deleted: that is 1 GB, and not needed any more. A tree's objects
# stay, because its next build (in a bisection) makes only a few of them again.

home=$(cd -P -- "${0%/*}/.." && pwd) || exit 3
kernels=${TCPLAB_KERNELS:-$home/build/kernels} # an installed program says where
command=${TCPLAB_COMMAND:-./run.sh} # how a user starts the program
fragment=$home/kernels/config
scenario=$home/kernels/check.tcp

# Each program with the package that it comes in.
needed='gcc:gcc make:make flex:flex bison:bison bc:bc tar:tar xz:xz-utils'

# Without these a kernel is useless here.
required='UML_TIME_TRAVEL_SUPPORT HOSTFS PROC_FS SYSFS NET_NS INET IPV6 VETH PACKET NF_TABLES NFT_LOG
NFT_NUMGEN NETFILTER_NETLINK_LOG INET_DIAG'

# The parts of a packaged source that User-Mode Linux does not need: half of it.
superfluous='*/drivers/gpu/*.[ch] */drivers/media/*.[ch] */drivers/net/ethernet/*.[ch]
*/drivers/net/wireless/*.[ch] */drivers/scsi/*.[ch] */drivers/staging/*.[ch] */sound/*.[ch]
*/tools/testing/* */Documentation/*.rst */Documentation/*.yaml */arch/*.dts */arch/*.dtsi'

# In a build for coverage (coverage.sh), the files that count their branches: TCP. (IPv6 has a syncookies.c, too.)
covered='tcp tcp_input tcp_output tcp_timer tcp_ipv4 tcp_ipv6 tcp_minisocks tcp_recovery tcp_fastopen
tcp_rate tcp_metrics tcp_cubic inet_connection_sock inet_hashtables inet_timewait_sock syncookies'
for_coverage=

objects=750            # files to compile, roughly
space=$((1200 * 1024)) # KiB that a build needs, including a package's source

# Names of directories and files must not do anything to a terminal or to GitHub's runner.
say() {
	printf 'tcplab: %s\n' "$(printf %s "$*" | LC_ALL=C tr '\000-\037\177' '?' |
		LC_ALL=C sed 's/\xc2[\x80-\x9f]/?/g; s/##\[/##?/g')" >&2
}

die() {
	say "$*"
	exit 3
}

# ---- showing how far it is ----

# show TEXT: on a terminal, it replaces the previous text; elsewhere it is a line every ten seconds.
show() {
	if [ -t 2 ]; then
		printf '\r\033[Ktcplab: %s' "$*" >&2
	elif [ "$elapsed" -ge "$due" ]; then
		say "$*"
		due=$((elapsed + 10))
	fi
}

compiled() {
	find "$dir/objects" -name '*.o' 2>/dev/null | wc -l
}

progress_unpack() {
	show "$name: unpacking its source, $elapsed s"
}

progress_compile() {
	count=$(compiled)
	show "$name: compiled $((count)) files of about $((count > objects ? count : objects)), $elapsed s"
}

worker=

interrupted() {
	trap '' HUP INT TERM
	[ -n "$worker" ] && kill -TERM "-$worker" 2>/dev/null && wait "$worker" 2>/dev/null
	[ -t 2 ] && echo >&2
	say "interrupted; the same command goes on from here"
	exit 130
}

# follow PROGRESS COMMAND...: run the command in a process group of its own, its output in the log.
follow() {
	progress=$1
	shift
	started=$(date +%s)
	setsid "$@" >>"$dir/log" 2>&1 </dev/null &
	worker=$!
	elapsed=0
	due=0
	while kill -0 "$worker" 2>/dev/null; do
		"$progress"
		sleep 1
		elapsed=$(($(date +%s) - started))
	done
	wait "$worker"
	status=$?
	worker=
	[ -t 2 ] && printf '\r\033[K' >&2
	return $status
}

# Of the disk, in KiB.
free_space() {
	df -Pk "$dir" | awk 'NR == 2 { print $4 }'
}

failed() {
	if grep -q 'No space left on device' "$dir/log" || [ "$(free_space)" -lt 1024 ]; then
		die "$name: $1 failed: the disk is full ($kernels)"
	fi
	grep -n -m 5 -i -e 'error' -e '\*\*\*' "$dir/log" >&2 || tail -n 5 "$dir/log" >&2
	die "$name: $1 failed; all that it said is in $dir/log"
}

# ---- packages ----

missing_programs() {
	for pair in $needed; do
		command -v "${pair%%:*}" >/dev/null || printf ' %s' "${pair#*:}"
	done
}

can_install() {
	[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null
}

has_candidate() {
	apt-cache policy "$1" 2>/dev/null | grep -q '^  Candidate: [0-9]'
}

# install PACKAGE...
install() {
	can_install || {
		say "these packages (by their names in Debian) are missing: $*"
		die "install them, on Debian or Ubuntu as root with: apt-get install $*"
	}
	export DEBIAN_FRONTEND=noninteractive
	for package; do
		has_candidate "$package" && continue
		say 'asking the package sources (apt-get update)'
		apt-get update >"$log" 2>&1
		break
	done
	for package; do
		has_candidate "$package" ||
			die "there is no package $package in this machine's package sources; $command kernel list shows what can be had"
	done
	say "installing $*"
	apt-get install -y --no-install-recommends "$@" >"$log" 2>&1 || {
		tail -n 5 "$log" >&2
		die "apt-get install failed"
	}
}

# The packed source that linux-source-VERSION has installed.
archive() {
	for file in "/usr/src/linux-source-$1".tar.* "/usr/src/linux-source-$1"/*.tar.*; do
		[ -f "$file" ] && echo "$file" && return
	done
	return 1
}

package_version() {
	dpkg-query -W -f '${Version}' "linux-source-$1" 2>/dev/null ||
		stat -c 'of %Y' "$(archive "$1")"
}

# ---- what is to be built ----

is_version() {
	case $1 in
	*[!0-9.]* | .* | *. | *..*) return 1 ;;
	*.*) return 0 ;;
	*) return 1 ;;
	esac
}

use_package() {
	name=$1
	archive "$name" >/dev/null || install "linux-source-$name"
	packed=$(archive "$name") || die "linux-source-$name is installed, but its archive is not in /usr/src"
	tree=
	source="linux-source-$name $(package_version "$name")"
}

use_tree() {
	tree=$(cd -P -- "$1" 2>/dev/null && pwd) || die "$1: no such directory"
	name=${2:-${tree##*/}}
	if ! grep -qs '^PATCHLEVEL = ' "$tree/Makefile" || ! [ -f "$tree/Kconfig" ]; then
		die "$tree: not a kernel tree"
	fi
	grep -qs UML_TIME_TRAVEL_SUPPORT "$tree/arch/um/Kconfig" ||
		die "$tree: this kernel has no virtual time (UML_TIME_TRAVEL_SUPPORT, since 5.4)"
	if [ -e "$tree/.config" ] || [ -d "$tree/include/config" ] ||
		[ -d "$tree/arch/um/include/generated" ]; then
		say "$tree: a kernel has been built inside this tree; it must be clean to be built from"
		die "either make -C $tree mrproper (and that build is gone), or git -C $tree worktree add DIRECTORY"
	fi
	case $name in
	'' | .* | *[!A-Za-z0-9._+-]*) die "'$name' cannot be a kernel's name: $command kernel build PATH NAME" ;;
	esac
	source="tree $tree"
	if [ -f "$kernels/$name/info" ] && ! grep -qxF "source $source" "$kernels/$name/info"; then
		die "there is another kernel of the name '$name' already: $command kernel build PATH NAME"
	fi
}

# A word for the state of a tree; empty if only make knows whether something has changed.
tree_state() {
	command -v git >/dev/null && [ -e "$tree/.git" ] || return
	[ -z "$(git -C "$tree" status --porcelain 2>/dev/null | head -c 1)" ] &&
		git -C "$tree" rev-parse HEAD 2>/dev/null
}

make_stamp() {
	state=$source
	[ -n "$tree" ] && state="$source $(tree_state)"
	compiler=$(gcc --version | head -n 1)
	{
		echo "$state"
		echo "$compiler"
		grep -v '^#' "$fragment"
		[ -z "$for_coverage" ] || cat "$home/kernels/coverage/config" "$home/kernels/coverage/early.h"
	} | sha256sum | cut -c 1-16
}

is_current() {
	[ -x "$dir/linux" ] && grep -qxF "stamp $stamp" "$dir/info" 2>/dev/null || return 1
	[ -z "$tree" ] || [ -n "$(tree_state)" ]
}

# ---- the steps ----

lock() {
	mkdir -p "$dir" 2>/dev/null || die "you may not write to $kernels"
	[ -w "$dir" ] || die "you may not write to $dir"
	exec 9>"$dir/.lock"
	flock -n 9 && return
	say "$name is being built already; waiting for that"
	flock 9
}

check_space() {
	free=$(free_space)
	[ -d "$dir/objects" ] || [ "$free" -ge "$space" ] ||
		die "$name: a build takes $((space / 1024)) MB, and $kernels has $((free / 1024)) MB left"
}

unpack() {
	rm -rf "$dir/source.part"
	if [ -d "$dir/source" ]; then
		[ "$(cat "$dir/source/.package" 2>/dev/null)" = "$source" ] && return
		rm -rf "$dir/source" "$dir/objects"
	fi
	mkdir "$dir/source.part" || die "$name: cannot write to $dir"
	set -f
	set --
	for pattern in $superfluous; do
		set -- "$@" "--exclude=$pattern"
	done
	set +f
	follow progress_unpack tar -xf "$packed" -C "$dir/source.part" --strip-components=1 "$@" ||
		failed 'unpacking its source'
	echo "$source" >"$dir/source.part/.package"
	mv "$dir/source.part" "$dir/source"
}

# The time, the place and the user of a build are fixed: otherwise they would be in the kernel, as the only difference
# between two builds of the same source.
#
# kmake RUN ARGUMENT...: make, run by RUN.
kmake() {
	run=$1
	shift
	set -- make -C "${tree:-$dir/source}" O="$dir/objects" ARCH=um SUBARCH=x86_64 LOCALVERSION= \
		KBUILD_BUILD_TIMESTAMP='Thu Jan  1 00:00:00 UTC 1970' KBUILD_BUILD_USER=tcplab \
		KBUILD_BUILD_HOST=tcplab KBUILD_BUILD_VERSION=1 "$@"
	if [ -n "$for_coverage" ]; then
		set -- "$@" "CFLAGS_gcc_base.o=-include $home/kernels/coverage/early.h"
		for file in $covered; do
			set -- "$@" "GCOV_PROFILE_$file.o=y"
		done
	fi
	"$run" "$@"
}

configure() {
	wanted=$dir/config
	cat "$fragment" ${for_coverage:+"$home/kernels/coverage/config"} >"$wanted"
	kmake quietly -s KCONFIG_ALLCONFIG="$wanted" allnoconfig || failed 'its configuration'
	without=
	# shellcheck disable=SC2013  # a symbol is a word
	for symbol in $(sed -n 's/^CONFIG_\([A-Z0-9_]*\)=y$/\1/p' "$wanted"); do
		grep -qx "CONFIG_$symbol=y" "$dir/objects/.config" && continue
		without="$without $symbol"
	done
	for symbol in $required ${for_coverage:+GCOV_KERNEL}; do
		case " $without " in
		*" $symbol "*) die "$name: this kernel cannot be built with $symbol, which scenarios need" ;;
		esac
	done
}

quietly() {
	"$@" >>"$dir/log" 2>&1 </dev/null
}

compile() {
	kmake showing -s -j"$(nproc)" linux || failed 'its build'
}

showing() {
	follow progress_compile "$@"
}

copy_kernel() {
	{ cp "$dir/objects/linux" "$dir/linux.new" && strip -g "$dir/linux.new"; } >>"$dir/log" 2>&1 ||
		failed 'its installation'
}

# The program that runs scenarios; run.sh builds it if necessary.
program() {
	"${TCPLAB:-$home/run.sh}" "$@" 9>&-
}

# try KERNEL: can a program run on it? $said then has the messages. A status of 1 means that the run has failed, because
# the kernel has a fault or warns of one; but a program has run.
try() {
	rm -f "$dir/console.log"
	said=$(program --kernel "$1" --quiet --results "$scratch" "$scenario" 2>&1)
	status=$?
	[ $status -lt 128 ] || exit $status
	[ $status -le 1 ]
}

# Its output, and the place of the whole output.
show_what_it_said() {
	echo "$said" >&2
	for console in "$scratch"/*/check/console.log; do
		cp "$console" "$dir/console.log" 2>/dev/null &&
			say "all that its console said is in $dir/console.log"
	done
}

try_new() {
	try "$dir/linux.new" || {
		show_what_it_said
		die "$name is not built: it is compiled ($dir/linux.new), but no program can run on it"
	}
	[ $status = 0 ] || {
		show_what_it_said
		say "$name: a program can run on it, but see above"
	}
}

try_again() {
	try "$dir/linux" && return
	show_what_it_said
	die "$name is up to date, but no program can run on it here"
}

install_kernel() {
	{
		echo "release $(cat "$dir/objects/include/config/kernel.release")"
		echo "source $source"
		echo "config $(sha256sum "$dir/objects/.config" | cut -c 1-16)"
		echo "compiler $compiler"
		[ -z "$without" ] || echo "without$without"
		echo "stamp $stamp"
	} >"$dir/info.new" 2>>"$dir/log" || failed 'its installation'
	rm -f "$dir/info" # it never stands beside a kernel that it does not describe
	mv "$dir/linux.new" "$dir/linux"
	mv "$dir/info.new" "$dir/info"
	[ -n "$tree" ] || [ -n "$for_coverage" ] || rm -rf "$dir/source" "$dir/objects"
}

info_of() {
	sed -n "s/^$2 //p" "$1/info" 2>/dev/null
}

build() {
	[ "$(uname -m)" = x86_64 ] || die "User-Mode Linux runs on x86_64 only, and this is $(uname -m)"
	if ! log=$(mktemp) || ! scratch=$(mktemp -d); then
		die "no file can be made in ${TMPDIR:-/tmp}: set TMPDIR to a directory that you can write to"
	fi
	trap 'rm -rf "$log" "$scratch"' EXIT
	trap interrupted HUP INT TERM
	missing=$(missing_programs)
	# shellcheck disable=SC2086  # a list
	[ -z "$missing" ] || install $missing

	case $1 in
	*/* | . | ..) use_tree "$@" ;;
	*)
		if is_version "$1" && [ $# = 1 ]; then
			use_package "$1"
		elif [ -d "$1" ]; then
			use_tree "$@"
		else
			die "$1: neither a version, such as 6.12, nor a directory"
		fi
		;;
	esac
	[ -z "$for_coverage" ] || name=$name-coverage
	dir=$kernels/$name
	case $tree:$dir in
	*[[:space:]]* | *:*:*) die "make cannot build a kernel where a directory has a blank or a colon in its name: ${tree:-$dir}" ;;
	esac
	lock
	compiler=$(gcc --version | head -n 1)
	stamp=$(make_stamp)
	program --version >/dev/null || exit 3 # find out what is missing before a kernel is built
	if is_current; then
		try_again
		say "$name is up to date: $(info_of "$dir" release), $source"
		return
	fi

	begun=$(date +%s)
	check_space
	: >"$dir/log"
	[ -n "$tree" ] || unpack
	configure
	compile
	copy_kernel
	try_new
	install_kernel
	say "$name is built: $(info_of "$dir" release), $source, in $(($(date +%s) - begun)) s"
}

# ---- list ----

list_built() {
	for dir in "$kernels"/*/; do
		dir=${dir%/}
		[ -d "$dir" ] || continue
		if [ -x "$dir/linux" ] && [ -f "$dir/info" ]; then
			printf '  %-12s %-12s %s\n' "${dir##*/}" "$(info_of "$dir" release)" "$(info_of "$dir" source)"
		else
			printf '  %-12s begun, not built\n' "${dir##*/}"
		fi
	done
}

# From the data that apt and dpkg have already: nothing is downloaded. apt reads all of it each time, so it is asked once
# for all packages.
list_packages() {
	apt-cache --names-only search '^linux-source-[0-9.]+$' 2>/dev/null | cut -d ' ' -f 1 | sort -V |
		xargs -r apt-cache policy | awk '
			function flush() {
				if (package) printf "  %-12s %s %s%s\n", version, package, installed ? installed : candidate, installed ? " (installed)" : ""
			}
			/^linux-source-.*:$/ {
				flush()
				package = version = substr($1, 1, length($1) - 1)
				sub("linux-source-", "", version)
				installed = candidate = ""
			}
			$1 == "Installed:" && $2 != "(none)" { installed = $2 }
			$1 == "Candidate:" { candidate = $2 }
			END { flush() }'
}

list() {
	built=$(list_built)
	packages=$(list_packages)
	echo 'built:'
	echo "${built:-  none}"
	echo "to be had from packages, with $command kernel build VERSION:"
	echo "${packages:-  none that apt knows of}"
	echo "from any kernel tree: $command kernel build PATH [NAME]"
}

unpack_only() {
	is_version "$1" || die "$1: not a version, such as 6.12"
	log=$(mktemp) || die "no file can be made in ${TMPDIR:-/tmp}: set TMPDIR to a directory that you can write to"
	trap 'rm -f "$log"' EXIT
	trap interrupted HUP INT TERM
	use_package "$1"
	kernels=$2
	dir=$2
	lock
	: >"$dir/log"
	unpack
}

usage() {
	cat <<-END
		usage: $command kernel build VERSION        from the distribution's packaged source
		       $command kernel build PATH [NAME]    from a kernel tree
		       $command kernel list                 the kernels that are there, and that can be had

		What is built is in $kernels/NAME; $command --kernel NAME runs scenarios on it.
	END
}

case $#:$1 in
2:build | 3:build)
	shift
	build "$@"
	;;
2:coverage)
	for_coverage=yes
	build "$2"
	;;
1:list) list ;;
3:source) unpack_only "$2" "$3" ;;
1:help | 1:-h | *:--help) usage ;;
*)
	usage >&2
	exit 2
	;;
esac
