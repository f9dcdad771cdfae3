#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `try`, as a user calls it, with the test's own program (tests/programs/fetch.c). `try.sh [KERNEL [all]]`: on the
# running kernel, or on KERNEL; all: also what takes seconds of a processor. Prints TAP. TCPLAB names the program.

program=${TCPLAB:-${0%/*}/../build/tcplab}
program=$(realpath "$program") || exit 2
fetch=$(dirname "$program")/tests/programs/fetch
kernel=$1 all=$2
here=$(realpath "${0%/*}")
schema=$(realpath "$here/../docs/try.schema.json")
xsd=$here/data/junit.xsd
scratch=$(mktemp -d) || exit 2
chmod 755 "$scratch"
export TMPDIR=$scratch/tmp
mkdir "$TMPDIR"
trap 'rm -rf "$scratch"' EXIT
. "$here/tap.sh"
cd "$scratch" || exit 2
unset GITHUB_ACTIONS NO_COLOR

# A name stands in the first column of the table. A blank in a regex matches any number of blanks.
try() {
	"$program" try --kernel "${kernel:-host}" --results results "$@" | tr -s ' '
	return "${PIPESTATUS[0]}"
}
expectations() { # FILE LINE...
	local file=$1
	shift
	printf '%s\n' "$@" >"$file"
}
client() { # ROLE [OPTION|FAILURE...]
	local role=$1
	shift
	try --client "$fetch $role" "$@"
}

# A kernel that was built before programs could run on it, and could not be built again.
if [ "$kernel" ] && without=$(client fetch refused 2>&1 | grep -o 'CONFIG_[A-Z_]*'); then
	report ok "try on $kernel # SKIP it was built without $without"
	echo 1..1
	exit
fi

# ---- what is wrong with the command line ----
expect 'nothing to try' 2 "^tcplab: try what\\? --client 'COMMAND' or --server 'COMMAND' names the program\$" try
expect 'there is no such program' 2 "^tcplab: --client: there is no program 'no-such-program'" \
	try --client no-such-program
expect 'there is no such failure' 2 "^tcplab: .*refusd.*did you mean refused" client fetch refusd
expect 'a scenario that is no failure' 2 '^tcplab: connect-refused is not a failure, so nothing can be tried in it' \
	client fetch connect-refused
expect 'a failure of the other side' 2 "^tcplab: silent-client is \`failure server\`, which is not about the client's program\$" \
	client fetch silent-client
expect 'a failure between two programs' 2 "^tcplab: cut-1s is \`failure network\`, which is not about" client fetch cut-1s
expect 'an option of another command' 2 "^tcplab: --fail-fast means nothing to 'try'\$" client fetch --fail-fast refused
expect 'no kernel of that name' 2 'there is no kernel 99.99 yet; .* kernel build 99.99 makes it' \
	"$program" try --kernel 99.99 --client "$fetch fetch" refused
expect 'files on the running kernel' 2 '^tcplab: --keep-files needs a kernel of its own' \
	"$program" try --kernel host --client "$fetch fetch" --keep-files refused
expect 'it can be seen what may be tried' 0 '^ +refused +Nobody listens' "$program" list failures

expect 'a shell completes failures' 0 '^black-hole$' "$program" complete -- try bla
expect '.. and nothing else' 0 '^$' "$program" complete -- try connect-re
expect '.. and its options' 0 '^--expect$' "$program" complete -- try --exp
expect 'the help has it' 0 '^  try +\[FAILURE\.\.\.\] +what a program does in every failure$' "$program" help

# ---- rows ----
expect 'refused' 0 '^refused ECONNREFUSED [0-9.]+ [mu]?s exited with 7 [0-9.]+ [mu]?s - -$' client fetch refused
expect '.. and the last line of its standard error' 0 '^ fetch: connect: Connection refused$' client fetch refused
expect 'half of an answer' 0 '^half-answer-closed EOF .* exited with 18 ' client fetch half-answer-closed
expect 'a reset' 0 '^half-answer-reset ECONNRESET .* exited with 56 ' client fetch half-answer-reset
expect 'a program that does not come to the failure' 0 '^refused not reached exited with 3 ' client nothing refused
expect '.. which is said' 0 '^- did not get that far, so nothing is known: expected server> R\. @failure' client nothing refused
expect '.. not even to one that is there from the beginning' 0 '^network-duplicates not reached exited with 3 ' \
	client nothing network-duplicates
expect 'attempts are counted' 0 '^refused ECONNREFUSED .* exited with 7 .* 49 -$' client 'storm 50' refused
expect '.. with the data that they send' 0 '^half-closed EOF .* exited with 7 .* 2 [0-9]+$' client 'storm 3' half-closed
expect 'globs take the failures of that side' 0 '^4 failures tried$' client fetch 'icmp-*'
expect 'it has 100 columns at most' 1 '^$' sh -c "'$program' try --kernel '${kernel:-host}' --results results \
	--client '$fetch fetch' refused half-answer-closed | grep -E '^.{101}'"

# ---- sentences ----
expect 'half of an answer that is taken for all of it' 0 \
	'^- exits with 0, and has read [0-9]+ of the 100069 bytes of the answer$' client naive half-answer-closed
expect 'a whole answer is not worth a word' 1 '^$' sh -c "'$program' try --kernel '${kernel:-host}' \
	--results results --client '$fetch fetch' synack-lost-twice | grep '^worth knowing'"
expect 'SIGPIPE' 0 '^reset-at-once ECONNRESET .* killed by SIGPIPE ' client heedless reset-at-once
expect '.. and why' 0 '^- is killed by SIGPIPE: it sends on a connection that is closed' client heedless reset-at-once
expect 'attempts without a pause' 0 '^- connects again 49 times within .*, without a pause$' client 'storm 50' refused

# ---- servers ----
expect 'a server that goes on' 0 '^reset-before-accept .* still there ' try --server "$fetch serve" reset-before-accept
expect 'a server that one client ends' 0 '^reset-before-accept ECONNRESET .* exited with 1 ' \
	try --server "$fetch fragile" reset-before-accept
expect '.. which is said' 0 '^- a server that has ended \(exited with 1, .* after the failure\) serves nobody$' \
	try --server "$fetch fragile" reset-before-accept

# ---- two programs ----
expect 'four moments' 0 '^4 failures tried$' try --client "$fetch fetch" --server "$fetch serve" answered-by-resets
expect 'a box that answers with resets' 0 '^answered-by-resets, before-first-byte ECONNRESET ' \
	sh -c "'$program' try --kernel '${kernel:-host}' --results results --client '$fetch fetch' --server '$fetch serve' \
		answered-by-resets | tr '\\n' ' ' | tr -s ' ' | sed 's/answered/\\n&/g'"

two() { # FAILURE...
	try --client "$fetch fetch" --server "$fetch fragile" "$@"
}
expect '.. beside it stands what the server did' 0 '^ server - still there ' two answered-by-resets
expectations server 'any failure: exits with 56' 'any failure: server does not end'
expect '.. of which things can be expected, too' 0 '^4 failures tried, 0 not as expected$' \
	two --expect server answered-by-resets
expectations server 'any failure: server gets EOF'
expect '.. and may not hold' 1 '^ fail server:1: expected: server gets EOF; got: no error$' \
	two --expect server answered-by-resets
two --json --junit two.xml answered-by-resets >two.json
expect '.. in JSON' 0 '^$' python3 -c "
import json, sys
document = json.load(open('two.json'))
for f in document['failures']:
    assert f['program'] == 'client' and f['server']['program'] == 'server' and f['server']['end'] == 'not', f
try:
    import jsonschema
except ImportError:
    sys.exit()
jsonschema.validate(document, json.load(open('$schema')))"
expect '.. and for CI' 0 '^answered-by-resets,moment=amid-request: client: ECONNRESET after .*; server: no error, still there' \
	cat two.xml
if command -v xmllint >/dev/null; then
	expect '.. as its schema says' 0 'validates' xmllint --noout --schema "$xsd" two.xml
fi

# ---- what is expected ----
expectations good '# comments, and empty lines' '' 'any failure: ends within 30s' 'refused, half-*: does not exit with 0' \
	'refused: exits with 7' 'refused: gets ECONNREFUSED' 'refused: connects again at most 0 times'
expect 'what is expected holds' 0 '^2 failures tried, 0 not as expected$' \
	client fetch --expect good refused half-answer-closed
turned() { # NAME LINE EXPECTED GOT ROLE FAILURE
	expectations turned "$2"
	expect "$1" 1 "^ fail turned:1: expected: $3; got: $4\$" client "$5" --expect turned "$6"
}
turned 'a wrong status is named' 'any failure: exits with 8' 'exits with 8' 'exited with 7 after .*' fetch refused
turned 'and a wrong errno' 'refused: gets ECONNRESET' 'gets ECONNRESET' 'ECONNREFUSED' fetch refused
turned 'an error that should not be' '*: gets no error' 'gets no error' 'ECONNREFUSED' fetch refused
# (Its sleep is its own: no busy machine explains that.)
expectations turned 'refused: ends within 1ns'
expect 'a time that is too long' 1 '^ fail turned:1: expected: ends within 1ns; got: exited with 0 after .*$' \
	try --client "$fetch; sleep 2" --expect turned refused
turned 'an end that should not come' 'refused: does not end' 'does not end' 'exited with 7 after .*' fetch refused
turned 'a status that should not be' 'refused: does not exit with 7' 'does not exit with 7' 'exited with 7 after .*' \
	fetch refused
turned 'too many attempts' 'refused: connects again at most 3 times' 'connects again at most 3 times' '9 connections' \
	'storm 10' refused
turned 'a signal that did not come' 'refused: is killed by SIGPIPE' 'is killed by SIGPIPE' 'exited with 7 after .*' \
	fetch refused
turned 'a failure that should not happen' 'refused: does not happen' 'does not happen' 'it has happened' fetch refused
turned 'a failure that did not happen' 'any failure: ends within 60s' 'ends within 60s' 'it has not happened: .*' \
	nothing refused
expectations exception 'any failure: exits with 0' 'refused: exits with 7' 'black-hole: does not happen'
expect 'the last line about a thing counts' 0 ' 0 not as expected$' client fetch --expect exception refused
expect 'one that did not happen, as expected' 0 ' 0 not as expected$' client nothing --expect exception black-hole

wrong() { # NAME LINE COLUMN MESSAGE
	expectations wrong '' "$2"
	expect "$1" 2 "^wrong:2:$3: $4" client fetch --expect wrong refused
}
wrong 'an unknown failure' 'refused, refusd: exits with 7' 10 "no failure is called 'refusd'; did you mean refused\\?"
wrong 'no statement' 'refused: returns 7' 10 'expected one of: ends within DURATION, does not end, '
wrong 'no colon' 'refused exits with 7' 1 'expected FAILURE: STATEMENT'
wrong 'no duration' 'refused: ends within soon' 22 "expected a duration such as 60s, not 'soon'"
wrong 'no number' 'refused: exits with x' 21 "expected a number, not 'x'"
wrong 'no errno' 'refused: gets EBAD' 15 "expected an errno such as ECONNRESET, or EOF, not 'EBAD'"
wrong 'no signal' 'refused: is killed by SIGNONE' 23 "expected a signal such as SIGPIPE, not 'SIGNONE'"
wrong 'too many words' 'refused: exits with 7 always' 23 "expected the end of the line after 'exits with 7'"
wrong 'a word is missing' 'refused: connects again at most 7' 34 "expected 'times'"
expectations empty '# nothing'
expect 'nothing is expected' 2 '^empty:1:1: nothing is expected in this file' client fetch --expect empty refused
expect 'there is no such file' 2 '^tcplab: --expect: .*no-such-file' client fetch --expect no-such-file refused

# ---- reports for machines ----
expect 'a document in JSON' 0 '"failure": ?"refused"' client fetch --json refused
"$program" try --kernel "${kernel:-host}" --results results --client "$fetch fetch" --expect exception --json refused \
	half-answer-closed >try.json 2>&1
expect '.. as its schema says' 0 '^$' python3 -c "
import json, sys
document = json.load(open('try.json'))
assert [f['failure'] for f in document['failures']] == ['refused', 'half-answer-closed'], document
assert document['failed'] == 1 and document['failures'][1]['misses'][0]['got'].startswith('exited with 18'), document
try:
    import jsonschema
except ImportError:
    sys.exit()
jsonschema.validate(document, json.load(open('$schema')))"
expect 'a report for CI' 1 ' 1 not as expected$' client fetch --expect exception --junit junit.xml refused half-answer-closed
expect '.. has the row that does not hold' 0 'message="exception:1: expected: exits with 0; got: exited with 18 after ' \
	cat junit.xml
expect '.. and counts it' 0 'tests="2" failures="1" errors="0" skipped="0"' cat junit.xml
if command -v xmllint >/dev/null; then
	expect '.. as its schema says' 0 'validates' xmllint --noout --schema "$xsd" junit.xml
fi
expect 'in colors' 1 $'\033\\[31mfail\033\\[m' client fetch --expect exception --color always half-answer-closed
expect 'the results are left' 0 '^fetch: connect: Connection refused$' cat results/"$(ls results)"/refused/program.client.err

# ---- where ----
if [ "$kernel" ]; then
	expect 'it says where' 0 "^on Linux $kernel(\.[0-9]+)*, in virtual time\$" client fetch refused
	expect 'without being asked for it, on a kernel that is built' 0 '^on Linux [0-9.]+, in virtual time$' \
		"$program" try --results results --client "$fetch fetch" refused
	expect 'a server in the background' 0 '^reset-before-accept ECONNRESET .* still there 24 h 0 min ' \
		try --server "$fetch daemon" reset-before-accept
	try --client 'echo kept >file; exec false' --keep-files refused >/dev/null
	expect 'what it has written is handed back' 0 '^kept$' cat results/"$kernel".*/refused/files.client/file
	expect 'minutes in a black hole' 0 '^black-hole ETIMEDOUT 2 min [0-9]+ s exited with 7 2 min [0-9]+ s - -$' \
		client fetch black-hole
	expect '.. which is said' 0 \
		'^- hangs for 2 min [0-9]+ s, until connect\(\) gets ETIMEDOUT: no TCP_USER_TIMEOUT, keepalive off' \
		client fetch black-hole
	expect 'for ever' 0 '^never-answered - still hanging 24 h 0 min - -$' client fetch never-answered
	expect '.. keepalive is as the kernel has it' 0 'no TCP_USER_TIMEOUT, keepalive on \(after 7200 s\)' \
		sh -c "'$program' try --kernel '$kernel' --results results --client '$fetch alive' black-hole | tr '\\n' ' ' |
			tr -s ' '"
	expect '.. where' 0 '^- has not ended 24 h 0 min after the failure: it waits in recv\(3, ' client fetch never-answered
	# More than 20000 times.
	expect '.. waking again and again' 0 '^never-answered - still hanging 24 h 0 min - -$' \
		client 'poller 4000' never-answered
	expect '.. twenty times a second, in no call that is seen, is not watched for a day, and the reason is said' 0 \
		'^- has not ended 4 h [0-9]+ min after the failure, and was given up then, because its threads had woken$' \
		client 'waker 50' never-answered
	[ "$all" ] && expect 'nor is keepalive each second, which is answered' 0 \
		'^- has not ended 2 h [0-9]+ min after the failure, and was given up then, because its connections had$' \
		client 'cautious 1' never-answered
	expect 'it only computes' 3 \
		'broken: .* The last call of its program: client send\(3, "\?", 1, 0\) = 1, 0\.[0-9]+ s after the beginning, and none since' \
		sh -c "'$program' try --kernel '$kernel' --results results --limit 4s --client '$fetch spinner' never-answered \
			>said; status=\$?; tr -s ' \\n' ' ' <said; exit \$status"
	expect 'it takes too long, waking again and again' 3 \
		'broken: .* The last call of its program: client poll\(.*, 1, 1\) = 0, 0\.[0-9]+ s after the beginning, and again and again until [0-9]+\.' \
		sh -c "'$program' try --kernel '$kernel' --results results --limit 4s --client '$fetch poller 1' never-answered \
			>said; status=\$?; tr -s ' \\n' ' ' <said; exit \$status"
	expect 'keepalive ends it' 0 '^host-crash-before-answer ETIMEDOUT 3[0-9]\.[0-9] s exited with 56 3[0-9]\.[0-9] s - -$' \
		client cautious host-crash-before-answer
	expect 'a limit of its own' 0 '^never-answered - exited with 28 10\.[0-9] s - -$' \
		client 'fetch-within 10' never-answered
	expect 'a cut that TCP survives' 0 '^cut-30s, amid-request - exited with 0 [0-9.]+ s - [0-9]+$' \
		try --client "$fetch fetch" --server "$fetch serve" cut-30s
else
	# over IPv6; in guests, tests/failures.sh does that
	if command -v curl >/dev/null; then
		try -4 -6 --client 'curl -sS -o /dev/null http://server:8080/' refused half-answer-reset >output
		expect 'over both families' 0 '^4 failures tried$' cat output
		expect '.. curl, refused' 0 '^refused, ipv6 ECONNREFUSED .* exited with 7 ' cat output
		expect '.. curl, half of an answer' 0 '^half-answer-reset, ipv6 ECONNRESET .* exited with 56 ' cat output
	else
		skip 'over both families' 'curl is not installed'
	fi
	if command -v python3 >/dev/null; then
		try -6 --client "python3 -c 'import http.client as h; h.HTTPConnection(\"server\", 8080).request(\"GET\", \"/\")'" \
			refused >output
		expect 'python3 over IPv6' 0 '^refused, ipv6 ECONNREFUSED .* exited with 1 ' cat output
		expect '.. asks for the name' 0 '^ ConnectionRefusedError: ' cat output
	else
		skip 'python3 over IPv6' 'python3 is not installed'
	fi
	try -6 --client 'getent ahosts server' refused >/dev/null
	expect 'a name has no other address' 0 '^fd00:2::1 ' cat results/"$(ls results)"/refused,ipv6/program.client.out
	expect '.. than that' 1 '^$' grep -v '^fd00:2::1 ' results/"$(ls results)"/refused,ipv6/program.client.out

	expect 'it says where, and how to get further' 0 '^on Linux .*, which is running here, in real time$' \
		client fetch refused
	expectations short 'any failure: does not end'
	expect 'after a limit it is not known whether it ends' 3 '"why":"short:1: does not end: .*, so this is not known"' \
		client fetch --expect short --limit 1s --json never-answered
	expectations long 'any failure: ends within 45s'
	expect 'it is watched for as long as it may take' 0 '^A program is given up 45\.0 s after a failure,' \
		client fetch --expect long refused
	expect '.. by building a kernel' 0 'kernel build 6.12` makes a kernel' client fetch refused
	expect 'what takes longer is skipped' 0 '^cut-10min, before-first-byte skip: takes [0-9]+ s here; --slow runs it all the same' \
		try --client "$fetch fetch" --server "$fetch serve" cut-10min
fi

printf '1..%d\n' "$number"
((failures == 0))
