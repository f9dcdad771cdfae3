#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The command line as a user sees it: each case is a command, the exit status and the expected output. Prints TAP.
# TCPLAB names the program; the test makes its own library in a temporary directory.
#
# tests/cli.sh N/2: one half of the cases, which wait most of the time. All scripts are made in both halves.

program=${TCPLAB:-${0%/*}/../build/tcplab}
program=$(realpath "$program") || exit 2
library=$(realpath "${0%/*}/../scenarios") || exit 2
scratch=$(mktemp -d) || exit 2
export TMPDIR=$scratch/tmp
mkdir "$TMPDIR"
trap 'chmod -R u+rwx "$scratch" 2>/dev/null; rm -rf "$scratch"' EXIT
. "${0%/*}/tap.sh"
cd "$scratch" || exit 2
unset TCPLAB_HOME GITHUB_ACTIONS NO_COLOR
half=1 chosen=${1%/2} # the half of the next cases, and the half that is to be tried; none: both
case ${1-} in
'' | 1/2 | 2/2) ;;
*)
	echo "usage: tests/cli.sh [1/2|2/2]" >&2
	exit 2
	;;
esac

finish() {
	echo "1..$number"
	exit $((failures > 0))
}

left_out() { # the other half
	[ "${chosen:-$half}" != "$half" ]
}

tcplab() {
	"$program" --library lib --results results "$@"
}

# tcplab with the right options: only `run` and `diff` take --results.
lab() {
	"$program" --library lib "$@"
}

kernel=$(uname -r)
script lib/connect/connect-refused.tcp '# connect() to a port where nobody listens' '#' '# It says RST.' '' \
	'client  socket() = c' 'client  connect(c, server:8080) = -1 ECONNREFUSED' \
	'          client> S' '          server> R. 0:0(0) ack 1'
script lib/connect/connect-wrong.tcp '# expects what does not happen' \
	'client  socket() = c' 'client  connect(c, server:8080) = -1 ETIMEDOUT' \
	'          client> S' '          server> R.'
script lib/connect/connect-future.tcp '# needs a kernel that nobody has' 'needs   kernel >= 999.0' \
	'client  socket() = c'
script lib/beginnings/started.tcp '# a beginning' 'client  socket() = c'
script good.tcp '# a file from anywhere' 'use     started' 'client  close(c) = 0'
script much.tcp 'repeat  4990' 'client  socket() = s' 'client  close(s) = 0' 'end'

# ---- the machine's errors ----
case $program in
*sanitize*) ;; # sanitizers use terabytes of address space
*)
	expect 'no memory: nothing has failed, something is broken' 3 '^tcplab: out of memory$' \
		bash -c 'ulimit -v 16000; exec "$@"' - "$program" check much.tcp
	;;
esac

# ---- what there is ----
expect 'no arguments: a short help' 0 'run.sh connect-refused' "$program"
expect 'help' 0 '--results DIR' "$program" --help
expect 'help, the command' 0 'exit status:' "$program" help
expect 'version' 0 '^tcplab [0-9]' "$program" --version
expect 'list' 0 '^  connect-refused +connect\(\) to a port where nobody listens$' lab list
expect 'list with a glob' 0 '^  connect-wrong' lab list '*wrong'
expect 'list by an errno' 0 '^  connect-refused' lab list econnrefused
expect 'and only those' 1 '^$' sh -c "'$program' --library lib list ECONNREFUSED | grep wrong"
expect 'list by a topic' 0 '^  connect-wrong' lab list connect
expect 'list by what is nowhere' 2 "no scenario is called 'ENOSUCH'.*no scenario contains it" lab list ENOSUCH
expect 'list as JSON' 0 '"name": "connect-refused"' lab list --json
expect 'show: prose' 0 '^It says RST\.$' lab show connect-refused
expect 'show: script' 0 '^          server> R\. 0:0\(0\) ack 1$' lab show connect-refused
expect 'show without a name' 2 'show which scenario' lab show
expect 'check the library' 0 '^4 scripts, nothing wrong$' lab check
expect 'check a file' 0 '^1 script, nothing wrong$' lab check good.tcp

# ---- a scenario to start from ----
mkdir -p begin/one begin/connect && cp -r "$library/beginnings" begin
expect 'new: a file in this directory' 0 '^fresh\.tcp$' lab new fresh
expect 'new: what it writes is checked' 0 '^1 script, nothing wrong$' "$program" --library begin check fresh.tcp
expect 'new: and passes' 0 '^2 passed, 0 failed' "$program" --library begin --results results -4 -6 -q fresh.tcp
echo '# mine' >fresh.tcp
expect 'new: never overwrites' 2 '^tcplab: fresh\.tcp: is there already, and stays as it is$' lab new fresh.tcp
expect 'new: it stays' 0 '^# mine$' cat fresh.tcp
ln -s nowhere dangling.tcp
expect 'new: nor a link that leads nowhere' 2 '^tcplab: dangling\.tcp: is there already' lab new dangling
expect 'new: of a topic' 0 '^begin/connect/fresh\.tcp$' "$program" --library begin new connect/fresh
expect 'new: it is found' 0 '^pass  fresh  ' "$program" --library begin --results results -q fresh
expect 'new: a name that the library has, in another topic' 2 '^tcplab: begin/connect/fresh\.tcp: is there already' \
	"$program" --library begin new one/fresh
expect 'new: no such topic' 2 "^tcplab: no topic is called 'conect'; did you mean connect\?$" "$program" --library begin new conect/x
for name in '' ../x a/b/c .hidden 'two words' -- "$(printf 'a%.0s' {1..101})"; do
	expect "new: no name: '${name:0:9}'" 2 '^tcplab: (.*not a name: NAME, or TOPIC/NAME|new takes one name)' lab new "$name"
done
expect 'new: a word of the command line is no name' 2 '^tcplab: connect/list: means something else' lab new connect/list
expect 'new: where nobody can write' 2 '^tcplab: cannot write /proc/self/x\.tcp: ' "$program" --library /proc new self/x

# ---- runs ----
expect 'one run ends with its verdict' 0 '^pass  connect-refused  \([0-9.]+ m?s\)$' tcplab connect-refused
expect 'one run prints the transcript' 0 'client> S' tcplab connect-refused
expect 'the word run' 0 '^pass  connect-refused' tcplab run connect-refused
{ # what is filled in is longer than an actor once told
	echo '# nine hundred pieces'
	printf '%s\n' 'client  socketpair(AF_UNIX, SOCK_STREAM, 0, [a b]) = 0'
	echo "client  send(a, \"$(printf 'a%.0s' {1..16200})\") = 16200"
	echo "client  readv(b, [$(printf ', {iov_base="aaaaaaaaaaaaaaaaaa", iov_len=18}%.0s' {1..900} | cut -c3-)], 900) = 16200"
} >long.tcp
expect 'a long list that a call fills in is compared as a whole' 0 '^pass  long' tcplab -q ./long.tcp
expect 'a file from anywhere, with use' 0 '^pass  good' tcplab ./good.tcp
expect 'over IPv6' 0 '^pass  connect-refused,ipv6' tcplab -6 connect-refused
expect 'over both' 0 '^2 passed, 0 failed, 0 skipped$' tcplab -4 -6 connect-refused
expect 'one that fails' 1 '^fail  connect-wrong' tcplab connect-wrong
expect 'one that fails says what came' 1 'ECONNREFUSED' tcplab connect-wrong
expect 'one that is skipped, with the reason' 0 '^skip  connect-future  \(.*kernel.*\)$' tcplab connect-future
expect 'all: the summary' 1 '^1 passed, 1 failed, 1 skipped$' tcplab all
expect 'a glob' 1 '^1 passed, 1 failed, 1 skipped$' tcplab 'connect-*'
expect 'several at once' 0 '^8 passed, 0 failed, 0 skipped$' tcplab -j 8 -q connect-refused{,,,,,,,}
expect 'verbose' 0 'win [0-9]+' tcplab -v connect-refused

# ---- which runs, and how often ----
script more/connect/refused.tcp '# passes' 'client  socket() = c' 'client  connect(c, server:8080) = -1 ECONNREFUSED' \
	'          client> S' '          server> R.'
script more/connect/wrong.tcp '# fails' 'client  socket() = c' 'client  close(c) = -1 EBADF'
script more/long/each.tcp '# two runs, and a table' 'param   port = 81 82' 'client  socket() = c' \
	'client  connect(c, server:$port) = -1 ECONNREFUSED' '          client> S' '          server> R.' 'table   port=$port'
script more/long/long.tcp '# takes two seconds' 'client  socket() = c' 'quiet   2s'
more() { # ARGUMENT...
	"$program" run --library more --results more-results "$@"
}
listed() { # ARGUMENT...: what would be run, in one line
	more --list "$@" | xargs
}
expect 'listed, not run' 0 '^refused wrong each,port=81 each,port=82 long$' listed all
expect 'nothing was run' 2 'No such file' ls more-results
expect 'listed: what is skipped, and why' 0 '^connect-future  \(skip: needs kernel >= 999' tcplab --list connect-future
expect 'of a topic' 0 '^each,port=81 each,port=82 long$' listed --tag long
expect 'of a topic, among names' 0 '^wrong$' listed --tag connect wrong long
expect 'none of that topic' 2 '^tcplab: none of these is of the topic long$' more --tag long wrong
expect 'no such topic' 2 "^tcplab: no topic is called 'lnog'; did you mean long\?$" more --tag lnog
expect 'a topic of beginnings is none' 2 "^tcplab: no topic is called 'beginnings'" tcplab --tag beginnings
expect 'nothing has failed yet' 0 '^0 passed, 0 failed, 0 skipped$' more --rerun-failed
more -q -4 -6 refused wrong >/dev/null
expect 'what has failed, over both families' 0 '^wrong wrong,ipv6$' listed --rerun-failed
expect 'what has failed, over one' 0 '^wrong,ipv6$' listed --rerun-failed -6
expect 'what has failed, among names' 0 '^$' listed --rerun-failed refused
expect 'what has failed fails again' 1 '^0 passed, 2 failed, 0 skipped$' more -q --rerun-failed
all_shards() { # N ARGUMENT...: all that the shares run
	local nth of=$1
	shift
	for ((nth = 1; nth <= of; nth++)); do
		more --list --shard "$nth/$of" "$@"
	done | sort | xargs
}
expect 'shares: the longest is one of them' 0 '^long$' listed --shard 1/2 all
for of in 1 2 3 7; do
	expect "$of shares are everything, once" 0 "^$(more --list -4 -6 all | sort | xargs)$" all_shards $of -4 -6 all
done
expect 'shares: a table stays together' 0 '^each,port=81 each,port=82$' sh -c "for i in 1 2 3 4; do '$program' run --library more \
	--list --shard \$i/4 all | xargs; done | grep each"
mkdir -p times/refused
echo '{"duration": 900000000000}' >times/refused/result.json
expect 'shares of measured time' 0 '^refused$' listed --shard 1/2 --times times all
expect 'measured, and everything' 0 "^$(more --list all | sort | xargs)$" all_shards 2 --times times all
for name in refused wrong each,port={81,82} long; do
	mkdir -p "huge/$name"
	echo '{"duration": 9223372036854775807}' >"huge/$name/result.json"
done
expect 'times beyond all sums are dealt out, too' 0 '^refused wrong$' listed --shard 2/2 --times huge all
mkdir -p pipe/refused && mkfifo pipe/refused/result.json
expect 'times in a pipe' 2 '^tcplab: pipe/refused/result.json: not a regular file$' timeout 30 "$program" run --library more \
	--list --shard 2/2 --times pipe all
expect 'times that are not there' 2 '^tcplab: cannot read the times in nowhere: No such file' more --shard 1/2 --times nowhere all
expect 'times without shares' 2 '^tcplab: --times is for --shard$' more --times times all
expect 'a share that is none' 2 "^tcplab: --shard: expected a share such as 2/5, not '3/2'$" more --shard 3/2 all
expect 'a share of nothing passes' 0 '^0 passed' more --shard 9/9 refused
expect 'repeated: each round has a name' 0 '^pass  refused,round=3  ' more --repeat 3 refused
expect 'repeated: and results' 0 '^refused refused,ipv6 refused,round=2 refused,round=3 wrong wrong,ipv6$' \
	sh -c "ls more-results/* | grep -v '^shard-' | xargs"
expect 'repeated: tables, too' 0 'each,round=2/table.txt' sh -c "'$program' run -q --library more --results more-results --repeat 2 \
	each >&2; ls more-results/*/*/table.txt"
# Rounds later than the first one have results of their own.
set_verdict() { # RUN VERDICT
	left_out || sed -i "s/^ \"verdict\": \".*\"/ \"verdict\": \"$2\"/" more-results/*/"$1"/result.json
}
expect 'what has failed: in no round' 0 '^$' listed --rerun-failed refused
set_verdict refused,round=3 fail
expect 'what has failed: in a later round' 0 '^refused$' listed --rerun-failed -4 refused
more -q refused >/dev/null
expect 'what has failed: not in a round of an earlier invocation' 0 '^$' listed --rerun-failed -4 refused
"$program" run --library more --results kept-results -q --keep wrong >/dev/null
expect 'what has failed: with --keep' 0 '^wrong$' "$program" run --library more --results kept-results --list --rerun-failed -4
"$program" run --library more --results kept-results -q --keep --repeat 2 refused >/dev/null
expect 'what has failed: the newest of --keep' 0 '^wrong$' "$program" run --library more --results kept-results --list --rerun-failed -4
sed -i 's/"verdict": "fail"/"verdict": "pass"/' kept-results/*/*/result.json
sed -i 's/"verdict": "pass"/"verdict": "fail"/' kept-results/*/refused,round=2*/result.json
expect 'what has failed: a later round of --keep' 0 '^refused$' "$program" run --library more --results kept-results --list --rerun-failed -4
expect 'until one fails' 1 '^1 passed, 1 failed, 0 skipped$' more -q --until-fail refused wrong
expect 'until one fails, at most so often' 0 '^3 passed, 0 failed, 0 skipped$' more -q --until-fail --repeat 3 refused
expect 'the first failure ends it' 1 '^0 passed, 1 failed, 0 skipped$' more -q --fail-fast -j 1 wrong refused refused
script waits.tcp '# takes 25 seconds' 'client  socket() = c' 'quiet   25s'
expect 'and at once' 1 '^0 passed, 1 failed, 0 skipped$' timeout 20 "$program" run -q --library more --results more-results \
	--fail-fast wrong waits.tcp
expect 'what failed is named again' 1 '^failed:$' more -q wrong refused{,,,,,,,,,,,,,,,,,,,,}
expect 'of a few it is not' 1 '^$' sh -c "'$program' run -q --library more --results more-results wrong refused | grep '^failed:'"
green=$'\033\\[32m'
expect 'in color' 0 "^${green}pass" more --color=always -q refused
expect 'no color where there is no terminal' 0 '^pass' more -q refused
expect 'a color that is none' 2 "^tcplab: --color: expected auto, always or never, not 'red'$" more --color=red refused
expect 'times' 0 '^[0-9]+\.[0-9]+ +client  socket\(\) = c$' more --stamps=always refused
expect 'times: of a packet' 0 '^[0-9]+\.[0-9]+ +client> S$' more --stamps=always refused
expect 'times: not in the file' 1 '^0$' sh -c "grep -c '^[0-9]' more-results/$kernel/refused/transcript.txt"
expect 'times: in the file that has all' 0 '^[0-9]+\.[0-9]{6}  client  socket\(' cat "more-results/$kernel/refused/verbose.txt"
expect 'times: not where there is no terminal' 0 '^client  socket\(\) = c$' more refused
expect 'times: when, that is none' 2 "^tcplab: --stamps: expected auto, always or never, not 'red'$" more --stamps=red refused
more --stamps=always refused | sed -n '/^[0-9]/p' >stamped.tcp
expect 'times: they may stand in a script' 0 '^pass  stamped ' more ./stamped.tcp
if type -P script >/dev/null; then
	timed_on_terminal() { # ARGUMENT...
		env script -qec "$program run --library more --results more-results $* refused 2>/dev/null" /dev/null | tr -d '\r'
	}
	expect 'times: on a terminal' 0 '^[0-9]+\.[0-9]+ +client  socket\(\) = c$' timed_on_terminal
	expect 'times: never' 0 '^client  socket\(\) = c$' timed_on_terminal --stamps=never
	shown_on_terminal() { # VARIABLE=VALUE...: what is printed there
		env TERM=xterm "$@" script -qec "$program run --library more --results more-results -q refused long" /dev/null | tr '\r' '\n'
	}
	expect 'on a terminal: in color' 0 "${green}pass" shown_on_terminal NO_COLOR=
	expect 'on a terminal: how far it is' 0 '[01] of 2 done, [12] running, 0 failed: ' shown_on_terminal NO_COLOR=
	expect 'NO_COLOR' 1 '^$' sh -c "$(declare -f shown_on_terminal); program='$program'; shown_on_terminal NO_COLOR=1 | grep '\[32m'"
fi

# ---- in words ----
expect 'explain: the prose first' 0 '^It says RST\.$' tcplab explain connect-refused
expect 'explain: a step' 0 '^Step 1 of 1: the client calls socket\(\), connect\(\)\.$' tcplab explain connect-refused
expect 'explain: a packet' 0 '^        RST: it refuses the connection\.$' tcplab explain connect-refused
expect 'explain: an errno, and its reason' 0 '^        Connection refused: a reset has come' tcplab run --explain connect-refused
expect 'explain: of each run' 0 '^2 passed' tcplab explain -4 -6 connect-refused
expect 'explain: one that fails' 1 '^fail  connect-wrong' tcplab explain connect-wrong
expect 'explain: nobody is there to press a key' 0 '^pass  connect-refused' tcplab explain --pause connect-refused
expect 'explain: no page ends where nobody turns it' 0 '^0$' sh -c \
	"'$program' --library lib --results results explain connect-refused | tr -cd '\014' | wc -c"
expect 'explain, and drawn' 2 '^tcplab: --ladder and --explain contradict each other$' tcplab --ladder --explain connect-refused
if type -P script >/dev/null; then
	turned() { # KEYS: the steps that are told then
		printf '%s' "$1" | env script -qec "$program --library lib --results results explain --pause two-steps.tcp" /dev/null | tr -d '\r'
	}
	script two-steps.tcp '# two steps' 'client  socket() = c' 'server  socket() = l'
	expect 'explain: a key turns the page' 0 'Step 2 of 2' turned '  '
	expect 'explain: q ends it, and the verdict is printed' 0 '^0 steps, 1 verdict$' sh -c "$(declare -f turned); program='$program'
		turned q >turned.out; echo \$(grep -c '^Step' turned.out) steps, \$(grep -c ' two-steps  (' turned.out) verdict"
fi

# ---- exercises ----
exercise() { # ARGUMENT...
	"$program" --library lib exercise "$@"
}
filled() { # FILE SCRIPT: the exercise with its answers, as sed changes them
	exercise --level numbers connect-refused --answers | sed "$2" >"$1"
}
expect 'exercise: a file in this directory' 0 '^connect-refused-numbers\.tcp$' exercise --level numbers connect-refused
expect 'exercise: blanks' 0 '^          server> ____ ____:____\(____\) ack ____$' cat connect-refused-numbers.tcp
expect 'exercise: not the prose' 0 '^0$' sh -c 'grep -c RST connect-refused-numbers.tcp; true'
expect 'exercise: never overwrites' 2 '^tcplab: connect-refused-numbers\.tcp: is there already' exercise --level numbers connect-refused
expect 'exercise: nothing is filled in' 1 '^connect-refused-numbers\.tcp \(connect-refused, numbers\): 0 right, 0 wrong, 7 to be done$' \
	lab connect-refused-numbers.tcp
filled answers.tcp ''
expect 'exercise: the answers are right' 0 '^answers\.tcp \(connect-refused, numbers\): 7 right, 0 wrong, 0 to be done$' lab -4 -6 answers.tcp
filled wrong.tcp 's/ECONNREFUSED/ETIMEDOUT/; s/ R\. / ____ /'
expect 'exercise: wrong, and still to be done' 1 '^wrong\.tcp \(connect-refused, numbers\): 5 right, 1 wrong, 1 to be done$' lab wrong.tcp
expect 'exercise: where' 1 '^wrong\.tcp:12: the result: not right$' lab wrong.tcp
expect 'exercise: not what is right' 0 '^0$' sh -c "'$program' --library lib wrong.tcp 2>&1 | grep -c ECONNREFUSED; true"
filled other.tcp 's/ECONNREFUSED/ECONNREFUSED (Connection refused)/; s/ack 1/ack +1/; s/ S$/ *S/; s/-1 E/-1 F/'
expect 'exercise: a word that nobody knows' 1 "^other\.tcp:12: the result: -1 FCONN.* cannot stand here: unknown errno" lab other.tcp
expect 'exercise: nothing vague' 1 '^other\.tcp:13: the flags: \*S cannot stand here: expected flags' lab other.tcp
filled changed.tcp 's/server> R/client> R/'
expect 'exercise: something else was changed' 2 '^tcplab: changed\.tcp:14: only blanks may be filled in; the line is:  server> ____ ' \
	lab changed.tcp
expect 'exercise: of one that does not pass here' 3 '^tcplab: connect-wrong-errnos\.tcp cannot be judged here: connect-wrong itself' \
	sh -c "'$program' --library lib exercise connect-wrong --level errnos >&2
	sed -i 's/____/-1 ETIMEDOUT/' connect-wrong-errnos.tcp; '$program' --library lib connect-wrong-errnos.tcp"
expect 'exercise: nothing to fill in' 2 'connect-future has nothing that the level errnos leaves blank$' exercise connect-future --level errnos
script orders.tcp '# lines in order' 'client  socket() = c' 'client  connect(c, server:8080) = -1 ECONNREFUSED' \
	'  client> S' '  server> R.'
expect 'exercise: of a file' 0 '^orders-order\.tcp$' exercise --level order ./orders.tcp
expect 'exercise: lines without a place' 1 '^orders-order\.tcp \(\./orders\.tcp, order\): 0 right, 0 wrong, 2 to be done$' lab orders-order.tcp
{ cat orders-order.tcp 2>/dev/null && printf '%s\n' 'client> S' 'server> R.'; } >ordered.tcp
expect 'exercise: the order is right' 0 '^ordered\.tcp \(\./orders\.tcp, order\): 2 right, 0 wrong, 0 to be done$' lab ordered.tcp
{ cat orders-order.tcp 2>/dev/null && printf '%s\n' 'server> R.' 'client> S'; } >disordered.tcp
expect 'exercise: the order is wrong' 1 '^disordered\.tcp:[0-9]+: near this line the order is not right$' lab disordered.tcp
expect 'exercise: answers of an exercise' 0 '^  server> R\.$' exercise --answers ordered.tcp
cp ordered.tcp $'ordered\e.tcp'
expect 'exercise: a name with ESC' 0 '^#     .* ordered\\x1b\.tcp$' exercise --answers $'ordered\e.tcp'
cp orders.tcp $'ordered\e.tcp'
expect 'exercise: of such a name' 2 '^tcplab: ordered\\x1b\.tcp: the exercise has this name in a line, so' exercise $'ordered\e.tcp'
mkdir 'a room' && cp orders.tcp ordered.tcp 'a room'
expect 'exercise: in a directory with a blank' 0 '^a room/ordered\.tcp \(a room/\./orders\.tcp, order\): 2 right' lab 'a room/ordered.tcp'
expect 'exercise: several' 1 '^ordered\.tcp \(\./orders\.tcp, order\): 2 right' lab answers.tcp wrong.tcp ordered.tcp
expect 'exercise: not among other scenarios' 2 '^tcplab: connect-refused is no exercise' lab answers.tcp connect-refused
expect 'exercise: nothing that tells' 2 '^tcplab: an exercise is judged, and nothing else' lab answers.tcp --explain
expect 'exercise: only to be run' 2 "^answers\.tcp:9:1: this is an exercise: only 'run' reads it" lab check answers.tcp
script blank.tcp 'client  socket() = c' 'client  close(c) = ____'
expect 'exercise: a blank elsewhere' 2 'blank\.tcp:2:20: ____ is a blank of an exercise, which begins with: ' lab blank.tcp
script blank.tcp 'exercise connect-refused hard'
expect 'exercise: no such level' 2 '^tcplab: blank\.tcp: its first line is to be: exercise NAME errnos' lab blank.tcp

# ---- messages when it goes wrong ----
expect 'quiet: the reason in one line' 1 \
	'^lib/connect/connect-wrong\.tcp:3: expected client  connect\(.*\) = -1 ETIMEDOUT; got client  connect\(.*ECONNREFUSED$' \
	tcplab -q connect-wrong
expect 'quiet: two lines for each that fails' 0 '^7$' sh -c \
	"'$program' --library lib --results results -q -4 -6 connect-wrong connect-refused | wc -l"
script forgotten.tcp '# an answer that nobody wrote' 'use     started' 'server  socket() = l' \
	'server  bind(l, :8080) = 0' 'server  listen(l, 5) = 0' 'client  connect(c, server:8080) = 0' \
	'          client> S' '          server> S.' '          client> .' 'server  accept(l) = x' \
	'client  send(c, "req") = 3' '          client> P. 1:4(3)' 'server  recv(x, "req", 10) = 3' \
	'server  send(x, "answer") = 6' 'client  recv(c, ..., 3) = 3' 'client  recv(c, ..., 3) = 3' 'quiet   10ms'
expect 'a packet that was forgotten' 1 \
	'^\./forgotten\.tcp:14: expected no more packets after server send\(x, "answer"\) = 6; got server> P\. 1:7\(6\) ' \
	tcplab -q ./forgotten.tcp
expect 'it stands under the call that it came of' 0 '^          #\+ server> P\. 1:7\(6\) ack 4' \
	sh -c "'$program' --library lib --results results ./forgotten.tcp | grep -A 1 '^server  send'"
script near.tcp '# what ... has taken' 'use     started' 'client  connect(c, server:8080) = -1 ECONNREFUSED' \
	'          client> S' '          ...' '          server> R. ack 2'
expect 'a near miss' 1 \
	'^\./near\.tcp:6: expected server> R\. ack 2; got server> R\. 0:0\(0\) ack 1 win 0: ack differs$' \
	tcplab -q --timeout 200ms ./near.tcp
script release.tcp '# a reset that nobody wrote' 'server  socket() = l' 'server  bind(l, :8080) = 0' \
	'server  listen(l, 5) = 0' 'client  socket() = c' 'client  connect(c, server:8080) = 0' '  client> S' \
	'  server> S.' '  client> .' 'server  accept(l) = x' 'router  hold server>' \
	'server  shutdown(x, SHUT_WR) = 0' '  server> F. 1:1(0) held' \
	'client  setsockopt(c, SO_LINGER, {l_onoff=1, l_linger=0}) = 0' 'router  drop client> R. times 1' \
	'client  close(c) = 0' '  client> R. lost' 'router  release' '  >client F.'
expect 'a reset behind what was released' 1 \
	'^\./release\.tcp:19: expected no more packets after >client F\.; got client> R 1:1\(0\) win 0$' tcplab -q ./release.tcp
expect 'which bless can write' 0 '^\+  client> R$' "$program" bless -n release.tcp
script excerpt.tcp '# what is shown with a failure' 'use     started' \
	'client  connect(c, server:8080) = -1 ETIMEDOUT' '  client> S' '  server> R.' 'client  close(c) = 0' \
	'client  ss c none'
expect 'what was never done is not shown' 1 '^0$' \
	sh -c "'$program' --library lib --results results ./excerpt.tcp | grep -cE 'close|none'"
script lib/beginnings/opened.tcp '# a call that is left open' 'server  socket() = l' 'server  bind(l, :80) = 0' \
	'server  listen(l, 1) = 0' 'server  accept(l) ...'
script opens.tcp 'use     opened' 'server  getsockname(l, ...) = 0'
expect 'a line of another file is told with that' 2 \
	'^opens\.tcp:2:1: server is still in the accept\(\) of lib/beginnings/opened\.tcp:5; ' tcplab opens.tcp
script opens.tcp 'use     opened' 'client  socket() = l'
expect 'also where a name is in use' 2 "^opens\.tcp:2:20: 'l' is a name of server's since lib/beginnings/opened\.tcp:2; " \
	tcplab opens.tcp
script open.tcp 'server  socket() = l' 'server  bind(l, :8080) = 0' 'server  listen(l, 5) = 0' \
	'client  socket() = c' 'client  connect(c, server:8080) ...' '          client> S' \
	'server  accept(l) = x' '          server:x> S. win 1234' '          client> .' 'client  ... connect() = 0'
expect 'nor what has not come, below what went wrong' 1 '^0$' \
	sh -c "'$program' --library lib --results results ./open.tcp | grep -c 1234"
expect 'each file is named in the excerpt' 0 \
	'^       # lib/beginnings/started\.tcp;      2  client  socket\(\) = c;       # \./excerpt\.tcp;>>    3  client  connect' \
	sh -c "'$program' --library lib --results results ./excerpt.tcp | grep -A 9 started | tr '\\n' ';'"
script number.tcp '# the number of a name' 'client  socket() = c' 'client  getsockopt(c, TCP_MAXSEG, [$mss]) = 0' \
	'client  getsockopt(c, TCP_MAXSEG, [$mss + 1]) = 0'
expect 'what a name stands for' 1 \
	'number\.tcp:4: expected client  getsockopt\(c, TCP_MAXSEG, \[\$mss \+ 1\]\) = 0 with \$mss = 536; got .*\[536\]\) = 0$' \
	tcplab -q ./number.tcp
expect 'it stands in the transcript of a failure' 0 '^# \$mss = 536$' cat "results/$kernel/number/transcript.txt"
sed -i '$d' number.tcp
expect 'behind any transcript on the screen' 0 '^# \$mss = 536$' tcplab ./number.tcp
expect 'also behind a verbose one' 0 '^# \$mss = 536$' tcplab -v ./number.tcp
expect 'but not in the file of one that passes' 1 '^0$' sh -c "grep -c '= 536' 'results/$kernel/number/transcript.txt'"
script info.tcp '# many fields' 'client  socket() = c' \
	'client  getsockopt(c, TCP_INFO, {tcpi_state=TCP_CLOSE, tcpi_retransmits=3, tcpi_probes=0}) = 0'
expect 'only the field that differs' 1 'got client  getsockopt\(c, TCP_INFO, \{tcpi_retransmits=0\}\) = 0$' \
	tcplab -q ./info.tcp
script numbered.tcp '# a code without a name' 'needs   family = 4' 'client  socket(..., SOCK_RAW, IPPROTO_ICMP) = r' \
	'client  sendto(r, {type=3, code=7, data="abc"}, ..., 0, server:0) = 11' 'quiet   10ms'
expect 'an ICMP message without a name' 1 '; got client> icmp 3/7 to server$' tcplab -q ./numbered.tcp
script nosuch.tcp '# something that cannot be done' 'use     started' \
	'client  sysctl net.ipv4.tcp_congestion_control = nosuch' 'client  close(c) = 0'
expect 'a broken run' 3 "^broken  nosuch  \\(\\./nosuch\\.tcp:3: .*does not take 'nosuch'" tcplab -q ./nosuch.tcp
for option in '' -v ./nosuch.tcp '-v ./nosuch.tcp'; do
	expect "says why once, with its verdict: $option" 0 '^(1|2) of \1 in verdicts$' sh -c "
		'$program' --library lib --results results $option ./nosuch.tcp >nosuch.out
		echo \$(grep -c '^broken .*does not take' nosuch.out) of \$(grep -c 'does not take' nosuch.out) in verdicts"
done
expect 'and of nothing that it has not come to' 0 '^0$' \
	sh -c "'$program' --library lib --results results ./nosuch.tcp | grep -c 'expected\|close' | grep ."
expect 'likewise in its transcript' 0 '^# broken: \./nosuch\.tcp:3: net' cat "results/$kernel/nosuch/transcript.txt"

script fast.tcp '# sendmsg() may begin a connection, too' 'client  socket() = c' \
	'client  sendmsg(c, {msg_iov=[{iov_base="a"}], msg_name=server:80}, MSG_FASTOPEN) = -1 ECONNREFUSED' \
	'  client> S' '  server> R.'
expect 'sendmsg with MSG_FASTOPEN' 0 '^pass' tcplab ./fast.tcp
script onto.tcp '# what is duplicated stays what it is' 'client  socket(..., SOCK_DGRAM) = u' \
	'client  pipe([r w]) = 0' 'client  connect(u, ghost:5000) = 0' 'client  dup2(u, w) = w' \
	'client  send(w, "a") = 1' '  client> udp (1) lost'
expect 'dup2 of a UDP socket' 0 '^pass' tcplab ./onto.tcp
script second.tcp '# a forged SYN between second addresses' 'server  socket() = l' \
	'server  bind(l, server2:8080) = 0' 'server  listen(l, 5) = 0' \
	'router  forge client2:g> S 0:0(0) to server2:8080' '  server:g> S.' '  client:g> R'
expect 'a forged SYN is printed as it was written' 0 'forge client2:g> S .* to server2:8080' tcplab -v ./second.tcp
long=$(printf 'a%.0s' {1..75})
script long.tcp '# an escape at the end of what is shown' 'use     started' \
	"client  send(c, \"$long\\\\bbbbbbbbbbbbbbbb\", 92, MSG_NOSIGNAL) = 1"
tcplab -v ./long.tcp >long.txt
expect 'a long string is not cut within an escape' 0 'client  send\(c, "a+\\\\bb"\.\.\., 92, MSG_NOSIGNAL\)' cat long.txt

json_is_one_document() {
	tcplab "$@" | python3 -c 'import json, sys; d = json.load(sys.stdin); sys.exit(d["runs"][0]["verdict"] != "pass")'
}
if command -v python3 >/dev/null; then
	expect 'JSON of one' 0 '' json_is_one_document --json connect-refused
	expect 'JSON of several' 0 '' json_is_one_document --json connect-refused connect-wrong connect-future
fi

# ---- actions in time ----
# Every action can be marked, and other lines count from it.
actions=('|router drop server>' '|router hold server>' '|router dup server>' '|router corrupt server>'
	'|router delay 20ms server>' '|server reject client>' 'router drop server>|router heal' '|server mute'
	'|server crash' 'server crash|server boot' '|client sysctl net.ipv4.tcp_sack = 0' '|server ip route del client'
	'|server signal SIGCHLD')
for at in "${!actions[@]}"; do
	for gap in 0..4s 5s..6s; do
		script "marked/$gap-$at.tcp" "# ${actions[at]#*|}" 'client  socket() = c' "${actions[at]%|*}" \
			"${actions[at]#*|} @a" 'client  connect(c, ghost:80) ...' "  @a+$gap client> S lost"
	done
done
expect 'what happens after an action that is marked' 0 "^${#actions[@]} passed, 0 failed" tcplab -q marked/0*.tcp
expect 'too soon after it' 1 "^0 passed, ${#actions[@]} failed" tcplab -q --timeout 1s marked/5*.tcp
expect 'what is wrong then' 1 'expected client> S lost 5000\.0ms\.\.6000\.0ms after @a; got it after' tcplab marked/5s..6s-3.tcp
expect 'an action in the verbose transcript, without its name' 0 '^0\.[0-9]+  router  dup server>( +# \+.*)?$' \
	tcplab -v marked/0..4s-2.tcp

# No process acts at the exact moment, so this is always done too late. The last line says whether that matters.
late() { # FILE VALUE
	script "$1" '# an action that comes too late' 'server  mute' 'client  socket() = c' \
		'client  connect(c, server:8080) ...' '  client> S' '  +40ms..40ms router forge server> S.' \
		'  client> . ack 1' '  client ... connect() = 0' "client  getsockopt(c, TCP_INFO, {tcpi_rtt=$2}) = 0"
}
late late.tcp 1
late late-well.tcp '>= 40000'
expect 'an action that is late, and a mismatch' 3 '^2 unsure, repeated$' tcplab -q -4 -6 ./late.tcp
expect 'what was late' 3 \
	'late: line 6 came [0-9.]+ms too late, [0-9.]+ms after the line above: \+40ms\.\.40ms +router +forge server> S\.$' \
	tcplab ./late.tcp
expect 'how often it was repeated' 3 '^ "repeats": 3$' tcplab --json ./late.tcp
expect 'it is in the results' 0 '^ "late": "line 6 came' cat "results/$kernel/late/result.json"
expect 'an action that is late, and no mismatch' 0 '^2 passed, 0 failed, 0 skipped$' tcplab -q -4 -6 ./late-well.tcp
expect 'nothing is repeated then' 1 '^0$' sh -c "'$program' --results results -q -4 -6 ./late-well.tcp | grep -c unsure"
# While a host with many processes crashes, the program releases nothing. If several packets become due meanwhile, the
# first one waits long.
script late-packet.tcp '# packets that leave too late' 'client  socket(..., SOCK_DGRAM) = c' \
	'repeat 120 as i' 'server  fork() = k$i' 'end' 'router  delay 5ms client>' '  ...' \
	'repeat 40 as i' 'client  sendto(c, "a", 1, 0, server:5000) = 1' 'end' \
	'server  crash' 'server  boot' 'client  socket() = -1 EMFILE'
expect 'a packet that a delay lets go late, and a mismatch' 3 '^2 unsure, repeated$' tcplab -q -4 -6 ./late-packet.tcp
expect 'which is said' 3 'the run was disturbed: (a delayed packet was released [0-9.]+ ms too late|.* had to wait .*)$' \
	tcplab ./late-packet.tcp

# ---- results ----
files=$(cd "results/$kernel/connect-refused" 2>/dev/null && echo *)
expect 'results' 0 '^client.pcap hosts ladder.svg result.json server.pcap trace.pcapng transcript.txt verbose.txt$' echo "$files"
expect 'nothing unfinished is left' 0 '^0$' sh -c "find results -name '.tcplab-unfinished-*' | wc -l"
tcplab --keep -q connect-refused >/dev/null
expect 'keep adds a directory' 0 '^2$' sh -c "ls -d results/$kernel/connect-refused* | grep -v ipv6 | wc -l"
script table.tcp '# a row for each run' 'param   a b = (0 x) (10 7)' 'server  socket() = l' \
	'server  bind(l, :8080) = 0' 'server  listen(l, $a) = 0' 'server  ss l LISTEN 0 $n' 'table   a=$a "b c"=$b n=$n+1'
script row.tcp '# a row of what never came' 'server  socket() = l' 'server  getsockopt(l, SO_TYPE, [7]) = 0' \
	'server  getsockopt(l, SO_DOMAIN, [$n]) = 0' 'table   n=$n'
expect 'a table over the runs' 0 '^10  7    11$' tcplab ./table.tcp
expect 'its columns' 0 '^ a  b c   n$' tcplab ./table.tcp
expect 'its name' 0 '^table,ipv6$' tcplab -6 ./table.tcp
expect 'before the summary' 0 '^2 passed' sh -c "'$program' --results results ./table.tcp | tail -n 1"
expect 'no table when quiet' 1 '^0$' sh -c "'$program' --results results -q ./table.tcp | grep -c 'b c'"
expect 'a table in the results' 0 '^10  7    11$' cat "results/$kernel/table/table.txt"
script shown.tcp 'client  socket() = c' 'table   "na\xc3\xafve"="\xe2\x82\xac" x="\x1b[31m\xff" "a\nb"=1'
expect 'what a terminal would obey, and what is no text, is shown' 0 '^naïve  x {13}a\\nb$' tcplab -v shown.tcp
expect 'in its column' 0 '^€      \\x1b\[31m\\xff     1$' tcplab -v shown.tcp
expect 'a row in the results' 0 '^10    7  11$' cat "results/$kernel/table,a=10/table.txt"
expect 'a row in result.json' 0 '^  "b c": 7,$' cat "results/$kernel/table,a=10/result.json"
expect 'a row of what never came' 1 '^-$' tcplab ./row.tcp
: >occupied
expect 'results where a file is' 3 'occupied.*Not a directory' "$program" --library lib --results occupied connect-refused
expect 'the verdict is printed all the same' 3 '^pass  connect-refused' "$program" --library lib --results occupied connect-refused
expect 'results where nobody may write' 3 '/proc/.*: .*; --results DIR leaves them in another place$' \
	"$program" --library lib --results /proc/x connect-refused
# A clone that belongs to another user.
somebody_elses() {
	mkdir -p clone/results/"$kernel" && cp -r lib clone/scenarios && chmod -R go=rX clone && chmod 711 "$scratch"
	if [ "$(id -u)" = 0 ]; then
		TCPLAB_HOME=$scratch/clone setpriv --reuid 65534 --regid 65534 --clear-groups "$program" connect-refused
	else
		chmod 555 clone/results/"$kernel" && TCPLAB_HOME=$scratch/clone "$program" connect-refused
	fi
}
if [ "$(id -u)" != 0 ] || setpriv --reuid 65534 --regid 65534 --clear-groups "$program" --version >/dev/null 2>&1; then
	expect 'the way out, in a clone that is somebody else'"'"'s' 3 \
		"cannot write results to .*/$kernel: Permission denied; --results DIR leaves them in another place$" somebody_elses
	expect 'the verdict is printed all the same' 3 '^pass  connect-refused' somebody_elses
fi
expect 'output to a full disk' 3 'cannot write to standard output: No space left' sh -c "'$program' --library lib --results results connect-refused >/dev/full"

# A file system of 64 kB that is full: in namespaces of our own, where these are allowed.
full_disk() {
	unshare -rm sh -c "mkdir -p full && mount -t tmpfs -o size=64k none full && mkdir -p full/$kernel &&
		head -c 60k /dev/zero >full/zero && '$program' --library lib --results full connect-refused
		status=\$?; find full -type d -name '*connect*'; exit \$status"
}
read_only() {
	unshare -rm sh -c "mkdir -p ro && mount -t tmpfs -o ro none ro && '$program' --library lib --results ro connect-refused"
}
if unshare -rm true 2>/dev/null; then
	expect 'results on a full disk' 3 'could not be written: .*: No space left on device' full_disk
	expect 'the verdict is printed all the same' 3 '^pass  connect-refused' full_disk
	expect 'half a result is not left' 0 '^0$' sh -c "$(declare -f full_disk); kernel=$kernel program=$program; full_disk 2>/dev/null | grep -c '^full'; true"
	expect 'results on a read-only file system' 3 'Read-only file system' read_only
fi

# ---- where less is allowed ----

# Hosts without user namespaces of their own, because no more are allowed; a host that dies starts again.
no_more_users() {
	unshare -rm sh -c "echo 0 >/proc/sys/user/max_user_namespaces && '$program' run -q host-crash connect-refused --results results"
}
if unshare -rm true 2>/dev/null; then
	expect 'no further user namespaces' 0 '^2 passed' no_more_users
fi
gcc -shared -fPIC -D_GNU_SOURCE -x c -o forbid.so - <<'END'
#include <errno.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

int unshare(int kinds)
{
	if (!(kinds & CLONE_NEWNS))
		return (int)syscall(SYS_unshare, kinds);
	errno = EPERM;
	return -1;
}
END
first='' # libraries that a program with sanitizers needs preloaded before all others
[[ $program == *sanitize* ]] && first="$(gcc -print-file-name=libasan.so) "
expect 'hosts that cannot be confined' 3 "the (client|server)'s processes cannot be confined: making namespaces for mounts" \
	env LD_PRELOAD="$first$PWD/forbid.so" "$program" --library lib --results results connect-refused
expect 'do not begin' 3 "^broken +connect-refused +.the (client|server)'s process ended at its start" \
	env LD_PRELOAD="$first$PWD/forbid.so" "$program" --library lib --results results connect-refused

# ---- the command line is wrong ----
expect 'unknown option' 2 'unknown option --jsno; did you mean --json\?' tcplab --jsno all
expect 'unknown letter' 2 'unknown option -x' tcplab -x all
expect 'option without its argument' 2 '--jobs: expected a number' tcplab all -j
expect 'argument to an option that takes none' 2 '--json takes no argument' tcplab --json=1 all
expect '-j 0' 2 "--jobs: expected a number from 1 to 1000, not '0'" tcplab -j 0 all
expect '-j +4' 2 "not '\+4'" tcplab -j +4 all
expect '-j x' 2 "not '4x'" tcplab -j 4x all
expect '-v -q' 2 'contradict' tcplab -v -q all
expect 'an option of another command' 2 "--jobs means nothing to 'list'" lab list -j 2
expect 'run without a name' 2 'run which scenario' tcplab run
expect 'a command, almost' 2 "^tcplab: no scenario is called 'lst'; did you mean list\?$" tcplab lst
expect 'a word of run.sh, almost' 2 "^tcplab: no scenario is called 'tset'; did you mean test\?$" tcplab tset
expect 'an errno, almost' 2 "no scenario contains it; did you mean ECONNREFUSED\?$" "$program" --library lib list ECONREFUSED
expect 'a near miss' 2 "no scenario is called 'connect-refsued'; did you mean connect-refused\?" tcplab connect-refsued
expect 'a far miss' 2 "no scenario is called 'qqqqqqq'" tcplab qqqqqqq
expect 'a glob that matches nothing' 2 "no scenario matches 'z\*'" tcplab 'z*'
expect 'two wrong names are both named' 2 'xxxxxxxx' tcplab qqqqqqq xxxxxxxx
expect 'no library' 2 'cannot read the scenarios in nolib.*--library' "$program" --library nolib all
expect 'a command that is nearly one' 2 "no scenario is called 'lsit'" tcplab lsit

# ---- a file is wrong ----
mkdir directory.tcp
: >empty.tcp
head -c 1000 /dev/urandom >binary.tcp
truncate -s 100M huge.tcp
mkfifo fifo.tcp
ln -s loop.tcp loop.tcp
script comments.tcp '# only' '# this'
expect 'a directory' 2 'directory.tcp is a directory, not a scenario; those in it: directory.tcp/\*.tcp$' tcplab directory.tcp
expect 'empty' 2 'empty.tcp is empty' tcplab empty.tcp
expect 'binary' 2 'binary.tcp:[0-9]+:[0-9]+: this is not text: a byte 0x' tcplab binary.tcp
expect '100 MB' 2 'huge.tcp is too large for a scenario: 104857600 bytes' timeout 5 "$program" huge.tcp
expect 'a FIFO' 2 'fifo.tcp is not a regular file' timeout 5 "$program" fifo.tcp
expect 'a device' 2 '/dev/zero is not a regular file' timeout 5 "$program" /dev/zero
expect 'a loop of links' 2 'cannot read loop.tcp: Too many levels' tcplab loop.tcp
expect 'no such file' 2 'cannot read no/such.tcp: No such file' tcplab no/such.tcp
expect 'only comments' 2 'comments.tcp.*only comments' tcplab comments.tcp
script conditions.tcp 'needs   kernel >= 3.0'
expect 'only conditions' 2 'conditions.tcp has nothing to run' tcplab conditions.tcp
if [ "$(id -u)" != 0 ]; then
	script secret.tcp 'client  socket() = c'
	chmod 0 secret.tcp
	expect 'unreadable' 2 'cannot read secret.tcp: Permission denied' tcplab secret.tcp
fi

# ---- names that somebody else has chosen ----
raw() { # COMMAND...: how many control characters but newlines its output has
	"$@" 2>&1 </dev/null | LC_ALL=C tr -cd '\000-\010\013-\037\177' | wc -c
}
escape=$'e\e[2K\nx'
script "$escape.tcp" '# a name that commands the terminal' 'client  socket() = c'
script "wrong$escape.tcp" '# and a mistake' 'client  sokcet() = c'
script "blessed$escape.tcp" '# and what is to come' 'client  socket() = c' 'client  close(c)'
script "fails$escape.tcp" '# and a failure' 'client  socket() = -1 EMFILE'
script "broken$escape.tcp" '# and what cannot be done' 'client  sysctl net.ipv4.tcp_congestion_control = nosuch'
expect 'a name with ESC and a newline' 0 '^pass  e\\x1b\[2K\\nx  \(' tcplab "$escape.tcp"
expect 'in the results' 0 '^e\\x1b\[2K\\nx$' sh -c "ls results/$kernel | grep e.x1b"
expect 'in a diagnostic' 2 '^wronge\\x1b\[2K\\nx\.tcp:2:9: unknown call' tcplab "wrong$escape.tcp"
expect 'in a failure' 1 '^failse\\x1b\[2K\\nx\.tcp:2: expected' tcplab -q "fails$escape.tcp"
expect 'in a broken run' 3 '^broken  brokene\\x1b\[2K\\nx  \(brokene\\x1b\[2K\\nx\.tcp:2: ' tcplab -q "broken$escape.tcp"
expect 'in a message' 2 "no scenario is called 'e.x1b2K'" tcplab $'e\e2K'
expect 'in a difference' 0 '^\+\+\+ blessede\\x1b\[2K\\nx\.tcp$' "$program" bless -n "blessed$escape.tcp"
for file in "$escape.tcp" "wrong$escape.tcp" "fails$escape.tcp" "broken$escape.tcp"; do
	for how in run 'run -q' 'run -v' check 'bless -n' show; do
		# shellcheck disable=SC2086 # words
		expect "nothing commands the terminal: $how ${file//[^a-z]/}" 0 '^0$' raw "$program" ${how} --library lib "$file"
	done
done
script "lib/connect/l$escape.tcp" '# in a library' 'client  socket() = c'
expect 'in a list' 0 '^0$' raw lab list
expect 'in a list as JSON' 0 '"name": "le..x1b' lab list --json
expect 'a library name' 0 '^pass  le\\x1b' tcplab "l$escape"
rm "lib/connect/l$escape.tcp"
control=$'# \xc2\x9b2K'
script control.tcp "$control" 'client  socket() = c'
expect 'a control character of C1 is no text' 2 'control\.tcp:1:3: this is not text: a byte 0xc2' tcplab control.tcp
script $'not\xffutf8.tcp' 'client  socket() = c'
expect 'a name that is not UTF-8' 2 '^tcplab: not\\xffutf8\.tcp: its name is not UTF-8$' tcplab $'not\xffutf8.tcp'
name=$(printf 'n%.0s' {1..230})
script "$name.tcp" 'client  socket() = c'
expect 'a name as long as it may be' 0 '^pass' tcplab --keep "$name.tcp"
expect 'one that is too long with what is added' 2 "^tcplab: n+\.tcp: the name of a run .* may have at most 231 bytes; this one has 235: n+\.\.\.$" \
	tcplab -6 "$name.tcp"
script long-value.tcp "param   v = $(printf 'v%.0s' {1..240})" 'client  socket() = c'
expect 'a value that is too long for a name' 2 '^tcplab: long-value.tcp: the name of a run' tcplab long-value.tcp
gone() { # COMMAND...: in a directory that does not exist any more
	(mkdir gone && cd gone && rmdir ../gone && "$@")
}
expect 'a working directory that is gone' 2 '^tcplab: the working directory is gone; start it in one that is there$' \
	gone "$program" --library "$scratch/lib" connect-refused
mkdir beside beside/beginnings
script secret/secret.tcp 'root:secret'
ln -s ../secret/secret.tcp beside/linked.tcp
ln -s ../../secret/secret.tcp beside/beginnings/below.tcp
ln -s there.tcp beside/own.tcp
script beside/there.tcp '# beside' 'client  socket() = c'
for name in linked below; do
	script "beside/$name-user.tcp" "use     $name" 'client  socket() = c'
	expect "what a link to elsewhere leads to is not read: $name" 2 "^beside/$name-user\.tcp:1:1: beside/.*$name\.tcp is a link to elsewhere" \
		tcplab "beside/$name-user.tcp"
	expect "and not quoted: $name" 1 '^0$' sh -c "'$program' beside/$name-user.tcp 2>&1 | grep -c secret:"
done
script beside/own-user.tcp 'use     own' 'client  close(c) = 0'
expect 'a link within is followed' 0 '^pass' tcplab beside/own-user.tcp
ln -s ../../secret/secret.tcp lib/beginnings/linked.tcp
script linked-user.tcp 'use     linked' 'client  socket() = c'
expect 'likewise in the library' 2 '^linked-user\.tcp:1:1: lib/beginnings/linked\.tcp is a link to elsewhere' tcplab linked-user.tcp
rm lib/beginnings/linked.tcp

if command -v strace >/dev/null; then
	# (The sanitizers cannot look for leaks in a traced process, and say so.)
	expect 'a message is written as a whole' 0 '^1$' env ASAN_OPTIONS=detect_leaks=0 sh -c \
		"strace -o writes -e trace=write '$program' --library lib nosuch 2>/dev/null; grep -c 'write(2' writes"
fi

# ---- any umask ----
expect 'what the program makes it can read again' 0 '^drwx------$' sh -c \
	"umask 777; '$program' --library lib --results own -q connect-refused >/dev/null && stat -c %A own/$kernel/connect-refused"
nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
mkdir -m 777 umask
chmod 755 "$scratch"
if "${nobody[@]}" test -x "$program" 2>/dev/null; then
	expect 'also one who is not root' 0 '^1 agree, 0 differ$' env TMPDIR="$scratch/umask" "${nobody[@]}" \
		sh -c "umask 777; '$program' diff --library lib host host connect-refused"
	expect 'and nothing is left' 0 '^0$' sh -c 'ls -A umask/*/ | wc -l'
fi

# ---- scripts that would use up the machine ---- Memory in kB, and seconds of processor time, since other processes
# affect these least. The last line of the command's output has them. Sanitizers take several times as much.
dear=1
[[ $program == *sanitize* ]] && dear=8
frugal() { # KB SECONDS COMMAND...: its output, and whether it kept to these limits
	local most=$(($1 * dear)) seconds=$(($2 * dear)) status
	shift 2
	python3 - "$most" "$seconds" "$@" <<'PYTHON'
import resource, subprocess, sys
most, seconds, command = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]
status = subprocess.call(command, stdin=subprocess.DEVNULL)
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
took, used = usage.ru_utime + usage.ru_stime, usage.ru_maxrss
print(f"{took:.2f} s of {seconds}, {used} kB of {most}: {'frugal' if took <= seconds and used <= most else 'too much'}")
sys.exit(status)
PYTHON
}
script product.tcp 'param n = 0..9999' 'repeat 9990' 'client  socket() = s' 'end'
script values.tcp 'param n = 0..9999' 'repeat 100' '# nothing' 'end' 'client  socket() = s'
script several.tcp 'param n = 1..19' 'repeat 4990' 'client  socket() = s' 'client  close(s) = 0' 'end'
script cells.tcp 'param n = 0..9999' 'client  socket() = c' "table  $(printf ' c%d=1' {1..101})"
if command -v python3 >/dev/null; then
	expect 'too many lines in all: where' 2 \
		'^product\.tcp:1:1: 10000 combinations, of [0-9]+ lines \(repeats unrolled\), are more than 200000 lines in all$' lab check product.tcp
	expect 'which is found at once' 2 ': frugal$' frugal 100000 2 "$program" check product.tcp
	expect 'and run does not begin' 2 ': frugal$' frugal 100000 2 "$program" run product.tcp
	expect 'many short ones' 2 '^values\.tcp:1:1: ' frugal 100000 2 "$program" check values.tcp
	expect 'one combination is expanded at a time' 0 ': frugal$' frugal 100000 60 "$program" check several.tcp
	expect 'a table of too many cells' 2 '^cells\.tcp:3:1: the table has more than 1000000 cells' \
		frugal 100000 10 "$program" check cells.tcp
fi
{
	echo 'param   n = 0..99'
	echo 'client  socket() = c'
	for part in {0..19}; do
		printf 'table  '
		printf ' c%d=1' $(seq $((part * 100)) $((part * 100 + 99)))
		echo
	done
} >wide.tcp
expect 'a table of 100 rows and 2000 columns' 0 '^100 passed' timeout 120 "$program" --results wide -q wide.tcp
expect 'all of it' 0 '^ *101 +202000 ' sh -c "wc wide/$kernel/wide/table.txt"
expect 'behind virtual time check looks, too' 2 '^virtual\.tcp:2:9: unknown call' sh -c \
	"printf 'needs   virtual\nclient  sokcet() = c\n' >virtual.tcp; '$program' check virtual.tcp"
expect 'and behind netem' 2 '^netem\.tcp:2:9: unknown call' sh -c \
	"printf 'when    netem\nclient  sokcet() = c\nend\nclient  socket() = c\n' >netem.tcp; '$program' check netem.tcp"

# ---- a script is wrong: place, line, caret ----
wrong() { # NAME REGEX LINE...
	local name=$1 regex=$2 caret
	shift 2
	script wrong.tcp "$@"
	expect "$name" 2 "^wrong\.tcp:[0-9]+:[0-9]+: .*$regex" tcplab wrong.tcp
	caret=$(tcplab wrong.tcp 2>&1 | grep -cE '^[[:space:]]*\^$')
	((caret > 0)) || report 'not ok' "$name: caret"
}
wrong 'syntax' '' 'client  socket( = c'
wrong 'unknown call' "did you mean connect\?" 'client  socket() = c' 'client  conect(c, server:80) = 0'
wrong 'no errno' 'an errno \(ECONNREFUSED\) is missing after -1$' 'client  socket() = c' 'client  close(c) = -1'
wrong 'unknown errno' 'did you mean ECONNREFUSED\?' 'client  socket() = c' \
	'client  connect(c, server:8080) = -1 ECONREFUSED'
wrong 'unknown option' 'SO_KEEPALIV' 'client  socket() = c' 'client  setsockopt(c, SO_KEEPALIV, 1) = 0'
wrong 'unknown host' 'cleint' 'cleint  socket() = c'
wrong 'unknown address' 'unknown host .farside.; expected one of client .* localhost' 'client  socket() = c' \
	'client  connect(c, farside:80) = 0'
wrong 'an address as a number' '10\.0\.2\.1: addresses are written by name here; expected one of client' 'client  socket() = c' \
	'client  connect(c, 10.0.2.1:80) = 0'
wrong 'a parameter that is none of the words' "unknown state 'STAB'; did you mean ESTAB" 'param   s = LISTEN STAB' \
	'server  socket() = l' 'server  ss l $s'
expect 'where it has that value' 2 '^wrong\.tcp:1:20: unknown state' tcplab wrong.tcp
expect 'and where it is used' 2 '^wrong\.tcp:3:1: that came in by this line$' tcplab wrong.tcp
wrong 'a sysctl that is none' 'kernel\.panic' 'client  sysctl kernel.panic = 1' 'client  socket() = c'
wrong 'a name before it exists' "'?c'?" 'client  close(c) = 0'
wrong 'a call on a closed name' 'closed' 'client  socket() = c' 'client  close(c) = 0' \
	'client  listen(c, 1) = 0'
wrong 'an unknown beginning' 'did you mean started\?' 'use     startd' 'client  close(c) = 0'
expect 'check names it, too' 2 '^wrong\.tcp:1:' lab check wrong.tcp
expect 'one wrong script: nothing is run' 2 '^wrong\.tcp:1:' tcplab connect-refused wrong.tcp
expect 'one wrong script: no verdict' 0 '^0$' sh -c "'$program' --library lib connect-refused wrong.tcp 2>/dev/null | wc -l"

script many.tcp 'repeat 127 as i' 'server  fork() = kid$i' 'end'
expect 'more processes than there can be' 2 '^many\.tcp:2:1: at most 128 threads and processes' tcplab many.tcp

# ---- what the numbers of a fault pick ----
script begin.tcp '# A connection' 'server  socket() = l' 'server  bind(l, :8080) = 0' 'server  listen(l, 5) = 0' \
	'client  socket() = c' 'client  connect(c, server:8080) = 0' '  client> S' '  server> S.' '  client> .'
below() { # LINE...: a script that begins with a connection
	cp begin.tcp below.tcp
	printf '%s\n' "$@" >>below.tcp
	tcplab -4 -6 below.tcp
}
script early.tcp 'router  drop client> P. 1:6(5)'
expect 'numbers before there is any connection' 3 'early\.tcp:1: no connection of that host has begun' tcplab early.tcp
expect 'a reset of what is no connection, beside one' 0 '2 passed, 0 failed' below \
	'router  drop server> R. 0:0(0) times 1' 'client  socket() = d' 'client  connect(d, server:9) ...' \
	'  client> S' '  server> R. 0:0(0) lost' '  client> S' '  server> R. 0:0(0)' \
	'  client  ... connect(d, server:9) = -1 ECONNREFUSED'
script reset.tcp 'router  drop server> R. 0:0(0) times 1' 'client  socket() = d' \
	'client  connect(d, server:9) = -1 ECONNREFUSED' '  client> S' '  server> R. 0:0(0) lost' '  client> S' \
	'  server> R. 0:0(0)'
expect 'such a reset, and no connection yet' 0 '2 passed, 0 failed' tcplab -4 -6 reset.tcp
expect 'a SYN-ACK is held, and released by its numbers' 0 '2 passed, 0 failed' below \
	'router  hold server> S. 0:0(0)' 'client  socket() = d' 'client  connect(d, server:8080) ...' \
	'  client> S' '  server> S. held' 'router  release server> S. 0:0(0)' '  >client S.' \
	'client  ... connect(d, server:8080) = 0' '  client> .' 'router  heal hold server> S. 0:0(0)'
expect 'numbers without flags may be those of a SYN' 0 '2 passed, 0 failed' below \
	'router  drop client> 0:0(0) times 1' 'client  socket() = d' 'client  connect(d, server:8080) = 0' \
	'  client> S lost' '  client> S' '  server> S.' '  client> .'
expect 'what is not written follows from the rest' 0 '2 passed, 0 failed' below \
	'router  drop client> *:6(5) times 1' 'client  send(c, "hello") = 5' '  client> P. 1:6(5) lost' \
	'  client> P. 1:6(5)'
expect 'numbers that contradict each other' 3 'below\.tcp:12: 1 and a length of 5 make 6, not 9, with' below \
	'client  send(c, "hello") = $n' '  client> P.' 'router  drop client> 1:9($n)'
# A number that is computed while running is not cut to the bits of its field.
for line in 'client  connect(d, server:$n + 65535) = 0;a port is 0 to 65535, not 65536, with $n = 1' \
	'client  connect(d, server:$n - 2) = 0;a port is 0 to 65535, not -1, with' \
	'client  connect(d, {sa_family=AF_INET6, server:65536 + $n}) = 0;a port is 0 to 65535, not 65537, with' \
	'client  send(c, ..., $n - 2) = 0;the length in one call is 0 to [0-9]*, not -1, with' \
	'client  setsockopt(c, SO_MARK, 4294967295 + $n) = 0;SO_MARK cannot have that value: it has 32 bits, with' \
	'client  setsockopt(c, SO_MARK, 9223372036854775807 + $n) = 0;the result is too large a number, with' \
	'server  poll([{fd=l, events=POLLIN}], $n + 1, 0) = 0;there is 1 in the list, with' \
	'router  forge ghost:g> S to server:$n + 65535;a port is 0 to 65535, not 65536, with' \
	'router  forge client:c> . <mss 65535 + $n>;mss is 0 to 65535, not 65536, with' \
	'router  forge client:c> .U urg 65535 + $n;an urgent pointer is 0 to 65535, not 65536, with' \
	'router  drop client> udp (65507 + $n);a datagram.s length is 0 to 65507, not 65508, with' \
	'router  drop client> skip $n - 2;skip is 0 to 4294967293, not -1, with'; do
	pattern=${line#*;}
	expect "a number that does not fit: ${line%;*}" 3 "^broken  below,ipv6  \(below\.tcp:12: ${pattern//\$/\\$}" below \
		'client  getsockopt(c, SO_TYPE, [$n]) = 0' 'client  socket() = d' "${line%;*}"
done
expect 'flags: none' 0 '2 passed, 0 failed' below 'router  drop client> -' 'client  send(c, "hello") = 5' '  client> P.'
expect 'numbers in the connection of that address' 0 '2 passed, 0 failed' below \
	'client  socket() = d' 'client  bind(d, client2:0) = 0' 'client  connect(d, server:8080) = 0' \
	'  client> S' '  server> S.' '  client> .' 'client  socket() = e' 'client  connect(e, server:8080) = 0' \
	'  client> S' '  server> S.' '  client> .' 'router  drop client2> 1:6(5) times 1' \
	'client  send(e, "hello") = 5' '  client> P. 1:6(5)' 'client  send(d, "hello") = 5' \
	'  client> P. 1:6(5) lost' '  client> P. 1:6(5)'

# ---- released packets ----
echo 'server  accept(l) = x' >>begin.tcp
expect 'what a hold provokes when it is lifted passes' 0 '2 passed, 0 failed' below 'router  hold' \
	'client  send(c, "hello") = 5' '  client> P. held' 'server  shutdown(x, SHUT_WR) = 0' '  server> F. held' \
	'router  heal' '  >server P.' '  server> . ack 6' '  >client F.' '  client> . ack 2' \
	'client  send(c, "abc") = 3' '  client> P. 6:9(3)'
expect 'the other one stays' 0 '2 passed, 0 failed' below 'router  hold client> P.' 'router  hold server> .' \
	'client  send(c, "hello") = 5' '  client> P. held' 'router  heal hold client> P.' '  >server P.' \
	'  server> . ack 6 held' 'client  send(c, "abc") = 3' '  client> P. 6:9(3)' '  server> . ack 9 held' \
	'router  heal' '  >client . ack 6' '  >client . ack 9'
expect 'a hold that has all it may is as good as lifted' 0 '2 passed, 0 failed' below \
	'router  hold times 1' 'client  send(c, "hello") = 5' '  client> P. held' 'router  release' '  >server P.' \
	'  server> . ack 6' 'client  send(c, "abc") = 3' '  client> P. 6:9(3)' 'router  heal'
expect 'what is delayed keeps its time' 0 '2 passed, 0 failed' below 'router  delay 100ms client> P.' \
	'client  send(c, "hello") = 5' '  client> P. @sent' 'router  heal' '  @sent+100ms..190ms >server P.' \
	'  server> . ack 6' 'client  send(c, "abc") = 3' '  client> P. 6:9(3) @next' '  @next+0..90ms >server P. 6:9(3)'
script ordered.tcp 'server  socket(..., SOCK_DGRAM) = s' 'server  bind(s, :5000) = 0' \
	'client  socket(..., SOCK_DGRAM) = u' 'router  hold' 'repeat 8 as i' \
	'client  sendto(u, ..., 10 + $i, 0, server:5000) = 10 + $i' '  client> udp (10 + $i) held' 'end' \
	'router  heal' 'repeat 8 as i' '  >server udp (10 + $i)' 'end'
expect 'what is held keeps its order' 0 '2 passed, 0 failed' tcplab -4 -6 ordered.tcp

# ---- a run that does not end ----
script hangs.tcp 'client  socket() = c' 'client  bind(c, :80) = 0' 'client  listen(c, 1) = 0' \
	'client  accept(c) = x'
expect 'a call that never returns is reported' 1 'accept' tcplab --timeout 300ms hangs.tcp
script centuries.tcp 'client  socket() = c' 'quiet   600000h' 'quiet   600000h' \
	'quiet   600000h' 'quiet   600000h' 'quiet   600000h'
expect 'one that takes centuries' 0 'skip  centuries .*takes [0-9]+ s here' tcplab centuries.tcp
script slow.tcp 'client  socket() = c' 'quiet   50s'
expect 'one that takes long is skipped, and why' 0 'skip  slow .*takes 50 s here; --slow' tcplab slow.tcp
expect 'a run beyond its limit is ended, and says where' 3 \
	'^broken  slow  \(slow\.tcp:2: the run was cut off at its limit of 0\.5 s; --limit gives it more\)$' \
	tcplab --slow --limit 500ms slow.tcp
for unit in 1h 1min 60s 60sec 60000ms; do
	expect "a limit of $unit, as a script says it" 0 '^pass  connect-refused' tcplab -q --limit $unit connect-refused
done

script vanishing.tcp '# what is used' 'server  socket() = z'
script vanishes.tcp 'use vanishing' 'param n = 1..3' 'quiet 500ms'
expect 'what a script uses is read once, whatever becomes of the file' 0 '^3 passed' sh -c \
	"(sleep 0.5; rm vanishing.tcp) & '$program' --library lib --results results -q -j 1 vanishes.tcp; wait"
# ---- showing that it is still at work ----
script still.tcp 'client  socket() = c' 'quiet   1500ms'
script stiller.tcp 'client  socket() = c' 'quiet   1s' 'quiet   1s'
on_terminal() { # ARGUMENT...: both streams on a terminal, including what is overwritten
	TERM=xterm command script -qec "$program --library lib --results results $*" /dev/null | tr '\r' '\n' | cat -v
}
if type -P script >/dev/null; then
	expect 'a run that takes long says so, on a terminal' 0 '^\^\[\[Krunning still \(takes 1 s\), 1 s' on_terminal -q still.tcp
	expect 'of several, how many are done' 0 '^\^\[\[K1 of 3 done, [12] running, 0 failed: stiller \(takes 2 s\), 1 s' \
		on_terminal -q -j 3 connect-refused stiller.tcp connect-refused
	expect 'that line goes before a verdict comes' 0 '^\^\[\[K\^\[\[32mpass\^\[\[m  still ' on_terminal -q still.tcp
fi
expect 'nothing of it where there is no terminal' 0 '^1$' sh -c \
	"TERM=xterm '$program' --library lib --results results -q still.tcp 2>&1 | wc -l"
# The built program is the one under test.
mkdir tree
cp "${program%/build*/*}/run.sh" tree
printf 'all:\n\tmkdir -p build\n\tcp %s build/tcplab\n' "$program" >tree/Makefile
expect 'a build is announced' 0 '^tcplab: building it' tree/run.sh --version
expect 'nothing is where nothing is built' 0 '^1$' sh -c 'tree/run.sh --version 2>&1 | wc -l'

# ---- what a run may use ----
script lib/beginnings/talking.tcp '# one connection' 'server  socket() = l' 'server  bind(l, :8080) = 0' \
	'server  listen(l, 5) = 0' 'client  socket() = c' 'client  connect(c, server:8080) = 0' '          client> S' \
	'          server> S.' '          client> .' 'server  accept(l) = x'
cat >bulk.tcp <<'END'
use     talking
repeat  10
client  send(c, ..., 10000000) ...
server  recv(x, ..., 10000000, MSG_WAITALL) = 10000000
        ...
        client ... send() = 10000000
end
END
sed '1i capture headers' bulk.tcp >headers.tcp
sed 's/^repeat .*/repeat  2/' headers.tcp >headers-few.tcp
script buffers.tcp 'client  socket(..., SOCK_DGRAM) = s' 'repeat  5 as i' 'client  thread() = t$i' \
	'client.t$i  recv(s, ..., 64000000) ...' 'end'
expect 'more memory than a run may have' 3 "^broken  bulk  \(bulk\.tcp:[0-9]+: .*the run's memory grew to more than 64 MB; --memory gives it more" \
	tcplab -q --memory 64M bulk.tcp
expect 'such a one leaves its verdict only' 0 '^result.json$' ls "results/$kernel/bulk"
expect 'more captures than a run may have' 3 '^broken  bulk  \(bulk\.tcp:[0-9]+: .*the captures grew to more than 3 MB; --captured gives it more' \
	tcplab -q --captured 3M bulk.tcp
expect 'more time than a run may have, while it is busy' 3 'the run was cut off at its limit of 0\.1 s' \
	tcplab -q --limit 100ms bulk.tcp
default=() # with sanitizers it is another one
[[ $program == *sanitize* ]] && default=(--memory 256M)
expect 'buffers of calls that are under way' 3 '^broken  buffers  \(buffers\.tcp:4: .*this call, and those that are under way, need 305\.2 MB, which is more than the run.s memory of 256 MB' \
	tcplab -q "${default[@]}" buffers.tcp
expect 'a budget that is larger' 0 '^pass' tcplab -q --memory 1G buffers.tcp
script flags.tcp 'client  socket() = c' 'client  send(c, "x", 1, 0x40004000) = -1 EPIPE'
expect 'a flag as a number is no data' 0 '^pass' tcplab -q flags.tcp
expect 'a small budget is told in bytes' 3 'the captures grew to more than 1500 bytes; --captured' \
	tcplab -q --captured 1500 bulk.tcp
for size in 0x10M 1e3 1Mb '1 M' 0; do
	expect "a size that is none: $size" 2 "--memory: expected a size such as 300M, not '$size'" tcplab --memory "$size" bulk.tcp
done
expect 'a size that is none' 2 "--memory: expected a size such as 300M, not '3X'" tcplab --memory 3X bulk.tcp
expect 'headers only: what took too much memory takes little' 0 '^pass' tcplab -q --memory $((64 * dear))M headers.tcp
expect 'headers only: which is no advice any more' 3 'the captures grew to more than 1 MB; --captured gives it more\)$' \
	tcplab -q --captured 1M headers.tcp
expect 'headers only: there are few events' 0 '^few$' sh -c "'$program' --library lib --results results -q headers-few.tcp >/dev/null
	test \$(stat -c %s 'results/$kernel/headers-few/result.json') -lt 3000000 && echo few"
if command -v capinfos >/dev/null; then
	expect 'captures tell the true lengths' 0 '^Data size: +2[0-9] MB' capinfos -d "results/$kernel/headers-few/client.pcap"
	expect 'of what is not there' 0 '^File size: +[1-4][0-9]* [kM]B' capinfos -s "results/$kernel/headers-few/client.pcap"
fi
script headers-lost.tcp 'capture headers' 'use     talking' 'client  send(c, "a") = 1' \
	'router  drop client> P. times 1' 'client  send(c, "bcd") = 3' '          client> P. 2:5(3) lost' \
	'          client> P. 2:5(3)' 'client  shutdown(c, SHUT_WR) = 0' '          client> F. 5:5(0)' \
	'          server> . ack 6'
expect 'headers only: what is lost, sent again, and the end are told' 0 '^2 passed' tcplab -q -4 -6 headers-lost.tcp
script headers-quiet.tcp 'capture headers' 'use     talking' \
	'client  setsockopt(c, SO_MAX_PACING_RATE, [100000]) = 0' 'client  send(c, ..., 80000) = 80000' '        ...' \
	'quiet   150ms' 'server  recv(x, ..., 80000, MSG_WAITALL) = 80000'
expect 'headers only: there is no silence while something merely passes' 0 '^pass .*\(([89][0-9][0-9] ms|[1-9]\.[0-9] s)\)$' \
	tcplab -q headers-quiet.tcp
script headers-none.tcp 'capture headers' 'use     talking' 'client  send(c, "a") = 1' '          client> P. 1:2(1)'
expect 'headers only: who waits for what merely passes is told so' 1 \
	'^headers-none\.tcp:4: expected client> P\. 1:2\(1\); got nothing that is reported: with .capture headers. packets that merely pass are not$' \
	tcplab -q --timeout 300ms headers-none.tcp
script headers-arp.tcp 'capture headers' 'router  sysctl net.ipv4.neigh.server.retrans_time_ms = 50' \
	'client  socket() = c' 'client  connect(c, nowhere:8080) = -1 EHOSTUNREACH' \
	'          client> S lost' '          router> arp to nowhere' '          ...'
expect 'headers only: questions to neighbours are told' 0 '^pass' tcplab -q headers-arp.tcp
script headers-own.tcp 'capture headers' 'client  drop server>' 'client  socket() = c'
expect 'headers only: not what a host'"'"'s own firewall takes' 2 '^headers-own\.tcp:2:1: with .capture headers. nothing is forged' \
	tcplab headers-own.tcp
script headers-dup.tcp 'capture headers' 'use     talking' 'router  dup client> P. times 1'
expect 'headers only: nothing is duplicated' 2 '^headers-dup\.tcp:3:1: with .capture headers. nothing is forged or duplicated' \
	tcplab headers-dup.tcp
script headers-delay.tcp 'capture headers' 'use     talking' 'router  delay 30ms server> . times 1' \
	'client  send(c, ..., 20000) = 20000' 'server  recv(x, ..., 20000, MSG_WAITALL) = 20000' 'quiet   100ms'
expect 'headers only: an ACK that a later one has overtaken arrives' 0 '>client \. ack [0-9]' \
	tcplab -v headers-delay.tcp
script headers-pieces.tcp 'capture headers' 'server  socket(..., SOCK_DGRAM) = u' 'server  bind(u, :9000) = 0' \
	'client  socket(..., SOCK_DGRAM) = s' 'client  sendto(s, ..., 5000, 0, server:9000) = 5000' \
	'          client> udp(5000)' 'server  recv(u, ..., 6000) = 5000'
expect 'headers only: a datagram in pieces is whole' 0 '^2 passed' tcplab -q -4 -6 headers-pieces.tcp
script headers-what.tcp 'capture header' 'client  socket() = c'
expect 'capture what' 2 "^headers-what\.tcp:1:9: .*headers" tcplab headers-what.tcp

[ "$chosen" = 1 ] && finish
half=2

# ---- two kernels: here both are the running one ----
script connect-open.tcp 'server  socket() = l' 'server  bind(l, :8080) = 0' 'server  listen(l, 5) = 0' \
	'client  socket() = c' 'client  connect(c, server:8080) = 0' '          client> S' '          server> S.' \
	'          client> .'
expect 'a record: counters' 0 '"TcpOutRsts": 1' tcplab --record --json connect-refused
expect 'a record: names of counters' 0 '"counter_names": ".*TcpExtTCPPureAcks' tcplab --record --json connect-refused
expect 'a record: headers' 0 '"option_kinds": "2,4,8,1,3"' tcplab --record --json connect-refused
expect 'a record: sockets' 0 '"info_size": [0-9]{3}' tcplab --record --json connect-open.tcp
expect 'none, unless it is asked for' 1 '' sh -c "'$program' --library lib --results results --json connect-refused | grep -E 'record|counter_names|option_kinds'"
script lib/connect/connect-each.tcp '# one run for each port, and a table' 'param   port = 81 82' \
	'client  socket() = c' 'client  connect(c, server:$port) = -1 ECONNREFUSED' \
	'          client> S' '          server> R.' 'table   port=$port'
expect 'diff: they agree' 0 '^1 agree, 0 differ$' lab diff host host connect-refused --results both
for side in old new; do
	expect "diff: the results of the $side one" 0 'server> R\.' cat "both/$side/$kernel/connect-refused/transcript.txt"
done
expect 'diff: what is left there from earlier is not compared' 0 '^1 agree, 0 differ, 1 not run on both$' \
	lab diff host host connect-future connect-refused --results both
expect 'diff: a table is no run' 0 '^2 agree, 0 differ$' lab diff host host connect-each
expect 'diff: to fail on both is not to agree' 1 '^1 agree, 0 differ, 1 failed on both$' \
	lab diff host host connect-wrong connect-refused
expect 'diff: what failed on both is named, with the reason' 1 \
	'^failed on both: connect-wrong \(lib/connect/connect-wrong\.tcp:3: expected client  connect\(.*ETIMEDOUT; got .*ECONNREFUSED\)$' \
	lab diff host host connect-wrong connect-refused
expect 'diff: what was skipped is named' 0 \
	'^not run on both: connect-future \(host: needs kernel >= 999.*; host: needs kernel' \
	lab diff host host connect-future connect-refused
expect 'diff: and counted' 0 '^1 agree, 0 differ, 1 not run on both$' lab diff host host connect-future connect-refused
expect 'diff without two kernels' 2 'diff which kernels' lab diff host
expect 'diff without such a kernel' 2 '^tcplab: there is no kernel 9.99' lab diff host 9.99 --results diffed
expect '.. which is seen before anything runs' 1 '^$' test -e diffed
expect 'diff without such a scenario' 2 "no scenario is called 'qqq'" lab diff host host qqq
expect 'diff: results that cannot be written' 3 'no/such/place' lab diff host host --results no/such/place
expect 'diff --deep: in virtual time only' 2 'in virtual time only' lab diff --deep host 6.12
if command -v python3 >/dev/null; then
	diff_json() { # ARGUMENT...: of the document that it prints, the counts and who is named
		local document status
		document=$(lab diff --json host host "$@")
		status=$?
		python3 -c 'import json, sys
d = json.load(sys.stdin)
names = [[run["run"] for run in d[key]] for key in ("differences", "failed", "not_run")]
print(d["old"], d["new"], d["agree"], d["differ"], names)' <<<"$document"
		return $status
	}
	expect 'diff --json: one document' 1 "^host host 1 0 \[\[\], \['connect-wrong'\], \['connect-future'\]\]$" \
		diff_json connect-refused connect-wrong connect-future
	expect 'diff --json: they agree' 0 '^host host 2 0 \[\[\], \[\], \[\]\]$' diff_json connect-each
fi
expect 'diff --verbose: with --deep only' 2 '--verbose is for diff --deep' lab diff -v host host
running() { # how many processes have that word of ours in their command line; the brackets keep grep out
	grep -lsa "[i]nterrupted-$$" /proc/[0-9]*/cmdline | wc -l
}
interrupted_diff() { # SIGNAL: its status, and what it has left
	local pid status tries=500
	set -m
	"$program" --library lib diff host host hangs.tcp connect-refused{,,,,,,,} --results interrupted-$$ >interrupted.out 2>&1 &
	pid=$!
	set +m
	sleep 0.3
	kill -s "$1" "$pid"
	wait "$pid"
	status=$?
	while (($(running) > 0 && tries-- > 0)); do
		sleep 0.02
	done
	echo "status $status, left $(running) $(directories_left)"
}
directories_left() {
	find "$TMPDIR/tcplab-$(id -u)" -name 'diff-*' | wc -l
}
# Nobody reads what it prints.
unread_diff() {
	local gone
	exec {gone}> >(exec true)
	wait $!
	"$program" --library lib diff host host connect-refused >&"$gone" &
	wait $!
	echo "status $?, left $(directories_left)"
}
script silent.tcp 'client  socket() = c' 'quiet   1500ms'
expect 'diff: what takes long says that it is still at work' 0 '^tcplab: running on host, [1-9] s$' \
	lab diff host host silent.tcp
expect 'diff: a reader who has gone leaves nothing' 0 '^status 141, left 0$' unread_diff
expect 'diff: no standard output' 3 '^tcplab: cannot write to standard output$' \
	sh -c "'$program' --library lib diff host host connect-refused >&-"
expect 'diff: nothing else is in its place' 1 '' \
	sh -c "'$program' --library lib diff host host connect-refused 2>&1 >&- | grep -v 'cannot write'"
expect 'diff: SIGINT leaves nothing' 0 '^status 130, left 0 0$' interrupted_diff INT
expect 'diff: SIGTERM leaves nothing' 0 '^status 130, left 0 0$' interrupted_diff TERM
expect 'diff: SIGKILL leaves no process' 0 '^status 137, left 0 1$' interrupted_diff KILL
expect 'diff: and the next one tidies up' 0 '^1 agree' lab diff host host connect-refused
expect 'diff: nothing is left' 0 '^0$' directories_left

# ---- processes that somebody outside ends or stops ----
children() {
	cat "/proc/$1/task/$1/children" 2>/dev/null
}
descendants() {
	local child
	for child in $(children "$1"); do
		echo "$child"
		descendants "$child"
	done
}
cat >outside.tcp <<'END'
use     talking
server  recv(x, ..., 10) ...
quiet   2s
client  send(c, "one") = 3
          client> P. 1:4(3)
        server ... recv(x, "one") = 3
END
killed_from_outside() { # SIGNAL, NTH of its processes: the run's own, the hosts' first ones, client, server
	local pid pids tries=500
	"$program" run -q --library lib --results outside outside.tcp >outside.out 2>&1 &
	pid=$!
	# All processes exist (the last one tidies up), and the server is in its call.
	while sleep 0.02 && ((tries-- > 0)); do
		mapfile -t pids < <(descendants "$pid")
		((${#pids[@]} == 6)) && grep -qs . "/proc/${pids[0]}/syscall" && break
	done
	sleep 0.3
	kill -s "$1" "${pids[$2]}"
	wait "$pid"
	echo "status $?, $(grep -c '^broken  outside' outside.out)"
	cat outside.out
}
for nth in 0 1 2 3 4; do
	expect "process $nth is killed from outside" 0 '^status 3, 1$' killed_from_outside KILL $nth
done
# A signal without a name in scripts has still killed it; it has not exited.
expect 'a client is killed by a real-time signal' 0 '\(client was killed by SIGRTMIN\+3 from outside' \
	killed_from_outside RTMIN+3 2
expect 'a run is killed by a real-time signal' 0 '\(its process was ended by SIGRTMIN\+3\)' killed_from_outside RTMIN+3 0

# A timer removes the cork, after 200 ms, if the run does not do so before.
cat >paused.tcp <<'END'
client  sysctl net.ipv4.tcp_congestion_control = reno
use     talking
client  setsockopt(c, TCP_CORK, 1) = 0
client  send(c, "hello") = 5
client  ss c ESTAB 0 5 timer:(persist,200ms,0)
client  send(c, "head") = 4
client  send(c, "body") = 4
quiet   50ms
client  setsockopt(c, TCP_CORK, 0) = 0
          client> P. 1:14(13)
          server> . ack 14
END
paused() { # The run's process is stopped for 30 ms of each 34 ms: no delay is long, but together they take almost all the time.
	local pid run
	"$program" run --library lib --results outside paused.tcp >paused.out 2>&1 &
	pid=$!
	while [ -e "/proc/$pid/exe" ]; do
		run=$(children "$pid")
		run=${run%% *}
		[ -n "$run" ] && kill -STOP "$run" && sleep 0.03 && kill -CONT "$run"
		sleep 0.004
	done 2>/dev/null
	wait "$pid"
	echo "status $?"
	cat paused.out
}
expect 'a run that is kept from its work little by little is not failed without saying so' \
	0 '^status 0$|run was disturbed: the engine had to wait' paused

# A process that returns late because somebody else had stopped it: its call takes two seconds, so that it goes on when
# the signal comes, on a busy machine, too; and it is stopped for longer.
stopped() { # ATTEMPTS, NTH process, its name in messages, CALL
	local pid pids attempt nth=$2 tries=1000 last=
	script stopped.tcp 'use     talking' 'client  fork() = kid' "$3  $4 ..." "  +2s  $3 ... ${4%%(*}() = 0"
	"$program" run --json --library lib --results outside stopped.tcp >stopped.out 2>&1 &
	pid=$!
	for ((attempt = 0; attempt < $1; attempt++)); do
		# The last process tidies up.
		while sleep 0.02 && ((tries-- > 0)); do
			mapfile -t pids < <(descendants "$pid")
			((${#pids[@]} == 7)) && [ "${pids[nth]}" != "$last" ] &&
				grep -qsE '^(7|271) ' "/proc/${pids[nth]}/syscall" && break # it polls
		done
		last=${pids[nth]}
		sleep 0.1
		# On a busy machine the call may be over by now, and this run with it: the next one is stopped instead.
		kill -STOP "$last" 2>/dev/null || {
			((tries > 0)) || break
			((attempt--))
			continue
		}
		sleep 2.5
		kill -CONT "${pids[nth]}"
		sleep 0.1
	done
	wait "$pid"
	echo "status $?"
	cat stopped.out
}
poll='poll([{fd=c, events=POLLIN}], 1, 2000)'
ppoll='ppoll([{fd=c, events=POLLIN}], 1, {tv_sec=2}, [SIGUSR1])'
script numbered.tcp 'client  fork() = kid' 'client  kill(kid, 19) = 0' '+100ms  client  kill(kid, 18) = 0' 'client.kid  socket() = x'
expect 'a script stops a process, by the number of the signal: nobody else has' 0 '^1 0$' sh -c "'$program' run --json --library lib \
	--results outside numbered.tcp >numbered.out; echo \$(grep -c '\"verdict\": \"pass\"' numbered.out) \
	\$(grep -c stopped numbered.out)"
expect 'a script kills by a number that has no name: nobody else has' 1 'fail  forty' sh -c "printf '%s\n' 'client  fork() = kid' \
	'client  kill(kid, 40) = 0' 'client.kid  +++ killed by SIGKILL +++' >forty.tcp
	'$program' run --results outside forty.tcp"
expect 'a client that was stopped is late, which is not held against the kernel' 0 '"unsure": 1}' \
	stopped 1 2 client "$poll"
expect 'nor when it has a mask of its own' 0 '"unsure": 1}' stopped 1 2 client "$ppoll"
expect 'nor is a process that it has forked' 0 '"unsure": 1}' stopped 1 3 client.kid "$poll"
expect 'who is stopped each time says nothing about the kernel' 0 \
	'"broken": "it was disturbed in each of 4 attempts, ' \
	stopped 4 3 client.kid "$poll"
expect 'by whom is said' 0 'somebody else has stopped a process of the client ' cat stopped.out
expect 'what mismatched is said all the same' 0 '"message": "expected .*poll\(\) = 0.*; got ' cat stopped.out

# ---- hardly any descriptors ----
# Whatever this lack does to a run, it is not a verdict on the kernel.
few() { # LIMIT COMMAND...
	(ulimit -n "$1" && shift && exec "$@")
}
script thirty.tcp '# takes thirty of them' 'repeat  30 as i' 'client  socket() = c$i' 'end' \
	'client  thread() = t' 'client.t  close(c0) = 0' 'client  fork() = kid' 'client.kid  close(c1) = 0'
script firewall.tcp '# has libnftables open some more' 'router  drop client>' 'client  socket() = c' 'client  mute'
for limit in 8 10 12 14 16 18 20 22 24 26 28 32 36 40 48 56 64; do
	few $limit "$program" run -q --library lib --results few connect-refused thirty.tcp firewall.tcp >few.out 2>&1
	expect "no run fails with $limit descriptors" 0 '^3 of 3$' \
		sh -c "echo \$(grep -acE '^(pass|broken)  ' few.out) of \$(grep -acE '^(pass|broken|fail|skip)  ' few.out)"
	expect "each that is broken says why: $limit" 0 '^0$' \
		sh -c "grep -a '^broken' few.out | grep -vac 'ulimit -n'; true"
	expect "nothing else is printed: $limit" 0 '^0$' sh -c "tr -cd '\\000' <few.out | wc -c"
done
expect 'more descriptors than there are' 3 \
	'^broken  thirty  \(thirty\.tcp:3: \(round [0-9]+ of the repeat at line 2\) socket\(\) found no descriptor left: a process may have 20 here, which ulimit -n can raise\)$' \
	sh -c "ulimit -S -n 20; '$program' run -q --results few thirty.tcp"
expect 'a limit of the script'"'"'s own is its own' 1 '^fail  own-limit' sh -c "printf '%s\n' \
	'client  setrlimit(RLIMIT_NOFILE, {rlim_cur=3, rlim_max=3}) = 0' 'client  socket() = c' >own-limit.tcp
	'$program' run -q --results few own-limit.tcp"

# ---- run again when the file is saved ----
heard() { # BEGINNING: of a line that it prints
	local line
	while read -rt 60 -u 9 line; do
		[[ $line == "$1"* ]] && return
	done
	echo "never printed: $1"
}
saved() { # what does not happen while the file is written, replaced, and wrong; and what is left after SIGINT
	local pid status tries=500 file=$'watched\e.tcp'
	script "$file" '# passes' 'client  socket() = c'
	mkfifo watched.out
	set -m # otherwise a background job ignores SIGINT
	# Under nohup, and as a child of somebody who asks for no child's status.
	env --ignore-signal=HUP --ignore-signal=CHLD \
		"$program" watch -q --results interrupted-$$ "./$file" >watched.out 2>&1 &
	pid=$!
	set +m
	exec 9<watched.out
	heard 'pass  watched'
	kill -s HUP "$pid"
	script "$file" '# fails' 'client  socket() = c' 'client  close(c) = -1 EBADF'
	heard 'fail  watched'
	script watched.new '# is wrong' 'client  wocket() = c'
	mv watched.new "$file"
	heard './watched\x1b.tcp:2:9: unknown call'
	script watched.new '# passes' 'client  socket() = c'
	mv watched.new "$file"
	heard 'pass  watched'
	script "$file" '# takes long' 'client  socket() = c' 'quiet   50s'
	heard '---- ./watched\x1b.tcp, saved '
	kill -s INT "$pid"
	wait "$pid"
	status=$?
	exec 9<&-
	while (($(running) > 0 && tries-- > 0)); do
		sleep 0.02
	done
	echo "status $status, left $(running)"
}
expect 'watch: each save is a run, and Ctrl-C ends it' 0 '^status 130, left 0$' saved
expect 'watch: of several' 2 '^tcplab: watch takes one scenario$' lab watch connect-refused connect-wrong
expect 'watch: a file that is not there' 2 '^tcplab: cannot read none\.tcp: No such file' "$program" watch none.tcp

# ---- Ctrl-C at any moment: nothing is left ----
interrupt() { # SIGNAL SECONDS: what is left after a time in which all could end (nothing waits for their end)
	local pid status tries=500
	set -m # otherwise a background job ignores SIGINT
	"$program" --library lib --results interrupted-$$ --slow -q slow.tcp connect-refused{,,,,,,,} slow.tcp \
		>interrupted.out 2>&1 &
	pid=$!
	set +m
	sleep "$2"
	kill -s "$1" "$pid"
	wait "$pid"
	status=$?
	while (($(running) > 0 && tries-- > 0)); do
		sleep 0.02
	done
	echo "status $status, left $(running) $(find interrupted-$$ -name '.tcplab-unfinished-*' 2>/dev/null | wc -l)"
	((status >= 128)) || cat interrupted.out
}
# `--until-fail` is usually ended in this way, so its reports must be complete.
endless() { # ROUNDS OPTION: what it has printed when it was interrupted after ROUNDS rounds
	local pid status tries=1500
	rm -rf endless
	set -m
	"$program" --library lib --results endless --until-fail "$2" connect-refused >endless.out 2>&1 &
	pid=$!
	set +m
	while ! [[ -d endless/$kernel/connect-refused,round=$1 ]] && ((tries-- > 0)); do
		sleep 0.02
	done
	kill -s INT "$pid"
	wait "$pid"
	status=$?
	cat endless.out
	return "$status"
}
kernel=$(uname -r)
expect 'SIGINT until one fails: the counts' 130 '^[0-9]+ passed, 0 failed, 0 skipped$' endless 3 -q
plan_of_tap() {
	endless 3 --tap >tap.out
	echo "$(grep -c '^ok' tap.out) of $(sed -n 's/^1\.\.//p' tap.out)"
}
expect 'SIGINT until one fails: TAP with its plan' 0 '^([0-9]+) of \1$' plan_of_tap
end_of_json() {
	endless 3 --json | python3 -c 'import json, sys; d = json.load(sys.stdin); print(d["passed"] - len(d["runs"]), "missing")'
}
if command -v python3 >/dev/null; then
	expect 'SIGINT until one fails: JSON with an end' 0 '^0 missing$' end_of_json
fi
for delay in 0.02 0.05 0.1 0.15 0.2 0.3; do
	expect "SIGINT after $delay s" 0 '^status 130, left 0 0$' interrupt INT "$delay"
done
# (143: the signal came before the program could handle it.)
expect 'SIGTERM' 0 '^status (130|143), left 0 0$' interrupt TERM 0.3
expect 'SIGKILL leaves no process' 0 '^status 137, left 0 ' interrupt KILL 0.3
# Also nothing of these: a process whose parent has ended, that sleeps in a call, is stopped or has been killed; a
# packet that a router holds, delays or forges.
script slow.tcp 'server  socket() = l' 'server  bind(l, :8080) = 0' 'server  listen(l, 1) = 0' \
	'client  socket() = c' 'router  hold server> S.' 'router  delay 100ms client> .' \
	'client  connect(c, server:8080) ...' '  client> S' '  server> S. held' \
	'server  fork() = kid' 'server.kid  fork() = grandkid' 'server.kid  exit(0) = ?' \
	'  server.kid +++ exited with 0 +++' 'server.grandkid  pause() ...' \
	'server  thread() = t2' 'server.t2  pause() ...' 'server  signal SIGSTOP' \
	'router  release' '  >client S.' '  client> .' '  client ... connect() = 0' \
	'client  fork() = dead' 'client.dead  signal SIGKILL' '  client.dead +++ killed by SIGKILL +++' \
	'router  forge ghost:g> S to server:8080' '  server> S. lost' 'client  mute' 'quiet   500ms' 'quiet   50s'
expect 'a script with all of that' 3 'cut off at its limit' tcplab --slow --limit 800ms slow.tcp
for delay in 0.05 0.1 0.2 0.3; do
	for signal in INT KILL; do
		expect "SIG$signal after $delay s leaves no process" 0 '^status (130|137), left 0 ' interrupt $signal $delay
	done
done

finish
