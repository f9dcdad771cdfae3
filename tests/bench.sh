#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tests/bench.sh [PROGRAM [SCENARIO]]: what a run costs as a whole process, from fork to exit: the median
# of 20 one after the other, and 50 at once.

program=${1:-${0%/*}/../build/tcplab}
scenario=${2:-connect-refused}
runs=20 at_once=50
results=$(mktemp -d) || exit 2
trap 'rm -rf "$results"' EXIT
LC_ALL=C
TIMEFORMAT='%U %S'

# Run it; says wall and CPU time in microseconds.
measure() {
	local begin end cpu user system
	begin=${EPOCHREALTIME/./}
	cpu=$({ time "$program" -q --results "$results" "$@" >"$results/output" 2>&1; } 2>&1) || {
		cat "$results/output" >&2
		return 1
	}
	end=${EPOCHREALTIME/./}
	read -r user system <<<"${cpu//./}"
	echo $((end - begin)) $(((10#$user + 10#$system) * 1000))
}

median() { # of one column of numbers
	sort -n | sed -n "$(((runs + 1) / 2))p"
}

milliseconds() {
	printf '%d.%d ms' $(($1 / 1000)) $(($1 % 1000 / 100))
}

measure "$scenario" >/dev/null || exit 1 # warm
for ((i = 0; i < runs; i++)); do
	measure "$scenario" || exit 1
done >"$results/times"
wall=$(cut -d ' ' -f 1 "$results/times" | median)
cpu=$(cut -d ' ' -f 2 "$results/times" | median)
printf '%s, alone, median of %d:  wall %s  CPU %s\n' "$scenario" $runs "$(milliseconds "$wall")" \
	"$(milliseconds "$cpu")"

names=()
for ((i = 0; i < at_once; i++)); do
	names+=("$scenario")
done
times=$(measure -j $at_once "${names[@]}") || exit 1
read -r wall cpu <<<"$times"
printf '%s, %d at once, each:  wall %s  CPU %s  (%s in all)\n' "$scenario" $at_once \
	"$(milliseconds $((wall / at_once)))" "$(milliseconds $((cpu / at_once)))" "$(milliseconds "$wall")"
