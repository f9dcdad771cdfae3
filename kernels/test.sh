#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `kernel test PATH|RANGE [NAME...]`: build a kernel from a source tree, or each commit of a range, run scenarios on it (by
# default all, over both families), and say whether it is good. cmd_kernel.c starts it, with TCPLAB and TCPLAB_KERNELS,
# and these arguments:
#
#     test.sh [--against FILE] [--source DIR] [--results DIR] [--library DIR] [-j N] [-4] [-6] -- PATH|RANGE [NAME...]
#
# The exit status is for `git bisect run`: 0 good, 1 bad, 125 cannot be built or tested; and above 127, which ends a
# bisection, if the command line is wrong (129) or it is interrupted (130): these say nothing about a commit.
#
# The user's tree is not written to. One in which nothing has been built is built with O= (build.sh). Otherwise, and for
# the commits of a range, there is a copy in build/kernels/.trees/NAME/:
#
#   git/   a repository that has only an index; its alternates are the user's objects, so nothing is copied
#   tree/  the files: git replaces those that differ, so make compiles only what depends on them
#
# Objects are in build/kernels/NAME/ as for every kernel, and are the same for all commits.

home=$(cd -P -- "${0%/*}/.." && pwd) || exit 125
build=$home/kernels/build.sh
kernels=${TCPLAB_KERNELS:-$home/build/kernels}
program=${TCPLAB:-$home/run.sh}

good=0
bad=1
untestable=125
wrong=129
interrupted=130

# What comes from outside (names, subjects of commits) must not do anything to a terminal or to GitHub's runner.
shown() {
	printf %s "$*" | LC_ALL=C tr '\000-\037\177' '?' | LC_ALL=C sed 's/\xc2[\x80-\x9f]/?/g; s/##\[/##?/g'
}

say() {
	printf 'tcplab: %s\n' "$(shown "$@")" >&2
}

refuse() {
	say "$*"
	exit $wrong
}

# ---- arguments ----

against='' source='' results='' library='' jobs='' families=''
while [ $# -gt 0 ] && [ "$1" != -- ]; do
	case $1 in
	--against) against=$2 && shift ;;
	--source) source=$2 && shift ;;
	--results) results=$2 && shift ;;
	--library) library=$2 && shift ;;
	-j) jobs=$2 && shift ;;
	-4 | -6) families="$families $1" ;;
	esac
	shift
done
shift
[ $# -gt 0 ] || refuse "kernel test: which one? A kernel tree, or a range of commits such as v6.12..HEAD"
what=$1
shift
[ $# -gt 0 ] || set -- all
: "${families:=-4 -6}" "${results:=$home/results}"

# ---- processes ----

child='' commit=''

# A shell that is not interactive starts them with SIGINT ignored, so they get another signal.
stop() {
	trap '' HUP INT TERM
	[ -n "$child" ] && kill -TERM "$child" 2>/dev/null && wait "$child"
	say 'interrupted; the same command goes on from what is compiled'
	exit $interrupted
}

# follow COMMAND...: run it so that it can be stopped.
follow() {
	"$@" </dev/null &
	child=$!
	wait "$child"
	status=$?
	child=
	return $status
}

# ---- one kernel ----

runs() { # OPTION...: the scenarios
	# shellcheck disable=SC2086  # words
	follow "$program" run "$@" $families ${jobs:+-j "$jobs"} ${against:+--against "$against"} ${library:+--library "$library"}
}

# The names of the scenarios and the baseline are checked before a kernel is built.
check_words() {
	runs --list "$@" >"$scratch/list" 2>"$scratch/said" && return
	cat "$scratch/said" >&2
	exit $wrong
}

# With an empty baseline every failure is new, and a kernel that panics has failed. Only this script needs that.
use_baseline() {
	[ -z "$against" ] || return
	against=$scratch/none
	(echo 'tcplab baseline 1' >"$against") 2>/dev/null ||
		refuse "cannot write to $scratch; TMPDIR can name a directory elsewhere"
}

# The name of a directory, without characters that a kernel's name cannot have.
clean_name() { # DIRECTORY
	name=$(printf %s "${1##*/}" | tr -c 'A-Za-z0-9._+-' _)
	case $name in
	'' | .*) name=kernel$name ;;
	esac
}

# Whether another kernel already has that name.
is_taken() { # NAME TREE
	[ -f "$kernels/$1/info" ] && ! grep -qxF "source tree $2" "$kernels/$1/info"
}

name_for() { # TREE
	clean_name "$1"
	is_taken "$name" "$1" && name=$name-$(printf %s "$1" | cksum | cut -d ' ' -f 1)
}

# The next commit's build will replace it.
keep_log() {
	[ -n "$commit" ] && [ -f "$kernels/$name/log" ] && mkdir -p "$left" && cp "$kernels/$name/log" "$left/build.log" &&
		why="cannot be built: see $left/build.log"
}

# test_tree TREE RESULTS NAME...: build it as $name and run it. Sets $outcome and $why.
test_tree() {
	tree=$1 left=$2
	shift 2
	why=
	follow sh "$build" build "$tree" "$name" 2>"$scratch/build"
	status=$?
	[ $status -lt 128 ] || stop
	if [ $status != 0 ]; then
		outcome=$untestable
		why="cannot be built: $(tail -n 1 "$scratch/build" | sed 's/^tcplab: //')"
		keep_log
		return
	fi
	runs --kernel "$name" -q --results "$left" "$@" >"$scratch/said" 2>"$scratch/errors"
	status=$?
	cat "$scratch/errors" >&2
	case $status in
	0) outcome=$good ;;
	1) outcome=$bad ;;
	2) exit $wrong ;;
	3) outcome=$untestable why="could not be tested: $(grep -m 1 '^broken ' "$scratch/said")" ;;
	*) stop ;;
	esac
	if [ $outcome = $good ] && ! grep -qE '^(pass|fail|broken) ' "$scratch/said"; then
		outcome=$untestable
		why="all of it is skipped on this kernel"
	fi
}

# Without a baseline all are.
without_new() {
	if [ "$against" = "$scratch/none" ]; then
		sed -E 's/^((fail|broken) .*); new\)$/\1)/'
	else
		cat
	fi
}

# The failures; then the counts, or the verdict of a single run.
show_runs() {
	awk -v none="against $scratch/none:" '/^(pass|skip) / && !/; vanished\)$/ || index($0, none) == 1 { next } { print }' \
		"$scratch/said" | without_new
	[ "$(grep -cE '^(pass|skip) ' "$scratch/said")" != 1 ] || [ "$(wc -l <"$scratch/said")" != 1 ] || cat "$scratch/said"
}

word_for() {
	case $1 in
	"$good") echo good ;;
	"$bad") echo bad ;;
	*) echo skip ;;
	esac
}

# ---- a copy of somebody's tree ----

# git, for the user's repository; without the variables that a caller (rebase --exec, a hook) has set for its own.
git_there() {
	git -C "$source" "$@"
}

git_here() {
	git --git-dir="$copy/git" --work-tree="$copy/tree" "$@"
}

open_copy() { # NAME
	copy=$kernels/.trees/$1
	mkdir -p "$copy/tree" || exit $untestable
	exec 8>"$copy/.lock"
	flock -n 8 || {
		say "$1 is being tested already; waiting for that"
		flock 8
	}
	[ -d "$copy/git" ] || git init -q --bare "$copy/git" || exit $untestable
	objects=$(cd -P -- "$source" && cd -P -- "$(git rev-parse --git-path objects)" && pwd) || exit $untestable
	echo "$objects" >"$copy/git/objects/info/alternates"
	rm -f "$copy/git/index.lock" # left by a process that was killed
}

check_out() { # COMMIT|TREE
	git_here read-tree --reset -u "$1" 2>"$scratch/git" && return
	cat "$scratch/git" >&2
	say "$1 cannot be checked out into $copy/tree"
	exit $untestable
}

# The tree as it is now, with what is not committed: git stores it in the copy's repository. What is built in it is
# ignored, as by git.
snapshot() {
	index=$(git_there rev-parse --git-path index)
	case $index in
	/*) ;;
	*) index=$source/$index ;;
	esac
	rm -f "$copy/snapshot"
	[ ! -f "$index" ] || cp "$index" "$copy/snapshot" # so that git need not read all files again
	in_snapshot() {
		GIT_INDEX_FILE=$copy/snapshot GIT_OBJECT_DIRECTORY=$copy/git/objects \
			GIT_ALTERNATE_OBJECT_DIRECTORIES=$objects git_there -c core.splitIndex=false -c core.fsmonitor=false "$@"
	}
	in_snapshot add -A && in_snapshot write-tree
}

has_been_built() { # TREE
	[ -e "$1/.config" ] || [ -d "$1/include/config" ] || [ -d "$1/arch/um/include/generated" ]
}

# ---- one tree ----

# The output of the build, if it is more than the quoted line.
explain() {
	[ ! -f "$scratch/build" ] || [ "$(wc -l <"$scratch/build")" -lt 2 ] || cat "$scratch/build" >&2
}

one_tree() { # NAME...
	source=$(cd -P -- "$what" 2>/dev/null && pwd) || refuse "the directory $what cannot be entered"
	tested=$source
	name_for "$source"
	if has_been_built "$source" && git_there rev-parse --git-dir >/dev/null 2>&1; then
		clean_name "$source"
		name=$name-copy
		open_copy "$name"
		state=$(snapshot) || exit $untestable
		check_out "$state"
		tested=$copy/tree
	fi
	test_tree "$tested" "$results" "$@"
	[ ! -f "$scratch/said" ] || show_runs
	[ -z "$why" ] || say "$why"
	[ $outcome != $untestable ] || explain
	printf '%s  %s\n' "$(word_for $outcome)" "$(shown "$source")"
	exit $outcome
}

# ---- a range ----

# Which commit is the first bad one, or why there is none.
sum_up() {
	printf '%d commits: %d good, %d bad, %d cannot be built or tested\n' "$all" "$goods" "$bads" "$untested"
	[ -n "$first" ] || return
	printf 'the first bad one: %s\n' "$first"
	[ -z "$doubt" ] || printf 'or a commit before it that cannot be built or tested (%d)\n' "$doubt"
}

range() { # NAME...
	repository=${source:-.}
	source=$(cd -P -- "$repository" 2>/dev/null && pwd) || refuse "the directory $repository cannot be entered"
	git_there rev-parse --git-dir >/dev/null 2>&1 ||
		refuse "$source is no git repository; --source DIR names the one of the range $what"
	git_there rev-list --reverse --topo-order "$what" -- >"$scratch/commits" 2>"$scratch/git" || {
		cat "$scratch/git" >&2
		refuse "$what is neither a directory nor a range of commits of $source"
	}
	case $what in
	*..*) ;;
	*) git_there rev-parse --verify --quiet "$what^{commit}" >"$scratch/commits" ;; # only that commit
	esac
	all=$(wc -l <"$scratch/commits")
	[ "$all" -gt 0 ] || refuse "there is no commit in $what"
	clean_name "$source"
	name=$name-commits
	open_copy "$name"
	number=0 goods=0 bads=0 untested=0 first='' doubt='' since=0
	while read -r commit <&7; do
		number=$((number + 1))
		line=$(shown "$(git_there log -1 --format='%h %s' "$commit")")
		say "$number of $all: $line"
		check_out "$commit"
		rm -f "$scratch/said"
		test_tree "$copy/tree" "$results/commits/$commit" "$@"
		printf '%s  %s%s\n' "$(word_for $outcome)" "$line" "${why:+  ($why)}"
		case $outcome in
		"$good") goods=$((goods + 1)) since=0 ;;
		"$bad")
			bads=$((bads + 1))
			show_runs | sed 's/^/      /'
			[ -n "$first" ] || { first=$line && [ $since = 0 ] || doubt=$since; }
			;;
		*) untested=$((untested + 1)) since=$((since + 1)) ;;
		esac
	done 7<"$scratch/commits"
	sum_up
	[ $bads = 0 ] || exit $bad
	[ $untested = 0 ] || exit $untestable
	exit $good
}

for variable in $(git rev-parse --local-env-vars 2>/dev/null); do
	unset "$variable"
done
scratch=$(mktemp -d 2>/dev/null) ||
	refuse "no directory can be made in ${TMPDIR:-/tmp}; TMPDIR can name another one"
trap 'rm -rf "$scratch"' EXIT
trap stop HUP INT TERM
use_baseline
check_words "$@"
if [ -d "$what" ]; then
	[ -z "$source" ] || refuse '--source is for a range of commits'
	one_tree "$@"
fi
case $what in
-*) refuse "kernel test: '$what' is neither a kernel tree nor a range of commits" ;;
/* | ./* | ../*) refuse "kernel test: there is no directory $what" ;;
esac
command -v git >/dev/null || refuse "there is no directory $what, and for a range of commits git is missing"
range "$@"
