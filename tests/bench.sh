#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tests/bench.sh [PROGRAM [SCENARIO [COMMAND ARGUMENT..]]]: the cost of a run as a whole process, from fork to exit: the
# median of 30, then 50 at once. It fails (exit status 1) if a single run costs too much:
#
# - more than 30 ms, or 10 ms of CPU time. On a slow machine, where a bare lab with one connect() in it
#   (tests/bare_lab.c) costs more than a third of the former or 4/9 of the latter: more than 3 or 9/4 times the cost of
#   the bare lab;
# - more than a fifth of the time of COMMAND, which is another tool's way to do the same, for instance
#   tests/bench.sh build/tcplab connect-refused packetdrill connect-refused.pkt
#
# They run by turns, so that other load of the machine affects all of them. CPU time is that of all processes, also of
# those that nobody waits for (tests/measure.c).

cd "${0%/*}/.." || exit 2
program=$(realpath "${1:-build/tcplab}") || exit 2
scenario=${2:-connect-refused}
shift $(($# < 2 ? $# : 2))
tests=${program%/*}/tests
[ -x "$tests/measure" ] || tests=build/tests
export TCPLAB_HOME=${TCPLAB_HOME:-$PWD}
runs=30 at_once=50
bar_wall=30000 bar_cpu=10000 # microseconds
results=$(mktemp -d) || exit 2
trap 'rm -rf "$results"' EXIT
LC_ALL=C

once() { # NAME COMMAND...: add a measurement to those of that name
	local name=$1
	shift
	"$tests/measure" 1 "$@" >>"$results/$name" 2>"$results/said" || {
		cat "$results/said" >&2
		echo "$*: failed" >&2
		exit 1
	}
}

median() { # NAME COLUMN
	cut -d ' ' -f "$2" "$results/$1" | sort -n | sed -n "$(((runs + 1) / 2))p"
}

milliseconds() {
	printf '%d.%d ms' $(($1 / 1000)) $(($1 % 1000 / 100))
}

run=("$program" run -q --results "$results/left")
once warm "${run[@]}" "$scenario"
for ((i = 0; i < runs; i++)); do
	once bare "$tests/bare_lab"
	once run "${run[@]}" "$scenario"
	(($# == 0)) || once other "$(command -v "$1")" "${@:2}"
done
wall=$(median run 1) cpu=$(median run 2) bare_wall=$(median bare 1) bare_cpu=$(median bare 2)
((3 * bare_wall > bar_wall)) && bar_wall=$((3 * bare_wall))
((9 * bare_cpu / 4 > bar_cpu)) && bar_cpu=$((9 * bare_cpu / 4))
printf 'a bare lab, median of %d:  wall %s  CPU %s\n' $runs "$(milliseconds "$bare_wall")" "$(milliseconds "$bare_cpu")"
printf '%s, alone, median of %d:  wall %s  CPU %s\n' "$scenario" $runs "$(milliseconds "$wall")" \
	"$(milliseconds "$cpu")"

names=()
for ((i = 0; i < at_once; i++)); do
	names+=("$scenario")
done
once many "${run[@]}" -j $at_once "${names[@]}"
read -r all all_cpu <"$results/many"
printf '%s, %d at once, each:  wall %s  CPU %s  (%s in all)\n' "$scenario" $at_once \
	"$(milliseconds $((all / at_once)))" "$(milliseconds $((all_cpu / at_once)))" "$(milliseconds "$all")"

status=0
over() { # WHAT COST BAR
	(($2 <= $3)) && return
	echo "too much: $1 $(milliseconds "$2"), at most $(milliseconds "$3") are allowed here"
	status=1
}
over wall "$wall" "$bar_wall"
over CPU "$cpu" "$bar_cpu"
if (($# > 0)); then
	other=$(median other 1)
	printf '%s, median of %d:  wall %s; the run takes %d %% of it\n' "$1" $runs "$(milliseconds "$other")" \
		$((100 * wall / other))
	over "a fifth of $1 is less:" "$wall" $((other / 5))
fi
exit $status
