# SPDX-License-Identifier: GPL-2.0-or-later
#
# For scripts that print TAP (bash): `. tests/tap.sh`, then a line for each test by one of these functions, and last the
# plan, 1..$number. $failures says how many have failed.
# shellcheck shell=bash disable=SC2034  # who reads it uses them

number=0 failures=0

report() { # ok|'not ok' NAME [DETAIL...]
	((++number))
	printf '%s %d - %s\n' "$1" "$number" "$2"
	[ "$1" = ok ] && return
	((++failures))
	shift 2
	printf '%s\n' "$@" | sed 's/^/#   /'
}

nothing() { # NAME TEXT: there must be none
	if [ -z "$2" ]; then
		report ok "$1"
	else
		report 'not ok' "$1" "$2"
	fi
}

is() { # NAME EXPECTED GOT
	if [ "$2" = "$3" ]; then
		report ok "$1"
	else
		report 'not ok' "$1" 'expected:' "$2" 'got:' "$3"
	fi
}

left_out() { # whether the next tests are left out; for a script that can run only some of its tests
	false
}

skip() { # NAME REASON
	left_out || echo "ok $((++number)) - $1 # SKIP $2"
}

ok() { # NAME COMMAND...: it must succeed
	local name=$1
	left_out && return
	shift
	if "$@" >"$scratch/output" 2>&1; then
		report ok "$name"
	else
		report 'not ok' "$name" "$(tail -n 30 "$scratch/output")"
	fi
}

# expect NAME STATUS REGEX COMMAND...: its output (both streams) must match the extended regex.
expect() {
	local name=$1 status=$2 regex=$3 output got
	left_out && return
	shift 3
	output=$("$@" 2>&1 </dev/null)
	got=$?
	if ((got != status)); then
		report 'not ok' "$name" "exit status $got, not $status" "$output"
	elif ! grep -qE -- "$regex" <<<"$output"; then
		report 'not ok' "$name" "nothing matches: $regex" "$output"
	else
		report ok "$name"
	fi
}

script() { # FILE LINE...
	local file=$1
	shift
	mkdir -p "$(dirname "$file")"
	printf '%s\n' "$@" >"$file"
}
