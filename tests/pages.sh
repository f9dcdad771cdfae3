#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The pages of `report`, as files (tests/pages.py reads all of them) and in a headless Chromium, where one is installed.
# The runs are few: what passes, fails, is skipped; two kernels, one of which is made up; and a stranger's, full of
# markup. Prints TAP. TCPLAB names the program.

cd "${0%/*}/.." || exit 2
home=$PWD
program=$(realpath "${TCPLAB:-build/tcplab}") || exit 2
export TCPLAB_HOME=$home
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
. tests/tap.sh
cd "$scratch" || exit 2

if ! command -v python3 >/dev/null; then
	skip 'the pages of report' 'no python3'
	echo "1..$number"
	exit 0
fi

# pages MODE...: each line that it prints is a test: ok NAME, or not ok NAME, and what is wrong in lines with a tab.
pages() {
	local line name='' detail='' verdict
	while IFS= read -r line; do
		case $line in
		$'\t'*) detail+=${line#?}$'\n' ;;
		*)
			[ "$name" ] && report "$verdict" "$name" "$detail"
			verdict=${line%%: *} name=${line#*: } detail=''
			;;
		esac
	done < <(python3 "$home/tests/pages.py" "$@" 2>&1 || echo "not ok: pages.py $1 ends well")
	[ "$name" ] && report "$verdict" "$name" "$detail"
}

# ---- the runs ----

script lib/connect/refused.tcp '# Nobody listens: a reset' '#' '# The first paragraph,' '# in two lines.' '#' '# The second one.' \
	'client  socket() = c' 'client  connect(c, server:8080) = -1 ECONNREFUSED' '          client> S' '          server> R.' \
	'client  ss c none' 'client  getsockopt(c, SO_ERROR, [0]) = 0'
script lib/connect/wrong.tcp '# Expects what does not happen' 'client  socket() = c' \
	'client  connect(c, server:8080) = -1 ETIMEDOUT' '          client> S' '          server> R.'
script lib/data/transfer.tcp '# Some data, and a loss' 'server  socket() = l' 'server  bind(l, :8080) = 0' \
	'server  listen(l, 5) = 0' 'client  socket() = c' 'client  connect(c, server:8080) = 0' '          client> S' \
	'          server> S.' '          client> .' 'server  accept(l) = x' 'client  ss c ESTAB' \
	'router  drop client> P. times 1' 'client  send(c, "hello") = 5' '          client> P. lost' \
	'          client> P. 1:6(5)' '          server> .' 'server  recv(x, "hello", 100) = 5' \
	'client  nstat TcpActiveOpens +1'
script lib/later/future.tcp '# Needs a kernel that nobody has' 'needs   kernel >= 999.0' 'client  socket() = c'
# shellcheck disable=SC2016  # as it is
script lib/default-timers/table.tcp '# A table' 'param   n more = [' '        (1 2)' '        (2 4)' '        (3 7)' ']' 'client  socket() = c' \
	'client  connect(c, server:8080) = -1 ECONNREFUSED' '          client> S' '          server> R.' 'table   n=$n more=$more'
# shellcheck disable=SC2016  # as it is
script 'x<img src=x onerror=hacked()>&"'"'"'.tcp' '# </title><script>hacked()</script> & "quotes"' '#' \
	'# <script>hacked()</script><img src=x onerror=hacked()>' 'client  socket(AF_INET, SOCK_DGRAM) = c' \
	'client  sendto(c, "<script>hacked()</script>\x1b[2K", 3, 0, server:53) = 5 # --><b onclick=hacked()>'
"$program" run -q -4 -6 --library lib --results results all './x<img src=x onerror=hacked()>&"'"'"'.tcp' >said 2>&1
kernel=$(uname -r)
is 'the runs' '10 passed, 4 failed, 2 skipped' "$(tail -n 1 said)"

# What another machine has sent: other outcomes, and what tries to get into a page.
cp -r "results/$kernel" results/6.99.1
python3 - <<'EOF2'
import json, os
root = "results/6.99.1/"
def alter(name, change):
    path = root + name + "/result.json"
    result = json.load(open(path))
    change(result)
    json.dump(result, open(path, "w"))
for name in os.listdir(root):
    if os.path.exists(root + name + "/result.json"):  # else it is the table of all runs of a scenario
        alter(name, lambda r: r.update(kernel="6.99.1"))
def fail(r):
    r["verdict"] = "fail"
    r["virtual"] = True
    r["kernel_name"] = "my own's"
    r["problems"] = [{"line": 7, "file": "x", "file_line": 8, "expected": "a </td> & \u001b[2K", "got": "\u202e<b>", "message": "m"}]
    r["lines"][-2]["text"] = "client  ss c CLOSE-WAIT"
alter("refused", fail)
text = open(root + "refused/transcript.txt").read()
open(root + "refused/transcript.txt", "w").write(text.replace("ss c none", "ss c CLOSE-WAIT"))
for family in ("", "ipv6,"):
    alter("table," + family + "n=3", lambda r: r["table"].update(more=8))
def strange(r):
    r["title"] = "</h1><script>hacked()</script>\u0007"
    r["events"] = [{"kind": "\"><script>", "from": 0, "to": 0, "text": "<!-- \u001b]0;", "segment": 10**9, "notes": [{"text": "</li></ul><script>", "event": -5}]}, 5, {}]
    r["lines"].append({"text": "]]></code>", "fate": "\"><script>", "event": 77777, "segment": -1})
alter("transfer", strange)
# Pictures that are not ours.
begin = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"><style>\n</style>\n"
strange = next(name for name in os.listdir(root) if name.startswith("x") and "ipv6" not in name)
for name, body in (("wrong", "<path onload=\"hacked\"/>\n"), (strange, "<script>hacked()</script>\n"),
                   ("refused", "</g>\n<text>a</text>\n<g data-event=\"-1\" y=\"9\">\n"), ("transfer", "<g>\n")):
    open(root + name + "/ladder.svg", "w").write(begin + body + "</svg>\n")
EOF2
is 'the fixture: pictures' 4 "$(grep -l '<svg.* 0 9 9' results/6.99.1/*/ladder.svg | wc -l)"
before=$(find results -type f | sort | xargs -d '\n' sha256sum)

# ---- as files ----

expect 'the report is written' 0 '^results/report/index.html$' "$program" report --results results
expect '.. and again' 0 '^results/report/index.html$' "$program" report --results results
nothing 'the results stay as they are' "$(diff <(echo "$before") <(find results -path results/report -prune -o -type f -print |
	sort | xargs -d '\n' sha256sum))"
is 'it is not taken for a result' '0' "$("$program" merge results 2>&1 | grep -c 'report')"
pages files results/report
expect 'the book is written' 0 '^results/book/index.html$' "$program" book --results results
pages files results/book
expect 'the book of another kernel' 0 'As it is on Linux 6.99.1\.' sh -c "'$program' book 6.99 --results results && cat results/book/index.html"
is 'pictures that are not ours are not taken into the book' 4 "$(grep -c 'not one that this program draws' results/book/index.html)"
expect 'the book of no kernel' 2 "no results of a kernel '6.9' are in it" "$program" book 6.9 --results results
is 'expected and got stand at the place' "$kernel/wrong,ipv6.html $kernel/wrong.html" "$(cd results/report/runs &&
	grep -l '<b>expected</b> <code>client  connect(c, server:8080) = -1 ETIMEDOUT</code>' "$kernel"/*.html | xargs)"
is 'the command that repeats it' "./run.sh -6 wrong;./run.sh --kernel 'my own'\\''s' refused;" "$(sed -n 's|<pre class=command>\(.*\)</pre>|\1|p' \
	"results/report/runs/$kernel/wrong,ipv6.html" results/report/runs/6.99.1/refused.html | tr '\n' ';')"
expect 'no words' 2 "^tcplab: 'report' is about all results" "$program" report --results results refused
nothing 'a run of a few packets has a page of at most 12 KB' "$(find results/report/runs -size +12288c)"
mkdir empty
expect 'no results' 2 '^tcplab: empty: no results are in it' "$program" report --results empty
mkdir -p damaged/6.1/refused && echo '{' >damaged/6.1/refused/result.json
expect 'a result that is damaged' 2 '^tcplab: damaged/6.1/refused/result.json:[0-9:]+ not JSON' "$program" report --results damaged
is '.. makes no report' 6.1 "$(ls damaged)"

# ---- in a browser ----

if python3 -c 'import sys; sys.path.insert(0, sys.argv[1]); import browser; sys.exit(not browser.program())' "$home/tests"; then
	pages browser results/report "$kernel"
else
	skip 'the pages in a browser' 'no chromium'
fi

printf '1..%d\n' "$number"
((failures == 0))
