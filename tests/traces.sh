#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tests/traces.sh [all]: the captures that runs leave, as tshark reads them (tests/traces.py says what is compared):
# those of some runs, or with `all` of the whole library, here and on each built kernel; that takes a quarter of an hour.
# Prints TAP. TCPLAB names the program.

cd "${0%/*}/.." || exit 2
home=$PWD
program=$(realpath "${TCPLAB:-build/tcplab}") || exit 2
export TCPLAB_HOME=$home
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
. tests/tap.sh
cd "$scratch" || exit 2

tcplab() {
	"$program" run -q --results results "$@" >said 2>&1 || cat said
}

# Not with the preferences of the user, nor with a home that is not the user's.
shark() {
	HOME=/nonexistent tshark "$@" 2>&1 | grep -v '^Running as user'
}

missing=''
for tool in tshark capinfos python3; do
	command -v "$tool" >/dev/null || missing=$tool
done
if [ "$missing" ]; then
	skip 'captures in tshark' "$missing is not installed"
	echo "1..$number"
	exit 0
fi
kernel=$(uname -r)

# ---- one run, in detail ----

script refused.tcp '# nobody listens: "refused"' '#' '# The first paragraph,' '# in two lines.' '#' '# The second one: ü.' \
	'client  socket() = c' 'client  connect(c, server:8080) = -1 ECONNREFUSED' '          client> S 0:0(0)' \
	'          server> R. 0:0(0) ack 1' 'client  ss c none'
tcplab ./refused.tcp
run=results/$kernel/refused
label='its number on the wire is 0, because its sender has begun no connection: Wireshark may show Seq=1'
is 'the story' "$(
	cat <<-END
		client  refused.tcp:9: client> S 0:0(0)|client: socket(AF_INET, SOCK_STREAM, 0) = c|client: connect(c, server:8080) = -1 ECONNREFUSED, entered before this packet
		server  
		server  refused.tcp:10: server> R. 0:0(0) ack 1|$label
		client  $label|client: ss c none, seen after this packet
	END
)" "$(shark -r "$run/trace.pcapng" -T fields -E 'separator=/s' -E 'aggregator=|' -e frame.interface_name -e frame.comment |
	sed 's/ /  /')"
is 'of the file' 'refused: nobody listens: "refused"|The first paragraph, in two lines.|The second one: ü.' \
	"$(capinfos "$run/trace.pcapng" | sed -n 's/^Capture comment: *//p' | paste -sd '|')"
expect 'the program' 0 '^Capture application: tcplab [0-9.]+$' capinfos "$run/trace.pcapng"
expect 'the kernel' 0 "^Capture oper-sys: *Linux $kernel$" capinfos "$run/trace.pcapng"
expect 'nanoseconds' 0 'precision: *nanoseconds \(9\)$' capinfos "$run/trace.pcapng"
is 'names in the file' 'client server' \
	"$(shark -N n -r "$run/trace.pcapng" -c 1 -T fields -E 'separator=/s' -e ip.src_host -e ip.dst_host)"
is 'names by the file of hosts' 'client server' \
	"$(shark -N n -H "$run/hosts" -r "$run/client.pcap" -c 1 -T fields -E 'separator=/s' -e ip.src_host -e ip.dst_host)"
shark -r "$run/trace.pcapng" -Y 'frame.interface_name == "client"' -w alone.pcapng
is 'one interface, saved alone' '2 0' \
	"$(shark -r alone.pcapng -T fields -e frame.number | wc -l) $(shark -r alone.pcapng -Y tcp.analysis.flags | wc -l)"
is 'it keeps its comments' '2' "$(shark -r alone.pcapng -Y frame.comment | wc -l)"

# What is wrong is found.
mkdir -p wrong && cp -r "$run" wrong/refused
sed -i 's/"window_raw": 64240/"window_raw": 64241/' wrong/refused/result.json
expect 'a field that differs is found' 1 'frame 1: tcp.window_size_value: ours 64241, tshark.s 64240$' \
	python3 "$home/tests/traces.py" wrong/refused
printf '\0' >>wrong/refused/client.pcap
expect 'a file that is not whole is found' 1 '^refused: ' python3 "$home/tests/traces.py" wrong/refused

# ---- fields and labels ----

compare() { # NAME ARGUMENT...: what these runs leave
	local name=$1
	shift
	rm -rf results
	tcplab "$@"
	ok "$name" python3 "$home/tests/traces.py" --labels results/*/*/
}

if [ "$1" = all ]; then
	compare 'all runs' -4 -6 all
else
	compare 'some runs' retransmit-timeout zero-window-persist blind-reset connect-host-unreachable
	compare 'over IPv6' -6 recovery-without-sack
fi
for other in 6.12 6.1; do
	if [ ! -x "$home/build/kernels/$other/linux" ]; then
		skip "on $other" "kernel $other is not built"
	elif [ "$1" = all ]; then
		compare "all runs on $other" -4 -6 --kernel "$other" all
	elif [ "$other" = 6.12 ]; then
		compare "on $other" --kernel "$other" retransmit-timeout
	fi
done

echo "1..$number"
exit $((failures > 0))
