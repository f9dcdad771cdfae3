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
