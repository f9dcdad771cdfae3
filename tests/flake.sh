#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# No flakes: nothing but the kernel changes a verdict. All scenarios in both families are run many times: on the running
# kernel, once without any load and then while loops keep every processor busy; and on each built kernel, with twice as
# many guests as processors. No run may have different verdicts in two rounds. A run that was disturbed and repeated
# (verdict "unsure") is counted: these must stay below one in a hundred. The round without load is compared, but not
# counted.
#
#     tests/flake.sh [NAME...]      `make flake`; the scenarios, else all of them
#
# Variables: ROUNDS (20) on the running kernel, GUEST_ROUNDS (50) on each of KERNELS (those that are built), BUSY loops
# (two for each processor), JOBS at once (64) on the running kernel, TCPLAB the program. 0 rounds: not on that kernel.
# QUIET is a directory of results that takes the place of the round without load.
# What runs that have failed have left is in build/flake, for each round.
#
# Exit status: 0; 1: a verdict differs, or too many are unsure; 3: a round did not end as it should. It does not matter
# whether runs pass, but those that fail in each round are also printed.

cd "${0%/*}/.." || exit 2
program=${TCPLAB:-build/tcplab}
export TCPLAB_HOME=${TCPLAB_HOME:-$PWD}
rounds=${ROUNDS:-20} guest_rounds=${GUEST_ROUNDS:-50} loops=${BUSY:-$((2 * $(nproc)))}
kernels=${KERNELS-$(cd build/kernels 2>/dev/null && for k in */linux; do [ ! -x "$k" ] || echo "${k%/*}"; done)}
(($#)) || set -- all
scenarios=("$@")
kept=$TCPLAB_HOME/build/flake
work=$(mktemp -d) || exit 2
busy=() running="" total_rounds=0 total_runs=0 total_differ=0 total_unsure=0

# ---- its processes ----

# A loop checks from time to time whether this script still exists. So it ends even if the script is killed.
spin() {
	local i
	while [ -d "/proc/$$" ]; do
		for ((i = 0; i < 100000; i++)); do :; done
	done
}

make_busy() {
	local i
	for ((i = 0; i < loops; i++)); do
		spin &
		busy+=($!)
	done
}

relax() {
	((${#busy[@]})) && kill "${busy[@]}" 2>/dev/null && wait "${busy[@]}" 2>/dev/null
	busy=()
}

stop() {
	relax
	[ "$running" ] && kill "$running" 2>/dev/null && wait "$running"
	rm -rf "$work"
}
trap stop EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# ---- one round ----

# Of each run: verdict, name, how often it was repeated, and why it failed, from the members that stand in the first
# column of the document's runs.
runs_of() {
	awk '
		function value(line) {
			sub(/^ *"[a-z]+": "?/, "", line)
			sub(/"?,?$/, "", line)
			gsub(/\t/, " ", line)
			return line
		}
		/^\{$/ { verdict = name = why = ""; repeats = 0 }
		/^ "verdict": / { verdict = value($0) }
		/^ "name": / { name = value($0) }
		/^ "repeats": / { repeats = value($0) }
		/^ "(broken|diagnostic)": / || (/^   "message": / && why == "") { why = value($0) }
		/^\}/ { print verdict "\t" name "\t" repeats "\t" (verdict ~ /fail|broken/ ? why : "") }
	'
}

# round KERNEL NAME JOBS [OPTION...]: leaves $work/KERNEL/NAME.
round() {
	local kernel=$1 name=$2 jobs=$3 status
	shift 3
	mkdir -p "$work/$kernel"
	# In the background, so that a signal need not wait for its end.
	"$program" run --json -4 -6 -j "$jobs" --results "$work/results" "$@" "${scenarios[@]}" \
		>"$work/json" 2>"$work/errors" </dev/null &
	running=$!
	wait "$running"
	status=$?
	running=""
	runs_of <"$work/json" >"$work/$kernel/$name"
	if { ((status != 0 && status != 1 && status != 3)); } || ! grep -q '^"passed": ' "$work/json" ||
		[ ! -s "$work/$kernel/$name" ]; then
		echo "$kernel, round $name: exit status $status, and this is no whole report:"
		tail -n 5 "$work/errors" "$work/json"
		exit 3
	fi
	keep "$kernel" "$name"
	rm -rf "$work/results" "$work/json"
}

# made_before KERNEL NAME RESULTS: leaves the same, of runs that somebody else has made.
made_before() {
	mkdir -p "$work/$1"
	cat "$3"/*/*/result.json 2>/dev/null | runs_of >"$work/$1/$2"
	[ -s "$work/$1/$2" ] || {
		echo "$1, round $2: there are no results in $3"
		exit 3
	}
}

# What has failed is printed, and its results are kept.
keep() { # KERNEL NAME
	local verdict run repeats why
	while IFS=$'\t' read -r verdict run repeats why; do
		[[ $verdict = fail || $verdict = broken ]] || continue
		echo "$1, round $2: $verdict $run (repeated ${repeats}x): $why"
		mkdir -p "$kept/$1/$2"
		cp -r "$work/results/"*"/$run" "$kept/$1/$2/" 2>/dev/null
	done <"$work/$1/$2"
}

# ---- all rounds on one kernel ----

# Each run whose verdict is not the same in all rounds, with the rounds of all but the most frequent verdict; then each
# that fails in all of them; and last: how many runs there were, how many verdicts differ, how many runs are unsure.
compare() {
	awk -F'\t' '
		FNR == 1 { round = FILENAME; sub(/.*\//, "", round); rounds++ }
		{
			all[$2]
			if (!((round, $2) in seen)) times[$2, $1]++
			seen[round, $2]
			where[$2, $1] = where[$2, $1] " " round
			verdicts[$1]
			runs += round != "quiet"
			unsure += round != "quiet" && $3 > 0
		}
		END {
			for (run in all) {
				most = ""
				had = 0
				for (v in verdicts) {
					had += times[run, v]
					if (times[run, v] > times[run, most]) most = v
				}
				for (v in verdicts)
					if (v != most && times[run, v]) {
						print "differs: " run ": " most ", but " v " in round" where[run, v]
						differ += times[run, v]
					}
				if (had < rounds) {
					print "differs: " run ": missing in " rounds - had " rounds"
					differ += rounds - had
				} else if (most != "pass" && most != "skip" && times[run, most] == rounds)
					print "in each round: " most " " run
			}
			print runs, differ + 0, unsure + 0 >"/dev/stderr"
		}
	' "$@"
}

percent() { # PART WHOLE
	awk -v part="$1" -v whole="$2" 'BEGIN { printf "%.2f %%", whole ? 100 * part / whole : 0 }'
}

sum_up() { # KERNEL ROUNDS SECONDS
	local runs differ unsure
	compare "$work/$1"/* 2>"$work/counts"
	read -r runs differ unsure <"$work/counts"
	echo "$1: $2 rounds, $runs runs, $differ verdicts differ, $unsure runs unsure ($(percent "$unsure" "$runs")), $3 s"
	((total_rounds += $2, total_runs += runs, total_differ += differ, total_unsure += unsure))
}

rm -rf "$kept"
if ((rounds > 0)); then
	SECONDS=0
	if [ "$QUIET" ]; then
		made_before host quiet "$QUIET"
	else
		round host quiet "${JOBS:-64}"
		echo "host: one round without load, $SECONDS s"
	fi
	SECONDS=0
	make_busy
	for ((i = 1; i <= rounds; i++)); do
		round host "$i" "${JOBS:-64}"
	done
	relax
	sum_up host "$rounds" "$SECONDS"
fi
for kernel in $kernels; do
	SECONDS=0
	((guest_rounds > 0)) || continue
	for ((i = 1; i <= guest_rounds; i++)); do
		round "$kernel" "$i" $((2 * $(nproc))) --kernel "$kernel" --limit 300s
	done
	sum_up "$kernel" "$guest_rounds" "$SECONDS"
done
echo "$total_rounds rounds, $total_runs runs, $total_differ verdicts differ, $total_unsure runs unsure and repeated" \
	"($(percent "$total_unsure" "$total_runs"))"
((total_differ == 0 && total_unsure * 100 < total_runs))
