#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Programs under test, as a user names them on the command line: the test's own (tests/programs/), and real ones if they
# are installed. `program.sh [KERNEL]`: on the running kernel, or on KERNEL. Prints TAP. TCPLAB names the program.

program=${TCPLAB:-${0%/*}/../build/tcplab}
program=$(realpath "$program") || exit 2
roles=$(dirname "$program")/tests/programs/roles
kernel=$1
scratch=$(mktemp -d) || exit 2
chmod 755 "$scratch"
export TMPDIR=$scratch/tmp
mkdir "$TMPDIR"
trap 'chmod -R u+rwx "$scratch" 2>/dev/null; rm -rf "$scratch"' EXIT
. "${0%/*}/tap.sh"
cd "$scratch" || exit 2
unset GITHUB_ACTIONS NO_COLOR
export THIS=that

tcplab() {
	"$program" run ${kernel:+--kernel "$kernel"} --results results "$@"
}

# What the client's program of that run has written.
written() { # NAME
	cat results/*/"$1"/program.client.out
}

script ends.tcp '# a program that ends well' 'client  program' '        ...' 'client  +++ exited with 0 +++'
script refused.tcp '# nobody listens' 'client  program' '        ...' 'client  +++ exited with 7 +++'
script answer.tcp '# a server that answers' 'server  socket() = l' 'server  bind(l, :8080) = 0' \
	'server  listen(l, 5) = 0' 'client  program' '        ...' 'server  accept(l) = s' '        ...' \
	'server  recv(s, ..., 1000) = *' '        ...' \
	'server  send(s, "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello") = 43' '        ...' \
	'server  close(s) = 0' '        ...' 'client  +++ exited with 0 +++'
script killed.tcp '# a signal of the script' 'client  program' 'client  signal SIGTERM' \
	'client  +++ killed by SIGTERM +++'
script crash.tcp '# its host crashes' 'client  program' 'client  crash'
script both.tcp '# both' 'server  program' 'client  program' 'client  +++ exited with 0 +++' \
	'server  +++ exited with 0 +++'

# A kernel that was built before programs could run on it, and could not be built again.
if [ "$kernel" ] && without=$(tcplab --client true ends.tcp 2>&1 | grep -o 'CONFIG_[A-Z_]*'); then
	report ok "programs on $kernel # SKIP it was built without $without"
	echo 1..1
	exit
fi

# ---- which program ----
expect 'without a program it is skipped, and says what it needs' 0 \
	"^skip  ends  \\(needs --client 'COMMAND': the program under test\\)\$" tcplab ends.tcp
expect 'show says it, too' 0 "^Needs --client 'COMMAND': the program under test\\.\$" "$program" show ends.tcp
expect 'it is checked without one' 0 '^1 script, nothing wrong$' "$program" check ends.tcp
expect 'there is no such program' 2 \
	"^tcplab: --client: there is no program 'no-such-program' in any directory of PATH\$" \
	tcplab --client 'no-such-program x' ends.tcp
expect 'it is not executable' 2 "^tcplab: --server: './ends.tcp' cannot be executed: Permission denied\$" \
	tcplab --server ./ends.tcp ends.tcp
printf '#!/no/such/interpreter\n' >script
chmod +x script
expect 'it cannot be started' 3 "ends.tcp:2: './script' cannot be started: ./script: No such file or directory" \
	tcplab --client ./script ends.tcp
if [ -z "$kernel" ]; then
	expect 'its files are not kept on the running kernel, where they are' 2 \
		'^tcplab: --keep-files needs a kernel of its own \(--kernel\): on the running one' \
		tcplab --client true --keep-files ends.tcp
fi
expect 'nor are those of no program' 2 '^tcplab: --keep-files is about programs, and there is no --client' \
	tcplab --keep-files ends.tcp
expect 'there is no such input' 2 '^tcplab: --stdin: cannot read nowhere: No such file or directory$' \
	tcplab --client true --stdin nowhere ends.tcp
mkfifo pipe
expect 'a pipe is no input, since a run that opens it could wait for ever' 2 '^tcplab: --stdin: pipe is a pipe or a socket: ' \
	tcplab --client true --stdin pipe ends.tcp
expect 'a directory is no input' 2 '^tcplab: --stdin: . is a directory: ' tcplab --client true --stdin . ends.tcp
expect 'nothing starts it' 2 '^tcplab: --server: none of these scenarios has the line `server program`' \
	tcplab --client true --server true ends.tcp
expect 'it writes without end' 3 "the client's program was ended: it has written more than 256 MB to its output" \
	tcplab --client yes ends.tcp
[ "$kernel" ] || expect '.. or makes it longer in another way' 3 "the client's program was ended: it has written more than 256 MB to its output" \
	tcplab --client "$roles stretches" ends.tcp
expect 'of which not all is left' 0 '^1048576 ' wc -c results/*/ends/program.client.out
expect 'it enters no other network, as a 32-bit program neither' 0 '^pass  ends ' tcplab -q --client "$roles enters-by-32-bits" ends.tcp
expect 'an option that a command does not know' 2 "^tcplab: --client means nothing to 'check'\$" \
	"$program" check --client true ends.tcp

# ---- how it ends ----
expect 'it ends' 0 '^pass  ends ' tcplab -q --client true ends.tcp
expect 'it ends otherwise' 1 'expected client \+\+\+ exited with 0 \+\+\+; got client  \+\+\+ exited with 1 \+\+\+$' \
	tcplab -q --client false ends.tcp
expect 'it is killed by the script' 0 '^pass  killed ' tcplab -q --client 'sleep 1000' killed.tcp
expect 'its host crashes' 0 '^pass  crash ' tcplab -q --client 'sleep 1000' crash.tcp
expect 'both hosts have one' 0 '^pass  both ' tcplab -q --client true --server true both.tcp
expect 'a call is on the time line' 1 'client  (\.\.\. )?connect\(3, server:80\) = -1 ECONNREFUSED' \
	tcplab -v --client "$roles refused" ends.tcp
expect 'its last words are shown' 1 "^# the client's program: ls: cannot access '/no/such/file'" \
	tcplab --client 'ls /no/such/file' ends.tcp
# Somebody else's signal is no answer to the question what a program does.
descendants() { # PID: their numbers
	local kid
	for kid in $(cat "/proc/$1/task/"*/children 2>/dev/null); do
		echo "$kid"
		descendants "$kid"
	done
}
signalled_from_outside() { # SIGNAL
	local run kid shell=
	tcplab -q --client 'sleep 1234; true' ends.tcp >signalled.out 2>&1 &
	run=$!
	while [ -z "$shell" ] && kill -0 $run 2>/dev/null; do
		for kid in $(descendants $run); do
			[[ $(tr '\0' ' ' <"/proc/$kid/cmdline") == 'sleep 1234 ' ]] &&
				shell=$(sed -n 's/^PPid:\t//p' "/proc/$kid/status")
		done 2>/dev/null
		sleep 0.05
	done
	kill -s "$1" "$shell"
	wait $run
	local status=$?
	cat signalled.out
	return $status
}
if [ -z "$kernel" ]; then
	expect 'somebody else kills it' 3 \
		"^broken  ends  \\(.*the client's program was ended: SIGKILL has come from outside of the lab: " signalled_from_outside KILL
	expect 'somebody else stops it' 3 \
		"^broken  ends  \\(.*the client's program was ended: SIGSTOP has come from outside of the lab" signalled_from_outside STOP
fi
# shellcheck disable=SC2016  # these are for the program's shell
expect 'it kills itself' 1 'got client  \+\+\+ killed by SIGKILL \+\+\+$' tcplab -q --client 'kill -9 $$' ends.tcp
# The first process that it sees is ours. In a guest, where it may be root, its errors would be printed here.
# shellcheck disable=SC2016
nothing 'it writes into nothing of ours' \
	"$(tcplab -q --client 'for n in 0 1 2; do echo "pass  forged" >/proc/1/fd/$n; done; true' ends.tcp 2>&1 | grep forged)"
expect 'io_uring is said not to be seen' 0 'io_uring_setup\(.*\) = .*# operations of io_uring are not seen' \
	tcplab -v --client "$roles ring" ends.tcp

# ---- what it has ----
output() { # NAME REGEX COMMAND [OPTION...]
	local name=$1 regex=$2 command=$3
	shift 3
	tcplab -q --client "$command" "$@" ends.tcp >/dev/null
	expect "$name" 0 "$regex" written ends
}
output 'its arguments' '^a b \$c$' "echo 'a b' \"\\\$c\"" # this needs a shell
output 'its environment' '^THIS=that$' env
output 'its directory' "^$scratch\$" pwd
output 'its input' '^# a program that ends well$' cat --stdin ends.tcp
output 'no other input' '^0$' 'wc -c'
output 'its user' "^$(id -u)\$" 'id -u'
output 'the names of the hosts' '^10\.0\.2\.1 +server$' 'getent hosts server'
output 'its own processes only' '^1$' "sh -c 'exec pgrep -c .'"
output 'no network but that' '^ *(eth0|lo):' 'cat /proc/net/dev'
expect 'and nothing else' 1 '^$' sh -c "grep : results/*/ends/program.client.out | grep -vE '^ *(eth0|lo):'"


# ---- nothing is left ---- Processes that it has started live on after its end, until the run ends, in whatever way.
left() {
	local tries=500 count
	while count=$(pgrep -fc "^sleep $1\$"); [ "$count" != 0 ] && ((tries-- > 0)); do
		sleep 0.02
	done
	echo "left $count"
}
script forks.tcp '# it leaves something behind' 'client  program' '        ...' 'quiet 50s'
behind() { # SIGNAL SECONDS
	local number=$((RANDOM + 100000)) pid
	set -m
	"$program" run ${kernel:+--kernel "$kernel"} --slow --results results -q \
		--client "setsid sleep $number & setsid -f sleep $number; exec sleep $number" forks.tcp >/dev/null 2>&1 &
	pid=$!
	set +m
	sleep "$2"
	kill -s "$1" "$pid"
	wait "$pid"
	left "$number"
}
for delay in 0.02 0.1 0.5; do
	for signal in INT TERM KILL; do
		expect "SIG$signal after $delay s leaves no process" 0 '^left 0$' behind $signal $delay
	done
done

# ---- real programs ----
real() { # PROGRAM NAME STATUS REGEX COMMAND...
	if command -v "$1" >/dev/null; then
		shift
		expect "$@"
	else
		report ok "$2 # SKIP $1 is not installed"
	fi
}
python=$(python3 -c 'import sys; print(sys.executable)' 2>/dev/null)
real curl 'curl: nobody listens' 0 '^pass  refused ' tcplab -q --client 'curl -sS http://server:8080/' refused.tcp
real curl 'curl: an answer' 0 '^pass  answer ' tcplab -q --client 'curl -sS http://server:8080/' answer.tcp
real curl 'curl: the answer' 0 '^hello$' written answer
real python3 'python: an answer' 0 '^pass  answer ' tcplab -q \
	--client "$python -c 'import urllib.request as u; print(u.urlopen(\"http://server:8080/\").read())'" answer.tcp
real python3 'python: the answer' 0 "^b'hello'\$" written answer
real python3 'python: nobody listens' 1 'ConnectionRefusedError: \[Errno 111\] Connection refused' tcplab \
	--client "$python -c 'import socket; socket.create_connection((\"server\", 80))'" ends.tcp

# ---- on another kernel ----
if [ "$kernel" ]; then
	script hole.tcp '# a black hole' 'router  drop client>' 'client  program' '        ...' \
		'  +120s..140s client  +++ exited with 28 +++'
	real curl 'curl: minutes in a black hole' 0 '^pass  hole ' tcplab -q --client 'curl -sS http://server/' hole.tcp
	output 'what it writes is there' '^new$' 'echo new >new; exec cat new'
	expect '.. and is thrown away' 1 '^$' test -e new
	output 'it changes a file of the machine' '^new$' "echo new >ends.tcp; exec cat ends.tcp"
	expect '.. for itself' 0 '^# a program that ends well$' cat ends.tcp
	mkdir kept
	(cd kept && echo old >old && echo gone >gone && tcplab --results ../results -q --keep-files --client \
		"echo new >new; echo more >>old; rm gone; mkdir sub; ln -s /etc/passwd sub/link; truncate -s 10G big; \
		echo out >../out; printf x >'esc'\$(printf '\\033')" ../ends.tcp) >kept.out 2>&1
	expect 'what it writes below its directory is handed back' 0 '^new:new old:old;more $' \
		sh -c "cd results/*/ends/files.client && for f in new old; do echo \$f:\$(tr '\\n' ';' <\$f | sed 's/;\$//'); done | tr '\\n' ' '; echo"
	expect '.. with names that can be shown, and no links' 0 '^big esc.x1b new old sub $' \
		sh -c "{ ls results/*/ends/files.client; cat results/*/ends/files.client.txt | sed -n 's/^big: .*/big/p'; } | sort | tr '\\n' ' '; echo"
	expect '.. and it is said what is not' 0 '^gone: removed$' cat results/"$(ls results)"/ends/files.client.txt
	expect '.. why' 0 '^big: 10737418240 bytes; no more than' cat results/"$(ls results)"/ends/files.client.txt
	expect '.. links are not followed' 0 '^sub/link: a symbolic link$' cat results/"$(ls results)"/ends/files.client.txt
	expect '.. here, too' 0 'ends: 2 of the things that the client.s program has written are not handed back' cat kept.out
	expect '.. and nothing else is' 1 '^$' sh -c 'test -e out || test -e kept/new'
	output 'devices' '^x$' "echo x >/dev/null; echo x >/dev/shm/x; exec cat /dev/shm/x"
fi

printf '1..%d\n' "$number"
((failures == 0))
