#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tests/bless.sh [NAME [ROUNDS]]: bless, on scripts with a known result; or only the test of that name, this many times.
# Prints TAP. TCPLAB names the program, TCPLAB_HOME the project. tests/bless.sh N/SHARES: one share of all tests. They
# wait most of the time, so shares are run in parallel.

program=${TCPLAB:-${0%/*}/../build/tcplab}
program=$(realpath "$program") || exit 2
home=${TCPLAB_HOME:-$(realpath "${0%/*}/..")}
scratch=$(mktemp -d) || exit 2
trap 'chmod -R u+rwx "$scratch" 2>/dev/null; rm -rf "$scratch"' EXIT
. "${0%/*}/tap.sh"
cd "$scratch" || exit 2
only=$1 rounds=${2:-1} share=0 shares=0
declare -A share_of # each name's, by turns
case $only in
[1-9]*/[1-9]*) share=${only%/*} shares=${only#*/} only= ;;
esac

chosen() { # NAME
	if ((shares > 0)); then
		: "${share_of["$1"]:=$((${#share_of[@]} % shares + 1))}"
		[ "${share_of["$1"]}" = "$share" ]
	else
		[ -z "$only" ] || [ "$1" = "$only" ]
	fi
}

finish() {
	echo "1..$number"
	exit $((failures > 0))
}

# Most of the time would be spent waiting for events that never come.
bless_aside() {
	"$program" bless --library "$home/scenarios" --timeout 1500ms "$@" </dev/null
}

bless() {
	bless_aside "$@" 2>&1
}

# becomes NAME [OPTION...]: the script of fd 3 must become the one of fd 4, and stay so. The output is in $said.
becomes() {
	local name=$1 output status difference round
	shift
	cat <&3 >given.tcp
	cat <&4 >wanted.tcp
	chosen "$name" || return
	for ((round = 1; round <= rounds; round++)); do
		cp given.tcp mine.tcp
		said=$(bless "$@" mine.tcp)
		status=$?
		difference=$(diff wanted.tcp mine.tcp)
		if ((status)) || [ "$difference" ]; then
			report 'not ok' "$name" "exit status $status" "$said" "expected, got:" "$difference"
			continue
		fi
		report ok "$name"
		output=$(bless "$@" mine.tcp)
		status=$?
		if ((status)) || ! cmp -s wanted.tcp mine.tcp; then
			report 'not ok' "$name: twice" "exit status $status" "$output"
		else
			report ok "$name: twice"
		fi
	done
}

# says NAME TEXT: the output of the last becomes() has exactly these lines in a row. Or not.
says() {
	chosen "$1" || return
	if [[ $'\n'$said$'\n' == *$'\n'"$2"$'\n'* ]]; then
		report ok "$1: what is said"
	else
		report 'not ok' "$1: what is said" "$said" "expected:" "$2"
	fi
}

# refuses NAME REGEX [OPTION...]: the script of standard input is refused, for that reason, and left as it is.
refuses() {
	local name=$1 regex=$2 output status
	shift 2
	cat >mine.tcp
	chosen "$name" || return
	cp mine.tcp before.tcp
	output=$(bless "$@" mine.tcp)
	status=$?
	if ((status != 2)); then
		report 'not ok' "$name" "exit status $status, not 2" "$output"
	elif ! grep -qE -- "$regex" <<<"$output"; then
		report 'not ok' "$name" "nothing matches: $regex" "$output"
	elif ! cmp -s mine.tcp before.tcp; then
		report 'not ok' "$name" 'it has been changed' "$output"
	else
		report ok "$name"
	fi
}

# ---- what passes ----

for name in connect-refused write-after-peer-close connect-net-unreachable backlog-full linger-zero; do
	chosen "$name holds, and stays as it is" || continue
	cp "$home"/scenarios/*/"$name.tcp" .
	cp "$name.tcp" before.tcp
	output=$(bless -4 -6 "$name.tcp")
	if cmp -s "$name.tcp" before.tcp && grep -q "^holds" <<<"$output"; then
		report ok "$name holds, and stays as it is"
	else
		report 'not ok' "$name holds, and stays as it is" "$output"
	fi
done

# ---- calls alone ----

becomes 'calls alone' 3<<'SCRIPT' 4<<'WANTED'
# Two writes to a peer that has closed

use     established
client  send(c, "hello")     # the first
server  recv(x, ..., 100)
server  close(x)
client  recv(c, ..., 100)
client  send(c, "a")
client  send(c, "b")
client  ss c ESTAB
SCRIPT
# Two writes to a peer that has closed

use     established
client  send(c, "hello") = 5     # the first
          client> P. 1:6(5) ack 1
server  recv(x, ..., 100) = 5
server  close(x) = 0
          server> F. ack 6
client  recv(c, ..., 100) = 0
client  send(c, "a") = 1
          client> P. 6:7(1) ack 2
          server> R
client  send(c, "b") = -1 EPIPE
          client --- SIGPIPE ---
client  ss c none
WANTED

becomes 'a repeat, and what poll() fills in' -4 -6 3<<'SCRIPT' 4<<'WANTED'
use     listening
repeat 2 as i
client  socket() = c$i
client  connect(c$i, server:8080)
end
server  poll([{fd=l, events=POLLIN}], 1, 0)
server  ss l LISTEN 1 7
server  nstat TcpPassiveOpens +7 TcpExtListenDrops +0
SCRIPT
use     listening
repeat 2 as i
client  socket() = c$i
client  connect(c$i, server:8080) = 0
          client> S
          server> S. ack 1
          client> . ack 1
end
server  poll([{fd=l, events=POLLIN}], 1, 0) = 1 ([{fd=l, revents=POLLIN}])
server  ss l LISTEN 2 5
server  nstat TcpPassiveOpens +2 TcpExtListenDrops +0
WANTED

becomes 'a call that blocks, and times' 3<<'SCRIPT' 4<<'WANTED'
client  sysctl net.ipv4.tcp_congestion_control = reno
use     established
router  drop client> P. times 2
server  recv(x, ..., 100)
client  send(c, "hello")
SCRIPT
client  sysctl net.ipv4.tcp_congestion_control = reno
use     established
router  drop client> P. times 2
server  recv(x, ..., 100) ...
client  send(c, "hello") = 5
          client> P. 1:6(5) ack 1 lost
  +200ms  client> P. 1:6(5) ack 1 lost
  +200ms  client> P. 1:6(5) ack 1
          server ... recv(x, ..., 100) = 5
WANTED

becomes 'two connections, told apart' 3<<'SCRIPT' 4<<'WANTED'
use     established
client  socket() = d
client  connect(d, server:8080)
server  accept(l) = y
server  close(x)
client  send(c, "a")
server  poll([{fd=l, events=POLLIN} {fd=y, events=POLLIN}], 2, 0)
server  close(y)
SCRIPT
use     established
client  socket() = d
client  connect(d, server:8080) = 0
          client> S
          server> S. ack 1
          client> . ack 1
server  accept(l) = y
server  close(x) = 0
          server> F. ack 1
client  send(c, "a") = 1
          client> P. 1:2(1) ack 2
          server> R
server  poll([{fd=l, events=POLLIN} {fd=y, events=POLLIN}], 2, 0) = 0
server  close(y) = 0
          server> F. ack 1
WANTED

# A step that has lines below it does not wait for keepalives; a call that takes long is left open.
becomes 'keepalives, and a call that they end' --until 20s 3<<'SCRIPT' 4<<'WANTED'
use     established
client  setsockopt(c, TCP_KEEPIDLE, 1) = 0
client  setsockopt(c, TCP_KEEPINTVL, 1) = 0
client  setsockopt(c, TCP_KEEPCNT, 1) = 0
client  setsockopt(c, SO_KEEPALIVE, 1) = 0
router  drop server>
client  recv(c, ..., 100)
SCRIPT
use     established
client  setsockopt(c, TCP_KEEPIDLE, 1) = 0
client  setsockopt(c, TCP_KEEPINTVL, 1) = 0
client  setsockopt(c, TCP_KEEPCNT, 1) = 0
client  setsockopt(c, SO_KEEPALIVE, 1) = 0
router  drop server>
client  recv(c, ..., 100) ...
  +1s     client> . 0:0(0) ack 1
          server> . ack 1 lost
  +1s     client> R. ack 1
          client ... recv(c, ..., 100) = -1 ETIMEDOUT
WANTED

# The packets that accept() waits for belong to a connection that is known only when accept() has returned.
becomes 'packets of a connection that is to be accepted' 3<<'SCRIPT' 4<<'WANTED'
use     established
router  drop client> S times 1
client  socket() = d
client  connect(d, server:8080) ...
server  accept(l) = y
SCRIPT
use     established
router  drop client> S times 1
client  socket() = d
client  connect(d, server:8080) ...
          client> S lost
server  accept(l) = y
  +1s     client:d> S 0:0(0)
          server> S. ack 1
          client> . ack 1
          client ... connect(d, server:8080) = 0
WANTED

# Events during accept()'s wait do not count from its end.
becomes 'a time that is wrong below a call that waits' 3<<'SCRIPT' 4<<'WANTED'
use     established
router  drop client> S times 1
client  socket() = d
client  connect(d, server:8080) ...
          client> S lost
server  accept(l) = y
  +5s     client:d> S 0:0(0)
          server> S. ack 1
          client> . ack 1
          client ... connect(d, server:8080) = 0
SCRIPT
use     established
router  drop client> S times 1
client  socket() = d
client  connect(d, server:8080) ...
          client> S lost
server  accept(l) = y
  +1s     client:d> S 0:0(0)
          server> S. ack 1
          client> . ack 1
          client ... connect(d, server:8080) = 0
WANTED

becomes 'plain ACKs' --acks 3<<'SCRIPT' 4<<'WANTED'
use     established
client  shutdown(c, SHUT_WR)
SCRIPT
use     established
client  shutdown(c, SHUT_WR) = 0
          client> F. ack 1
          server> . ack 2
WANTED

# ---- what is written ----

becomes 'values, in the fields that are written' 3<<'SCRIPT' 4<<'WANTED'
use     established
client  send(c, "hello") = 4                  # a result
          client> P. 2:7(*) "hullo" win >= 1    # numbers, data
server  recv(x, "hullo", 100) = 5
server  send(x, ..., 10) = $n
          server>   P. 1:12($n) ack 7 <!TS> ce ttl 1  # an option, an acknowledgement
client  recv(c, ..., 100) = $n
client  getsockopt(c, SO_ERROR, [ECONNRESET]) = 0
server  close(x) = 0
          server> F. (1)
client  recv(c, "", 100) = -1 EAGAIN (Resource temporarily unavailable)
client  ss c ESTAB 5 5 timer:(on,1sec,2)
SCRIPT
use     established
client  send(c, "hello") = 5                  # a result
          client> P. 1:6(*) "hello" win >= 1    # numbers, data
server  recv(x, "hello", 100) = 5
server  send(x, ..., 10) = $n
          server>   P. 1:11($n) ack 6 <TS> noecn ttl 64  # an option, an acknowledgement
client  recv(c, ..., 100) = $n
client  getsockopt(c, SO_ERROR, [0]) = 0
server  close(x) = 0
          server> F. (0)
client  recv(c, "", 100) = 0
client  ss c CLOSE-WAIT 0 0 timer:none
WANTED

says 'values, in the fields that are written' '8 written expectations changed:
  mine.tcp:2: expected client  send(c, "hello") = 4; got client  send(c, "hello") = 5
  mine.tcp:3: expected client> P. 2:7(*) "hullo" win >= 1; got client> P. 1:6(*) "hello" win >= 1
  mine.tcp:4: expected server  recv(x, "hullo", 100) = 5; got server  recv(x, "hello", 100) = 5'

becomes 'lines that go, lines that come in, lines that are kept' 3<<'SCRIPT' 4<<'WANTED'
use     established
client  send(c, "hello") = 5
          client> P. 1:6(5)                   # kept
          server> R.                          # goes
server  recv(x, ..., 100) = 5
          server> P. 1:2(1)
client  close(c) = 0
          # what a close says
server  close(x) = 0
SCRIPT
use     established
client  send(c, "hello") = 5
          client> P. 1:6(5)                   # kept
server  recv(x, ..., 100) = 5
client  close(c) = 0
          # what a close says
          client> F. ack 1
server  close(x) = 0
          server> F. ack 7
WANTED

says 'lines that go, lines that come in, lines that are kept' '2 written expectations changed:
  mine.tcp:4: expected server> R.; got nothing of the kind
  mine.tcp:6: expected server> P. 1:2(1); got nothing of the kind
blessed  mine  (2 lines added, 0 filled in)'

becomes 'anything stays anything' 3<<'SCRIPT' 4<<'WANTED'
use     established
client  send(c, ..., 20000) = *
          client> data (19999)
server  recv(x, ..., 20000, MSG_WAITALL) = 20000
client  close(c) = -1 EBADF
          ...
server  close(x) = *
          ...
SCRIPT
use     established
client  send(c, ..., 20000) = *
          client> data (20000)
server  recv(x, ..., 20000, MSG_WAITALL) = 20000
client  close(c) = 0
          ...
server  close(x) = *
          ...
WANTED

becomes 'a time that counts from an action' 3<<'SCRIPT' 4<<'WANTED'
use     established
  +20ms router  drop client> P.             @dark
client  send(c, "a") = 1
          client> P. 1:2(1) lost
  @dark+10ms..20ms client> P. 1:2(1) lost
          ...
SCRIPT
use     established
  +20ms router  drop client> P.             @dark
client  send(c, "a") = 1
          client> P. 1:2(1) lost
  @dark+200ms      client> P. 1:2(1) lost
          ...
WANTED

becomes 'a time that does not hold, and one that does' 3<<'SCRIPT' 4<<'WANTED'
client  sysctl net.ipv4.tcp_syn_retries = 1
client  socket() = c
client  connect(c, ghost:80) ...
          client> S lost                      @syn
  +3s     client> S lost                      # not 3 s
  @syn+1500ms..20s  client ... connect(c, ghost:80) = -1 EHOSTUNREACH
SCRIPT
client  sysctl net.ipv4.tcp_syn_retries = 1
client  socket() = c
client  connect(c, ghost:80) ...
          client> S lost                      @syn
  +1s     client> S lost                      # not 3 s
  +1s     client> S 0:0(0) lost
  @syn+1500ms..20s  client ... connect(c, ghost:80) = -1 ETIMEDOUT
WANTED

becomes 'times that are too short' 3<<'SCRIPT' 4<<'WANTED'
client  sysctl net.ipv4.tcp_congestion_control = reno
use     established
router  drop client> P. times 3
client  send(c, "hello") = 5
          client> P. 1:6(5) lost
  +100ms  client> P. 1:6(5) lost
  +150ms  client> P. 1:6(5) lost
  +300ms  client> P. 1:6(5)
server  recv(x, "hello", 100) = 5
SCRIPT
client  sysctl net.ipv4.tcp_congestion_control = reno
use     established
router  drop client> P. times 3
client  send(c, "hello") = 5
          client> P. 1:6(5) lost
  +200ms  client> P. 1:6(5) lost
  +200ms  client> P. 1:6(5) lost
  +400ms  client> P. 1:6(5)
server  recv(x, "hello", 100) = 5
WANTED

becomes 'marks of a transcript' 3<<'SCRIPT' 4<<'WANTED'
client  socket() = c
client  connect(c, server:80) = -1 ECONNREFUSED    #! expected client  connect(c, server:80) = 0
          #- client> F.
          client> S    #+ unasked
          server> R.
SCRIPT
client  socket() = c
client  connect(c, server:80) = -1 ECONNREFUSED
          client> S
          server> R.
WANTED

# ---- what is written and holds is kept ----

# It passes up to its last line: the older connection answers only then. The SYN comes again after two ticks, which may
# or may not be 10 ms.
blesses_what_failed_late() {
	local status difference
	cat >mine.tcp <<'SCRIPT'
client  sysctl net.ipv4.tcp_fin_timeout = 1
use     listening
client  socket() = c
client  bind(c, :4000) = 0
client  connect(c, server:8080) = 0
          client> S
          server> S.
          client> .
server  accept(l) = x
client  close(c) = 0
          client> F.
client  ss c none
client  socket() = d
client  bind(d, :4000) = 0
client  connect(d, server:8080) = 0
          client:d> S
          server:d> S.
          client:d> .
SCRIPT
	cp mine.tcp before.tcp
	said=$(bless -n mine.tcp && bless mine.tcp)
	status=$?
	difference=$(diff before.tcp mine.tcp | sed -nE 's/^([<>]) +(\+[0-9]+ms )? */\1 /p')
	if ((status == 0)) && [ "$difference" = '> server> . ack 2
> server:c> . ack 2
> client> R
> client:d> S 0:0(0)' ] && grep -q '^would be blessed  mine  (4 lines added, 0 filled in)$' <<<"$said" &&
		! grep -q 'expectation' <<<"$said"; then
		report ok 'what holds until something else goes wrong'
	else
		report 'not ok' 'what holds until something else goes wrong' "exit status $status" "$said"
	fi
}
chosen 'what holds until something else goes wrong' && blesses_what_failed_late

# Events during a repeated reading come before its answer.
becomes 'an acknowledgement while the state is read' --acks 3<<'SCRIPT' 4<<'WANTED'
client  sysctl net.ipv4.tcp_fin_timeout = 1
use     established
client  close(c) = 0
          client> F.
client  ss c none
SCRIPT
client  sysctl net.ipv4.tcp_fin_timeout = 1
use     established
client  close(c) = 0
          client> F.
          server> . ack 2
client  ss c none
WANTED

becomes 'only what is missing' --keep-written 3<<'SCRIPT' 4<<'WANTED'
use     established
client  send(c, "hello")
server  recv(x, "hello", 100) = 5
server  close(x) = 0
client  ss c CLOSE-WAIT
SCRIPT
use     established
client  send(c, "hello") = 5
          client> P. 1:6(5) ack 1
server  recv(x, "hello", 100) = 5
server  close(x) = 0
          server> F. ack 6
client  ss c CLOSE-WAIT
WANTED
says 'only what is missing' 'blessed  mine  (2 lines added, 1 filled in)'

refuses 'what contradicts what is written' \
	"mine is not blessed: 1 written expectation does not hold:" --keep-written <<'SCRIPT'
use     established
client  send(c, "hello")
server  recv(x, "hullo", 100) = 5
SCRIPT

refuses 'a line of which nothing comes' \
	"mine.tcp:3: expected server> R.; got nothing of the kind" --keep-written <<'SCRIPT'
use     established
client  shutdown(c, SHUT_RD) = 0
          server> R.
SCRIPT

# ---- packets in flight ----

# A line waits until its packet has arrived: otherwise packets above it would never cross.
becomes 'FINs that cross' --keep-written 3<<'SCRIPT' 4<<'WANTED'
use     established
router  delay 50ms
client  close(c) = 0
server  close(x) = 0
client  ss c CLOSING
client  ss c TIME-WAIT
SCRIPT
use     established
router  delay 50ms
client  close(c) = 0
server  close(x) = 0
          client> F. ack 1
          server> F. ack 1
client  ss c CLOSING
client  ss c TIME-WAIT
WANTED

becomes 'FINs that cross, of calls alone' --keep-written 3<<'SCRIPT' 4<<'WANTED'
use     established
router  delay 50ms
client  close(c)
server  close(x)
client  ss c CLOSING
client  ss c TIME-WAIT
SCRIPT
use     established
router  delay 50ms
client  close(c) = 0
server  close(x) = 0
          client> F. ack 1
          server> F. ack 1
client  ss c CLOSING
client  ss c TIME-WAIT
WANTED

becomes 'FINs that cross, with no timers followed' --keep-written --until 10ms 3<<'SCRIPT' 4<<'WANTED'
use     established
router  delay 100ms client>
client  shutdown(c, SHUT_WR)
server  shutdown(x, SHUT_WR)
client  ss c TIME-WAIT
SCRIPT
use     established
router  delay 100ms client>
client  shutdown(c, SHUT_WR) = 0
server  shutdown(x, SHUT_WR) = 0
          client> F. ack 1
          server> F. ack 1
client  ss c TIME-WAIT
WANTED

becomes 'FINs that cross, one of them written' --keep-written 3<<'SCRIPT' 4<<'WANTED'
use     established
router  delay 50ms
client  close(c) = 0
server  close(x) = 0
          server> F. ack 1
client  ss c CLOSING
SCRIPT
use     established
router  delay 50ms
client  close(c) = 0
server  close(x) = 0
          client> F. ack 1
          server> F. ack 1
client  ss c CLOSING
WANTED

becomes 'a state that is read before the packet has arrived' --keep-written 3<<'SCRIPT' 4<<'WANTED'
use     established
router  delay 50ms
client  close(c) = 0
server  ss x ESTAB
server  ss x CLOSE-WAIT
SCRIPT
use     established
router  delay 50ms
client  close(c) = 0
server  ss x ESTAB
          client> F. ack 1
server  ss x CLOSE-WAIT
WANTED

# A call that returns only then does not delay the packet.
becomes 'a call that a packet on its way lets return' 3<<'SCRIPT' 4<<'WANTED'
use     established
router  delay 50ms
client  send(c, "a")
server  recv(x, ..., 10)
SCRIPT
use     established
router  delay 50ms
client  send(c, "a") = 1
          client> P. 1:2(1) ack 1
server  recv(x, ..., 10) = 1
WANTED

# ---- bless repairs what one mutation has changed ----

undoes() { # SCENARIO SED-EXPRESSION
	chosen "$1: $2" || return
	cp "$home"/scenarios/*/"$1.tcp" wanted.tcp
	sed "/^#/!$2" wanted.tcp >mine.tcp
	cmp -s wanted.tcp mine.tcp && report 'not ok' "$1: $2" 'changes nothing' && return
	output=$(bless mine.tcp)
	if cmp -s wanted.tcp mine.tcp; then
		report ok "$1: $2"
	else
		report 'not ok' "$1: $2" "$output"
	fi
}

undoes write-after-peer-close 's/-1 EPIPE/-1 ECONNRESET/'
undoes write-after-peer-close 's/= 5$/= -1 EPIPE/'
undoes write-after-peer-close 's/R 2:2(0)/R 3:3(0)/'
undoes write-after-peer-close 's/ss c none/ss c CLOSE-WAIT/'
undoes write-after-peer-close 's/SIGPIPE/SIGTERM/'
undoes connect-refused 's/server> R. 0:0(0) ack 1/server> R. 5:5(0) ack 2/'
undoes linger-zero 's/ECONNRESET/EPIPE/'
undoes synack-lost 's/timer:(on,2sec,1)/timer:(on,5sec,3)/'
undoes backlog-full 's/LISTEN 2 1/LISTEN 3 4/'
undoes outage-and-recovery 's/+200ms/+100ms/'
undoes keepalive-dead-peer 's/TcpExtTCPKeepAlive +3/TcpExtTCPKeepAlive +4/'

# ---- a forgotten packet is added, and no written line is removed ----

restores() { # SCENARIO TEXT: the first line that holds that text is taken out
	local name="$1 without ${2##*  }" status
	chosen "$name" || return
	awk -v text="$2" '!gone && !/^#/ && index($0, text) { gone = 1; next } { print }' \
		"$home"/scenarios/*/"$1.tcp" >mine.tcp
	cp mine.tcp before.tcp
	said=$(bless --keep-written --timeout 5s mine.tcp)
	status=$?
	if ((status == 0)) && grep -q '^blessed  mine  (1 line added, 0 filled in)$' <<<"$said" &&
		! diff before.tcp mine.tcp | grep -q '^<'; then
		report ok "$name"
	else
		report 'not ok' "$name" "exit status $status" "$said"
	fi
}

# Several look alike: the others' times decide.
restores outage-and-recovery '          client> P. 1:6(5) lost'
restores timeout-keeps-received-data '+200ms  client> P. 1:6(5) lost'
restores close-wait-meets-new-syn '          client:d> S 0:0(0)'
# A line further down looks like it.
restores ack-lost-receiver-reads '          client> P. 1:201(200)'
restores connect-retry-same-socket '          client> S 0:0(0)'
# The written event comes later, by a timer.
restores zero-window-peer-silent 'client> P. 577:1153(576)'
# Timers go on, and the lines below are about the state before that.
restores connect-already 'server> S.'
restores close-in-syn-sent 'client> S 0:0(0)'
restores delayed-ack 'client> P. 4:7(3) ack 13'
# It comes while `ss` waits for a state that holds only after it.
restores keepalive-vs-inflight '+800ms..1s client> P.'
# Arrivals and sendings have one order.
restores simultaneous-open 'server> S. 0:0(0) ack 1'

# ---- what is refused ----

refuses 'a descriptor without a name' "mine.tcp:1:17: what socket\(\) makes needs a name" <<'SCRIPT'
client  socket()
SCRIPT

refuses 'a name for what was thought to fail' "mine.tcp:7: accept\(\) succeeds, and what it makes needs a name" <<'SCRIPT'
use     established
client  socket() = d
client  connect(d, server:8080) = 0
          client> S
          server> S.
          client> .
server  accept(l) = -1 EAGAIN
SCRIPT

# The second draft has seven lines; only those of the file were written by somebody.
refuses 'a line of a draft' "mine.tcp:3: below it bless has written 'client> F. ack 1': expected" <<'SCRIPT'
param   how = SHUT_RD SHUT_WR
use     established
client  shutdown(c, $how)
server  recv(x, ..., 100)
SCRIPT

# A file that was read for another script is read again after it has been blessed.
if chosen 'one that uses what has been blessed'; then
	printf '%s\n' '# used' 'client  socket() = c' 'client  connect(c, server:8080)' >used.tcp
	printf '%s\n' '# first' 'use     used' 'client  connect(c, server:8081)' >first.tcp
	printf '%s\n' '# last' 'use     used' 'client  connect(c, server:8081)' >last.tcp
	output=$(bless first.tcp used.tcp last.tcp)
	if grep -q '^blessed  used ' <<<"$output" && grep -q '^blessed  last ' <<<"$output"; then
		report ok 'one that uses what has been blessed'
	else
		report 'not ok' 'one that uses what has been blessed' "$output"
	fi
fi

# Another file, whose name has the same end.
cat >determine.tcp <<'SCRIPT'



client  socket() = c
client  connect(c, server:81) = 0
          client> S
          server> R.
SCRIPT
refuses 'a line of another file' "^tcplab: mine is not blessed: determine\.tcp:5: the run differs from here on" <<'SCRIPT'
use     determine
SCRIPT

refuses 'turns of a repeat that disagree' "in turn 1 of the repeat of line 2, .* in turn 2" <<'SCRIPT'
use     established
repeat 2
client  send(c, "a") = 1
end
SCRIPT

refuses 'parameters that disagree' "n=1 has this outcome, and .*n=2 has another one: .* only for .*n=2, .* below 'when \\\$n = 2'" <<'SCRIPT'
param   n = 1 2
use     established
client  send(c, ..., $n) = 7
          client> P. (*)
SCRIPT

refuses 'a name that no longer holds' "mine.tcp:3: '\\\$n \+ 1' is written here, and it is 5" <<'SCRIPT'
param   n = 5
use     established
client  send(c, ..., $n) = $n + 1
SCRIPT

becomes 'processes and signals' 3<<'MINE' 4<<'WANTED'
use     established
server  fork() = kid
server  close(x) = 0
server.kid  exit(3) = ?
server  ps kid S
server  waitpid(-1, [{WEXITSTATUS=7}])
server  signal(SIGPIPE, SIG_DFL) = SIG_IGN
server  sigaction(SIGUSR1, {sa_handler=handler}) = 0
server  signal SIGUSR1
server  fork() = kid
server  kill(kid, SIGTERM) = 0
          server.kid +++ exited with 0 +++
server  ps kid none
MINE
use     established
server  fork() = kid
server  close(x) = 0
server.kid  exit(3) = ?
          server> F. ack 1
          server.kid +++ exited with 3 +++
server  ps kid Z
server  waitpid(-1, [{WEXITSTATUS=3}]) = kid
server  signal(SIGPIPE, SIG_DFL) = handler
server  sigaction(SIGUSR1, {sa_handler=handler}) = 0
server  signal SIGUSR1
          server --- SIGUSR1 ---
server  fork() = kid
server  kill(kid, SIGTERM) = 0
          server.kid +++ killed by SIGTERM +++
server  ps kid Z
WANTED

refuses 'what others use' "/established.tcp:[0-9]+: the run differs from here on, .*used in line 2" <<'SCRIPT'
router  drop client> S times 1
use     established
SCRIPT

refuses 'a time that others count from' "no line above is marked @gone" <<'SCRIPT'
use     established
client  shutdown(c, SHUT_RD) = 0
          client> F.    @gone
  @gone+1s client send(c, "a") = 1
SCRIPT

refuses 'a thread that is still in a call' "the recv\(\) of line 2 has not returned" <<'SCRIPT'
use     established
client  recv(c, ..., 1)
client  send(c, "a")
SCRIPT

# Its timers go on for two minutes.
refuses 'a call that does not come back in the time of a step' \
	"mine.tcp:7: the connect\(\) of line 5 has not returned in 5 s, .*--until DURATION" <<'SCRIPT'
router  drop client> S
client  socket() = c
client  socket() = d
client  sysctl net.ipv4.tcp_syn_retries = 6
client  connect(c, server:8080)

client  connect(d, server:8080)
SCRIPT

refuses 'a script that is wrong' "unknown call 'conect'" <<'SCRIPT'
client  conect(c, server:80)
SCRIPT

# ---- cases that need more than a script: they cannot be chosen, and belong to the last share ----

if [ "$only" ] || ((share < shares)); then
	finish
fi

printf '%s\n' 'client  socket() = c' 'client  close(c)' >mine.tcp
if output=$(bless -n mine.tcp) && grep -q '^+client  close(c) = 0$' <<<"$output" &&
	[ "$(tail -n 1 mine.tcp)" = 'client  close(c)' ]; then
	report ok 'a dry run changes nothing'
else
	report 'not ok' 'a dry run changes nothing' "$output"
fi

chmod 4640 mine.tcp 2>/dev/null
if output=$(bless mine.tcp) && [ "$(stat -c %a mine.tcp)" = 4640 ] &&
	[ "$(tail -n 1 mine.tcp)" = 'client  close(c) = 0' ] && [ "$(ls mine.tcp*)" = mine.tcp ]; then
	report ok 'permissions stay, and nothing is left'
else
	report 'not ok' 'permissions stay, and nothing is left' "$output" "$(ls -l)"
fi

printf '%s\n' 'client  socket() = c' 'client  close(c)' >target.tcp
ln -sf target.tcp link.tcp
if output=$(bless link.tcp) && [ -L link.tcp ] && grep -q 'close(c) = 0' target.tcp; then
	report ok 'a symbolic link stays one'
else
	report 'not ok' 'a symbolic link stays one' "$output"
fi

if [ "$(id -u)" = 0 ]; then
	printf '%s\n' 'client  socket() = c' 'client  close(c)' >target.tcp
	ln -sf target.tcp foreign.tcp && chown -h 4711 foreign.tcp
	output=$(bless foreign.tcp)
	status=$?
	if ((status == 2)) && grep -q 'another user.s link is on this path' <<<"$output" && grep -qx 'client  close(c)' target.tcp; then
		report ok 'a symbolic link of somebody else is not followed'
	else
		report 'not ok' 'a symbolic link of somebody else is not followed' "$output"
	fi
fi
printf '%s\n' 'client  socket() = c' 'client  close(c)' >linked.tcp
ln -f linked.tcp other-name.tcp
output=$(bless linked.tcp)
status=$?
if ((status == 2)) && grep -q 'linked.tcp has another name (a hard link)' <<<"$output" &&
	grep -qx 'client  close(c)' linked.tcp && [ "$(ls linked.tcp*)" = linked.tcp ]; then
	report ok 'a file with two names'
else
	report 'not ok' 'a file with two names' "exit status $status, not 2" "$output"
fi

mkdir -p theirs
printf '%s\n' 'client  socket() = c' 'client  close(c)' >theirs/mine.tcp
chmod 777 theirs
chmod 666 theirs/mine.tcp
if [ "$(id -u)" = 0 ] && chmod 755 "$scratch" && setpriv --reuid 65534 --clear-groups true 2>/dev/null; then
	output=$(setpriv --reuid 65534 --clear-groups "$program" bless --library "$home/scenarios" theirs/mine.tcp 2>&1)
	status=$?
	if ((status == 2)) && grep -q 'theirs/mine.tcp belongs to another user' <<<"$output" &&
		[ "$(stat -c %u theirs/mine.tcp)" = 0 ] && [ "$(ls theirs)" = mine.tcp ]; then
		report ok "another user's file stays theirs"
	else
		report 'not ok' "another user's file stays theirs" "exit status $status, not 2" "$output"
	fi
else
	report ok "another user's file stays theirs # SKIP nobody else to be"
fi

mkdir -p closed
printf '%s\n' 'client  socket() = c' 'client  close(c)' >closed/mine.tcp
chmod 444 closed/mine.tcp
chmod 555 closed
output=$(setpriv --reuid 65534 --clear-groups true 2>/dev/null && chmod 755 "$scratch" &&
	setpriv --reuid 65534 --clear-groups "$program" bless --library "$home/scenarios" closed/mine.tcp 2>&1)
status=$?
if [ "$(id -u)" != 0 ]; then
	output=$(bless closed/mine.tcp)
	status=$?
fi
if [ -z "$output" ]; then
	report ok 'a file that cannot be written # SKIP nobody else to be'
elif ((status == 2)) && grep -q 'cannot write .*closed' <<<"$output"; then
	report ok 'a file that cannot be written'
else
	report 'not ok' 'a file that cannot be written' "$status" "$output"
fi

# bless makes no change that nobody can see.
printf '%s\n' 'client  socket() = c' 'client  connect(c, server:8080)' >mine.tcp
cp mine.tcp before.tcp
output=$({ bless_aside mine.tcp >/dev/full; } 2>&1)
status=$?
if ((status == 2)) && grep -q 'cannot be shown, so nothing is written' <<<"$output" && cmp -s mine.tcp before.tcp; then
	report ok 'a difference that cannot be shown'
else
	report 'not ok' 'a difference that cannot be shown' "$status" "$output"
fi

# A separate run for each line: they fail one after the other.
mkdir -p 'a: blank'
{
	echo 'param   n = 1 2 3 4 5 6 7'
	echo 'use     established'
	for n in 1 2 3 4 5 6 7; do
		printf '%s\n' "when \$n = $n" 'client  send(c, "a") = 9' '          client> P.' 'end'
	done
} >'a: blank/mine.tcp'
sed 's/= 9$/= 1/' 'a: blank/mine.tcp' >wanted.tcp
output=$(bless 'a: blank/mine.tcp')
if cmp -s wanted.tcp 'a: blank/mine.tcp'; then
	report ok 'several lines, in a directory whose name looks like a message'
else
	report 'not ok' 'several lines, in a directory whose name looks like a message' "$output"
fi

# Progress of what takes longer than a second: nothing is shown at first. A terminal shows a new line each second;
# elsewhere the second line comes after three seconds.
printf '%s\n' 'use     established' 'quiet   3200ms' >mine.tcp
output=$("$program" bless --library "$home/scenarios" mine.tcp 2>errors </dev/null)
if [ "$output" = 'holds    mine' ] && grep -qxE 'tcplab: blessing mine: run 1, 0 changes so far, at line 2, [1-9] s' errors &&
	(($(wc -l <errors) < 5)); then
	report ok 'that it is still at work'
else
	report 'not ok' 'that it is still at work' "$output" "$(cat errors)"
fi
if ! command -v script >/dev/null; then
	report ok 'that it is still at work, on a terminal # SKIP there is no script(1)'
elif output=$(TERM=xterm command script -qec "$program bless --library $home/scenarios mine.tcp" /dev/null </dev/null) &&
	grep -q $'\r\e\\[Kblessing mine: run 1, 0 changes so far, at line 2, [1-9] s' <<<"$output" &&
	[ "$(sed $'s/.*\e\\[K//; s/\r$//' <<<"$output")" = 'holds    mine' ]; then
	report ok 'that it is still at work, on a terminal'
else
	report 'not ok' 'that it is still at work, on a terminal' "$(cat -v <<<"$output")"
fi

# ---- a machine that is busy ----

# late.so: whenever a run has waited for something it goes on LATE_MS late; or only when the router has reported a
# packet, if LATE_REPORTS is set.
late_machine() {
	cat >late.c <<'SOURCE'
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool reports(const struct pollfd *fd)
{
	struct sockaddr_storage own;
	socklen_t size = sizeof(own);

	return fd->revents && !getsockname(fd->fd, (struct sockaddr *)&own, &size) && own.ss_family == AF_NETLINK;
}

int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *left, const sigset_t *mask)
{
	struct timespec time = left ? *left : (struct timespec){0};
	int ready = (int)syscall(SYS_ppoll, fds, count, left ? &time : NULL, mask, 8);
	bool late = !getenv("LATE_REPORTS");

	for (nfds_t i = 0; i < count && !late; i++)
		late = reports(&fds[i]);
	if (late)
		usleep(1000 * (unsigned)atoi(getenv("LATE_MS")));
	return ready;
}
SOURCE
	cc -shared -fPIC -o late.so late.c 2>errors
}

# bless_late MS [OPTION...]: on such a machine.
bless_late() {
	local ms=$1
	shift
	LATE_MS=$ms ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD=$scratch/late.so bless "$@"
}

# is_busy NAME STATUS SAID: it has been refused for that reason alone, and mine.tcp left as it is.
is_busy() {
	if (($2 == 3)) && cmp -s mine.tcp before.tcp &&
		grep -q '^tcplab: mine is not blessed: the machine is too busy to tell: each of 13 runs was disturbed' <<<"$3"; then
		report ok "$1"
	else
		report 'not ok' "$1" "exit status $2" "$3"
	fi
}

# A timer of 200 ms sends what is corked: before close(), since that comes later than 200 ms. Such a run shows nothing.
stays_on_late_machine() {
	local said
	{
		printf '%s\n' 'use     established' 'client  setsockopt(c, TCP_CORK, 1) = 0' 'client  send(c, "hello") = 5'
		printf 'client  setsockopt(c, SO_KEEPALIVE, %d) = 0\n' 0 1 0
		printf '%s\n' 'client  close(c) = 0' '          client> FP. 1:6(5)'
	} >mine.tcp
	cp mine.tcp before.tcp
	said=$(bless_late 60 mine.tcp)
	is_busy 'a machine that is too busy' $? "$said"
}

# The delayed packet is let go as soon as the run learns of it, so the state is read too late.
reads_after_delay() {
	local said
	printf '%s\n' 'use     established' 'router  delay 40ms client>' 'client  close(c) = 0' \
		'server  ss x ESTAB' 'server  ss x CLOSE-WAIT' >mine.tcp
	cp mine.tcp before.tcp
	said=$(LATE_REPORTS=1 bless_late 45 --keep-written mine.tcp)
	is_busy 'a delayed packet that overtakes the next step' $? "$said"
}

# Each wait is late by less than a timer's time, but a silence of 20 ms and what came before it are not: the delayed
# acknowledgement comes before the next step, which would carry it.
restores_late() {
	local name='an acknowledgement that overtakes the next step' said status
	awk -v text='client> P. 4:7(3) ack 13' '!gone && !/^#/ && index($0, text) { gone = 1; next } { print }' \
		"$home"/scenarios/*/delayed-ack.tcp >mine.tcp
	cp mine.tcp before.tcp
	said=$(bless_late 16 --keep-written mine.tcp)
	status=$?
	if ((status == 0)) && grep -q '^blessed  mine  (1 line added, 0 filled in)$' <<<"$said"; then
		report ok "$name"
	else
		is_busy "$name" "$status" "$said"
	fi
}

if late_machine; then
	stays_on_late_machine
	reads_after_delay
	restores_late
else
	for name in 'a machine that is too busy' 'a delayed packet that overtakes the next step' \
		'an acknowledgement that overtakes the next step'; do
		report ok "$name # SKIP there is no compiler"
	done
fi

# ---- the file ----

# A disk that needs a second for each write.
slow_disk() {
	printf '%s\n' '#include <sys/syscall.h>' '#include <unistd.h>' 'int fsync(int fd)' \
		'{ sleep(1); return (int)syscall(SYS_fsync, fd); }' >slow.c
	cc -shared -fPIC -o slow.so slow.c 2>errors
}

# on_slow_disk SIGNAL|'': bless slow/mine.tcp, and meanwhile send it that signal, or edit the file.
on_slow_disk() {
	local blessing round
	rm -rf slow
	mkdir slow
	printf '%s\n' 'client  socket() = c' 'client  close(c)' >slow/mine.tcp
	ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD=$scratch/slow.so "$program" bless \
		--library "$home/scenarios" slow/mine.tcp >said 2>&1 </dev/null &
	blessing=$!
	for ((round = 0; round < 500 && $(find slow -name '.tcplab-unfinished-*' | wc -l) == 0; round++)); do
		sleep 0.02
	done
	if [ "$1" ]; then
		kill -s "$1" "$blessing"
	else
		echo '# mine' >>slow/mine.tcp
	fi
	wait "$blessing" 2>>errors
	status=$?
}

if ! slow_disk; then
	report ok 'what happens while the disk is busy # SKIP there is no compiler'
else
	on_slow_disk ''
	if ((status == 2)) && [ "$(tail -n 2 slow/mine.tcp)" = $'client  close(c)\n# mine' ] &&
		grep -q 'has been changed meanwhile' said && [ "$(ls -A slow)" = mine.tcp ]; then
		report ok 'a file that is changed while the disk is busy is left as it is'
	else
		report 'not ok' 'a file that is changed while the disk is busy is left as it is' \
			"$status" "$(cat said slow/mine.tcp)"
	fi
	on_slow_disk TERM
	if ((status == 143)) && [ "$(ls -A slow)" = mine.tcp ]; then
		report ok 'nothing is left where it is terminated'
	else
		report 'not ok' 'nothing is left where it is terminated' "$status" "$(ls -A slow)"
	fi
	on_slow_disk KILL
	if ((status == 137)) && [ "$(tail -n 1 slow/mine.tcp)" = 'client  close(c)' ] && bless slow/mine.tcp >said &&
		[ "$(ls -A slow)" = mine.tcp ]; then
		report ok 'what is left where it is killed goes the next time'
	else
		report 'not ok' 'what is left where it is killed goes the next time' "$status" "$(ls -A slow)"
	fi
fi

# The longest possible name of a run; its results have this name.
long=$(printf '%231s' '' | tr ' ' n).tcp
printf '%s\n' 'client  socket() = c' 'client  close(c)' >"$long"
if output=$(bless "$long") && [ "$(tail -n 1 "$long")" = 'client  close(c) = 0' ]; then
	report ok 'a long name'
else
	report 'not ok' 'a long name' "$output"
fi

# fake_kernel COMMAND: not a kernel; it only runs the command.
fake_kernel() {
	# shellcheck disable=SC2016  # that is for the script to expand
	printf '%s\n' '#!/bin/sh' '[ "$1" = --version ] && echo 6.1.0 && exit' "$1" >linux
	chmod +x linux
}

# could_not_run NAME WHY
could_not_run() {
	output=$(bless -k ./linux mine.tcp)
	status=$?
	if ((status == 3)) && grep -qx "tcplab: mine could not be run: $2" <<<"$output"; then
		report ok "$1"
	else
		report 'not ok' "$1" "exit status $status, not 3" "$output"
	fi
}

printf '%s\n' 'client  socket() = c' >mine.tcp
# Its report says that the run has passed, and that the disk was full.
fake_kernel 'echo 8 >status'
could_not_run 'a guest whose output is lost' 'its answer could not be written'
# The kernel's own message is the better reason.
fake_kernel 'echo "WARNING: at net/ipv4/tcp.c:1"; echo 8 >status'
could_not_run 'a guest whose kernel warned' 'the kernel ./linux said: WARNING: at net/ipv4/tcp.c:1'
# Its report says that all is well.
fake_kernel 'echo half >output; echo 0 >status'
could_not_run 'a guest whose output is cut off' 'its answer cannot be read'

finish
