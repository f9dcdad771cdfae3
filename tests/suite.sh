#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The test suite itself: how tests/tap.awk reads a job's output, how tests/run.sh treats jobs and its arguments, and how
# tests/flake.sh judges its rounds. Prints TAP.

cd "${0%/*}/.." || exit 2
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
. tests/tap.sh

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
comes_to 'rounds' '1 0 0' 0 '3 rounds, 1200 runs, 0 verdicts differ, 2 runs unsure and repeated (0.17 %)'
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
is 'and its name' 'test_judge (unit): 0 passed, 1 failed, exit status 127' "$(sed -n 's/^\(test_judge .*\); .*/\1/p' <<<"$said")"
is 'and where all of it is' 1 "$(grep -c "; .*/failed/test_judge.log has all of it:$" <<<"$said")"
is 'each part says what it took' 1 "$(grep -cE '^unit +2 passed, [0-9]+ failed, 2 skipped; ([0-9]+ min )?[0-9]+ s, [0-9]+ s of processors$' <<<"$said")"

# A job that passes, fails and talks. shellcheck disable=SC2016 # the script's own
printf '#!/bin/sh\necho 1..3; echo "ok 1 - first"; echo "# second: why"; echo "not ok 2 - second"; echo "ok 3 - third"
for n in $(seq 300); do echo "noise $n"; done\n' >"$scratch/tests/test_lab"
said=$(tests/run.sh "$(realpath --relative-to=. "$scratch")" unit 2>&1 | sed -n '/^test_lab /,/^[^ ]/p')
is 'of a job that failed: how many' 'test_lab (unit): 2 passed, 1 failed, exit status 0' \
	"$(sed -n '1s/; .*//p' <<<"$said")"
is 'what has failed, and what was said, but not what has passed' '    1..3     # second: why     not ok 2 - second     noise 1' \
	"$(sed -n 2,5p <<<"$said" | tr '\n' ' ' | sed 's/ $//')"
is 'nor hundreds of lines' '    ... (103 more lines)' "$(grep '^    \.\.\.' <<<"$said")"
is 'all of it lies there' 305 "$(wc -l <"$scratch/failed/test_lab.log")"

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
# More than once: bash may miss a signal that comes just before it begins to wait.
while kill -TERM "$suite" 2>/dev/null; do
	sleep 0.2
done
wait "$suite"
is 'it is terminated' 143 $?
is 'none of its jobs is left' '' "$(grep -lsa "$scratch/tests/[t]est_" /proc/[0-9]*/cmdline)"

# ---- rounds, of a program that only pretends to run anything ----

# The nth time it prints a report of the runs in the file `report.n`, if there is one, else in `report`.
cat >"$scratch/fake" <<'END'
#!/bin/bash
cd "${0%/*}" || exit 2
round=$(($(cat round) + 1))
echo "$round" >round
[ -e "report.$round" ] && file=report.$round || file=report
[ "$(cat $file)" != hangs ] || exec sleep 1000
echo '{"format": 2, "runs": ['
while read -r verdict name repeats; do
	printf '{\n "verdict": "%s",\n "name": "%s",\n "problems": [\n  {\n   "message": "m"\n  }\n ],\n "repeats": %s\n}\n' \
		"$verdict" "$name" "$repeats"
done <"$file"
[ "$(tail -n 1 $file)" = 'crash -' ] && exit 139
printf '],\n"passed": 1}\n'
END
chmod +x "$scratch/fake"
many=$(printf 'pass n%d 0\n' {1..199})

# flakes NAME STATUS 'LINE...' [N 'RUN...']...: the lines of all rounds but a quiet one and four, the nth of which have
# these runs instead of the usual 200.
flakes() {
	local name=$1 status=$2 lines=$3
	shift 3
	rm -f "$scratch/report."*
	printf '%s\npass a,ipv6 0\n' "$many" >"$scratch/report"
	echo 0 >"$scratch/round"
	while (($#)); do
		printf '%s\n' "$many" "$2" >"$scratch/report.$1"
		shift 2
	done
	said=$(TCPLAB=$scratch/fake TCPLAB_HOME=$scratch ROUNDS=2 GUEST_ROUNDS=2 KERNELS=k BUSY=1 tests/flake.sh 2>&1)
	is "flakes: $name" "$status" $?
	is "flakes: what is said: $name" "$lines" "$(sed -nE '/one round/d; s/ [0-9]+ s$//; /^(host|k|differs|[0-9]+ rounds)[ :,]/p' <<<"$said")"
}

flakes 'none' 0 'host: 2 rounds, 400 runs, 0 verdicts differ, 0 runs unsure (0.00 %),
k: 2 rounds, 400 runs, 0 verdicts differ, 0 runs unsure (0.00 %),
4 rounds, 800 runs, 0 verdicts differ, 0 runs unsure and repeated (0.00 %)'
flakes 'one that fails under load' 1 'host, round 2: fail a,ipv6 (repeated 0x): m
differs: a,ipv6: pass, but fail in round 2
host: 2 rounds, 400 runs, 1 verdicts differ, 0 runs unsure (0.00 %),
k: 2 rounds, 400 runs, 0 verdicts differ, 0 runs unsure (0.00 %),
4 rounds, 800 runs, 1 verdicts differ, 0 runs unsure and repeated (0.00 %)' 3 'fail a,ipv6 0'
flakes 'one that is missing in a guest' 1 'host: 2 rounds, 400 runs, 0 verdicts differ, 0 runs unsure (0.00 %),
differs: a,ipv6: missing in 1 rounds
k: 2 rounds, 400 runs, 1 verdicts differ, 0 runs unsure (0.00 %),
4 rounds, 800 runs, 1 verdicts differ, 0 runs unsure and repeated (0.00 %)' 4 'pass n1 0'
flakes 'fewer than one in a hundred are unsure' 0 'host: 2 rounds, 400 runs, 0 verdicts differ, 1 runs unsure (0.25 %),
k: 2 rounds, 400 runs, 0 verdicts differ, 1 runs unsure (0.25 %),
4 rounds, 800 runs, 0 verdicts differ, 2 runs unsure and repeated (0.25 %)' 2 'pass a,ipv6 3' 4 'pass a,ipv6 1' 1 'pass a,ipv6 1'
flakes 'more are' 1 'host: 2 rounds, 408 runs, 0 verdicts differ, 10 runs unsure (2.45 %),
k: 2 rounds, 400 runs, 0 verdicts differ, 0 runs unsure (0.00 %),
4 rounds, 808 runs, 0 verdicts differ, 10 runs unsure and repeated (1.24 %)' \
	1 "$(printf 'skip b%d 0\n' 1 2 3 4 5)" 2 "$(printf 'skip b%d 1\n' 1 2 3 4 5)" 3 "$(printf 'skip b%d 1\n' 1 2 3 4 5)"
flakes 'a program that crashes' 3 'host: 2 rounds, 400 runs, 0 verdicts differ, 0 runs unsure (0.00 %),
k, round 1: exit status 139, and this is no whole report:' 4 'crash -'

# Results that were left before take the place of the round without load.
mkdir -p "$scratch/left/host/a"
while read -r verdict name repeats; do
	printf '{\n "verdict": "%s",\n "name": "%s",\n "repeats": %s\n}\n' "$verdict" "$name" "$repeats"
done <<<"$many"$'\nfail a,ipv6 0' >"$scratch/left/host/a/result.json"
QUIET=$scratch/left flakes 'one that passes under load only' 1 'differs: a,ipv6: pass, but fail in round quiet
host: 2 rounds, 400 runs, 1 verdicts differ, 0 runs unsure (0.00 %),
k: 2 rounds, 400 runs, 0 verdicts differ, 0 runs unsure (0.00 %),
4 rounds, 800 runs, 1 verdicts differ, 0 runs unsure and repeated (0.00 %)'
is 'flakes: then there is no round without load' 4 "$(cat "$scratch/round")"
QUIET=$scratch/none flakes 'results that are not there' 3 "host, round quiet: there are no results in $scratch/none"

# It is terminated, or killed, while a round goes on.
for signal in TERM KILL; do
	echo 0 >"$scratch/round"
	echo hangs >"$scratch/report.2"
	# What it leaves when it is killed goes with the scratch directory.
	TMPDIR=$scratch TCPLAB=$scratch/fake TCPLAB_HOME=$scratch ROUNDS=2 KERNELS='' BUSY=2 tests/flake.sh >/dev/null 2>&1 &
	flake=$!
	for ((tries = 500; tries > 0; tries--)); do
		[ "$(cat "$scratch/round")" = 2 ] && break
		sleep 0.02
	done
	its=$(cat "/proc/$flake/task/$flake/children")
	kill -"$signal" "$flake"
	wait "$flake" 2>/dev/null
	status=$?
	is "flakes: $signal ends it" "$((128 + $(kill -l $signal)))" $status
	for ((tries = 500; tries > 0; tries--)); do
		left=$(for pid in $its; do grep -l flake.sh "/proc/$pid/cmdline" 2>/dev/null; done)
		[ "$left" ] || break
		sleep 0.02
	done
	is "flakes: then no loop is left: $signal" '3 ' "$(wc -w <<<"$its") $left"
	# When it is killed, it cannot end what it ran.
	[ "$signal" = TERM ] || for pid in $its; do
		if grep -qsz '^sleep$' "/proc/$pid/cmdline"; then kill "$pid"; fi
	done
done

said=$(tests/run.sh --check nosuch 2>&1)
is 'no such part' 2 $?
is 'which are there is said' 1 "$(grep -c "no part 'nosuch'; the parts are: suite unit cli programs containers " <<<"$said")"
said=$(tests/run.sh --help 2>&1)
is 'who asks for help is given it' 0 $?
is 'and told which parts there are' 1 "$(grep -c '^parts: suite unit cli programs containers ' <<<"$said")"
said=$(kernels/build.sh --help 2>&1)
is 'also of kernels' 0 $?
is 'what can be said of them' 1 "$(grep -c 'kernel build VERSION ' <<<"$said")"
said=$(kernels/build.sh --hepl 2>&1)
is 'that is no help' 2 $?
tests/run.sh --check --full unit docs
is 'parts that there are' 0 $?

echo "1..$number"
((failures == 0))
