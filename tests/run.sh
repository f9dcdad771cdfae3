#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tests/run.sh BUILD: run every part of the test suite with what was built there, print what fails, and
# end with one line over all parts: N passed, N failed.
#
# A part says what it did in TAP (ok / not ok), as the program itself does in a line `N passed, N failed,
# ..`, or as the mutation test does in a line `mutants: N tried, N survived`; one that says none of these
# counts as one, by its exit status.

# In the background of a script SIGINT and SIGQUIT are ignored, and so they would be by all that is
# interrupted here.
[ -n "$INTERRUPTIBLE" ] || INTERRUPTIBLE=1 exec env --default-signal=INT,QUIT "$0" "$@"
cd "${0%/*}/.." || exit 2
build=${1:-build}
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
export CMOCKA_MESSAGE_OUTPUT=TAP
export TCPLAB=$PWD/$build/tcplab
export TCPLAB_HOME=$PWD
all_passed=0 all_failed=0

part() {
	local name=$1 passed failed skipped status log=$scratch/log
	shift
	"$@" >"$log" 2>&1
	status=$?
	skipped=$(grep -cE '^(not )?ok .*# SKIP' "$log")
	passed=$(grep -vE '# SKIP' "$log" | grep -cE '^ok ')
	failed=$(grep -vE '# SKIP' "$log" | grep -cE '^not ok ')
	if ((passed + failed + skipped == 0)); then
		read -r passed failed < <(sed -nE 's/^([0-9]+) passed, ([0-9]+) failed.*/\1 \2/p
			s/^mutants: ([0-9]+) tried, ([0-9]+) survived$/\1 \2/p' "$log" | tail -n 1)
		grep -q '^mutants: ' "$log" && ((passed -= failed))
		: "${passed:=$((status == 0))}" "${failed:=0}"
	fi
	((status != 0 && failed == 0)) && failed=1
	printf '%-24s %4d passed, %d failed\n' "$name" "$passed" "$failed"
	((failed == 0)) || sed 's/^/    /' "$log"
	((all_passed += passed, all_failed += failed))
}

outcome() { # outcome PID LOG: of what was begun before
	local status
	wait "$1"
	status=$?
	cat "$2"
	return $status
}

for test in tests/test_*.c; do
	name=${test##*/}
	part "${name%.c}" "$build/tests/${name%.c}"
done
part cli tests/cli.sh
part containers tests/containers.sh
part docs tests/docs.sh
part bless tests/bless.sh
part seeds tests/seeds.sh
part citations tests/citations.sh
part 'fuzz corpus' tests/fuzz.sh replay "$build"
part scenarios "$TCPLAB" run -4 -6 all --results "$scratch/results"
# Those mutants that are run mostly wait, for time to pass: both families at once.
"$build/mutate" "$TCPLAB" scenarios -6 >"$scratch/mutants6" 2>&1 &
six=$!
if [ "$build" = build ]; then # it has sanitizers of its own
	tests/fuzz.sh minute >"$scratch/fuzz" 2>&1 &
	fuzz=$!
fi
part mutants "$build/mutate" "$TCPLAB" scenarios
part "mutants of other fields" "$build/mutate" "$TCPLAB" tests/mutants/fields
part 'mutants over IPv6' outcome $six "$scratch/mutants6"
[ -z "$fuzz" ] || part fuzz outcome "$fuzz" "$scratch/fuzz"
part 'attacks' tests/attack.sh --short
part 'other kernels' tests/kernels.sh
for kernel in 6.12 6.1; do
	[ -x "build/kernels/$kernel/linux" ] && [ "$build" = build ] || continue
	part "mutants on $kernel" "$build/mutate" "$TCPLAB" scenarios "$kernel"
done
part 'three rounds under load' tests/load.sh 3 "$TCPLAB"

printf '%d passed, %d failed\n' "$all_passed" "$all_failed"
((all_failed == 0))
