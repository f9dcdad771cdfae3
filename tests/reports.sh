#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What machines read: TAP, JUnit's XML, JSON, annotations. Each is checked by a program that knows the format, where one
# is installed. Prints TAP. TCPLAB names the program.

cd "${0%/*}/.." || exit 2
home=$PWD
program=$(realpath "${TCPLAB:-build/tcplab}") || exit 2
export TCPLAB_HOME=$home
unset GITHUB_ACTIONS NO_COLOR
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
. tests/tap.sh
cd "$scratch" || exit 2

tcplab() {
	"$program" run --library lib --results results "$@"
}

script lib/connect/refused.tcp '# connect() to a port where nobody listens' 'client  socket() = c' \
	'client  connect(c, server:8080) = -1 ECONNREFUSED' '          client> S' '          server> R.'
script lib/connect/wrong.tcp '# expects what does not happen' 'client  socket() = c' \
	'client  connect(c, server:8080) = -1 ETIMEDOUT' '          client> S' '          server> R.'
script lib/later/future.tcp '# needs a kernel that nobody has' 'needs   kernel >= 999.0' 'client  socket() = c'
script lib/later/hangs.tcp '# takes too long' 'client  socket() = c' 'quiet   20s'
# A name with all that has a meaning somewhere.
script 'x#y<&">%,:.tcp' '# expects what does not happen' 'client  socket() = c' 'client  close(c) = -1 EBADF'
all=(refused wrong future hangs './x#y<&">%,:.tcp' --limit 3s)
kernel=$(uname -r)

# ---- TAP ----

tcplab --tap "${all[@]}" >tap 2>tap.errors
is 'TAP: exit status as without' 1 $?
is 'TAP: all of it' "$(
	cat <<-EOF2
		TAP version 14
		# tcplab on Linux $kernel
		1..5
		ok 1 - refused
		# at: lib/connect/wrong.tcp:3
		# expected: client  connect(c, server:8080) = -1 ETIMEDOUT
		# got: client  connect(c, server:8080) = -1 ECONNREFUSED
		# trace: results/$kernel/wrong
		not ok 2 - wrong
		ok 3 - future # SKIP needs kernel >= 999.0; this is ${kernel%%-*}
		# at: lib/later/hangs.tcp:3
		# broken: lib/later/hangs.tcp:3: the run was cut off at its limit of 3.0 s; --limit gives it more
		# trace: results/$kernel/hangs
		not ok 4 - hangs
		# at: ./x#y<&">%,:.tcp:3
		# expected: client  close(c) = -1 EBADF
		# got: client  close(c) = 0
		# trace: results/$kernel/x#y<&">%,:
		not ok 5 - x\\#y<&">%,:
		# Totals: pass:1 fail:2 xfail:0 xpass:0 skip:1 error:1
	EOF2
)" "$(cat tap)"
is 'TAP: nothing beside it' '' "$(cat tap.errors)"
is 'TAP: our own reader takes it' '1 3 1' "$(awk -v status=1 -v says=tap -f "$home/tests/tap.awk" tap)"
is 'TAP: the trace is there' transcript.txt "$(cd "$(sed -n '0,/^# trace: /s/^# trace: //p' tap)" && ls transcript.txt)"
if command -v prove >/dev/null; then
	cat >prove.sh <<-EOF2
		#!/bin/sh
		exec cat tap
	EOF2
	expect 'TAP: prove finds what failed' 1 'Failed tests?: +2, 4-5|Failed tests: +2, 4-5' prove -e sh prove.sh
else
	skip 'TAP: prove finds what failed' 'no prove'
fi
is 'TAP: with what passes, nothing else' "$(printf '%s\n' 'TAP version 14' "# tcplab on Linux $kernel" 1..2 'ok 1 - refused' \
	'ok 2 - refused,ipv6' '# Totals: pass:2 fail:0 xfail:0 xpass:0 skip:0 error:0')" "$(tcplab --tap -4 -6 refused)"
expect 'TAP and JSON contradict each other' 2 '^tcplab: --json and --tap contradict each other' tcplab --tap --json refused
expect 'TAP: not of a list' 2 "^tcplab: --tap means nothing to 'list'" "$program" --library lib list --tap
expect 'TAP: no standard output' 3 'cannot write to standard output' sh -c "'$program' --library lib run --tap refused >&-"

# ---- JUnit ----

tcplab -q --junit junit.xml "${all[@]}" >junit.text 2>&1
is 'JUnit: exit status as without' 1 $?
is 'JUnit: the text as without' '1 passed, 3 failed, 1 skipped' "$(tail -n 1 junit.text)"
if command -v xmllint >/dev/null; then
	expect 'JUnit: valid' 0 '^junit.xml validates$' xmllint --noout --schema "$home/tests/data/junit.xsd" junit.xml
	sed 's/ time="[0-9.]*"//' junit.xml >broken.xml
	expect 'JUnit: what is not valid is found' 3 'fails to validate' \
		xmllint --noout --schema "$home/tests/data/junit.xsd" broken.xml
	at() { # XPATH
		xmllint --xpath "string($1)" junit.xml
	}
	is 'JUnit: a suite for each topic' 'connect later files' "$(at '/testsuites/testsuite[1]/@name') $(
		at '/testsuites/testsuite[2]/@name') $(at '/testsuites/testsuite[3]/@name')"
	is 'JUnit: its kernel' "Linux $kernel" "$(at '//testsuite[2]/@package')"
	is 'JUnit: its counts' '2 1 0 0 2 0 1 1' "$(for suite in 1 2; do
		for count in tests failures errors skipped; do at "//testsuite[$suite]/@$count"; done
	done | xargs)"
	is 'JUnit: a failure in one line' "lib/connect/wrong.tcp:3: expected client  connect(c, server:8080) = -1 ETIMEDOUT; \
got client  connect(c, server:8080) = -1 ECONNREFUSED" "$(at '//testcase[@name="wrong"]/failure/@message')"
	is 'JUnit: and in full' "$(printf '%s\n' '' lib/connect/wrong.tcp:3 \
		'expected: client  connect(c, server:8080) = -1 ETIMEDOUT' \
		'got: client  connect(c, server:8080) = -1 ECONNREFUSED' "trace: results/$kernel/wrong")" \
		"$(at '//testcase[@name="wrong"]/failure')"
	is 'JUnit: why it is broken' 'lib/later/hangs.tcp:3: the run was cut off at its limit of 3.0 s; --limit gives it more' \
		"$(at '//testcase[@name="hangs"]/error/@message')"
	is 'JUnit: why it was skipped' "needs kernel >= 999.0; this is ${kernel%%-*}" \
		"$(at '//testcase[@name="future"]/skipped/@message')"
	is 'JUnit: a name that needs escapes' 'x#y<&">%,:' "$(at '//testsuite[3]/testcase/@name')"
else
	skip 'JUnit: valid' 'no xmllint'
fi
expect 'JUnit: beside JSON' 0 '^<testsuites>$' sh -c "'$program' run --library lib --results results --json --junit two.xml refused \
	>two.json && cat two.xml"
cp lib/connect/wrong.tcp $'odd\xef\xbf\xbe\xef\xbf\xbf.tcp'
cp lib/connect/wrong.tcp $'odd\n::error::\e[31m%0A]]>.tcp'
GITHUB_ACTIONS=true tcplab --json --junit odd.xml ./odd*.tcp >odd.json 2>odd.annotations
tcplab -q --junit closed.xml refused >&- 2>/dev/null
if command -v xmllint >/dev/null; then
	expect 'JUnit: valid, with characters that XML does not allow' 0 '^odd.xml validates$' \
		xmllint --noout --schema "$home/tests/data/junit.xsd" odd.xml
	is 'JUnit: what stands for them' $'odd\xef\xbf\xbd\xef\xbf\xbd' "$(xmllint --xpath 'string(//testcase[2]/@name)' odd.xml)"
	expect 'JUnit: valid, without a standard output' 0 '^closed.xml validates$' \
		xmllint --noout --schema "$home/tests/data/junit.xsd" closed.xml
fi
is 'annotations: a name stays in its line' '2 2' "$(grep -c . odd.annotations) $(grep -c '^::error file=\./odd' odd.annotations)"
is 'JSON: any name is valid' 2 "$(python3 -c 'import json; print(len(json.load(open("odd.json"))["runs"]))')"
expect 'JUnit: a file that cannot be written' 2 '^tcplab: cannot write to no/such/place: ' tcplab --junit no/such/place refused
if [ "$(id -u)" = 0 ] && echo old >link-target && ln -s link-target by-link && chown -h 65534 by-link 2>/dev/null; then
	expect "JUnit: somebody else's link" 2 "^tcplab: cannot write to by-link: another user's link is on this path$" \
		tcplab --junit by-link refused
	is "JUnit: somebody else's link is not followed" old "$(cat link-target)"
fi
expect 'JUnit: no file' 2 "^tcplab: --junit: expected a file, not ''" tcplab --junit= refused
if [ -c /dev/full ]; then
	expect 'JUnit: no room for it' 3 '^tcplab: the report of --junit could not be written: No space left' \
		tcplab -q --junit /dev/full refused
fi

# ---- annotations ----

GITHUB_ACTIONS=true tcplab -q "${all[@]}" >text 2>annotations
is 'annotations: one line for each that failed' "$(
	cat <<-EOF2
		::error file=lib/connect/wrong.tcp,line=3,title=wrong on Linux $kernel::expected client  connect(c, server:8080) = -1 \
ETIMEDOUT; got client  connect(c, server:8080) = -1 ECONNREFUSED; trace: results/$kernel/wrong
		::error file=lib/later/hangs.tcp,line=3,title=hangs on Linux $kernel::lib/later/hangs.tcp:3: the run was cut off at \
its limit of 3.0 s; --limit gives it more; trace: results/$kernel/hangs
		::error file=./x#y<&">%25%2C%3A.tcp,line=3,title=x#y<&">%25%2C%3A on Linux $kernel::expected client  close(c) = -1 \
EBADF; got client  close(c) = 0; trace: results/$kernel/x#y<&">%25,:
	EOF2
)" "$(grep '^::' annotations)"
is 'annotations: nowhere else' '' "$(GITHUB_ACTIONS=false tcplab -q refused wrong 2>&1 | grep '^::')"
# A stranger's text gives no commands to the runner: a line of a script, a title, a name, a result.
script forged.tcp '# ##[error]title' 'client  socket() = c' '::error file=x::line'
script '::error::named.tcp' '# ##[error]title' 'client  socket() = c' 'client  close(c) = -1 EBADF # ##[error]'
commands() { # ARGUMENT...: how many there are in all that is printed
	GITHUB_ACTIONS=true "$program" "$@" 2>&1 | grep -cE '^[[:space:]]*::|##\['
}
is 'annotations: not from a wrong script' 0 "$(commands check forged.tcp)"
is 'annotations: a wrong script is shown all the same' 1 \
	"$(GITHUB_ACTIONS=true "$program" check forged.tcp 2>&1 | grep -cxF '    :\x3aerror file=x::line')"
is 'annotations: not from a list' 0 "$(commands list '::error::named.tcp')"
is 'annotations: not from a text' 0 "$(commands show './::error::named.tcp')"
is 'annotations: only our own' 1 "$(commands run --results results -v './::error::named.tcp')"
is 'annotations: only our own, beside JSON' 1 "$(commands run --results results --json './::error::named.tcp')"
is 'annotations: JSON is the same' '# ##[error]title' "$(GITHUB_ACTIONS=true tcplab --json './::error::named.tcp' 2>/dev/null |
	python3 -c 'import json, sys; print(json.load(sys.stdin)["runs"][0]["lines"][0]["text"])')"
is 'annotations: not from results' 0 "$(commands merge results)"
is 'annotations: not of what is compared' '' "$(GITHUB_ACTIONS=true "$program" diff --library lib host host wrong 2>&1 | grep '^::')"

# ---- JSON ----

expect 'JSON: its version' 0 '^\{"format": 2, "tcplab": ' tcplab --json refused
expect 'JSON: where the trace of a failure lies' 1 "^ \"trace\": \"results/$kernel/wrong\"$" tcplab --json wrong
if python3 -W ignore -c 'import jsonschema' 2>/dev/null; then
	cat >valid.py <<-'EOF2'
		import json, sys
		import jsonschema

		schema = json.load(open(sys.argv[1]))
		jsonschema.Draft202012Validator.check_schema(schema)
		if sys.argv[3:] == ["run"]:
		    schema = {"$defs": schema["$defs"], "$ref": "#/$defs/run"}
		document = json.load(open(sys.argv[2]))
		errors = list(jsonschema.Draft202012Validator(schema).iter_errors(document))
		for error in errors[:5]:
		    print("/".join(map(str, error.absolute_path)), error.message[:300])
		print("valid" if not errors else "not valid")
	EOF2
	valid() {
		python3 -W ignore valid.py "$home/docs/run.schema.json" "$@"
	}
	tcplab --json "${all[@]}" >json
	is 'JSON: valid' valid "$(valid json)"
	# What else there can be: readings, signals, forged and held packets, processes, datagrams, tables, records.
	"$program" run --results results --json -4 -6 'close/*' 'datagram/*' 'signals/*' 'processes/*' 'ss/*' 'reset/*' \
		'raw/*' 'handshake/*' 'zero-window/*' >json
	is 'JSON: valid, of much of the library' valid "$(valid json)"
	# Nobody is there at the exact moment, so the reset is too late each time: the run is repeated.
	script late.tcp '# done too late, and not as written' 'server  mute' 'client  socket() = c' \
		'client  connect(c, server:8080) ...' '          client> S' '  +40ms..40ms router forge server> R. ack 1' \
		'          client ... connect() = 0'
	tcplab --json ./late.tcp >json
	is 'JSON: how often a run was repeated' ' "repeats": 3' "$(grep '^ "repeats": ' json)"
	is 'JSON: valid then' valid "$(valid json)"
	tcplab --json --record refused >json
	is 'JSON: valid, with a record' valid "$(valid json)"
	for run in refused wrong future hangs; do
		is "JSON: what $run has left is valid" valid "$(valid "results/$kernel/$run/result.json" run)"
	done
	sed 's/"fate": "arrived"/"fate": "gone"/' "results/$kernel/refused/result.json" >json
	is 'JSON: what is not valid is found' 'not valid' "$(valid json run | tail -n 1)"
else
	skip 'JSON: valid' 'no jsonschema for python3'
fi

printf '1..%d\n' "$number"
((failures == 0))
