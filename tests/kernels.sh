#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs on other kernels, as TAP. Cases that need no built kernel (one that panics, hangs, or is not a kernel) are tried
# with scripts that pretend to be a kernel, and the building with a fake tree. The rest needs 6.12 and 6.1, which are
# built if necessary; one that cannot be built is skipped, with the reason.
#
#     tests/kernels.sh [SECTION...]     TCPLAB and TCPLAB_HOME say what to test; ROUNDS, if it is set, how often all
#                                       runs are repeated rather than a quarter of them once
#
# The sections, which may run in parallel: `none` (fake kernels), 6.12, 6.1, `two` (comparisons of both).

cd "${0%/*}/.." || exit 2
sections=${*:-none 6.12 6.1 two}
scratch=$(mktemp -d) || exit 2
# The test looks at the working directory of guests. TMPDIR would also have their memory.
unset TMPDIR
export XDG_RUNTIME_DIR=$scratch/runtime
mkdir -m 700 "$XDG_RUNTIME_DIR"
trap 'rm -rf "$scratch"' EXIT
. tests/tap.sh

# section NAME: the following lines are executed if that section was chosen.
section() {
	section=$1
}

is_wanted() { # SECTION
	[[ " $sections " == *" $1 "* ]]
}

left_out() {
	! is_wanted "$section"
}

tcplab() {
	"$TCPLAB" --results "$scratch/results" "$@"
}

# exits STATUS PATTERN COMMAND...: the command has that status, and that output.
exits() {
	local wanted=$1 pattern=$2 status
	shift 2
	"$@" >"$scratch/said" 2>&1
	status=$?
	cat "$scratch/said"
	echo "exit status $status, wanted $wanted, and: $pattern"
	((status == wanted)) && grep -qE "$pattern" "$scratch/said"
}

# nothing_left: no directory of guests, and no process in one.
nothing_left() {
	local cwd
	for cwd in /proc/[0-9]*/cwd; do
		case $(readlink "$cwd") in
		"$XDG_RUNTIME_DIR"/*)
			echo "${cwd%/cwd} is left"
			return 1
			;;
		esac
	done
	! ls -d "$XDG_RUNTIME_DIR/tcplab/"* 2>/dev/null
}

# ---- fake kernels ----

section none

# A guest can write to no file outside its directory, but it can write to a pipe: `booted` says which fake it is, and
# `go` when it may continue.
mkfifo "$scratch/booted" "$scratch/go" || exit 2
exec 8<>"$scratch/go" 9<>"$scratch/booted"

# fake NAME COMMANDS: they are run in the directory in which a guest finds its job and leaves its output.
fake() {
	# shellcheck disable=SC2016  # that is for the script to expand
	printf '#!/bin/sh\n[ "$1" = --version ] && echo 6.12.0 && exit\necho %s >%s\n%s\n' \
		"$1" "$scratch/booted" "$2" >"$scratch/fake-$1"
	chmod +x "$scratch/fake-$1"
}

# attempts NAME NUMBER: how often that fake was booted since the last question about any of them.
attempts() {
	local name made=0
	while read -r -t 0.1 name <&9; do
		[ "$name" = "$1" ] && ((++made))
	done
	echo "booted $made times"
	((made == $2))
}

# on FAKE ARGUMENT...: a run on it.
on() {
	local kernel=$scratch/fake-$1
	shift
	tcplab --kernel "$kernel" "$@"
}

result=$scratch/results/6.12.0/connect-refused
warning='WARNING: CPU: 0 PID: 23 at net/ipv4/tcp.c:1 tcp_close+0x1/0x2'
passes='mkdir results/connect-refused
echo "{\"verdict\": \"pass\", \"name\": \"x\"}" >results/connect-refused/result.json
echo "as it happened" >results/connect-refused/transcript.txt
if grep -q "\"voice\": \"json\"" job.json; then cat results/connect-refused/result.json
else printf "as it happened\n\n"; fi >output
echo "{\"verdict\": 0, \"took\": 3000000, \"before\": 16}" >aside
echo 0 >status
echo "reboot: Power down"'

fake panic 'echo "Kernel panic - not syncing: Attempted to kill init!"; kill -ABRT $$'
fake cause 'echo "userspace - something failed, errno = 14"
echo "Kernel panic - not syncing: Attempted to kill init!"; kill -ABRT $$'
fake late "$passes"'; echo "Kernel panic - not syncing: too late"; kill -ABRT $$'
fake hang 'echo "the last thing it said"; exec sleep 1000'
fake silent 'exit 0'
fake status 'echo "I would rather not"; exit 7'
fake killed 'kill -KILL $$'
fake full 'echo "write: No space left on device"; exit 1'
fake passes "$passes"
fake talks "$passes"'; printf "\033]0;x\007 pass\tthis\n" >errors'
fake draws "$passes"'; printf "\033]0;x\007 pass\tthis\n" >output
echo "{\"verdict\": 1, \"reason\": \"f.tcp:1: \\u001b]0;y\\u0007\"}" >aside; echo 1 >status'
fake remarks "echo 'TCP: that may be so'; $passes"
fake warns "echo '$warning'; $passes"
fake bugs "echo 'BUG: f in g'; ${passes//pass/skip}; echo 2 >status"
# shellcheck disable=SC2028  # these are JSON's
printf '%s\n' '{"verdict": 1, "reason": "r", "file": "f\u001b\n::error::", "line": 7}' >"$scratch/lie"
lies="mkdir results/connect-refused; echo {} >results/connect-refused/result.json; echo 'no JSON' >output
: >errors; cat $scratch/lie >aside; echo 0 >status"
fake lies "$lies"
fake lies-and-fails "${lies/echo 0/echo 1}"
fake once "grep -q '\"attempt\": 0' job.json && kill -KILL \$\$; $passes"

# shellcheck disable=SC2028  # printf is in the script
printf '%s\n' '#!/bin/sh' "echo '6.12.0\"/../x'" >"$scratch/odd" && chmod +x "$scratch/odd"

ok 'no such kernel' exits 2 'there is no kernel 9.99 yet; ./run.sh kernel build 9.99' \
	tcplab --kernel 9.99 connect-refused
ok 'no such file' exits 2 'No such file' tcplab --kernel /nonexistent/linux connect-refused
ok 'not a kernel' exits 2 'is not a User-Mode Linux' tcplab --kernel /bin/sh connect-refused
few() { # LIMIT ARGUMENT...: with LIMIT descriptors
	(ulimit "$1" "$2" && shift 2 && tcplab "$@")
}
ok 'lies of a guest do not spoil JSON' exits 0 '^ "kernel": "6.12.0",$' on lies --json connect-refused
ok 'nor an annotation' exits 1 '^::error file=f.x1b%0A%3A%3Aerror%3A%3A,line=7,title=connect-refused on Linux 6.12.0::no reason is known' \
	env GITHUB_ACTIONS=true "$TCPLAB" --results "$scratch/results" --tap --kernel "$scratch/fake-lies-and-fails" connect-refused
ok 'too few descriptors' exits 3 'a guest needs 64 descriptors; a process may have 12 here, which ulimit -n can raise' \
	few -n 12 --kernel "$scratch/fake-panic" connect-refused
ok 'then a report has no runs' exits 0 '^<testsuites>$' sh -c "(ulimit -n 12; '$TCPLAB' --results '$scratch/results' \
	--junit '$scratch/none.xml' --kernel '$scratch/fake-panic' connect-refused); cat '$scratch/none.xml'"
ok 'too few by default only' exits 3 '^broken .* panicked' few -Sn 12 --kernel "$scratch/fake-panic" connect-refused
ok 'it starts' attempts panic 1
ok 'a release that is none' exits 2 'is not a User-Mode Linux' tcplab --kernel "$scratch/odd" connect-refused
ok 'a panic' exits 3 '^broken .* panicked: Attempted to kill init!' on panic connect-refused
ok 'is not repeated' attempts panic 1
printf 'tcplab baseline 1\npass connect-refused\n' >"$scratch/passes"
printf 'tcplab baseline 1\nbroken connect-refused\n' >"$scratch/panics"
ok 'a panic is a new failure' exits 1 '^broken .* panicked: .*; new\)' on panic --against "$scratch/passes" connect-refused
ok 'or a known one' exits 0 '^broken .* panicked: .*; known\)' on panic --against "$scratch/panics" connect-refused
ok 'a baseline has it' exits 0 '0 pass, 0 fail, 0 skipped, 1 broken by the kernel$' \
	"$TCPLAB" baseline write "$scratch/fake-panic" "$scratch/made" -4 connect-refused --results "$scratch/results"
ok 'by its name' grep -qx 'broken connect-refused' "$scratch/made"
ok 'it is not repeated for that' attempts panic 3
ok 'and so it is in its results' grep -q '"by_kernel": true' "$result/result.json"
ok 'also from these' exits 0 ' 1 broken by the kernel$' \
	"$TCPLAB" baseline write 6.12.0 "$scratch/made" --from "$scratch/results"
ok 'its console is kept' grep 'Kernel panic' "$result/console.log"
ok 'its verdict, too' grep '"verdict": "broken"' "$result/result.json"
ok 'its cause is named, not the consequence' exits 3 'panicked: userspace - something failed, errno = 14\)' \
	on cause connect-refused
ok 'a panic after the verdict' exits 3 '^broken .*\(when all was done, the kernel .* panicked: too late\)' \
	on late connect-refused
ok 'its verdict is the one that is kept' grep '"verdict": "broken"' "$result/result.json"
ok 'beside what was seen before' grep 'as it happened' "$result/transcript.txt"
ok 'a hang' exits 3 'broken.*hung, and was killed after 2 s.*the last thing it said' \
	on hang --limit 2s connect-refused
ok 'one that ends without a word' exits 3 'exit status 0 and left no verdict; its console is empty' \
	on silent connect-refused
ok 'one that ends with a status' exits 3 'exit status 7 and left no verdict; its last words: I would rather not' \
	on status connect-refused
ok 'one that is killed' exits 3 'broken.*SIGKILL; its console is empty; tried 4 times' on killed connect-refused
ok 'is tried four times' attempts killed 4
ok 'one that is killed says nothing beside a baseline' exits 3 'tried 4 times\)' on killed --against "$scratch/panics" connect-refused
ok 'is tried four times, again' attempts killed 4
ok 'one for which the machine has no memory' exits 3 'left on device; .*; tried 4 times' on full connect-refused
ok 'is tried four times' attempts full 4
ok 'one that is killed once' exits 0 '^pass  connect-refused' on once connect-refused
ok 'is tried twice' attempts once 2
ok 'one that passes' exits 0 '^pass  connect-refused  \(3 ms\)$' on passes connect-refused
ok 'what every boot says is not kept' test ! -e "$result/console.log"
ok 'what it says commands no terminal' exits 0 '^\\x1b\]0;x\\x07 pass.this$' on talks connect-refused
ok 'nor does what it prints' exits 1 '^\\x1b\]0;x\\x07 pass.this$' on draws connect-refused
ok 'one that remarks something' exits 0 '^pass ' on remarks connect-refused
ok 'what it said is kept' grep -x 'TCP: that may be so' "$result/console.log"
ok 'one that warns' exits 1 "^fail  connect-refused  \(3 ms\)$" on warns connect-refused
ok 'what it said is shown' grep -F "fake-warns said: $warning" "$scratch/said"
ok 'and kept' grep -xF "$warning" "$result/console.log"
ok 'with the verdict that came of it' grep '"verdict": "fail"' "$result/result.json"
ok 'also as JSON' exits 1 "\"diagnostic\": \"the kernel .*fake-warns said: WARNING" on warns --json connect-refused
ok 'a verdict that is reported once' sh -c "! grep -q '^pass' '$scratch/said'"
ok 'one with a bug, where the scenario is skipped' exits 1 \
	'^fail  connect-refused  \(the kernel .* said: BUG: f in g\)$' on bugs connect-refused
ok 'a panic while it is blessed' exits 3 'could not be run: the kernel .* panicked: Attempted to kill init!' \
	"$TCPLAB" --kernel "$scratch/fake-panic" bless -n connect-refused
ok 'a warning while it is blessed' exits 3 'could not be run: the kernel .* said: WARNING' \
	"$TCPLAB" --kernel "$scratch/fake-warns" bless -n connect-refused

interrupted() { # interrupted SIGNAL KERNEL NAME
	local pid
	"$TCPLAB" --results "$scratch/results" --kernel "$2" "$3" &
	pid=$!
	sleep 0.5
	kill "-$1" $pid
	wait $pid
	# Its guests die with it; the next run removes its directories.
	[ "$1" = KILL ] && tcplab --kernel "$scratch/fake-silent" connect-refused
	nothing_left
}

ok 'a hang that is terminated leaves nothing' interrupted TERM "$scratch/fake-hang" connect-refused
ok 'a hang whose program is killed leaves nothing' interrupted KILL "$scratch/fake-hang" connect-refused

# ---- building ----

# A tree whose kernel runs the fake that `does` names.
tree=$scratch/tree
made=build/kernels/test-$$
trap 'rm -rf "$scratch" "$made"' EXIT
mkdir -p "$tree/arch/um"
: >"$tree/Kconfig"
echo UML_TIME_TRAVEL_SUPPORT >"$tree/arch/um/Kconfig"
cat >"$tree/Makefile" <<-'END'
	.RECIPEPREFIX = >
	VERSION = 6
	PATCHLEVEL = 12
	allnoconfig:
	> mkdir -p $(O)/include/config
	> cp $(KCONFIG_ALLCONFIG) $(O)/.config
	> echo 6.12.0 >$(O)/include/config/kernel.release
	linux:
	> gcc -DDOES='"$(shell cat does)"' -o $(O)/linux main.c
END
cat >"$tree/main.c" <<-'END'
	#include <unistd.h>
	int main(int argc, char **argv)
	{
		(void)argc;
		return execv(DOES, argv);
	}
END
does() { # does FAKE: from now on
	echo "$scratch/fake-$1" >"$tree/does"
}
build_kernel() {
	kernels/build.sh build "$tree" "test-$$"
}
checks=${passes//connect-refused/check}
fake checks "$checks"
fake checks-and-warns "echo '$warning'; $checks"

missing=
for program in gcc make flex bison bc tar xz; do
	command -v $program >/dev/null || missing=yes
done
if [ -n "$missing" ]; then
	skip 'building a kernel' 'a program that it needs is not installed'
else
	does cause
	ok 'a kernel on which no program can run is not built' exits 3 'test-[0-9]* is not built: .* no program can run on it' \
		build_kernel
	ok 'what it said is shown' grep 'panicked: userspace - something failed, errno = 14' "$scratch/said"
	ok 'and kept' grep 'Attempted to kill init' "$made/console.log"
	ok 'it is not to be had' exits 2 "there is no kernel test-$$ yet" tcplab --kernel "test-$$" connect-refused
	ok 'nor is it listed as built' exits 0 "test-$$ *begun, not built" kernels/build.sh list
	does checks
	ok 'the same build goes on from there' exits 0 "test-$$ is built: 6.12.0" build_kernel
	ok 'it is there' exits 0 "test-$$ *6.12.0" kernels/build.sh list
	ok 'nothing is left of the one before' sh -c "! ls '$made/console.log' '$made/linux.new'"
	does silent
	ok 'a kernel that was built before stays when its successor is of no use' sh -c \
		"! kernels/build.sh build '$tree' test-$$ && strings -a '$made/linux' | grep -q fake-checks"
	does checks-and-warns
	ok 'one that warns is built, and that is said' exits 0 "test-$$ is built" build_kernel
	ok 'with what it said' grep -F "$warning" "$scratch/said"
	if command -v git >/dev/null; then
		does checks
		git -C "$tree" init -q
		git -C "$tree" add .
		git -C "$tree" -c user.name=t -c user.email=t@t commit -qm t
		ok 'a commit' exits 0 "test-$$ is built" build_kernel
		ok 'is built once' exits 0 "test-$$ is up to date" build_kernel
		fake checks 'exit 9'
		ok 'but is tried each time' exits 3 "test-$$ is up to date, but no program can run on it here" build_kernel
		fake checks "$checks"
		ok 'and so again' exits 0 "test-$$ is up to date" build_kernel
	else
		skip 'a kernel that is up to date' 'git is not installed'
	fi
fi

# ---- real ones ----

rm -rf "$scratch/results"
kernels=
section none
case $TCPLAB in
*sanitize*) ;; # see below
*)
	for kernel in 6.12 6.1; do
		is_wanted "$kernel" || is_wanted two || continue
		section "$kernel"
		if [ -f "build/kernels/$kernel/info" ] || kernels/build.sh build "$kernel" >"$scratch/build" 2>&1; then
			kernels="$kernels $kernel"
		else
			skip "scenarios on $kernel" "it is not built, and cannot be: $(tail -n 1 "$scratch/build")"
		fi
	done
	;;
esac

# wrapped NAME KERNEL COMMANDS: that kernel, after some commands in the directory of the job.
wrapped() {
	local linux=$PWD/build/kernels/$2/linux
	# shellcheck disable=SC2016  # that is for the script to expand
	printf '#!/bin/sh\n[ "$1" = --version ] && exec %s --version\n%s\nexec %s "$@"\n' "$linux" "$3" "$linux" \
		>"$scratch/fake-$1"
	chmod +x "$scratch/fake-$1"
}

# A program with the address sanitizer does not run in a guest; one with the other sanitizer does.
case $TCPLAB in
*sanitize*)
	for kernel in 6.12 6.1; do
		section "$kernel"
		if [ -x "build/kernels/$kernel/linux" ]; then
			wrapped "sanitized-$kernel" "$kernel" "ln -sf '${TCPLAB%/*}/guest/tcplab' init"
			ok "$kernel: all scenarios, both families, with sanitizers" on "sanitized-$kernel" -4 -6 -q all
		else
			skip "scenarios on $kernel" 'it is not built'
		fi
	done
	;;
esac

# no_console KERNEL: no run on it has left a console. (Some scripts cause the warning that a range of one port is a bad
# idea; that may be there.)
no_console() {
	find "$scratch/all/$1".*/* -name console.log \
		-exec grep -L 'ip_local_port_range: prefer different parity' {} + | grep . && return 1
	ls "$scratch/all/$1".*/connect-refused/result.json
}

# Each run that is planned has left its result.
all_are_there() { # KERNEL
	local planned made
	planned=$(tcplab --kernel "$1" --list -4 -6 all | wc -l)
	made=$(find "$scratch/all/$1".*/ -name result.json | wc -l)
	echo "$planned are planned, $made have been made"
	((made == planned))
}

# Its second run fails, with another value than the first run.
failed_again() {
	local kernel=$1
	# shellcheck disable=SC2016  # the script's own
	printf 'param   n = 1 2\nclient  socket() = c\nclient  getsockopt(c, SO_RCVLOWAT, [$n]) = 0\n' >"$scratch/low.tcp"
	exits 1 '^1 passed, 1 failed' tcplab --kernel "$kernel" -q "$scratch/low.tcp" &&
		exits 1 '\[2\]\) = 0; got .*\[1\]' tcplab --kernel "$kernel" -q --rerun-failed "$scratch/low.tcp" &&
		exits 0 '^low,n=2$' tcplab --kernel "$kernel" --rerun-failed --list "$scratch/low.tcp"
}

# A machine with a larger register state than this one.
gcc -D_GNU_SOURCE -O2 -fPIC -shared -o "$scratch/amx.so" tests/data/amx.c -ldl
# shellcheck disable=SC2016  # likewise
printf 'client  socket() = c\nclient  close(c) = 0\n' >"$scratch/sent.tcp"

altered_meanwhile() { # the script, when its guest has been booted
	while read -r -t 0.1 <&9; do :; done
	{ read -r -t 30 <&9 && echo nonsense >"$scratch/sent.tcp"; echo >&8; } &
	on sent "$scratch/sent.tcp"
	local status=$?
	wait $!
	return $status
}

# on_all KERNEL SCENARIO...: these runs, whose results same_bytes() looks at.
on_all() {
	"$TCPLAB" --results "$scratch/all" --kernel "$@"
}

# The topics of the library, except the one that has its own test, and failures, which need a program.
other_topics() {
	find scenarios -mindepth 1 -maxdepth 1 -type d ! -name beginnings ! -name failures ! -name default-timers -printf '%f/*\n' | sort
}

# quarter NTH: every fourth scenario of the library, from the first, second, third or fourth one on.
quarter() {
	find scenarios -name '*.tcp' ! -path '*/beginnings/*' ! -path '*/failures/*' -printf '%f\n' | sort |
		awk -v nth="$1" 'NR % 4 == nth % 4 { sub(/\.tcp$/, ""); print }'
}

# again KERNEL OPTION... NAME...: run these with twice as many guests at once as there are processors. A computing guest
# keeps a processor busy, so this shows that the time does not matter.
again() {
	local status
	"$TCPLAB" --results "$scratch/again" -j $((2 * $(nproc))) --limit 300s --kernel "$@" >"$scratch/round" 2>&1
	status=$?
	grep -E '^(fail|broken) ' "$scratch/round"
	return $status
}

# pictures_parse: all runs have left a ladder, and each picture is XML.
pictures_parse() {
	local pictures
	mapfile -t pictures < <(find "$scratch/all" -name '*.svg')
	(($(find "$scratch/all" -name ladder.svg | wc -l) == $(find "$scratch/all" -name transcript.txt | wc -l))) &&
		python3 -c 'import sys, xml.parsers.expat as xml
for path in sys.argv[1:]: xml.ParserCreate().ParseFile(open(path, "rb"))' "${pictures[@]}"
}

# differing: files of repeated runs that are not as before. Runs that were not repeated do not count.
differing() {
	diff -rq "$scratch/all" "$scratch/again" | grep -v "^Only in $scratch/all/[^/]*: "
}

# same_again KERNEL: a quarter of the scenarios once more over IPv4 and another one over IPv6, in which no byte may
# differ. The other kernel repeats the rest: so each scenario is repeated somewhere, and ROUNDS repeats all everywhere.
same_again() {
	local kernel=$1 first=1 v4 v6 repeated
	[ "$kernel" = 6.12 ] || first=3
	mapfile -t v4 < <(quarter $first)
	mapfile -t v6 < <(quarter $((first + 1)))
	again "$kernel" -4 "${v4[@]}" && again "$kernel" -6 "${v6[@]}" || return
	repeated=$(find "$scratch/again" -name result.json | wc -l)
	echo "$repeated runs were repeated"
	! differing && ((repeated >= ${#v4[@]} && ${#v4[@]} > 0))
}

# same_bytes KERNEL ROUNDS: in rounds, each with all runs.
same_bytes() {
	local kernel=$1 rounds=$2 round
	for ((round = 1; round <= rounds; round++)); do
		again "$kernel" -4 -6 all || return
		differing && return 1
		rm -rf "$scratch/again"
	done
	return 0
}

# within SECONDS COMMAND...: of processor time, independent of the machine's load.
within() {
	local limit=$1 took TIMEFORMAT='%U %S'
	shift
	{ took=$({ time "$@" >"$scratch/said" 2>&1; } 2>&1); } || return
	cat "$scratch/said"
	echo "it took $took s, at most $limit are allowed"
	awk -v limit="$limit" '{ exit $1 + $2 > limit }' <<<"$took"
}

# TCP passes large bursts down, and segments leave the host: as large as allowed, and no larger.
bursts_are_cut() { # KERNEL
	cat >"$scratch/burst.tcp" <<-'END'
		use     established
		client  send(c, ..., 100000) ...
		          ...
		server  recv(x, ..., 100000, MSG_WAITALL) = 100000
		          ...
		          client ... send(c, ..., 100000) = 100000
	END
	tcplab --kernel "$1" -4 -6 -q "$scratch/burst.tcp" &&
		[ "$(largest burst)" = 1448 ] && [ "$(largest burst,ipv6)" = 1428 ]
}

largest() { # NAME: the number of data bytes in the largest segment
	grep -ohE '"length": [0-9]+' "$scratch/results/"*"/$1/result.json" | sort -k 2n | sed -n '$s/.* //p'
}

# A loss probe is in flight together with the FIN. An ordinary run reads the client's state before the answer to the
# probe has come, so the line for that answer is below.
probe_is_blessed() { # KERNEL
	local above='use     established
router  delay 50ms
client  send(c, "abc") = 3
server  send(x, "xyz") = 3
          client> P. 1:4(3) ack 1
          server> P. 1:4(3) ack 1
client  recv(c, "xyz", 10) = 3
client  close(c) = 0
server  ss x ESTAB'
	printf '%s\n' "$above" 'client  ss c FIN-WAIT-1' >"$scratch/probe.tcp"
	printf '%s\n' "$above" '          client> F. ack 4' '  +20ms   client> F. 4:4(0) ack 4' \
		'client  ss c FIN-WAIT-1' '  +40ms   server> . ack 5 <sack 4:5>' >"$scratch/probe.wanted"
	"$TCPLAB" --kernel "$1" bless "$scratch/probe.tcp" && diff "$scratch/probe.wanted" "$scratch/probe.tcp"
}

# What is compared with itself in depth.
declare -A compared=([6.12]='connect-[a-g]*' [6.1]='connect-[s-z]*')

for kernel in $kernels; do
	section "$kernel"
	ok "$kernel: bless keeps what was read before a delayed probe was answered" probe_is_blessed "$kernel"
	ok "$kernel: bursts are cut before the link" bursts_are_cut "$kernel"
	ok "$kernel: the default timers in 10 s of processor time" within 10 on_all "$kernel" -4 'default-timers/*'
	ok "$kernel: and over IPv6" on_all "$kernel" -6 'default-timers/*'
	mapfile -t topics < <(other_topics)
	ok "$kernel: all other scenarios, both families" on_all "$kernel" -4 -6 "${topics[@]}"
	ok "$kernel: so all that there are" all_are_there "$kernel"
	ok "$kernel: the pictures of each are well-formed" pictures_parse
	ok "$kernel: nothing of it is worth a word on the console" no_console "$kernel"
	ok "$kernel: of several runs the one that failed is run again" failed_again "$kernel"
	# shellcheck disable=SC2016  # likewise
	wrapped amx "$kernel" 'LD_PRELOAD="$LD_PRELOAD '"$scratch/amx.so\""
	ok "$kernel: on a processor with more registers than it knows of" exits 0 '^2 passed' on amx -4 -6 -q connect-refused
	wrapped amx-alone "$kernel" "LD_PRELOAD=$scratch/amx.so"
	ok "$kernel: which needs what is preloaded" exits 3 'panicked: userspace - ptrace set fp regs failed, errno = 14; ' \
		on amx-alone connect-refused
	wrapped warns "$kernel" "echo '$warning'"
	ok "$kernel: a warning is shown" exits 1 '^the kernel .* said: WARNING: CPU: 0' on warns connect-refused
	ok "$kernel: behind the transcript, before the verdict" sh -c \
		"grep -A4 '^server  nstat TcpOutRsts' '$scratch/said' | tail -n 1 | grep '^fail  connect-refused'"
	wrapped sent "$kernel" "echo sent >'$scratch/booted'; read -r line <'$scratch/go'"
	ok "$kernel: what is run is what was read" exits 0 '^pass' altered_meanwhile
	ok "$kernel: and not what the file is by now" grep -x nonsense "$scratch/sent.tcp"
	printf 'client  socket() = c\nclient  close(c) = 0\n' >"$scratch/sent.tcp"
	wrapped index "$kernel" "sed -i 's/\"index\": 0/\"index\": 3/' job.json"
	ok "$kernel: a run that there is not" exits 3 'it cannot be run on the kernel [^ ]*: sent is run 4 of .*sent.tcp, which has only 1' \
		on index "$scratch/sent.tcp"
	ok "$kernel: and why" grep 'sent is run 4 of .*sent.tcp, which has only 1 on this kernel' "$scratch/said"
	printf '%s\n' 'client  sysctl net.ipv4.tcp_nosuch = 1' 'client  socket() = c' >"$scratch/refused.tcp"
	ok "$kernel: a script that is wrong there is broken, and says why" \
		exits 3 "^broken  refused  \\(it cannot be run on the kernel $kernel: .*refused\\.tcp:1:16: this kernel has no sysctl" \
		tcplab -q --kernel "$kernel" "$scratch/refused.tcp"
	ok "$kernel: that is a run, too" exits 3 '"broken": 1,' tcplab --json --kernel "$kernel" "$scratch/refused.tcp"
	ok "$kernel: which leaves its verdict" grep -q 'has no sysctl' "$scratch"/results/"$kernel".*/refused/result.json
	ok "$kernel: a transcript with times" exits 0 '^0\.[0-9]+ +client  socket' \
		tcplab --kernel "$kernel" --stamps=always connect-refused
	ok "$kernel: a limit is one of wall time" exits 0 '^pass  time-wait-default ' \
		tcplab --kernel "$kernel" --limit 40s time-wait-default
	ok "$kernel: a scenario with parameters may be named twice" exits 0 '^4 passed, 0 failed' \
		tcplab --kernel "$kernel" -4 -q kill-process kill-process
	ok "$kernel: one kernel agrees with itself" exits 0 ' agree, 0 differ' \
		"$TCPLAB" diff "$kernel" "$kernel" 'connect-r*'
	ok "$kernel: in all that is recorded, too" exits 0 '^[0-9]+ agree, 0 differ(,|$)' \
		"$TCPLAB" diff --deep "$kernel" "$kernel" "${compared[$kernel]}"
	if [ "$ROUNDS" ]; then
		ok "$kernel: not one byte differs under load, rounds: $ROUNDS" same_bytes "$kernel" "$ROUNDS"
	else
		ok "$kernel: not one byte of the runs that are repeated differs under load" same_again "$kernel"
	fi
	rm -rf "$scratch/all"
	ok "$kernel: a run that is terminated leaves nothing" interrupted TERM "$kernel" all
	ok "$kernel: a run whose program is killed leaves nothing" interrupted KILL "$kernel" all
done

section two

# like NAME COMMANDS [ARGUMENT]: the kernel 6.12, with that additional argument; these commands run first.
like() {
	local linux
	linux=$(realpath build/kernels/6.12/linux)
	# shellcheck disable=SC2016  # that is for the script to expand
	printf '#!/bin/sh\n[ "$1" = --version ] && exec %s --version\n%s\nexec %s "$@" %s\n' \
		"$linux" "$2" "$linux" "$3" >"$scratch/fake-$1"
	chmod +x "$scratch/fake-$1"
}

# says STATUS PATTERN... -- COMMAND...: the command has that status, and all of these are in the output.
says() {
	local status=$1 patterns=() got
	shift
	while [ "$1" != -- ]; do
		patterns+=("$1")
		shift
	done
	shift
	"$@" >"$scratch/said" 2>&1
	got=$?
	cat "$scratch/said"
	echo "exit status $got, wanted $status"
	((got == status)) || return
	for pattern in "${patterns[@]}"; do
		grep -qE -- "$pattern" "$scratch/said" && continue
		echo "not said: $pattern"
		return 1
	done
}

# does_not_say PATTERN: the last output is not empty, and does not have it.
does_not_say() {
	[ -s "$scratch/said" ] && ! grep -E -- "$1" "$scratch/said"
}

rest='router  drop client>
client  socket() = c
client  connect(c, server:8080) ...
          client> S 0:0(0) lost
  +1s     client> S 0:0(0) lost
  +2s     client> S 0:0(0) lost
client  ss c SYN-SENT
client  nstat TcpExtTCPTimeouts +2'
echo "$rest" >"$scratch/rest.tcp"

case $kernels in
' 6.12 6.1')
	ok 'diff shows the SYN schedule' exits 1 '^\+  \+1s     client> S 0:0\(0\) lost' \
		"$TCPLAB" diff 6.1 6.12 connect-timeout-default
	ok 'and nothing where there is none' exits 0 '0 differ' "$TCPLAB" diff 6.1 6.12 keepalive-default
	ok 'diff: a run that failed is told up to there' \
		says 1 '^-  \+2s     client> S 0:0\(0\) lost$' '^\+  \+2s .*#! .*1040' '^\+\(rest not reached\)$' -- \
		"$TCPLAB" diff 6.1 6.12 "$scratch/rest.tcp"
	ok 'and not what the other one did then' does_not_say '^.(client  ss|client  nstat)'
	ok 'and its message once' does_not_say '# fail:'
	ok 'diff: nor does the first one hide the second' \
		says 1 '^\+  \+2s     client> S 0:0\(0\) lost$' '^-\(rest not reached\)$' -- \
		"$TCPLAB" diff 6.12 6.1 "$scratch/rest.tcp"
	ok 'diff --json has the same' says 1 '"differ": 1' '"run": "rest"' '"old": "pass"' '"new": "fail"' \
		'"diff": "--- 6.1/rest.n... 6.12/rest.n@@ .*.n-  .2s ' -- "$TCPLAB" diff --json 6.1 6.12 "$scratch/rest.tcp"
	ok 'diff --deep names what is not asserted' \
		says 1 '^counter TcpExtTCPTimeouts \+7 -> \+11 .*1 scenario, first connect-timeout-default:[0-9]+, client$' \
		'^packet client> S: one more .*1 scenario, first connect-timeout-default:[0-9]+$' \
		'^only 6.12 has: counter IpOutTransmits$' '^0 agree, 1 differ$' -- \
		"$TCPLAB" diff --deep 6.1 6.12 connect-timeout-default
	echo 'client  socket() = -1 EMFILE' >"$scratch/wrong.tcp"
	ok 'diff --deep: to fail on both is not to agree' \
		says 1 '^failed on both: wrong \(.*wrong\.tcp:1: expected .*EMFILE; got client  socket\(\) = 3\)$' \
		'^1 agree, 0 differ, 1 failed on both$' -- \
		"$TCPLAB" diff --deep 6.12 6.12 "$scratch/wrong.tcp" connect-refused
	: >"$scratch/occupied"
	ok 'diff --deep: results that cannot be written' exits 3 '^1 agree, 0 differ$' \
		"$TCPLAB" diff --deep --results "$scratch/occupied" 6.12 6.12 connect-refused
	ok 'in a form for programs, too' says 1 '"kind": "packet client> S: one more"' '"differ": 1' -- \
		"$TCPLAB" diff --deep --json 6.1 6.12 connect-timeout-default
	;;
*) skip 'what differs between two kernels' "there are not both, but only:$kernels" ;;
esac
case $kernels in
' 6.12'*)
	# shellcheck disable=SC2016
	like partly 'grep -q "\"name\": \"connect-refused\"" job.json && { echo "Kernel panic - not syncing: on purpose"; kill -ABRT $$; }'
	ok 'diff: a run that is broken does not silence the others' \
		says 3 '^not run on both: connect-refused \([^:]*fake-partly: the kernel .* panicked: on purpose\)$' \
		'^[1-9][0-9]* agree, 0 differ, 1 not run on both$' -- "$TCPLAB" diff 6.12 "$scratch/fake-partly" 'connect-r*'
	ok 'diff --deep: nor there' says 3 '^not run on both: connect-refused ' '^[1-9][0-9]* agree, 0 differ, 1 not' -- \
		"$TCPLAB" diff --deep "$scratch/fake-partly" 6.12 'connect-r*'
	like complains "echo '$warning'" ''
	ok 'diff: a kernel that warns behaves differently' \
		says 1 '^\+\(the kernel said: WARNING: CPU: 0 .*\)$' '^0 agree, 1 differ$' -- \
		"$TCPLAB" diff 6.12 "$scratch/fake-complains" connect-refused
	ok 'diff --deep: there, too' \
		says 1 '^the kernel said nothing -> WARNING: CPU: 0 .* 1 scenario, first connect-refused$' '^0 agree, 1 differ$' -- \
		"$TCPLAB" diff --deep 6.12 "$scratch/fake-complains" connect-refused

	# A kernel with another window, which only one scenario of that topic asserts; its random numbers differ, too,
	# because its command line differs.
	like window '' "'sysctl.net.ipv4.tcp_rmem=\"4096 100000 6291456\"'"
	ok 'diff does not see a window' exits 0 '^[1-9][0-9]* agree, 0 differ$' \
		"$TCPLAB" diff 6.12 "$scratch/fake-window" 'fin-wait*' 'close-[a-l]*'
	ok 'diff --deep does' says 1 '^packet server> S\.: window 65160 -> 49232 ' '^packet client> S: window 64240 -> 49640 ' \
		'^tcp_info.rcv_ssthresh 64088 -> 48552 ' '^0 agree, [1-9][0-9]* differ$' -- \
		"$TCPLAB" diff --deep 6.12 "$scratch/fake-window" 'fin-wait*' 'close-[a-l]*'
	ok 'and nothing else' does_not_say '^(counter|call|packet .*: (seq|ack|length|one|sent|IP|TS|stamps|flow))'
	ok 'diff --deep --verbose: every place' exits 1 '^        close-active-passive:[0-9]+  65280 -> 49280$' \
		"$TCPLAB" diff --deep --verbose 6.12 "$scratch/fake-window" close-active-passive

	# A kernel that differs at each boot; the boots are numbered.
	seq 100 >&8
	like moody "read -r boot <'$scratch/go'; rmem=100000; [ \$boot -gt 1 ] && rmem=90000
set -- \"\$@\" \"sysctl.net.ipv4.tcp_rmem=\\\"4096 \$rmem 6291456\\\"\"" ''
	ok 'diff --deep leaves out what differs from boot to boot' \
		says 0 '^left out, since it differs between two runs on one kernel: packet server> S\.: window' \
		'^1 agree, 0 differ$' -- "$TCPLAB" diff --deep "$scratch/fake-moody" 6.12 close-active-passive

	# A kernel that boots only once: its result cannot be compared with a second run.
	while read -r -t 0.1 <&8; do :; done
	seq 100 >&8
	like once-only "read -r boot <'$scratch/go'
[ \$boot -gt 1 ] && { echo 'Kernel panic - not syncing: worn out'; kill -ABRT \$\$; }" "'sysctl.net.ipv4.tcp_rmem=\"4096 100000 6291456\"'"
	ok 'diff --deep says what it cannot verify' \
		says 3 '^not verified, .*: close-active-passive \(.*fake-once-only: .* panicked: worn out\)$' -- \
		"$TCPLAB" diff --deep 6.12 "$scratch/fake-once-only" close-active-passive
	;;
esac
echo "1..$number"
