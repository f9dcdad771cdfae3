#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The library's failures, each with a program: curl as the client, where it is installed, and tests/programs/partners.c
# as the server, the client or both. `failures.sh [KERNEL]`: all of them on that kernel; without KERNEL, on the running
# one, those that do not take long there. Each run must be a measurement with a known result. Prints TAP. TCPLAB names
# the program.

program=${TCPLAB:-${0%/*}/../build/tcplab}
program=$(realpath "$program") || exit 2
partners=$(dirname "$program")/tests/programs/partners
kernel=$1
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
. "${0%/*}/tap.sh"
cd "$scratch" || exit 2
unset GITHUB_ACTIONS NO_COLOR

# measure NAME 'RUN REGEX\n..' OPTION...: each run of these failures is a measurement, and its end matches the regex, as
# in `exited with 0 12 ms`. RUN names a failure, for all its runs, or one run with its parameters.
measure() {
	local name=$1 rows=$2 failure regex runs verdict
	shift 2
	# shellcheck disable=SC2046  # each failure is a word
	"$program" run -q ${kernel:+--kernel "$kernel"} --results results "$@" \
		$(cut -d ' ' -f 1 <<<"$rows" | cut -d , -f 1 | sort -u) >output 2>&1
	while read -r failure regex; do
		runs=$(grep -E "^[a-z]+  $failure[, ]" output)
		verdict='not ok'
		[ "$runs" ] && ! grep -qvE "^pass  [^ ]+  \\($regex" <<<"$runs" && verdict=ok
		report "$verdict" "$name: $failure" "$regex" "${runs:-$(tail -n 20 output)}"
	done <<<"$rows"
}

curl() { # NAME ROWS ARGUMENTS
	if command -v curl >/dev/null; then
		measure "curl$1" "$2" -4 -6 --client "curl -sS $3"
	else
		skip "curl$1" 'curl is not installed'
	fi
}

once='-o /dev/null http://server:8080/'
twice='--rate 6/m -o /dev/null http://server:8080/ -o /dev/null http://server:8080/'
ended='exited with'
hangs='has not ended'

# ---- curl ----
curl '' "ports-in-time-wait $ended 7
network-loses-1-in-100 $ended 0
network-loses-1-in-3 $ended 0
network-duplicates $ended 0
network-reorders $ended 0" "$once"
curl ', two requests on one connection' "pool-reset $ended 0
pool-forgotten-reset $ended 0" "$twice"

# ---- between two programs ----
if [ -z "$kernel" ]; then
	measure 'two programs' "cut-1s $ended 0
forgotten-on-the-way-reset,moment=before-first-byte $ended 104
forgotten-on-the-way-reset,moment=amid-request $ended 104
forgotten-on-the-way-reset,moment=amid-answer $ended 11
forgotten-on-the-way-reset,moment=idle $ended 104
loses-1-in-100 $ended 0
duplicates $ended 0
reorders $ended 0
loses-synack-twice $ended 0
rejects-connections $ended 111" -4 --client "$partners ask 2 9 18" --server "$partners serve"
	printf '1..%d\n' "$number"
	exit $((failures != 0))
fi

# ---- in virtual time ----
curl ' for a long time' "middlebox-forgets $ended 0 0 ms
middlebox-forgets-reset $ended 0 0 ms
window-shut-for-an-hour $ended 0 1 h 0 min" "$once"
curl ', two requests on one connection' "pool-forgotten $ended 0 1[56] min" "$twice"
measure 'a client that only waits' "middlebox-forgets $ended 11 14 min
middlebox-forgets-reset $ended 11 14 min
ports-in-time-wait $ended 99" -4 -6 --client "$partners ask 1 0 1200"
measure 'a server' "client-never-reads $hangs 24 h 0 min
client-byte-a-minute $hangs 24 h 0 min
client-killed-amid-answer $hangs 24 h 0 min
client-vanishes-before-asking $hangs 24 h 0 min
client-forgotten $hangs 24 h 0 min
silent-client $hangs 24 h 0 min
client-half-closes $hangs 24 h 0 min
client-vanishes $hangs 24 h 0 min
reset-before-accept $hangs 24 h 0 min" -4 -6 --server "$partners serve"
measure 'a server' "clients-200-at-once $hangs 24 h 0 min" -4 --server "$partners serve"
# It asks, waits for ten minutes, and asks again; it waits for each answer for ten minutes and some seconds at most.
measure 'two programs' "cut-1s $ended 0
cut-30s $ended 0
cut-10min,.*moment=before-first-byte $ended 11 10 min
cut-10min,.*moment=amid-request $ended 11 10 min
cut-10min,.*moment=amid-answer $ended 11 10 min
cut-10min,.*moment=idle $ended 0 10 min
cut-for-a-day,.*moment=before-first-byte $ended 11 10 min
cut-for-a-day,.*moment=amid-request $ended 11 10 min
cut-for-a-day,.*moment=amid-answer $ended 11 10 min
cut-for-a-day,.*moment=idle $ended 11 20 min
cut-to-client $ended 11
cut-to-server $ended 11
rejected-on-the-way $ended 11
server-vanishes $ended 11
server-reboots,.*moment=before-first-byte $ended 104 1 min
server-reboots,.*moment=amid-request $ended 104 1 min
server-reboots,.*moment=amid-answer $ended 11 10 min
server-reboots,.*moment=idle $ended 104 9 min
client-host-vanishes $hangs 24 h 0 min
forgotten-on-the-way $ended 11
forgotten-on-the-way-reset,.*moment=before-first-byte $ended 104 0 ms
forgotten-on-the-way-reset,.*moment=amid-request $ended 104 [0-9]+ ms
forgotten-on-the-way-reset,.*moment=amid-answer $ended 11 10 min
forgotten-on-the-way-reset,.*moment=idle $ended 104 9 min
forgotten-while-idle $ended 11 20 min
forgotten-while-idle-reset $ended 104 10 min
loses-1-in-100 $ended 0 10 min
loses-1-in-3 $ended 0 10 min
duplicates $ended 0 10 min
reorders $ended 0 10 min
delays-500ms $ended 0 10 min
loses-large-packets $ended 11 10 min
loses-synack-twice $ended 0 10 min
loses-everything $ended 110 2 min
rejects-connections $ended 111" -6 --client "$partners ask 2 600 600" --server "$partners serve"
expect 'a client that ends at once is never idle' 1 '^fail  cut-1s,moment=idle ' "$program" run -q --kernel "$kernel" \
	--results results --client "$partners ask 1 0 600" --server "$partners serve" cut-1s

printf '1..%d\n' "$number"
((failures == 0))
