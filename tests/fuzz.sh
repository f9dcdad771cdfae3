#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tests/fuzz.sh can: whether there is clang with libFuzzer; if not, it says what to install.
# tests/fuzz.sh run BUILD SECONDS [AT_ONCE]: let libFuzzer try each target that was built there for this time, with
# AT_ONCE (1) processes.
# tests/fuzz.sh minute: build the targets, and run them for a minute in all; skipped without clang.
# tests/fuzz.sh replay BUILD: try the corpus with targets that were built without libFuzzer.
#
# It first tries tests/fuzz/corpus/TARGET, and the scenarios. Inputs that it finds on its way, with which another run
# may begin, are kept in BUILD/corpus/TARGET. An input on which a target fails is left in BUILD/found/, with all
# messages; when its cause is fixed, it belongs in tests/fuzz/corpus/TARGET.

cd "${0%/*}/.." || exit 2
clang=${CLANG:-clang}
targets=$(cd tests/fuzz && printf '%s\n' *.c | sed 's/\.c$//' | grep -v '^replay$')
memory=2048 # MB
slow=60     # seconds, for one input; of wall time, however busy the machine is
failed=0

can_fuzz() {
	local resources runtime
	resources=$("$clang" -print-resource-dir 2>/dev/null) || return 1
	for runtime in "$resources"/lib/*/libclang_rt.fuzzer[-.]*; do
		[ -f "$runtime" ] && return
	done
	return 1
}

# The scenarios that are inputs, too.
seeds() {
	case $1 in
	script | judge) echo scenarios ;;
	esac
}

# The words of scenarios, so that libFuzzer need not find them letter by letter.
dictionary() {
	{
		grep -rhv '^ *#' --include=*.tcp scenarios tests/data | sed 's/ #.*//' |
			grep -oE '[A-Za-z_][A-Za-z0-9_-]+|[^A-Za-z0-9_ \t"\\]{2,4}'
		grep -ohE '"[A-Za-z_][A-Za-z0-9_-]+"' harness/calls/{constants,calls,sockopts,structs}.c \
			harness/script/parse_{verb,keyword}.c harness/report/report_{json,record}.c harness/guest/job.c |
			tr -d '"'
	} | sort -u | sed 's/.*/"&"/'
}

# How a target ended, in TAP; its output, if it failed.
tell() { # tell TARGET STATUS LOG WHAT
	if [ "$2" = 0 ]; then
		echo "ok - fuzz $1: $4"
	else
		echo "not ok - fuzz $1: $4"
		# It also has everything that the input was made of.
		tail -n 200 "$3" | tr -cd '\11\12\40-\176' | sed 's/^/# /'
	fi
}

plan() { # one test for each target
	echo "1..$(wc -w <<<"$targets")"
}

replay() {
	local build=$1 log status
	log=$(mktemp) || exit 2
	plan
	for target in $targets; do
		# shellcheck disable=SC2046  # none, or one
		timeout 300 "$build/fuzz/$target" "tests/fuzz/corpus/$target" $(seeds "$target") >"$log" 2>&1
		status=$?
		tell "$target" $status "$log" "$(tail -n 1 "$log" | tr -cd '\40-\176')"
		((status == 0)) || failed=1
	done
	rm -f "$log"
}

# The number of inputs, from libFuzzer's output: one process prints it at the end, several print it on the way.
tried() {
	sed -nE 's/^stat::number_of_executed_units: //p; s/^#([0-9]+): cov: .*/\1/p' "$1" | tail -n 1
}

# If addresses have more random bits than an older clang expects, its sanitizers cannot start.
same_addresses=(setarch -R)
setarch -R true 2>/dev/null || same_addresses=()

fuzz() {
	local target=$1 build=$2 seconds=$3 at_once=$4
	local corpus=$build/corpus/$target log=$build/found/$target.log seed=$RANDOM$RANDOM status several=()

	mkdir -p "$corpus" "$build/found"
	((at_once > 1)) && several=(-fork="$at_once")
	# shellcheck disable=SC2046  # none, or one
	"${same_addresses[@]}" "$build/fuzz/$target" "${several[@]}" -max_total_time="$seconds" -seed="$seed" \
		-rss_limit_mb=$memory -timeout=$slow -max_len=12000 -dict="$build/words.dict" \
		-artifact_prefix="$build/found/$target-" -print_final_stats=1 \
		"$corpus" "tests/fuzz/corpus/$target" $(seeds "$target") >"$log" 2>&1
	status=$?
	tell "$target" $status "$log" \
		"seed $seed, $(tried "$log") inputs in $seconds s"
	((status == 0)) || failed=1
}

fuzz_all() { # fuzz_all BUILD SECONDS [AT_ONCE]
	mkdir -p "$1" && dictionary >"$1/words.dict"
	plan
	for target in $targets; do
		fuzz "$target" "$1" "$2" "${3:-1}"
	done
}

minute() {
	can_fuzz || {
		echo 1..1
		echo 'ok - fuzz # SKIP there is no clang with libFuzzer'
		return
	}
	slow=300
	# With a separate make, even if make has started this.
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -j"$(nproc)" FUZZ=1 CC="$clang" fuzzers || {
		echo 'not ok - fuzz: it cannot be built'
		exit 1
	}
	fuzz_all build-fuzz $((60 / $(wc -w <<<"$targets")))
}

case $1 in
can)
	can_fuzz || {
		echo "clang or its libFuzzer is missing; on Debian or Ubuntu: apt-get install clang, and" \
			"libclang-rt-dev where there is such a package" >&2
		exit 1
	}
	;;
run) fuzz_all "$2" "$3" "$4" ;;
minute) minute ;;
replay) replay "$2" ;;
*)
	sed -n 's/^# \(tests.fuzz.sh [^:]*\):.*/\1/p' "$0" >&2
	exit 2
	;;
esac
exit $failed
