#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# mutants.sh [--kernel VERSION] [--quick] [NAME...]: does the library catch a kernel that is wrong?
#
# Each patch in mutants/ is a fault of one to three lines in a kernel's TCP, as regressions are. Its first line says
# what a user would suffer; its line `Caught by:` names the scenario whose message must name the matter. Each fault is
# put into a copy of the kernel's source (build/mutants/VERSION/), the kernel is built, and the library is run on it.
# The scenarios that fail have caught it. NAME is a mutant's, such as close/*. --quick runs only the scenarios that
# `Caught by:` names.
#
# The kernel without any fault is run first: a scenario that fails on it catches nothing. A mutant is itself an error,
# and not caught, if its patch does not apply, if the kernel does not compile or boot, or if the kernel is the same
# without it. Exit status 1: no scenario caught a mutant, or not the one that it names, or a mutant is an error.
#
#   source/    the package's source, with at most one patch in it
#   original/  the files that the patch has changed, as they were before
#   kernel/    objects and kernel, as build.sh makes them of a tree
#   built/     each mutant's kernel, so that it is not built again: scenarios change more often
#   logs/      what the newest run of each mutant printed

home=$(cd -P -- "${0%/*}/.." && pwd) || exit 3
patches=$home/kernels/mutants
version=6.12 quick='' chosen=()
while (($#)); do
	case $1 in
	--kernel) version=$2 && shift ;;
	--quick) quick=yes ;;
	-*)
		sed -n 's/^# \(mutants\.sh .*\)/\1/p' "$0" >&2
		exit 2
		;;
	*) chosen+=("$1") ;;
	esac
	shift
done
dir=$home/build/mutants/$version
results=

say() {
	printf 'mutants: %s\n' "$*" >&2
}

die() {
	say "$*"
	exit 3
}

# field PATCH NAME: the text after NAME: in its head.
field() {
	sed -n "/^---/q; s/^$2: //p" "$patches/$1.patch"
}

# The files that a patch alters.
files_of() {
	sed -n 's|^+++ b/||p' "$patches/$1.patch"
}

# The chosen mutants, ordered by the file that they change: so one file is compiled for each.
list_mutants() {
	local patch name pattern
	find "$patches" -name '*.patch' | while read -r patch; do
		name=${patch#"$patches"/} name=${name%.patch}
		((${#chosen[@]})) || printf '%s %s\n' "$(files_of "$name" | head -n 1)" "$name"
		for pattern in "${chosen[@]}"; do
			# shellcheck disable=SC2053  # a pattern
			[[ $name == $pattern ]] && printf '%s %s\n' "$(files_of "$name" | head -n 1)" "$name" && break
		done
	done | sort | cut -d ' ' -f 2
}

# ---- the source, and the kernel ----

restore() {
	local file
	find "$dir/original" -type f 2>/dev/null | while read -r file; do
		cp "$file" "$dir/source/${file#"$dir/original/"}" && rm "$file"
	done
}

apply() { # MUTANT
	local file
	patch -d "$dir/source" -p1 -s -f --dry-run -i "$patches/$1.patch" >"$dir/logs/patch" 2>&1 || return
	for file in $(files_of "$1"); do
		mkdir -p "$dir/original/${file%/*}"
		cp "$dir/source/$file" "$dir/original/$file" || return
	done
	patch -d "$dir/source" -p1 -s -f --no-backup-if-mismatch -i "$patches/$1.patch" >>"$dir/logs/patch" 2>&1
}

# At the end it runs a program on the kernel.
build() {
	TCPLAB_KERNELS=$dir "$home/kernels/build.sh" build "$dir/source" kernel >"$dir/logs/build" 2>&1
}

build_good() {
	restore
	[ -x "$dir/good" ] && [ "$(cat "$dir/good.stamp" 2>/dev/null)" = "$base" ] && return
	say "building $version without a fault"
	build || {
		cat "$dir/logs/build" >&2
		die "$version cannot be built"
	}
	cp "$dir/kernel/linux" "$dir/good" && echo "$base" >"$dir/good.stamp"
}

# build_mutant MUTANT: its kernel is $kernel; if there is none, $why says so.
build_mutant() {
	kernel=$dir/built/${1//\//-}
	local stamp
	stamp=$base-$(sed -n '/^---/,$p' "$patches/$1.patch" | sha256sum | cut -c 1-16)
	[ -x "$kernel" ] && [ "$(cat "$kernel.stamp" 2>/dev/null)" = "$stamp" ] && return
	rm -f "$kernel"
	restore
	apply "$1" || {
		why="its patch does not apply to $version: $(head -n 1 "$dir/logs/patch")"
		return 1
	}
	build || {
		why="its kernel does not compile or boot: $(grep -v '^tcplab: kernel: compiled' "$dir/logs/build" | tail -n 1)"
		return 1
	}
	cmp -s "$dir/kernel/linux" "$dir/good" && why="the kernel is the same without it" && return 1
	cp "$dir/kernel/linux" "$kernel" && echo "$stamp" >"$kernel.stamp"
}

# ---- runs ----

# run KERNEL LOG SCENARIO...: prints a line for each failure: NAME <tab> MESSAGE. A run that takes longer than 30 s
# hangs.
run() {
	local kernel=$1 log=$2 status
	shift 2
	"$home/run.sh" run -q -4 -6 --limit 30s --kernel "$kernel" --results "$results" "$@" >"$log" 2>&1
	status=$?
	rm -rf "${results:?}"/*
	((status == 0 || status == 1 || status == 3)) || die "$log: the library could not be run: $(head -n 1 "$log")"
	awk '
		function flush() { if (name != "") print name "\t" (message != "" ? message : before); name = "" }
		/^(pass|skip|fail|broken|unsure)  / {
			flush()
			before = other
			other = ""
			if ($1 != "pass" && $1 != "skip") {
				name = $2
				message = ""
				if ($1 == "broken") { message = $0; sub(/^broken +[^ ]+ +/, "", message) }
			}
			next
		}
		/^[0-9]+ passed/ { next }
		name != "" && message == "" { message = $0; next }
		{ other = $0 }
		END { flush() }' "$log"
}

# names: the names of failed scenarios, once for both families.
names() {
	cut -f 1 | sed 's/,.*//' | sort -u | tr '\n' ' ' | sed 's/ $//'
}

# ---- all of it ----

mapfile -t mutants < <(list_mutants)
((${#mutants[@]})) || die "there is no such mutant: ${chosen[*]}"
mkdir -p "$dir/logs" "$dir/built" || exit 3
exec 9>"$dir/.mutants"
flock -n 9 || die "another one is at it in $dir"
results=$(mktemp -d) || exit 3
trap 'restore; rm -rf "$results"' EXIT
trap 'exit 130' INT TERM

"$home/kernels/build.sh" source "$version" "$dir" || exit 3
base=$({ cat "$dir/source/.package" "$home/kernels/config" && gcc --version; } | sha256sum | cut -c 1-16)
build_good
scenarios=(all)
if [ "$quick" ]; then
	mapfile -t scenarios < <(for mutant in "${mutants[@]}"; do field "$mutant" 'Caught by'; done | sort -u)
fi
failed=$(run "$dir/good" "$dir/logs/good" "${scenarios[@]}") || exit 3
[ -z "$failed" ] || die "these fail on $version without any fault: $(names <<<"$failed")"

table='' caught=0 survivors=() elsewhere=() errors=()
for mutant in "${mutants[@]}"; do
	by=$(field "$mutant" 'Caught by')
	title=$(head -n 1 "$patches/$mutant.patch")
	if ! build_mutant "$mutant"; then
		errors+=("$mutant")
		printf 'error     %s: %s\n\n' "$mutant" "$why"
		table+="$mutant"$'\t'"error: $why"$'\n'
		continue
	fi
	[ "$quick" ] && scenarios=("$by")
	log=$dir/logs/${mutant//\//-}
	failed=$(run "$kernel" "$log" "${scenarios[@]}") || exit 3
	if [ -z "$failed" ]; then
		survivors+=("$mutant")
		printf 'SURVIVED  %s\n          %s\n\n' "$mutant" "$title"
		table+="$mutant"$'\t'"nobody"$'\n'
		continue
	fi
	((++caught))
	best=$(grep -m 1 -E "^${by##*/}(,[^	]*)?	" <<<"$failed") || {
		elsewhere+=("$mutant")
		best=$(head -n 1 <<<"$failed")
	}
	caught_by=$(names <<<"$failed")
	printf 'caught    %s\n          %s\n          by %s\n          %s\n\n' "$mutant" "$title" "$caught_by" "${best#*	}"
	table+="$mutant"$'\t'"$(wc -w <<<"$caught_by")"$'\t'"${best%%	*}"$'\n'
done

sort <<<"${table%$'\n'}" | awk -F '\t' '
	BEGIN { printf "%-48s %-10s %s\n", "mutant", "caught by", "best" }
	{ printf "%-48s %-10s %s\n", $1, $2, $3 }'
echo
for mutant in "${elsewhere[@]}"; do
	echo "not caught by the scenario that it names ($(field "$mutant" 'Caught by')): $mutant"
done
echo "${#mutants[@]} mutants of $version: $caught caught, ${#survivors[@]} by nobody, ${#errors[@]} errors"
((${#survivors[@]} + ${#errors[@]} + ${#elsewhere[@]} == 0))
