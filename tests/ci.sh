#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What several machines have left, joined (`merge`), and failures that are known (`baseline`, `--against`). Prints TAP.
# TCPLAB names the program.

cd "${0%/*}/.." || exit 2
home=$PWD
program=$(realpath "${TCPLAB:-build/tcplab}") || exit 2
export TCPLAB_HOME=$home
unset GITHUB_ACTIONS NO_COLOR
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
. tests/tap.sh
cd "$scratch" || exit 2

merge() {
	"$program" merge "$@"
}

kernel=$(uname -r)

# ---- merge: results that are made up ----

left() { # ROOT KERNEL RUN VERDICT [MEMBER...]: the results that this run has left
	local directory=$1/$2/$3 name=${3%@*} member members=
	for member in "${@:5}"; do
		members+=", $member"
	done
	mkdir -p "$directory"
	printf '{"format": 2, "verdict": "%s", "kernel": "%s", "name": "%s"%s}\n' "$4" "$2" "$name" "$members" \
		>"$directory/result.json"
}

left a 6.12.1 one pass
left a 6.12.1 two fail '"problems": [{"file": "two.tcp", "file_line": 3, "message": "expected this; got \u001b[31mthat"}]'
echo a transcript >a/6.12.1/two/transcript.txt
echo not ours >a/6.12.1/two/more
left b 6.12.1 three skip '"skipped": "needs kernel >= 999"'
left b 6.9.2 one pass
left b 6.9.2 two broken '"diagnostic": "the kernel mine panicked: at last"' '"by_kernel": true'
left b 6.9.2 three pass
mkdir -p b/coverage/files b/6.9.2/table
echo 'a report' >b/junit.xml
echo rows >b/6.9.2/table/table.txt
is 'merge: the matrix' "$(
	cat <<-'EOF2'
		run    6.9.2    6.12.1
		one    pass     pass
		three  pass     skip
		two    broken   fail

		broken   two on 6.9.2  (the kernel mine panicked: at last)
		fail     two on 6.12.1  (two.tcp:3: expected this; got \x1b[31mthat)

		6.9.2: 2 passed, 1 failed, 0 skipped, 1 of the failed could not be run
		6.12.1: 1 passed, 1 failed, 1 skipped
	EOF2
)" "$(merge a b)"
expect 'merge: one has failed' 1 '' merge a b
rm -r a/6.12.1/two
left a 6.12.1 two pass
expect 'merge: one could not be run' 3 '^broken   two on 6.9.2 ' merge a b
rm -r b/6.9.2/two
left b 6.9.2 two pass
expect 'merge: all pass or are skipped' 0 '^6.12.1: 2 passed, 0 failed, 1 skipped$' merge a b
expect 'merge: only another kernel has it' 3 '^missing  two on 6.12.1  \(only other kernels have it\)$' merge b
expect 'merge: of one kernel' 0 '^6.12.1: 2 passed, 0 failed, 0 skipped$' merge a
expect 'merge: the same directory twice is no contradiction' 0 '^6.12.1: 2 passed' merge a b a

# Two machines have made the same run.
left c 6.12.1 two fail
expect 'merge: different verdicts' 1 '^differ   two on 6.12.1  \(pass in a/6.12.1/two, fail in c/6.12.1/two\)$' merge a b c
expect 'merge: and they are in the matrix' 1 '^two    pass     differ$' merge a b c
expect 'merge: and counted' 1 '^6.12.1: 1 passed, 0 failed, 1 skipped, 1 with different verdicts$' merge a b c
left c 6.12.1 two skip
expect 'merge: skipped on one machine only' 3 '^differ   two on 6.12.1  \(pass in a/6.12.1/two, skip in c/6.12.1/two\)$' merge a b c
left keep 6.12.1 two@20260101T000000.000001 pass
left keep 6.12.1 two@20260102T000000.000001 pass
expect 'merge: what --keep has left' 0 '^6.12.1: 1 passed' merge keep
left keep 6.12.1 two@20260103T000000.000001 fail
expect 'merge: .. and what differs in it' 1 '^differ   two on 6.12.1  \(pass in keep/' merge keep

# Joined.
left c 6.12.1 two fail
mkdir c/6.12.1/two/files.client
echo a transcript | tee c/6.12.1/two/{transcript.txt,hosts,ladder.svg,program.client.{out,err},files.client{/made,.txt}} >/dev/null
echo not ours >c/6.12.1/two/more
merge a b c --results joined >/dev/null
is 'joined: the exit status' 1 $?
is 'joined: all runs' '6.12.1/one 6.12.1/three 6.12.1/two 6.9.2/one 6.9.2/three 6.9.2/two' \
	"$(cd joined && printf '%s\n' */* | xargs)"
is 'joined: what a run has left, and nothing else' 'Only in c/6.12.1/two: more' "$(diff -r {c,joined}/6.12.1/two)"
expect 'joined: of two verdicts the worse one' 1 '^fail     two on 6.12.1 ' merge joined
expect 'joined: into what is there already' 1 '^two    pass     differ$' merge a b c --results joined
expect 'joined: where nothing can be written' 1 '^tcplab: the joined results could not be written: cannot write results to' \
	merge a b c --results a/6.12.1/one/result.json

# Shares.
roster() { # ROOT KERNEL NTH OF 'OWN' 'ALL'
	mkdir -p "$1/$2"
	printf '{"format": 2, "kernel": "%s", "shard": %d, "of": %d, "runs": [%s], "all": [%s]}\n' "$2" "$3" "$4" "$5" "$6" \
		>"$1/$2/shard-$3-of-$4.json"
}
all='"one", "two", "three", "four"'
roster s1 6.12.1 1 3 '"one", "two"' "$all"
left s1 6.12.1 one pass
left s1 6.12.1 two pass
roster s2 6.12.1 2 3 '"three"' "$all"
left s2 6.12.1 three pass
expect 'shares: one never reported' 3 '^missing  four on 6.12.1  \(shard 3/3 never reported\)$' merge s1 s2
expect 'shares: two never reported' 3 '^missing  four on 6.12.1  \(shard 2/3 or 3/3 never reported\)$' merge s1
expect 'shares: what is missing is counted' 3 '^6.12.1: 3 passed, 0 failed, 0 skipped, 1 missing$' merge s1 s2
mkdir s3
expect 'shares: a directory with nothing in it' 3 '^tcplab: s3: no results are in it$' merge s1 s2 s3
roster s3 6.12.1 3 3 '"four"' "$all"
expect 'shares: one ended early' 3 '^missing  four on 6.12.1  \(shard 3/3 ended before it was run\)$' merge s1 s2 s3
left s3 6.12.1 four pass
expect 'shares: complete' 0 '^6.12.1: 4 passed, 0 failed, 0 skipped$' merge s1 s2 s3
roster s3 6.9.2 1 2 '"one"' '"one"'
left s3 6.9.2 one pass
expect 'shares: of another kernel' 3 '^missing  two on 6.9.2  \(only other kernels have it\)$' merge s1 s2 s3
rm -r s3/6.9.2
merge s1 s2 --results s12 >/dev/null
expect 'shares: joined, it is still known what is missing' 3 '^missing  four on 6.12.1  \(shard 3/3 never reported\)$' merge s12
expect 'shares: joined in two steps' 0 '^6.12.1: 4 passed, 0 failed, 0 skipped$' merge s12 s3

# A stranger's data.
wrong() { # NAME REGEX: of the directory w
	expect "$1" 2 "$2" merge s1 w
	is "$1: nothing else is said" 1 "$(merge s1 w 2>&1 | wc -l)"
	rm -rf w
	mkdir w
}
mkdir w
left w 6.12.1 five pass && echo '{"format": 2, "verdict"; 3}' >w/6.12.1/five/result.json
wrong 'no JSON' '^tcplab: w/6.12.1/five/result.json:1:2[0-9]: not JSON: '
left w 6.12.1 five pass && printf '{"format": 2,\n "verdict": "pass", "verdict": "fail"}' >w/6.12.1/five/result.json
wrong 'a key twice' '^tcplab: w/6.12.1/five/result.json:2:[0-9]+: not JSON: duplicate'
left w 6.12.1 five pass && echo '[1]' >w/6.12.1/five/result.json
wrong 'no object' '^tcplab: w/6.12.1/five/result.json:1:1: not a JSON object$'
left w 6.12.1 five pass && : >w/6.12.1/five/result.json
wrong 'empty' '^tcplab: w/6.12.1/five/result.json:1:1: not JSON: '
left w 6.12.1 five pass && printf '%0100000d' 0 | tr 0 '[' >w/6.12.1/five/result.json
wrong 'nested too deeply' '^tcplab: w/6.12.1/five/result.json:1:[0-9]+: not JSON: maximum parsing depth'
left w 6.12.1 five pass && truncate -s 1T w/6.12.1/five/result.json
wrong 'a huge file' '^tcplab: w/6.12.1/five/result.json: too large: 1099511627776 bytes, at most 67108864$'
left w 6.12.1 five passed
wrong 'no verdict' '^tcplab: w/6.12.1/five/result.json: its verdict is passed, not pass, fail, skip or broken$'
left w 6.12.1 five unsure
wrong 'a verdict that nobody leaves' 'its verdict is unsure, not'
left w 6.12.1 five pass && sed -i 's/: 2,/: 7,/' w/6.12.1/five/result.json
wrong 'another format' '^tcplab: w/6.12.1/five/result.json: not of format 2, which this program reads$'
left w 6.12.1 five pass && mv w/6.12.1/five w/6.12.1/six
wrong 'of another run' '^tcplab: w/6.12.1/six/result.json: it is of the run five, and its directory is six$'
left w 6.12.1 five pass && mv w/6.12.1 w/6.12.2
wrong 'of another kernel' '^tcplab: w/6.12.2/five/result.json: it is of the kernel 6.12.1, and its directory is 6.12.2$'
mkdir -p elsewhere && left elsewhere 6.12.1 five fail
mkdir -p w/6.12.1 && ln -s ../../elsewhere/6.12.1/five w/6.12.1/five
wrong 'a link for a run' '^tcplab: w/6.12.1/five: a link'
ln -s ../elsewhere/6.12.1 w/6.12.1
wrong 'a link for a kernel' '^tcplab: w/6.12.1: a link'
mkdir -p w/6.12.1/five && ln -s ../../../elsewhere/6.12.1/five/result.json w/6.12.1/five/result.json
wrong 'a link for a result' '^tcplab: w/6.12.1/five/result.json: a link'
mkdir -p w/6.12.1/five && mkfifo w/6.12.1/five/result.json
wrong 'a pipe for a result' '^tcplab: w/6.12.1/five/result.json: not a regular file$'
mkdir -p w/6.12.1/five/result.json
wrong 'a directory for a result' '^tcplab: w/6.12.1/five/result.json: not a regular file$'
left w x$'\e[2J' five pass && sed -i 's/\x1b/\\u001b/' w/x*/five/result.json
expect 'a name that would clear the screen' 3 '^run +6.12.1 +x\\x1b\[2J$' merge s1 w
rm -rf w && mkdir w
roster w 6.12.1 2 3 '"one", 7' '"one"'
wrong 'a list with something else in it' '^tcplab: w/6.12.1/shard-2-of-3.json: its runs are no lists of names$'
roster w 6.12.1 2 3 '' '' && mv w/6.12.1/shard-2-of-3.json w/6.12.1/shard-1-of-3.json
wrong 'a list of another share' '^tcplab: w/6.12.1/shard-1-of-3.json: its shard is 2 of 3, which its name does not say$'
rm -r w/6.12.1 2>/dev/null
roster w 6.12.1 1 1000000 '"one"' '"one", "two"'
wrong 'a list of too many shares' '^tcplab: w/6.12.1/shard-1-of-1000000.json: it is one of 1000000 shares; 1000 are the most$'
roster w 6.12.1 7 1000 '"seven"' '"seven", "eight"'
expect 'many shares never reported' 3 \
	'^missing  eight on 6.12.1  \(shard 1/1000, 2/1000, 3/1000, 4/1000, 5/1000 or one of 994 others never reported\)$' merge w
rm -r w/6.12.1
left w 6.12.1 five pass
expect 'the directory of a kernel' 2 '^tcplab: w/6.12.1/five/result.json: results of runs are in DIR/KERNEL/NAME; name the DIR above' \
	merge w/6.12.1
left w 6.12.1 seven pass && ln -s ../../../elsewhere/6.12.1/five/result.json w/6.12.1/seven/transcript.txt
expect 'joined: a link is not followed' 3 '^tcplab: the joined results could not be written: linked/6.12.1/seven/transcript.txt: ' \
	merge w --results linked
is 'joined: and nothing is left of it' '' "$(find linked/6.12.1 -mindepth 1 -maxdepth 1 ! -name five)"
expect 'no directory' 2 '^tcplab: merge which directories' merge
expect 'a directory that is not there' 2 '^tcplab: cannot read the results in nowhere: No such file' merge s1 nowhere
expect 'a file' 2 '^tcplab: cannot read the results in .*junit.xml: Not a directory' merge b/junit.xml
expect 'nothing to merge' 2 '^tcplab: there is nothing to merge' merge b/coverage
expect 'no option of others' 2 "^tcplab: --tap means nothing to 'merge'" merge --tap s1
expect 'standard output is full' 3 'cannot write to standard output' sh -c "'$program' merge s1 s2 s3 >/dev/full"

if python3 -W ignore -c 'import jsonschema' 2>/dev/null; then
	cat >valid.py <<-'EOF2'
		import json, sys
		import jsonschema

		schema = json.load(open(sys.argv[1]))
		jsonschema.Draft202012Validator.check_schema(schema)
		errors = list(jsonschema.Draft202012Validator(schema).iter_errors(json.load(open(sys.argv[2]))))
		for error in errors[:5]:
		    print("/".join(map(str, error.absolute_path)), error.message[:300])
		print("valid" if not errors else "not valid")
	EOF2
	valid() { # SCHEMA FILE
		python3 -W ignore valid.py "$home/docs/$1" "$2"
	}
	merge a b c s1 keep --json >json
	is 'JSON: the exit status' 1 $?
	is 'JSON: valid' valid "$(valid merge.schema.json json)"
	is 'JSON: what it has' '1 2 differ missing' "$(python3 -c '
import json
d = json.load(open("json"))
on = {(r["name"], c["kernel"]): c["verdict"] for r in d["runs"] for c in r["on"]}
print(d["status"], d["kernels"][0]["missing"] + d["kernels"][1]["missing"], on["two", "6.12.1"], on["four", "6.12.1"])')"
	sed -i 's/"differ"/"odd"/' json
	is 'JSON: what is not valid is found' 'not valid' "$(valid merge.schema.json json | tail -n 1)"
else
	skip 'JSON: valid' 'no jsonschema for python3'
fi

# ---- merge: results of runs ----

script lib/connect/refused.tcp '# passes' 'client  socket() = c' \
	'client  connect(c, server:8080) = -1 ECONNREFUSED' '          client> S' '          server> R.'
script lib/connect/each.tcp '# a table' 'param   port = 81 82' 'client  socket() = c' \
	'client  connect(c, server:$port) = -1 ECONNREFUSED' '          client> S' '          server> R.' 'table   port=$port'
script lib/later/future.tcp '# needs a kernel that nobody has' 'needs   kernel >= 999.0' 'client  socket() = c'
script lib/later/wrong.tcp '# fails' 'client  socket() = c' 'client  close(c) = -1 EBADF'
tcplab() { # RESULTS ARGUMENT...
	local results=$1
	shift
	"$program" run --library lib --results "$results" -q "$@"
}
for nth in 1 2 3; do
	tcplab m$nth --shard $nth/3 -4 -6 all >/dev/null
done
merge m1 m2 m3 --results m >whole
is 'shares that were run: one exit status' 1 $?
is 'shares that were run: everything, once' "$("$program" run --library lib --list -4 -6 all | sed 's/  (skip.*//' | sort | xargs)" \
	"$(sed -n '2,/^$/s/ .*//p' whole | sort | xargs)"
is 'shares that were run: the counts' "$kernel: 6 passed, 2 failed, 2 skipped" "$(tail -n 1 whole)"
expect 'shares that were run: one is left out' 1 "^missing  .* on $kernel  \(shard 2/3 never reported\)$" merge m1 m3
expect 'joined: what has failed can be run again' 0 '^wrong$' "$program" run --library lib --results m --rerun-failed --list -4
is 'joined: the times, for shares' "$("$program" run --library lib --list -4 all | sed 's/  (skip.*//' | sort | xargs)" \
	"$(for nth in 1 2; do "$program" run --library lib --times "m/$kernel" --shard $nth/2 --list -4 all; done |
		sed 's/  (skip.*//' | sort | xargs)"
is 'joined: captures, and whatever else runs have left' '' "$(for left in m[123]/$kernel/*/result.json; do
	left=${left%/*}
	diff -r "$left" "m/${left#m?/}"
done 2>&1)"
echo '{' >"m/$kernel/wrong/result.json"
expect 'results that cannot be read: what has failed' 2 "^tcplab: m/$kernel/wrong/result.json:2:1: not JSON: " \
	tcplab m --rerun-failed
expect 'results that cannot be read: times' 2 "result.json:[0-9]+:[0-9]+: not JSON" tcplab m --times "m/$kernel" --shard 1/2 all

# ---- baselines ----

baseline() {
	"$program" baseline write "$@"
}
against() { # BASELINE ARGUMENT...
	"$program" run --library lib --results r --against "$@"
}
expect 'baseline: made, although some fail' 0 '^base: 6 pass, 2 fail, 2 skipped, 0 broken by the kernel$' \
	baseline host base --library lib --results r
is 'baseline: the file' "$(
	cat <<-EOF2
		tcplab baseline 1
		# Linux $kernel
		pass each,ipv6,port=81
		pass each,ipv6,port=82
		pass each,port=81
		pass each,port=82
		skip future
		skip future,ipv6
		pass refused
		pass refused,ipv6
		fail wrong
		fail wrong,ipv6
	EOF2
)" "$(cat base)"
tcplab r -4 -6 all >/dev/null
expect 'baseline: of results' 0 '^two: 6 pass, 2 fail, 2 skipped' baseline "$kernel" two --from r
is 'baseline: is the same' '' "$(diff base two)"
expect 'baseline: of the running kernel, by its name' 0 '^two: 6 pass' baseline host two --from r
expect 'baseline: of the running kernel, over one family' 0 '^four: 1 pass, 0 fail' baseline host four -4 refused --library lib --results r
expect 'baseline: the default name' 0 '^host.baseline: 1 pass' sh -c "'$program' baseline write host --from m1 >/dev/null 2>&1; \
	mkdir -p only/$kernel && cp -r r/$kernel/refused only/$kernel && '$program' baseline write host --from only"
expect 'baseline: of shares that are not complete' 3 '^tcplab: refused is missing: shard 2/3 or 3/3 never reported$' baseline host three --from m1
is 'baseline: is then not written' '' "$(ls three 2>/dev/null)"
expect 'baseline: of two verdicts' 3 '^tcplab: two has several verdicts: pass in keep/.*, fail in keep/' baseline 6.12.1 three --from keep
left p 6.12.1 one broken '"by_kernel": true' '"broken": "the kernel mine panicked: why"'
left p 6.12.1 two broken '"broken": "no memory"'
expect 'baseline: what the machine has prevented is not in it' 3 '^tcplab: two could not be run, and is not in it: no memory$' \
	baseline 6.12.1 panic --from p
is 'baseline: what the kernel has ended is' 'broken one' "$(tail -n 1 panic)"
expect 'baseline: no results' 2 '^tcplab: there are no results of 5.5 in r$' baseline 5.5 three --from r
expect 'baseline: no kernel' 2 '^tcplab: there is no kernel nosuch yet' baseline nosuch three --library lib --results r
expect 'baseline: no such scenario' 2 "^tcplab: no scenario is called 'wrnog'" baseline host three wrnog --library lib --results r
expect 'baseline: no file' 3 '^tcplab: cannot write to no/such/place: No such file' baseline host no/such/place --from only
# A regular file is replaced; anything else is written to.
ln -s link-target by-link && echo old >link-target
expect 'baseline: where a link leads' 0 '^by-link: 1 pass' baseline host by-link --from only
is 'baseline: the link is still one' 'link-target: pass refused' "$(readlink by-link): $(tail -n 1 by-link)"
is 'baseline: standard output' 'pass refused' "$("$program" baseline write host /dev/stdout --from only | grep '^pass')"
mkdir -p busy && mkfifo fifo
expect 'baseline: a directory' 3 '^tcplab: cannot write to busy: Is a directory$' baseline host busy --from only
expect 'baseline: a pipe that nobody reads' 3 '^tcplab: cannot write to fifo: No such device' timeout 30 "$program" baseline write \
	host fifo --from only
if [ "$(id -u)" = 0 ] && chown -h 65534 by-link 2>/dev/null; then
	expect "baseline: somebody else's link" 3 "^tcplab: cannot write to by-link: another user's link is on this path$" \
		baseline host by-link --from only
	is "baseline: somebody else's link is not followed" 'pass refused' "$(tail -n 1 link-target)"
	mkdir -p directory && ln -s directory by-directory && chown -h 65534 by-directory
	expect "baseline: in somebody else's link" 3 "^tcplab: cannot write to by-directory/new: another user's link is on this path$" \
		baseline host by-directory/new --from only
	is "baseline: nothing is written through it" '' "$(ls -A directory)"
fi
is 'baseline: nothing is left beside it' '' "$(printf '%s\n' * | grep -E '^(base|by-link|link-target|busy|fifo)\..{6}$'; ls -A | grep '^\.tcplab-')"
left r 6.12.1 $'odd\e[2J' fail && sed -i 's/\x1b/\\u001b/' r/6.12.1/odd*/result.json
baseline 6.12.1 odd --from r >/dev/null
mkdir odd-only && mv r/6.12.1 odd-only
expect 'baseline: a name with control characters is compared as it is shown' 0 '^odd.x1b.2J +known$' merge odd-only --against odd
expect 'baseline: what?' 2 '^tcplab: .baseline. makes one' "$program" baseline
expect 'baseline: of what?' 2 '^tcplab: baseline write: of which kernel' baseline
expect 'baseline: names beside results' 2 '^tcplab: with --from everything is taken' baseline host three refused --from r
expect 'baseline: --kernel' 2 '^tcplab: baseline write KERNEL: the kernel is' baseline host -k 6.12

expect 'against: known failures do not fail' 0 '^6 passed, 2 failed, 2 skipped$' against base -4 -6 all
expect 'against: they are marked' 0 '^fail  wrong  \([0-9.]+ m?s; known\)$' against base -q all
expect 'against: they are counted' 0 '^against base: 2 known, 0 new, 0 vanished$' against base -4 -6 -q all
expect 'against: a single run' 0 '^fail  wrong  \([0-9.]+ m?s; known\)$' against base -q wrong
expect 'against: in each round' 0 '^fail  wrong,round=2  \([0-9.]+ m?s; known\)$' against base -q --repeat 2 wrong
expect 'against: they do not end it' 0 '^1 passed, 1 failed, 0 skipped$' against base -q --fail-fast wrong refused
sed 's/^fail/pass/; s/^pass refused$/fail refused/' base >other
expect 'against: a new one fails' 1 '^fail  wrong  \([0-9.]+ m?s; new\)$' against other -q wrong
expect 'against: and one that vanished' 1 '^pass  refused  \([0-9.]+ m?s; vanished\)$' against other -q refused
expect 'against: they are counted' 1 '^against other: 0 known, 2 new, 1 vanished$' against other -q -4 -6 all
expect 'against: a vanished one ends it' 1 '^against other: 0 known, 0 new, 1 vanished$' against other -q --fail-fast -j 1 refused wrong
sed -i '/wrong/d' other
expect 'against: one that the baseline does not have is new' 1 '; new\)$' against other -q wrong
expect 'against: one that passes and is not in it' 0 '^against other: 0 known, 0 new, 0 vanished$' against other -q each
sed 's/^skip/fail/' base >other
expect 'against: one that is skipped says nothing' 0 '^against other: 2 known, 0 new, 0 vanished$' against other -q -4 -6 all
script hangs.tcp '# takes too long' 'client  socket() = c' 'quiet   20s'
printf 'tcplab baseline 1\nfail hangs\n' >other
expect 'baseline: one that could not be run' 3 '^tcplab: 1 could not be run, see above, and are not in short$' \
	baseline host short -4 ./hangs.tcp refused --limit 1s --library lib --results r
is 'baseline: it has the others' 'pass refused' "$(tail -n +3 short | xargs)"
expect 'against: one that could not be run is not known' 3 '^broken  hangs  \([^;]*; --limit gives it more\)$' \
	against other -q --limit 1s ./hangs.tcp
sed 's/^skip/fail/; s/^pass refused$/fail refused/; s/^fail wrong,ipv6/pass wrong,ipv6/' base >other
all4=(-4 -6 refused wrong)
against other --tap "${all4[@]}" >tap
is 'TAP: the exit status' 1 $?
is 'TAP: beside a baseline' "$(
	cat <<-EOF2
		TAP version 14
		# tcplab on Linux $kernel
		1..4
		# vanished: it is known to fail, and has passed
		not ok 1 - refused
		ok 2 - refused,ipv6
		# at: lib/later/wrong.tcp:3
		# expected: client  close(c) = -1 EBADF
		# got: client  close(c) = 0
		# trace: r/$kernel/wrong
		not ok 3 - wrong # TODO known
		# at: lib/later/wrong.tcp:3
		# expected: client  close(c) = -1 EBADF
		# got: client  close(c) = 0
		# trace: r/$kernel/wrong,ipv6
		not ok 4 - wrong,ipv6
		# Totals: pass:1 fail:1 xfail:1 xpass:1 skip:0 error:0
	EOF2
)" "$(cat tap)"
if command -v prove >/dev/null; then
	printf '#!/bin/sh\nexec cat tap\n' >prove.sh
	expect 'TAP: prove takes what is known for that' 1 'Failed tests: +1, 4$' prove -e sh prove.sh
else
	skip 'TAP: prove takes what is known for that' 'no prove'
fi
against other -q --junit junit.xml "${all4[@]}" >/dev/null
if command -v xmllint >/dev/null; then
	at() { # XPATH
		xmllint --xpath "string($1)" junit.xml
	}
	expect 'JUnit: valid' 0 '^junit.xml validates$' xmllint --noout --schema "$home/tests/data/junit.xsd" junit.xml
	is 'JUnit: its counts' '2 1 0 0 2 1 0 1' "$(for suite in 1 2; do
		for count in tests failures errors skipped; do at "//testsuite[$suite]/@$count"; done
	done | xargs)"
	is 'JUnit: what is known' "known failure: lib/later/wrong.tcp:3: expected client  close(c) = -1 EBADF; got client  close(c) = 0" \
		"$(at '//testcase[@name="wrong"]/skipped/@message')"
	is 'JUnit: what has vanished' 'vanished: it is known to fail, and has passed' \
		"$(at '//testcase[@name="refused"]/failure/@type'): $(at '//testcase[@name="refused"]/failure/@message')"
	is 'JUnit: what is new' fail "$(at '//testcase[@name="wrong,ipv6"]/failure/@type')"
else
	skip 'JUnit: valid' 'no xmllint'
fi
GITHUB_ACTIONS=true against other -q "${all4[@]}" 2>annotations >/dev/null
is 'annotations: what is new or has vanished' "$(
	cat <<-EOF2
		::error file=lib/connect/refused.tcp,line=1,title=refused on Linux $kernel::it is known to fail, and has passed; trace: \
r/$kernel/refused
		::error file=lib/later/wrong.tcp,line=3,title=wrong,ipv6 on Linux $kernel::expected client  close(c) = -1 EBADF; \
got client  close(c) = 0; trace: r/$kernel/wrong,ipv6
	EOF2
)" "$(sed 's/wrong%2Cipv6/wrong,ipv6/' annotations)"
if [ -f valid.py ]; then
	against other --json "${all4[@]}" >json
	is 'JSON: valid, beside a baseline' valid "$(valid run.schema.json json)"
	is 'JSON: who is what' 'refused:vanished refused,ipv6:None wrong:known wrong,ipv6:new 1 1 1' "$(python3 -c '
import json
d = json.load(open("json"))
print(*["%s:%s" % (r["name"], r.get("against")) for r in d["runs"]], d["known"], d["new"], d["vanished"])')"
fi

expect 'against: two baselines' 2 '^tcplab: --against: a run is compared with one baseline, and these are 2: base, other$' \
	against base --against other refused

# ---- merge, beside baselines ----
left k 6.12.117 one pass
left k 6.12.117 two fail '"problems": [{"file": "two.tcp", "file_line": 3, "message": "expected this; got that"}]'
left k 6.12.117 two,round=2 fail
left k 6.12.117 three broken '"by_kernel": true' '"diagnostic": "the kernel mine panicked: at last"'
left k 6.12.117 four skip
printf 'tcplab baseline 1\n# Linux 6.12.100\nfail two\nbroken three\nfail four\nfail five\n' >known
is 'merge, against: known failures' "$(
	cat <<-EOF2
		run          6.12.117
		four         skip
		one          pass
		three        known
		two          known
		two,round=2  known

		6.12.117: 1 passed, 3 failed, 1 skipped, 1 of the failed could not be run; against known: 3 known, 0 new, 0 vanished
	EOF2
)" "$(merge k --against known)"
expect 'merge, against: they do not fail' 0 '^two +known$' merge k --against known
printf 'tcplab baseline 1\n# Linux 6.12.100\nfail one\npass two\nbroken three\n' >other
expect 'merge, against: a new one fails' 1 '^new      two on 6.12.117  \(two.tcp:3: expected this; got that\)$' merge k --against other
expect 'merge, against: a vanished one fails' 1 '^vanished one on 6.12.117  \(it is known to fail, and has passed\)$' merge k --against other
expect 'merge, against: they are counted' 1 '; against other: 1 known, 2 new, 1 vanished$' merge k --against other
left machine 6.12.117 two broken '"broken": "no memory"'
expect 'merge, against: what the machine has prevented is not known' 3 '^broken   two on 6.12.117 ' merge machine --against known
left twice 6.12.117 two pass
expect 'merge, against: different verdicts of a known one' 3 '^differ   two on 6.12.117 ' merge k twice --against known
expect 'merge, against: different verdicts, and one is new' 1 '^differ   one on 6.12.117 ' merge k twice --against other \
	"$(left thrice 6.12.117 one fail && echo thrice)"
left k 6.1.170 two pass
left k 6.1.170 one pass
expect 'merge, against: a kernel without a baseline' 2 \
	'^tcplab: --against: no baseline is of Linux 6.1.170; give one more --against for it, or merge its' merge k --against known
printf 'tcplab baseline 1\n# Linux 6.1.170\npass one\n' >old
expect 'merge, against: a baseline for each' 3 '^6.1.170: 2 passed, .*; against old: 0 known, 0 new, 0 vanished$' \
	merge k --against known --against old
expect 'merge, against: .. in any order' 3 '^6.12.117: .*; against known: 3 known, 0 new, 0 vanished$' merge k --against old --against known
sed -i '/^#/d' old
expect 'merge, against: one that names no kernel is for all others' 3 '^6.1.170: .*; against old: 0 known' \
	merge k --against old --against known
if [ -f valid.py ]; then
	merge k --against known --against old --json >json
	is 'merge, against: JSON, valid' valid "$(valid merge.schema.json json)"
	is 'merge, against: JSON, what it has' 'known 3 known' "$(python3 -c '
import json
d = json.load(open("json"))
k = d["kernels"][1]
print(k["baseline"], k["known"], [c["against"] for r in d["runs"] if r["name"] == "two" for c in r["on"] if "against" in c][0])')"
fi
expect 'merge, against: no such baseline' 2 '^tcplab: cannot read nosuch: No such file' merge k --against nosuch
expect 'merge, against: a baseline that is none' 2 "^valid.json:1:1: a baseline begins with|^json:1:1: a baseline begins" merge k --against json
expect 'merge, against: no file' 2 "^tcplab: --against: expected a file that 'baseline write' has made" merge k --against ''

# A stranger's baseline.
faulty() { # NAME REGEX: of the file `faulty`
	expect "$1" 2 "$2" against faulty refused
}
printf 'tcplab baseline 2\n' >faulty
faulty 'another format' '^faulty:1:1: this is a baseline of format 2; this program reads 1$'
printf 'pass refused\n' >faulty
faulty 'no head' "^faulty:1:1: a baseline begins with 'tcplab baseline 1'$"
printf 'tcplab baseline 1\npass refused\nfall wrong\n' >faulty
faulty 'no verdict' '^faulty:3:1: not a verdict: pass, fail, skip or broken, and a run$'
printf 'tcplab baseline 1\npass\n' >faulty
faulty 'no run' '^faulty:2:6: the name of a run is missing$'
printf 'tcplab baseline 1\npass refused\n\nfail refused\n' >faulty
faulty 'a run twice' '^faulty:4:6: this run is in line 2 already$'
printf 'tcplab baseline 1\npass \033[2J\n' >faulty
faulty 'no text' '^tcplab: faulty:2:6: this is not text: a byte 0x1b$'
truncate -s 1G faulty
faulty 'a huge file' '^tcplab: faulty is too large for a baseline'
rm faulty && mkfifo faulty
faulty 'a pipe' '^tcplab: faulty is not a regular file$'
rm faulty && mkdir faulty
faulty 'a directory' '^tcplab: faulty is a directory, not a baseline$'
expect 'no such baseline' 2 '^tcplab: cannot read nosuch: No such file' against nosuch refused
expect 'no baseline' 2 "^tcplab: --against: expected a file that 'baseline write' has made" against '' refused
printf '# none\n' | cat base - >other
sed -i 's/$/\r/' other
expect 'with the ends of lines of another system' 0 '^against other: 2 known, 0 new, 0 vanished$' against other -q -4 -6 all
printf 'tcplab baseline 1\nfail gone,ipv6\nfail wrong\n' >other
expect 'a known failure of a scenario that is gone' 2 \
	'^other:2:6: this failure has vanished: there is no such scenario any more$' against other -q all
expect 'a known failure of a scenario that is gone: among names' 0 '^against other: 1 known' against other -q wrong refused
for nth in 1 2; do
	tcplab sharded$nth --shard $nth/2 -4 -6 all --against base >/dev/null
	is "against: share $nth" 0 $?
done

printf '1..%d\n' "$number"
((failures == 0))
