#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tests/run.sh BUILD [--full] [PART...]: run these parts of the test suite, or all, with the files built there. For each
# part it prints how many tests have passed and failed, how long it took, and which parts are left. Failures are shown
# as soon as they are known, without what has passed; BUILD/failed/ has all that such a job has printed. The last line
# is about all parts: N passed, N failed. --full is for the night: each mutant is run, each run on another kernel is
# repeated, and there are many more rounds under load.
#
# tests/run.sh --check [--full] [PART...]: whether there are such parts. Exit status 2: there are not.
#
# A part is one or more jobs. Jobs run in parallel, as their kinds allow:
#
#     precise     waits most of the time, and looks at the clock: not beside one that computes
#     waits       waits most of the time, wherever it is
#     computes    keeps a processor busy, or all of them, and cares for no time: others go before it (nice)
#     mixed       computes about half of the time, and waits otherwise
#     disturbs    waits most of the time, and what it does is felt: not beside precise ones
#     alone       makes its own load, and is compared with a quiet machine
#
# So precise jobs and those that wait come first, eight for each processor; then those that compute, one more than there
# are processors, because they wait now and then, of mixed ones twice as many, and those that disturb; and last those
# that must be alone. tap.awk reads the result of a job from its output, which is TAP, or a line that counts.

cd "${0%/*}/.." || exit 2
parts='suite unit cli programs containers install docs reports traces ci bless seeds citations runs mutants fuzz kernels load attacks'
kernels='6.12 6.1'
bless_shares=8
most=200  # lines of what a job that failed has printed
at_once=8 # jobs that wait, for each processor
[ "$1" = --help ] && {
	cat <<-END
		usage: ./run.sh test [--full] [PART...]: everything that the project promises of itself, or these parts of it

		parts: $parts
		--full: each mutant is run, each run on another kernel is repeated, and there are many more rounds under
		load: for the night
	END
	exit
}
build=$1 full=
shift
chosen=()
for argument; do
	case $argument in
	--full) full=yes ;;
	*)
		[[ " $parts " == *" $argument "* ]] || {
			echo "tests: there is no part '$argument'; the parts are: $parts" >&2
			exit 2
		}
		chosen+=("$argument")
		;;
	esac
done
[ "$build" = --check ] && exit
# shellcheck disable=SC2206  # a list
((${#chosen[@]})) || chosen=($parts)

scratch=$(mktemp -d) || exit 2
# Each job is a process group, so that all of it can be ended.
set -m
trap end_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
export CMOCKA_MESSAGE_OUTPUT=TAP
export TCPLAB=$PWD/$build/tcplab
export TCPLAB_HOME=$PWD
processors=$(nproc)

# ---- the jobs ----

# Of each job, by its number; its state is pending, running or over.
parts_of=() kinds=() says=() names=() commands=() states=()
# Of each kind: how many of its jobs are pending, and how many are running.
declare -A pending running
# For each part: how many of its jobs have not ended, and since when they run; the results of those that have ended.
declare -A unfinished since passed failed skipped cpu

is_chosen() { # PART
	[[ " ${chosen[*]} " == *" $1 "* ]]
}

job() { # job PART KIND tap|count NAME COMMAND...
	[[ " $parts " == *" $1 "* ]] || {
		echo "tests: the part '$1' of $4 is not in the list of parts" >&2
		exit 2
	}
	is_chosen "$1" || return
	parts_of+=("$1") kinds+=("$2") says+=("$3") names+=("$4") states+=(pending)
	((++unfinished[$1], ++pending[$2]))
	shift 4
	commands+=("$(printf '%q ' "$@")")
}

unit() { # NAME
	job unit precise tap "$1" "$build/tests/$1"
}

# The longest jobs come first in their kind.
list_jobs() {
	local test kernel share live=() rounds=3 guest_rounds='' quiet=''
	[ "$full" ] && live=(--live) rounds=50 guest_rounds=10
	for ((share = 1; share <= bless_shares; share++)); do
		job bless precise tap "bless $share/$bless_shares" tests/bless.sh "$share/$bless_shares"
	done
	unit test_lab
	unit test_silence
	job cli precise tap 'cli 1/2' tests/cli.sh 1/2
	job cli precise tap 'cli 2/2' tests/cli.sh 2/2
	job programs precise tap try tests/try.sh
	job programs precise tap programs tests/program.sh
	job containers precise tap containers tests/containers.sh
	for test in tests/test_*.c; do
		test=${test##*/}
		[[ $test == test_@(lab|silence).c ]] || unit "${test%.c}"
	done
	job programs waits tap failures tests/failures.sh
	job suite waits tap suite tests/suite.sh
	if [ "$full" ] && command -v debootstrap >/dev/null; then
		job install waits tap install tests/install.sh debootstrap
	else
		job install waits tap install tests/install.sh
	fi
	job runs waits count scenarios "$TCPLAB" run -4 -6 all --results "$scratch/results"
	job reports waits tap reports tests/reports.sh
	job reports waits tap pages tests/pages.sh
	job traces mixed tap traces tests/traces.sh ${full:+all}
	job ci waits tap ci tests/ci.sh
	job ci waits tap recipes tests/recipes.sh
	job seeds waits tap seeds tests/seeds.sh
	job docs waits tap docs tests/docs.sh
	for kernel in $kernels; do
		job kernels computes tap "kernel $kernel" env ROUNDS="$guest_rounds" tests/kernels.sh "$kernel"
	done
	if [ "$build" = build ]; then # it has sanitizers of its own
		job fuzz computes tap fuzz tests/fuzz.sh minute
	fi
	for kernel in $kernels; do
		if [ -x "build/kernels/$kernel/linux" ] && [ "$build" = build ]; then
			job kernels computes tap "programs on $kernel" tests/program.sh "$kernel"
			[ "$full" ] || [ "$kernel" = "${kernels%% *}" ] || continue
			[ "$kernel" = 6.12 ] && job programs computes tap 'real programs' tests/programs.sh --few
			job kernels computes tap "try on $kernel" tests/try.sh "$kernel" ${full:+all}
			job kernels computes tap "failures on $kernel" tests/failures.sh "$kernel"
		fi
	done
	job mutants mixed count mutants "$build/mutate" "$TCPLAB" scenarios "${live[@]}"
	job mutants mixed count 'mutants over IPv6' "$build/mutate" "$TCPLAB" scenarios -6 "${live[@]}"
	for kernel in $kernels; do
		if [ -x "build/kernels/$kernel/linux" ] && [ "$build" = build ]; then
			job mutants computes count "mutants on $kernel" "$build/mutate" "$TCPLAB" scenarios "$kernel" "${live[@]}"
		fi
	done
	job kernels computes tap 'kernel test' tests/kernel_test.sh
	job kernels mixed tap 'no kernels' tests/kernels.sh none
	job kernels computes tap 'two kernels' tests/kernels.sh two
	job citations computes tap citations tests/citations.sh
	job mutants computes tap 'mutants of a kernel' tests/kernel_mutants.sh
	job mutants mixed count 'mutants of other fields' "$build/mutate" "$TCPLAB" tests/mutants/fields "${live[@]}"
	job fuzz computes tap 'fuzz corpus' tests/fuzz.sh replay "$build"
	if [ "$full" ]; then
		job attacks alone tap attacks tests/attack.sh
	else
		job attacks disturbs tap attacks tests/attack.sh --short
	fi
	# What they are compared with has been made by then, if it is a part of this run.
	is_chosen runs && quiet=$scratch/results
	job load alone count "$rounds rounds under load" env ROUNDS="$rounds" GUEST_ROUNDS=0 BUSY="$processors" \
		QUIET="$quiet" tests/flake.sh
}

# This comes before all jobs that need kernels, or that it would delay. kernels.sh reports what cannot be built.
build_kernels() {
	local kernel
	is_chosen kernels || is_chosen mutants || return
	[[ $build == *sanitize* ]] && return
	for kernel in $kernels; do
		echo "building kernel $kernel, unless it is up to date"
		kernels/build.sh build "$kernel" >/dev/null 2>&1
	done
}

# ---- in parallel ----

declare -A jobs_of # by the numbers of their processes

# Without a process of its own: it is asked for each pending job whenever a job ends.
may_begin() { # KIND
	local waiting=$((running[precise] + running[waits]))
	local room=$((2 * (processors + 1) - 2 * running[computes] - running[mixed]))
	local precise=$((pending[precise] + running[precise]))
	local others=$((pending[precise] + pending[waits] + pending[computes] + pending[mixed] + pending[disturbs]))
	case $1 in
	precise) ((waiting < at_once * processors && running[computes] + running[mixed] == 0)) ;;
	waits) ((waiting < at_once * processors)) ;;
	computes) ((room >= 2 && precise == 0)) ;;
	mixed) ((room >= 1 && precise == 0)) ;;
	disturbs) ((precise == 0)) ;;
	alone) ((${#jobs_of[@]} == 0 && others == 0)) ;;
	esac
}

begin() { # NUMBER
	local number=$1 log=$scratch/$1 polite=
	[ "${kinds[number]}" = computes ] && polite='nice -n 10'
	: "${since[${parts_of[number]}]:=$SECONDS}"
	states[number]=running
	((--pending[${kinds[number]}], ++running[${kinds[number]}]))
	# The parent may ignore SIGINT and SIGQUIT; then the jobs, which are interrupted, would ignore them, too.
	(
		TIMEFORMAT='%U %S'
		eval "{ time env --default-signal=INT,QUIT $polite ${commands[number]} </dev/null >'$log' 2>&1; } 2>'$log.cpu'"
	) &
	jobs_of[$!]=$number
}

# A job that does not end within five seconds is not waited for any more.
end_all() {
	local group tries=250
	trap '' INT TERM
	for group in "${!jobs_of[@]}"; do
		kill -TERM -- "-$group"
	done 2>/dev/null
	for group in "${!jobs_of[@]}"; do
		while kill -0 -- "-$group" 2>/dev/null && ((tries-- > 0)); do
			sleep 0.02
		done
	done
	rm -rf "$scratch"
}

begin_what_may() {
	local number
	for number in "${!states[@]}"; do
		[ "${states[number]}" = pending ] && may_begin "${kinds[number]}" && begin "$number"
	done
}

# ---- their results ----

duration() { # SECONDS
	(($1 < 60)) && echo "$1 s" || echo "$(($1 / 60)) min $(($1 % 60)) s"
}

tell() { # PASSED FAILED SKIPPED
	printf '%d passed, %d failed' "$1" "$2"
	(($3 == 0)) || printf ', %d skipped' "$3"
}

# Tests that passed say nothing about those that failed, so they are not shown. All the rest is shown, since it may say
# the cause.
show_failure() { # NUMBER HEADING
	local log=$scratch/$1 kept=$build/failed/${names[$1]//[ \/]/-}.log
	mkdir -p "$build/failed" && cp "$log" "$kept"
	echo "$2; $kept has all of it:"
	grep -vaE '^(ok|pass|skip)( |$)' "$log" | awk -v most=$most '
		NR <= most { print "    " $0 }
		END { if (NR > most) print "    ... (" NR - most " more lines)" }'
}

over() { # NUMBER STATUS
	local number=$1 status=$2 part=${parts_of[$1]} log=$scratch/$1 counts seconds
	states[number]=over
	((--running[${kinds[number]}]))
	read -r -a counts < <(awk -v status="$status" -v says="${says[number]}" -f tests/tap.awk "$log")
	read -r -a seconds <"$log.cpu"
	((passed[$part] += counts[0], failed[$part] += counts[1], skipped[$part] += counts[2]))
	cpu[$part]=$(awk '{ print $1 + $2 + $3 }' <<<"${cpu[$part]:-0} ${seconds[*]}")
	if ((counts[1])); then
		show_failure "$number" "${names[number]} ($part): $(tell "${counts[@]}"), exit status $status"
	fi
	((--unfinished[$part] > 0)) || end_of_part "$part"
}

end_of_part() { # PART
	local part left=()
	for part in "${chosen[@]}"; do
		((unfinished[$part] > 0)) && left+=("$part")
	done
	part=$1
	printf '%-10s %s; %s, %.0f s of processors' "$part" \
		"$(tell "${passed[$part]}" "${failed[$part]}" "${skipped[$part]}")" \
		"$(duration $((SECONDS - since[$part])))" "${cpu[$part]}"
	((${#left[@]} == 0)) || printf '; %d of %d parts left: %s' ${#left[@]} ${#chosen[@]} "${left[*]}"
	echo
}

rm -rf "$build/failed"
build_kernels
list_jobs
begin_what_may
while ((${#jobs_of[@]})); do
	wait -n -p ended "${!jobs_of[@]}"
	status=$?
	number=${jobs_of[$ended]}
	unset "jobs_of[$ended]"
	over "$number" $status
	begin_what_may
done

all=(0 0 0)
for part in "${chosen[@]}"; do
	((all[0] += passed[$part], all[1] += failed[$part], all[2] += skipped[$part]))
done
echo "$(tell "${all[@]}")  ($(duration $SECONDS))"
((all[1] == 0))
