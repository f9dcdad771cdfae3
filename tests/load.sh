#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# No flakes: all scenarios in both families at once, many times, while something else keeps every processor busy,
# compared with one run on a quiet machine. No verdict may differ.
#
#     tests/load.sh [ROUNDS] [PROGRAM]      50 rounds of build/tcplab; exit status 0: none differs
#
# A run that was disturbed and repeated (verdict "unsure") is counted: it must stay below one in a hundred.
set -eu

rounds=${1:-50}
program=${2:-build/tcplab}
work=$(mktemp -d)
busy=

stop() {
	for pid in $busy; do
		kill "$pid" 2>/dev/null || :
	done
	rm -rf "$work"
}
trap stop EXIT
trap 'exit 130' INT TERM

# Verdict and name of each run, sorted; the times differ, of course.
verdicts() {
	sed -n 's/^\(pass\|fail\|skip\|broken\)  \([^ ]*\)  .*/\1 \2/p' "$1" | sort
}

"$program" --results "$work/results" -4 -6 all >"$work/quiet.out" 2>&1 || :
verdicts "$work/quiet.out" >"$work/quiet"
[ -s "$work/quiet" ] || {
	cat "$work/quiet.out"
	exit 3
}
echo "quiet: $(tail -n 1 "$work/quiet.out")"
if grep -qE '^(fail|broken)  ' "$work/quiet.out"; then
	cat "$work/quiet.out"
fi

for _ in $(seq "$(nproc)"); do
	sh -c 'while :; do :; done' &
	busy="$busy $!"
done

differing=0 unsure=0 round=0
while [ "$round" -lt "$rounds" ]; do
	round=$((round + 1))
	"$program" --results "$work/results" -j 64 -4 -6 all >"$work/busy.out" 2>&1 || :
	verdicts "$work/busy.out" >"$work/busy"
	again=$(sed -n 's/^\([0-9]*\) runs\{0,1\} unsure.*/\1/p; s/^\([0-9]*\) unsure.*/\1/p' "$work/busy.out")
	unsure=$((unsure + ${again:-0}))
	if ! diff "$work/quiet" "$work/busy" >"$work/diff"; then
		differing=$((differing + $(grep -c '^>' "$work/diff")))
		echo "round $round:"
		cat "$work/busy.out"
	fi
done
runs=$(($(wc -l <"$work/quiet") * rounds))
echo "$rounds rounds, $runs runs, $differing verdicts differ, $unsure runs unsure and repeated"
[ "$differing" -eq 0 ] && [ $((unsure * 100)) -lt "$runs" ]
