#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The test suite itself: how tests/tap.awk reads a job's output, and how tests/run.sh treats jobs and its arguments.
# Prints TAP.

cd "${0%/*}/.." || exit 2
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
number=0 failures=0

is() { # is NAME EXPECTED GOT
	if [ "$2" = "$3" ]; then
		echo "ok $((++number)) - $1"
	else
		echo "not ok $((++number)) - $1"
		printf 'expected: %s\ngot: %s\n' "$2" "$3" | sed 's/^/#   /'
		((++failures))
	fi
}

# comes_to NAME 'PASSED FAILED SKIPPED' STATUS LINE...: of what `says` that.
says=tap
comes_to() {
	local name=$1 expected=$2 status=$3
	shift 3
	is "$name" "$expected" "$(printf '%s\n' "$@" | awk -v status="$status" -v says="$says" -f tests/tap.awk)"
}

comes_to 'all pass' '2 0 0' 0 1..2 'ok 1 - a' 'ok 2 - b'
comes_to 'the plan may come last' '2 0 0' 0 'ok 1 - a' 'ok 2 - b' 1..2
comes_to 'one fails' '1 1 0' 1 1..2 'ok 1 - a' 'not ok 2 - b'
comes_to 'one fails, whatever the exit status is' '1 1 0' 0 1..2 'ok 1 - a' 'not ok 2 - b'
comes_to 'one is skipped' '1 0 1' 0 1..2 'ok 1 - a' 'ok 2 - b # SKIP no reason'
comes_to 'one that is skipped has not failed' '0 0 1' 0 1..1 'not ok 1 - b # SKIP no reason'
comes_to 'two groups, each with a plan' '3 0 0' 0 1..1 'ok 1 - a' 1..2 'ok 1 - b' 'ok 2 - c'
comes_to 'fewer than planned' '1 1 0' 0 1..2 'ok 1 - a'
comes_to 'more than planned' '2 1 0' 0 1..1 'ok 1 - a' 'ok 2 - b'
comes_to 'no plan' '1 1 0' 0 'ok 1 - a'
comes_to 'a plan alone' '0 1 0' 0 1..3
comes_to 'a bail out' '1 1 0' 0 1..1 'ok 1 - a' 'Bail out! the disk is full'
comes_to 'all pass, but it ends badly' '1 1 0' 139 1..1 'ok 1 - a'
comes_to 'what looks like TAP, in the middle of a line' '1 0 0' 0 1..1 '# not ok 1 - a' ' not ok' 'okay' 'ok 1 - a'
comes_to 'nothing is said' '0 1 0' 0
comes_to 'nothing is said, and it ends badly' '0 1 0' 1
comes_to 'it counts, without a plan' '0 1 0' 0 '2 passed, 0 failed'
says=count
comes_to 'scenarios' '464 0 35' 0 'pass  a  (1 ms)' '464 passed, 0 failed, 35 skipped'
comes_to 'scenarios that fail' '463 1 35' 1 '463 passed, 1 failed, 35 skipped'
comes_to 'mutants' '131 0 0' 0 'mutants: 131 tried, 0 survived'
comes_to 'a survivor' '130 1 0' 1 'mutants: 131 tried, 1 survived'
comes_to 'mutants that were not even tried' '0 1 0' 2 'mutate: a scenario is wrong'
comes_to 'rounds' '1 0 0' 0 '3 rounds, 1200 runs, 0 verdicts differ, 2 runs unsure and repeated'
comes_to 'rounds that differ' '0 1 0' 1 '3 rounds, 1200 runs, 1 verdicts differ, 2 runs unsure and repeated'
comes_to 'too many of them are unsure' '1 1 0' 1 '3 rounds, 1200 runs, 0 verdicts differ, 99 runs unsure and repeated'
comes_to 'it does not count' '0 1 0' 0
comes_to 'it does not count, but has tests' '0 1 0' 0 1..1 'ok 1 - a'
says=tap

# A build that has only its unit tests: two pass, all others are missing.
mkdir -p "$scratch/tests"
names=$(cd tests && printf '%s\n' test_*.c | wc -l)
for name in test_lab test_pool; do
	printf '#!/bin/sh\necho 1..2; echo "ok 1 - a"; echo "ok 2 - b # SKIP"\n' >"$scratch/tests/$name"
	chmod +x "$scratch/tests/$name"
done
said=$(tests/run.sh "$(realpath --relative-to=. "$scratch")" unit 2>&1)
is 'what fails makes the suite fail' 1 $?
is 'the last line is over all of it' "2 passed, $((names - 2)) failed, 2 skipped" \
	"$(tail -n 1 <<<"$said" | sed 's/  (.*//')"
is 'what has failed is shown' "$((names - 2))" "$(grep -cE '^    env: .*No such file' <<<"$said")"
is 'and its name' 'test_judge (unit): 0 passed, 1 failed, exit status 127:' "$(grep '^test_judge ' <<<"$said")"
is 'each part says what it took' 1 "$(grep -cE '^unit +2 passed, [0-9]+ failed, 2 skipped; [0-9]+ s, [0-9]+ s of processors$' <<<"$said")"

# It is terminated while its jobs wait.
for name in test_lab test_pool; do
	printf '#!/bin/sh\n>%s\nsleep 1000\n' "$scratch/begun-$name" >"$scratch/tests/$name"
done
tests/run.sh "$(realpath --relative-to=. "$scratch")" unit >/dev/null 2>&1 &
suite=$!
for ((tries = 500; tries > 0; tries--)); do
	[ -e "$scratch/begun-test_lab" ] && [ -e "$scratch/begun-test_pool" ] && break
	sleep 0.02
done
kill -TERM "$suite"
wait "$suite"
is 'it is terminated' 143 $?
is 'none of its jobs is left' '' "$(grep -lsa "$scratch/tests/[t]est_" /proc/[0-9]*/cmdline)"

said=$(tests/run.sh --check nosuch 2>&1)
is 'no such part' 2 $?
is 'which are there is said' 1 "$(grep -c "no part 'nosuch'; the parts are: suite unit cli containers " <<<"$said")"
said=$(tests/run.sh --help 2>&1)
is 'who asks for help is given it' 0 $?
is 'and told which parts there are' 1 "$(grep -c '^parts: suite unit cli containers ' <<<"$said")"
said=$(kernels/build.sh --help 2>&1)
is 'also of kernels' 0 $?
is 'what can be said of them' 1 "$(grep -c 'kernel build VERSION ' <<<"$said")"
said=$(kernels/build.sh --hepl 2>&1)
is 'that is no help' 2 $?
tests/run.sh --check --full unit docs
is 'parts that there are' 0 $?

echo "1..$number"
((failures == 0))
