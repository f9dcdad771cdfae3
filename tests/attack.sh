#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tests/attack.sh [--short] [SEED]: repeats earlier attacks on the program. Prints TAP, one line for each attack: ok
# means that the attack has failed. TCPLAB and TCPLAB_HOME say what to attack (make attack sets them).
#
# ATTACK_ROUNDS (200) scales it: this many runs are killed on the running kernel, and as many on another kernel; one
# invocation makes 15 times as many labs, and so on. --short is for ./run.sh test: ten rounds, without the attacks that
# are other parts of it (the unit tests, tests/cli.sh). All attacks are listed here by their names, so that none of them
# gets lost.
#
# All random choices come from the seed, which is printed: the same seed does the same things at the same times, but the
# machine may react differently. ATTACK_ONLY, a regular expression, picks attacks by their names. They do the same as in
# a run of all attacks.
#
# tests/attack_watch.c finds what a run has left; it also explains how namespaces are counted. The program runs as the
# user who started this, and, by turns, in a user namespace in which they can be counted.

cd "${0%/*}/.." || exit 2
program=$(realpath "${TCPLAB:-build/tcplab}") || exit 2
export TCPLAB_HOME=$PWD
short=
[ "$1" = --short ] && short=yes && shift
seed=${1:-$((SRANDOM % 1000000000))}
[[ $seed =~ ^[0-9]+$ ]] || {
	echo "usage: tests/attack.sh [--short] [SEED]" >&2
	exit 2
}
rounds=${ATTACK_ROUNDS:-$([ -n "$short" ] && echo 10 || echo 200)}
watch=${program%/*}/tests/attack_watch
scratch=$(mktemp -d) || exit 2
background=
trap 'for pid in $background; do kill "$pid"; done 2>/dev/null; chmod -R u+rwx "$scratch"; rm -rf "$scratch"' EXIT
results=$scratch/results
# The place of a guest's memory is not its working directory: see tests/kernels.sh.
unset TMPDIR
export XDG_RUNTIME_DIR=$scratch/runtime
mkdir -m 700 "$XDG_RUNTIME_DIR"
. tests/tap.sh
echo "# seed $seed, $rounds rounds"

seconds() { # SINCE, in microseconds
	local us=$((${EPOCHREALTIME/[.,]/} - $1))
	printf '%d.%d s' $((us / 1000000)) $((us / 100000 % 10))
}

began=${EPOCHREALTIME/[.,]/}

attack() { # NAME FUNCTION [ARGUMENT..]: ok if that is
	local since=${EPOCHREALTIME/[.,]/} name=$1
	shift
	[[ $name =~ ${ATTACK_ONLY:-} ]] || return
	RANDOM=$seed
	if "$@" >"$scratch/log" 2>&1; then
		report ok "$name ($(seconds "$since"))"
		sed -n 's/^figure: /# /p' "$scratch/log"
	else
		report 'not ok' "$name (seed $seed)" "$(tail -n 40 "$scratch/log")"
	fi
}

# random N: a number below N, in REPLY. Not in a subshell, which has other random numbers.
random() {
	REPLY=$(((RANDOM << 15 | RANDOM) % $1))
}

# If the program has sanitizers, its guests run another program (see tests/kernels.sh). So there a kernel is a script.
kernels=()
for kernel in 6.12 6.1; do
	linux=$PWD/build/kernels/$kernel/linux
	[ -x "$linux" ] || continue
	if [[ $program == *sanitize* ]]; then
		# shellcheck disable=SC2016  # that is for the script to expand
		printf '#!/bin/sh\n[ "$1" = --version ] && exec %s --version\nln -sf %s init\nexec %s "$@"\n' \
			"$linux" "${program%/*}/guest/tcplab" "$linux" >"$scratch/$kernel"
		chmod +x "$scratch/$kernel"
		kernel=$scratch/$kernel
	fi
	kernels+=("$kernel")
done

# Any scenario of the library may be killed; long ones are skipped.
mapfile -t library < <("$program" list | sed -nE 's/^  ([a-z0-9-]+) .*/\1/p')
quick=(connect-refused kill-process host-crash close-wait)

some() { # COUNT: this many of the library, in names
	names=()
	while ((${#names[@]} < $1)); do
		random ${#library[@]}
		names+=("${library[REPLY]}")
	done
}

# ---- what is left ----

# Each result is complete: JSON, captures to their last byte, a transcript to its last line. A run's directory has all
# of them or does not exist.
cat >"$scratch/whole.py" <<'PYTHON'
import json, os, struct, sys

def capture(path):
    with open(path, "rb") as f:
        data = f.read()
    at = 24
    while at < len(data):
        at += 16 + struct.unpack_from("<I", data, at + 8)[0]
    return len(data) >= 24 and at == len(data)

def blocks(path):
    with open(path, "rb") as f:
        data = f.read()
    at = 0
    while at < len(data):
        at += max(12, struct.unpack_from("<I", data, at + 4)[0])
    return data and at == len(data)

status = 0
for root, directories, files in os.walk(sys.argv[1]):
    # What a program under test has written is as it has left it.
    directories[:] = [d for d in directories if not d.startswith("files.")]
    files = [f for f in files if not f.startswith("program.")]
    if os.path.basename(root).startswith("."):
        print("unfinished:", root)
        status = 1
    for f in files:
        path = os.path.join(root, f)
        try:
            if f == "result.json":
                verdict = json.load(open(path))["verdict"]
                wanted = {"transcript.txt", "verbose.txt", "client.pcap", "server.pcap", "trace.pcapng", "hosts", "ladder.svg"} if verdict in ("pass", "fail") else set()
                whole = wanted <= set(files)
            elif f.endswith(".pcap"):
                whole = capture(path)
            elif f.endswith(".pcapng"):
                whole = blocks(path)
            else:
                whole = f == "console.log" or open(path).read().endswith("\n")
        except (ValueError, struct.error) as error:
            whole = False
            print(error)
        if not whole:
            print("not whole:", path)
            status = 1
    # (A table of all runs of a scenario stands by itself.)
    if files and files != ["table.txt"] and "result.json" not in files:
        print("no result.json:", root)
        status = 1
sys.exit(status)
PYTHON

nothing_left() { # in what directories the program has worked, now that another one has been through
	find "$XDG_RUNTIME_DIR" -mindepth 2 | grep . && return 1
	find "$results" -name '.tcplab-unfinished-*' 2>/dev/null | grep . && return 1
	find /dev/shm -maxdepth 1 -user "$(id -u)" -name 'vm_file-*' -newer "$scratch/whole.py" -mmin +1 2>/dev/null |
		grep . && return 1
	[ ! -e "$results" ] || ! command -v python3 >/dev/null || python3 "$scratch/whole.py" "$results"
}

# watched OPTION... -- COMMAND...: its output and that of the watch are in $scratch/out; false: something is left.
watched() {
	"$watch" "$@" >"$scratch/out" 2>&1
	local status=$?
	((status == 0)) || { echo "attack_watch $*" && cat "$scratch/out"; }
	return $status
}

self_found() { # the watch finds remains: a process, and a namespace that only a descriptor holds
	local holder
	watched -w 200000 -- sh -c 'sleep 5 & sleep 0.01' && return 1
	grep '^left: process [0-9]*, sleep$' "$scratch/out" || return 1
	mkfifo "$scratch/fifo"
	(exec 8<>"$scratch/fifo" && read -r pid <&8 && exec 9<"/proc/$pid/ns/net" && exec sleep 60) &
	holder=$!
	background="$background $holder"
	watched -w 200000 -n -- unshare -n sh -c "echo \$\$ >'$scratch/fifo'; sleep 0.3" && return 1
	cat "$scratch/out"
	grep 'left: 0 processes, 1 net, 0 user' "$scratch/out" || return 1
	kill "$holder"
	wait "$holder" 2>/dev/null
	background= # or the end of this script would kill another process of that number
	watched -n -- unshare -n true
}

# ---- killed ----

# How to start a run that is killed, and one that ends normally afterwards.
command_of() { # KIND: in `command` and `next`; `from`: what takes it a short time
	from=("${quick[@]}")
	command=("$program" run -q --results "$results")
	next=("$program" run -q --results "$results")
	case $1 in
	host) command+=(-4 -6 -j 4) ;;
	guest)
		random ${#kernels[@]}
		command+=(-j 2 --kernel "${kernels[REPLY]}")
		next+=(--kernel "${kernels[REPLY]}")
		;;
	diff)
		command=("$program" diff host host)
		next=("$program" diff host host)
		;;
	bless)
		command=("$program" bless -n)
		next=("$program" bless -n)
		;;
	ladder)
		command=("$program" ladder --results "$results")
		next=("$program" ladder --results "$results")
		;;
	try | try-guest)
		local on=host
		[ "$1" = try ] || { random ${#kernels[@]} && on=${kernels[REPLY]}; }
		command=("$program" try -4 -j 2 --kernel "$on" --results "$results" --client "$leaver")
		[ "$1" = try ] || command+=(--keep-files)
		next=("${command[@]}" refused)
		from=(refused half-answer-closed process-killed)
		return
		;;
	esac
	next+=(connect-refused)
}

# A program whose children become daemons, and which leaves files.
leaver="cd '$scratch/left' && { setsid sleep 100 & setsid sh -c 'sleep 0.1; sleep 100' & }; \
	for i in 1 2 3 4 5 6 7 8 9; do echo left >left-\$i; done; exec '${program%/*}/tests/programs/fetch'"
mkdir "$scratch/left"

span() { # how long quick runs of this kind take here, in microseconds, at most 2 s
	local since=${EPOCHREALTIME/[.,]/}
	"${command[@]}" "${from[@]}" >"$scratch/out" 2>&1
	took=$((${EPOCHREALTIME/[.,]/} - since))
	((took < 2000000)) || took=2000000
	echo "the quick ones take $took us"
}

killed() { # KIND ROUNDS
	local i took beside options
	command_of "$1"
	span
	for ((i = 1; i <= $2; i++)); do
		command_of "$1"
		options=() beside=
		random 2
		((REPLY)) && options=(-n)
		random 4
		((REPLY == 0)) && beside=yes
		names=("${from[@]}")
		[[ $1 == try* ]] || some 3
		random "$took"
		echo "round $i, ${options[*]} -k $REPLY, beside: $beside: ${command[*]} ${names[*]}"
		if [ -n "$beside" ]; then
			"${next[@]}" >"$scratch/beside" 2>&1 &
			beside=$!
		fi
		watched "${options[@]}" -k "$REPLY" -- "${command[@]}" "${names[@]}" || return 1
		if [ -n "$beside" ] && ! wait "$beside"; then
			echo "the one beside it:"
			cat "$scratch/beside"
			return 1
		fi
		if ! timeout -k 10 120 "${next[@]}" >"$scratch/next" 2>&1; then
			echo "the next one:"
			cat "$scratch/next"
			return 1
		fi
		nothing_left || return 1
	done
}

two_at_once() { # ROUNDS: the same scenarios, in the same results directory
	local i one
	for ((i = 1; i <= $1; i++)); do
		command_of "$2"
		"${command[@]}" connect-refused kill-process >"$scratch/one" 2>&1 &
		one=$!
		"${command[@]}" connect-refused kill-process >"$scratch/other" 2>&1 || { cat "$scratch/other"; wait; return 1; }
		wait $one || { cat "$scratch/one"; return 1; }
		nothing_left || return 1
	done
}

# ---- many ----

# Numbers of the whole machine, including other programs: kB of the kernel's memory that cannot be reclaimed on demand,
# and open files. They are minima over some time, because the kernel frees things in the background.
machine() {
	local kb files i
	least_kb='' least_files=''
	for ((i = 0; i < $1; i++)); do
		kb=$(awk '/^(SUnreclaim|KernelStack|PageTables|Percpu):/ { sum += $2 } END { print sum }' /proc/meminfo)
		read -r files _ </proc/sys/fs/file-nr
		[ -n "$least_kb" ] && ((least_kb <= kb)) || least_kb=$kb
		[ -n "$least_files" ] && ((least_files <= files)) || least_files=$files
		sleep 0.2
	done
}

figure() { # REGEX: what the watch says there
	sed -nE "s/^watched: .*$1.*/\1/p" "$scratch/out"
}

# Its sockets still have data to send when the run has ended.
cat >"$scratch/orphans.tcp" <<'END'
use     established
router  drop
client  send(c, "lost") = 4
          client> P. 1:5(4) lost
server  send(x, "lost") = 4
          server> P. 1:5(4) lost
client  close(c) = 0
          ...
END

labs() { # COUNT: one lab for each, in one invocation; every fifth leaves sockets
	local kb files many before after
	mapfile -t many < <(yes "connect-refused
connect-refused
connect-refused
connect-refused
$scratch/orphans.tcp" | head -n "$1")
	machine 10
	kb=$least_kb files=$least_files
	watched -n -- "$program" run -q --results "$results" "${many[@]}" || return 1
	machine $((rounds < 100 ? 10 : 50))
	tail -n 3 "$scratch/out"
	grep "^$1 passed, 0 failed" "$scratch/out" || { grep -v '^pass ' "$scratch/out"; return 1; }
	echo "figure: $(figure 'left: (.*ipc);') are left; the machine has $((least_kb - kb)) kB of kernel memory and" \
		"$((least_files - files)) open files more than before"
	echo "figure: of the program itself, first half and second: $(figure '(descriptors .* kB); largest')"
	read -r before after < <(figure 'descriptors ([0-9]+ [0-9]+)')
	((after <= before + 4)) || { echo "it keeps descriptors"; return 1; }
	read -r before after < <(figure 'memory ([0-9]+ [0-9]+)')
	# The program keeps a few hundred bytes of each run until the summary.
	[[ $program == *sanitize* ]] || ((after <= before + 1000 + $1)) || { echo "it keeps memory"; return 1; }
	# A network namespace is more than 100 kB, and a lab has three.
	((least_kb - kb < 50000 + 20 * $1)) || { echo "the machine has less memory than before"; return 1; }
	((least_files - files < 1000 + $1 / 2)) || { echo "the machine has more open files than before"; return 1; }
	nothing_left
}

# ---- never a false verdict ----

# In $scratch/out: some runs have passed, or were disturbed each time; none has failed.
no_false_verdict() {
	grep -qE '^(pass|broken)  ' "$scratch/out" && ! grep -E '^fail  ' "$scratch/out" && return
	cat "$scratch/out"
	return 1
}

paused() { # ROUNDS p|P: those that have failed before, and two others
	local i
	for ((i = 1; i <= $1; i++)); do
		some 2
		echo "round $i: ${names[*]}"
		watched "-$2" 30000,4000 -- "$program" run -q --limit 4s --results "$results" cork-timeout "${names[@]}" || return 1
		no_false_verdict || return 1
	done
}

cat >"$scratch/waits.tcp" <<'END'
use     established
server  recv(x, ..., 10) ...
client  fork() = kid
client.kid  recv(c, ..., 10) ...
quiet   300ms
client  send(c, "one") = 3
          client> P. 1:4(3)
        server ... recv(x, "one") = 3
          server> . ack 4
server  send(x, "two") = 3
          server> P. 1:4(3)
        client.kid ... recv(c, "two") = 3
          client> . ack 4
END

killed_from_outside() { # KIND ROUNDS: one of its processes
	local i took nth
	command_of "$1"
	span
	for ((i = 1; i <= $2; i++)); do
		command_of "$1"
		some 1
		random 1000
		nth=$REPLY
		random "$took"
		echo "round $i: -o $REPLY,$nth ${command[*]} $scratch/waits.tcp ${names[*]}"
		watched -o "$REPLY,$nth" -- "${command[@]}" "$scratch/waits.tcp" "${names[@]}" || return 1
		# (A program that only prints its version may be killed, too.)
		if grep '^fail  ' "$scratch/out" || ! grep -qE '^watched: status (0|3);|was ended by SIGKILL when asked' "$scratch/out"; then
			cat "$scratch/out"
			return 1
		fi
	done
	nothing_left
}

few_descriptors() { # KIND STEP
	local limit
	command_of "$1"
	for ((limit = 8; limit <= 64; limit += $2)); do
		some 2
		echo "$limit descriptors: ${names[*]}"
		(ulimit -n $limit && exec "${command[@]}" "${names[@]}") >"$scratch/out" 2>&1
		if grep -a '^fail  ' "$scratch/out" || grep -a '^broken  ' "$scratch/out" | grep -va 'ulimit -n' ||
			! grep -qa . "$scratch/out"; then
			cat "$scratch/out"
			return 1
		fi
	done
	nothing_left
}

# ---- bad input ----

# refused STATUS.. -- COMMAND..: it exits with one of these, prints a message, and sends no control characters to the
# terminal.
refused() {
	local statuses=' ' status
	while [ "$1" != -- ]; do
		statuses+="$1 "
		shift
	done
	shift
	timeout -k 5 30 "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
	status=$?
	if [[ $statuses != *" $status "* ]]; then
		echo "status $status, not$statuses: ${*@Q}"
	elif ((status != 0)) && [ ! -s "$scratch/err" ]; then
		echo "status $status without a word: ${*@Q}"
	elif [ -n "$(LC_ALL=C tr -d '\011\012\040-\176\200-\377' <"$scratch/err" | tr -d '\0')" ]; then
		echo "what it says commands the terminal: ${*@Q}"
	else
		return 0
	fi
	head -c 2000 "$scratch/err"
	return 1
}

noise() { # BYTES: of the seed
	local i text=
	for ((i = 0; i < $1; i++)); do
		printf -v text '%s\\x%02x' "$text" $((RANDOM % 256))
	done
	printf '%b' "$text"
}

random_bytes() { # COUNT
	local i
	for ((i = 0; i < $1; i++)); do
		random 600
		noise $((REPLY + 1)) >"$scratch/noise.tcp"
		refused 2 -- "$program" check "$scratch/noise.tcp" || return 1
		grep -qE '^(tcplab: )?[^ ]*/noise\.tcp' "$scratch/err" || { cat "$scratch/err"; return 1; }
	done
}

cut_scenarios() { # COUNT: a piece of one, which may be one by chance
	local i files size from
	mapfile -t files < <(find scenarios -name '*.tcp' | LC_ALL=C sort)
	for ((i = 0; i < $1; i++)); do
		random ${#files[@]}
		size=$(stat -c %s "${files[REPLY]}")
		cp "${files[REPLY]}" "$scratch/from.tcp"
		random "$size"
		from=$REPLY
		random "$size"
		tail -c +$((from + 1)) "$scratch/from.tcp" | head -c $((REPLY + 1)) >"$scratch/cut.tcp"
		refused 0 2 -- "$program" check "$scratch/cut.tcp" || return 1
		[ ! -s "$scratch/err" ] || grep -qE '(^|: )[^ ]*cut\.tcp(:[0-9]+:[0-9]+: | )' "$scratch/err" || { cat "$scratch/err"; return 1; }
	done
}

# shellcheck disable=SC2016  # nothing is to be expanded
absurd=('' ' ' 0 -0 -1 +1 -9223372036854775809 18446744073709551616 99999999999999999999999 1e400 -1e400 nan inf -inf 0x
	1.2.3 '1 s' 5x 5mm s ms M iB 1e-400s 99999999999999999h 1e300s 1e300G -5s -5M $'5\n' $'5s\x1b[2K' $'\xff' '5s5s' '$(id)' '%s%n')
absurd_numbers() { # in the place of a number, a time or a size
	local option value
	for option in --jobs -j --limit --timeout --memory --captured --until; do
		for value in "${absurd[@]}"; do
			command=(run)
			[[ $option == --until ]] && command=(bless -n)
			refused 2 -- "$program" "${command[@]}" "$option" "$value" connect-refused || return 1
			(($(wc -l <"$scratch/err") == 1)) || { cat "$scratch/err"; return 1; }
		done
	done
}

# In a script: numbers of ports, times, counts of repeats, flags, descriptors, lengths.
absurd_scripts() {
	local value line
	for value in "${absurd[@]}" 4294967296 65536 2147483648 -2147483649 1..0 0..99999999999 '1 ..' '*'; do
		for line in 'repeat %s' 'param   n = %s' 'quiet   %s' 'client  sokcet(%s) = c' 'server  bind(l, :%s) = 0' \
			'router  delay %s' '+%s  client> S' '  client> S %s:%s(%s)' 'client  nice = %s' 'needs   kernel >= %s'; do
			printf 'server  socket() = l\n%s\nclient  nothing() = 0\n' "${line//%s/"$value"}" >"$scratch/absurd.tcp"
			refused 2 -- "$program" check "$scratch/absurd.tcp" || return 1
		done
	done
}

odd_names() { # COUNT: of scenarios, kernels, directories
	local i text command
	for ((i = 0; i < $1; i++)); do
		random 300
		text=$(noise $((REPLY + 1)) | tr -d '\0\n/' | tr '*?[' 'xyz')x
		random 6
		command=(run "$text")
		case $REPLY in
		1) command=(run "/$text") ;;
		2) command=(check "$text.tcp") ;;
		3) command=(run --kernel "$text" connect-refused) ;;
		4) command=(run --library "$text" connect-refused) ;;
		5) command=(diff host "$text" connect-refused) ;;
		esac
		refused 2 -- "$program" "${command[@]}" || return 1
		(($(wc -l <"$scratch/err") == 1)) || { printf '%q ' "${command[@]}"; cat "$scratch/err"; return 1; }
	done
}

# ---- of issues that were reported ----

huge_transfer() { # TIMES KB: TIMES 10 MB, with headers captured, in KB of memory
	printf '%s\n' 'capture headers' 'use     established' "repeat  $1" 'client  send(c, ..., 10000000) ...' \
		'server  recv(x, ..., 10000000, MSG_WAITALL) = 10000000' '        ...' \
		'        client ... send() = 10000000' 'end' >"$scratch/huge.tcp"
	watched -- "$program" run -q --limit 600s --results "$results" "$scratch/huge.tcp" || return 1
	tail -n 3 "$scratch/out"
	echo "figure: the largest process had $(figure 'largest ([0-9]+ kB)')"
	grep -q '^pass  huge' "$scratch/out" || return 1
	[[ $program == *sanitize* ]] || (($(figure 'largest ([0-9]+) kB') < $2))
}

interrupted_table() { # ROUNDS ROWS COLUMNS: also while the table is made, or printed
	local i took=0 whole=0
	{
		printf '%s\n' "param   n = 1..$2" 'client  socket() = c'
		for ((i = 0; i < $3 / 100; i++)); do
			printf 'table  '
			printf ' c%d=1' $(seq $((i * 100)) $((i * 100 + 99)))
			echo
		done
	} >"$scratch/wide.tcp"
	command=("$program" run --results "$results")
	for ((i = 0; i <= $1; i++)); do
		local since=${EPOCHREALTIME/[.,]/} rest
		random $((took + took / 10 + 1))
		((i == 0)) && REPLY=600000000
		watched -i "$REPLY" -- "${command[@]}" "$scratch/wide.tcp" || return 1
		rest=$(figure '([0-9]+) ms after that')
		((i == 0)) && took=$((${EPOCHREALTIME/[.,]/} - since)) whole=$(figure 'used ([0-9]+) ms')
		grep -oE '^watched: status [0-9]+' "$scratch/out"
		echo "interrupted after $REPLY us, then used $rest ms of processor time; $whole ms for the whole"
		grep -qE '^watched: status (0|130);' "$scratch/out" && ((rest < 100 + whole / 10)) || return 1
	done
	nothing_left
}

# names KIND COUNT: a script with this many names, each of which is looked up
# shellcheck disable=SC2016  # $ is for the scripts
names() {
	local i
	case $1 in
	sockets)
		printf 'client  socket() = s%d\n' $(seq $(($2 / 2)))
		printf 'client  close(s%d) = 0\n' $(seq $(($2 / 2)))
		;;
	values)
		echo 'use     established'
		printf 'client  getsockopt(c, SO_RCVBUF, [$v%d]) = 0\n' $(seq "$2")
		;;
	columns)
		printf '%s\n' 'param   n = 1..10' 'client  socket() = c'
		for ((i = 0; i < $2; i += 40)); do
			printf 'table  '
			printf " c%d_$i=1" $(seq 40)
			echo
		done
		;;
	slips)
		echo 'use     established'
		printf 'client  setsockopt(c, SO_RCVBUF, $v%d) = 0\n' $(seq "$2")
		;;
	params)
		printf 'param   p%d = 1\n' $(seq "$2")
		echo 'client  socket() = c'
		;;
	esac
}

# With four times as many names, each name costs the same; or a little more if a table no longer fits into a cache, but
# not four times as much.
look_ups() { # COUNT
	local kind few many status=0 TIMEFORMAT=%U
	for kind in sockets values columns slips params; do
		names $kind "$1" >"$scratch/few.tcp"
		names $kind $((4 * $1)) >"$scratch/many.tcp"
		few=$({ time "$program" check "$scratch/few.tcp" >/dev/null 2>&1; } 2>&1)
		many=$({ time "$program" check "$scratch/many.tcp" >/dev/null 2>&1; } 2>&1)
		echo "$kind: $1 take $few s, four times as many $many s"
		awk "BEGIN { exit !($many <= 6 * $few + 0.1) }" || status=1
	done
	return $status
}

# Everything that a run could leave on a machine, as text: for the namespaces of this process. Numbers that always
# change are left out.
state_of_machine() {
	ip -o link show | sed 's/ qlen.*//'
	ip -o addr show | sed 's/ valid_lft.*//'
	ip route show table all
	ip -6 route show table all | sed 's/ expires [0-9a-z]*//'
	ip rule show
	command -v nft >/dev/null && nft -s list ruleset
	cat /proc/net/ip_tables_names /proc/net/ip6_tables_names 2>/dev/null
	find /proc/sys/net -type f -perm /222 ! -path '*/neigh/*/gc_*' 2>/dev/null | LC_ALL=C sort | xargs grep -sH ''
	find /proc/sys/kernel /proc/sys/user -type f -perm /222 2>/dev/null | grep -vE 'random|ns_last_pid|/pty/' |
		LC_ALL=C sort | xargs grep -sH ''
	cut -d ' ' -f 4- /proc/self/mountinfo
	ipcs -q -m -s 2>/dev/null
	[ -z "$TMPDIR" ] || find "$TMPDIR" # a directory that nobody else uses
}

sockets_of_machine() {
	(cd /proc/net && cat tcp tcp6 udp udp6 raw raw6 packet netlink unix 2>/dev/null) | awk '{ print $1, $2, $3, $NF }'
}
export -f state_of_machine sockets_of_machine

# The machine is as before; so is a network namespace in which nobody else has sockets.
machine_is_as_before() { # NAME..
	local own=(unshare -n) before after
	((UID == 0)) || own=(unshare -r -n)
	mkdir -p "$scratch/tmp"
	before=$(state_of_machine)
	# shellcheck disable=SC2016  # for that shell
	TMPDIR=$scratch/tmp watched -n -- "${own[@]}" bash -c '
		ip link set lo up
		before=$(state_of_machine; sockets_of_machine)
		"$@"
		status=$?
		diff <(echo "$before") <(state_of_machine; sockets_of_machine) && exit $status' - \
		"$program" run -q -4 -6 --results "$results" "$@" || return 1
	after=$(state_of_machine)
	grep -E '^watched: status 0;' "$scratch/out" || { cat "$scratch/out"; return 1; }
	diff <(echo "$before") <(echo "$after") && nothing_left
}

cat >"$scratch/booted.tcp" <<'END'
use     established
client  send(c, ..., 1000000) ...
server  recv(x, ..., 1000000, MSG_WAITALL) = 1000000
        ...
        client ... send() = 1000000
client  crash
client  boot
client  socket() = d
client  bind(d, :8081) = 0
client  listen(d, 5) = 0
client  poll([{fd=d, events=POLLIN}], 1, 1500) ...
          ...
        client ... poll() = 0
END

# descendants PID: their numbers, in `found`
descendants() {
	local kids=() kid
	read -r -a kids 2>/dev/null <"/proc/$1/task/$1/children"
	for kid in "${kids[@]}"; do
		found+=("$kid")
		descendants "$kid"
	done
}

# A host's processes could use what they share with the engine to mislead it. They share no memory, and only these
# descriptors: their channels, the files with their waiting times, and /dev/null.
hosts_share_nothing() {
	local run of found hosts=0 rings=0
	"$program" run -q --results "$results" "$scratch/booted.tcp" >"$scratch/out" 2>&1 &
	run=$!
	while kill -0 $run 2>/dev/null; do
		found=()
		descendants $run
		for of in "${found[@]/#//proc/}"; do
			if [ "$of/ns/pid" -ef /proc/self/ns/pid ]; then
				grep -qs ' rw-s .* socket:' "$of/maps" && ((++rings))
			elif grep -qs '^Seccomp:.*2' "$of/status"; then
				((++hosts))
				if grep -s '^[^ ]* ...s ' "$of/maps" ||
					find "$of/fd" -mindepth 1 -printf '%l\n' 2>/dev/null |
					grep -vE '^(/dev/null|(socket|pipe):.*|/proc/.*/(schedstat|stat)|anon_inode:.eventpoll.|)$'; then
					kill $run
					[[ $program == *sanitize* ]] || return 1
				fi
			fi
		done
		sleep 0.02
	done 2>/dev/null
	echo "looked at $hosts processes of hosts, $rings times at one with a ring"
	cat "$scratch/out"
	wait $run && ((hosts > 0 && rings > 0))
}

# A guest's init that tries to write to the machine's file system (tests/attack_guest.c).
guest_cannot_write() { # KERNEL
	mkdir -p "$scratch/guest"
	cp "${program%/*}/tests/attack_guest" "${program%/*}/preload.so" "$scratch/guest"
	"$scratch/guest/attack_guest" --results "$scratch/attacked" run -q --kernel "$1" connect-refused || return 1
	grep '^attack:' "$scratch/attacked/$1".*/connect-refused/console.log >"$scratch/attempts"
	cat "$scratch/attempts"
	grep -q '^attack: init: Read-only file system' "$scratch/attempts" &&
		(($(grep -c '^attack: a host ' "$scratch/attempts") == 3)) &&
		! grep -E 'succeeded|not confined' "$scratch/attempts" && ! ls "$scratch/guest/"*.escaped
}

refused_in_guest() { # KERNEL: a plan that fails there is a run, with a verdict and a result
	printf '%s\n' 'client  sysctl net.ipv4.tcp_nosuch = 1' 'client  socket() = c' >"$scratch/refused.tcp"
	"$program" run --json --results "$results" --kernel "$1" "$scratch/refused.tcp" >"$scratch/out" 2>&1
	(($? == 3)) && grep -q '"broken": 1,' "$scratch/out" &&
		grep -q 'has no sysctl' "$results/${1##*/}".*/refused/result.json && return
	cat "$scratch/out"
	return 1
}

# ---- what other tests try ----

logged() { # NAME COMMAND...: its TAP, for tried()
	CMOCKA_MESSAGE_OUTPUT=TAP TCPLAB=$program "${@:2}" >"$scratch/tap-$1" 2>&1
	echo "$(grep -c '^ok' "$scratch/tap-$1") passed, $(grep -c '^not ok' "$scratch/tap-$1") failed"
	! grep '^not ok' "$scratch/tap-$1" && grep -q '^ok' "$scratch/tap-$1"
}

tried() { # COUNT TEST REGEX: at least this many cases of that test have such names, and all of these are ok
	grep -E "^(not )?ok [0-9]+ - .*($3)" "$scratch/tap-$2"
	(($(grep -cE "^ok [0-9]+ - .*($3)" "$scratch/tap-$2") >= $1)) && ! grep -qE "^not ok [0-9]+ - .*($3)" "$scratch/tap-$2"
}

elsewhere() {
	local test
	for test in scratch confine check lab results pool disturb mangled; do
		attack "test_$test" logged "test_$test" "${program%/*}/tests/test_$test"
	done
	attack 'tests/cli.sh' logged cli tests/cli.sh
	attack '1: what is swept is the own, and no link is followed' tried 6 test_scratch \
		'follows_nobody|sweeps_its_own_only|sweeps_the_dead_only|many_at_once|private_parents_only|removes_everything'
	attack '2: no file and no family that is not of the lab' tried 4 test_confine \
		'succeed_unconfined|are_stopped_by_each_barrier|are_stopped_by_all|hosts_are_elsewhere'
	attack '2: no sysctl that is the machine'"'"'s' tried 1 test_lab 'test_sysctl_refusals'
	attack '3: actors have no privileges' tried 1 test_confine 'actors_are_confined'
	attack '4: no name commands the terminal' tried 33 cli \
		'commands the terminal|a name with ESC|in a (diagnostic|failure|broken run|message|difference|list)|a control character'
	attack '4: what a link leads to is not quoted' tried 4 cli 'a link to elsewhere|and not quoted|a link within'
	attack '5: check does not eat the machine' tried 6 cli \
		'too many lines in all|found at once|does not begin|many short ones|expanded at a time|too many cells'
	attack '6: a run has budgets' tried 7 cli \
		'than a run may have|under way|such a one leaves its verdict|headers only'
	attack '8: results are whole, and the dead'"'"'s are swept' tried 4 test_results \
		'sweeps_what_the_dead_left|many_at_the_same_place|leaves_the_old|replaces'
	attack '9: diff leaves nothing' tried 6 cli 'diff: (SIG|a reader|and the next one|nothing is left)'
	attack '10: delays add up' tried 4 test_disturb 'one_alone|many_together|many_far_apart|counts_anew'
	attack '10: who is killed from outside is broken' tried 5 cli 'killed from outside'
	attack '11: check looks behind needs virtual' tried 1 cli 'behind virtual time'
	attack '12: hardly any descriptors' tried 40 cli 'with [0-9]+ descriptors|says why: |nothing else is printed|than there are'
	attack '14: names that cannot be' tried 4 cli 'not UTF-8|too long|directory that is gone'
}

# ---- all of them ----

attack 'what is left is found' self_found
attack "killed, $rounds times" killed host "$rounds"
attack "diff killed" killed diff $((rounds / 10))
attack "bless killed" killed bless $((rounds / 10))
attack "ladder killed" killed ladder $((rounds / 10))
attack "try killed" killed try $((rounds / 10))
attack 'two at once on one results directory' two_at_once $((rounds / 10)) host
attack 'what is never acknowledged keeps no namespace' watched -n -- "$program" run -q -4 -6 --results "$results" \
	"$scratch/orphans.tcp"
{
	cat "$scratch/orphans.tcp"
	printf '%s\n' 'server  poll([{fd=l, events=POLLIN}], 1, 10000) ...' '          ...' '        server ... poll() = 0'
} >"$scratch/orphans-killed.tcp"
attack 'nor does it when the run is killed' watched -n -k 2000000 -- "$program" run -q -4 -6 --results "$results" \
	"$scratch/orphans-killed.tcp"
attack 'hosts share nothing with the engine' hosts_share_nothing
attack "$((15 * rounds)) labs in one go" labs $((15 * rounds))
attack 'an engine that is stopped again and again fails nothing' paused $(((rounds + 19) / 20)) p
attack 'nor are all processes' paused $(((rounds + 19) / 20)) P
attack 'one of its processes is killed from outside' killed_from_outside host $((rounds / 2))
attack 'few descriptors' few_descriptors host $((rounds < 56 ? 8 : 1))
attack 'random bytes' random_bytes "$rounds"
attack 'scenarios cut off' cut_scenarios "$rounds"
attack 'absurd numbers' absurd_numbers
attack 'absurd numbers in scripts' absurd_scripts
attack 'odd names' odd_names "$rounds"
attack 'many names are looked up' look_ups $((rounds < 100 ? 1000 : 2000))
if ((${#kernels[@]})); then
	attack "killed with guests, $rounds times" killed guest "$rounds"
	attack "try killed with guests" killed try-guest $((rounds / 10))
	attack 'two at once on one results directory, with guests' two_at_once $((rounds / 10)) guest
	attack 'one of the processes of guests is killed from outside' killed_from_outside guest $((rounds / 5))
	attack 'few descriptors, with guests' few_descriptors guest $((rounds < 56 ? 28 : 4))
	for kernel in "${kernels[@]}"; do
		# (Where mounting is forbidden, nothing holds a guest's root: see SECURITY.md.)
		[[ $program == *sanitize* ]] || ! { unshare -m true || unshare -Um true; } 2>/dev/null ||
			attack "$kernel: nothing but its own directory can be written" guest_cannot_write "$kernel"
		attack "${kernel##*/}: what is refused there has a verdict" refused_in_guest "$kernel"
	done
else
	skip 'guests' 'no kernel is built'
fi
if [ -z "$short" ]; then
	attack 'all scenarios leave the machine as it was' machine_is_as_before all
	attack 'a table of 300 rows and 2000 columns is interrupted' interrupted_table $((rounds / 40)) 300 2000
	attack '2 GiB are sent' huge_transfer 215 300000
	elsewhere
else
	attack 'scenarios leave the machine as it was' machine_is_as_before "${quick[@]}"
	attack 'a table is interrupted' interrupted_table 1 30 2000
	attack '100 MB are sent' huge_transfer 10 100000
fi
echo "# all of it took $(seconds "$began")"
echo "1..$number"
((failures == 0))
