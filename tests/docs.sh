#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Checks that the documentation is true: its examples run as it says, its transcript is what the program prints, and
# everything that the program knows is mentioned. Prints TAP. TCPLAB names the program.
#
# An example is a fenced block whose info string is
#
#     tcp            passes, over both families
#     tcp fails      fails, at the line with the comment `# fails`
#     tcp refused    is refused (exit status 2), at the line with the comment `# refused: WORDS`, in these words
#     tcp check      is accepted by `check`
#
# and a transcript is one of `console` whose first line is `$ ./run.sh NAME`, or `$ ./run.sh try ...`. The latter are of
# kernel 6.12, where it is built, and of the test's own program; a block of `expect` is the file that its comment names.

cd "${0%/*}/.." || exit 2
program=${TCPLAB:-build/tcplab}
program=$(realpath "$program") || exit 2
export TCPLAB_HOME=$PWD
unset GITHUB_ACTIONS
documents=(README.md docs/language.md docs/architecture.md docs/kernels.md docs/seeds.md docs/catalogue.md docs/ci.md docs/try.md
	docs/ladder.md docs/exercises.md docs/report.md)
manual=docs/tcplab.1
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
. tests/tap.sh

# ---- examples: each a file KIND/DOCUMENT-LINE.tcp ----

mkdir "$scratch"/{passes,fails,refused,check,console,expect}
for document in "${documents[@]}"; do
	base=${document##*/}
	awk -v scratch="$scratch" -v base="${base%.md}" '
		BEGIN { kinds["tcp"] = "passes"; kinds["tcp fails"] = "fails"; kinds["tcp refused"] = "refused"
			kinds["tcp check"] = "check"; kinds["console"] = "console"; kinds["expect"] = "expect" }
		/^```/ && open { open = 0; file = ""; next }
		/^```/ { open = 1; info = substr($0, 4)
			if (info in kinds) file = scratch "/" kinds[info] "/" base "-" NR ".tcp"
			else if (info ~ /^tcp/) print FILENAME ":" NR ": " info >(scratch "/unknown")
			next }
		file { print >file }' "$document"
done
nothing 'every example says what must come of it' "$(cat "$scratch/unknown" 2>/dev/null)"

# place FILE MARK: the number of the line with the comment.
place() {
	grep -nE "# $2" "$1" | cut -d : -f 1
}

run() { # KIND: all its examples in one invocation; its verdicts are in KIND.log
	"$program" run -4 -6 --results "$scratch/results" "$scratch/$1"/*.tcp >"$scratch/$1.log" 2>&1
}

run passes
nothing 'no example is wrong as a script' "$(grep -A 2 -E '\.tcp:[0-9]+:[0-9]+: ' "$scratch/passes.log")"
for file in "$scratch"/passes/*.tcp; do
	name=${file##*/} name=${name%.tcp}
	pattern="^[a-z]+ +$name(,[^ ]*)?  \("
	verdicts=$(grep -E "$pattern" "$scratch/passes.log")
	if [ -n "$verdicts" ] && ! grep -qvE '^(pass|skip) ' <<<"$verdicts"; then
		report ok "example $name passes"
	else
		report 'not ok' "example $name passes" "$(grep -A 20 -E "$pattern" "$scratch/passes.log")"
	fi
done

run fails
for file in "$scratch"/fails/*.tcp; do
	name=${file##*/} name=${name%.tcp}
	line=$(place "$file" fails)
	# (If the machine is too busy, the run is broken, but it still says what differed.)
	if [ "$(grep -cE "^(fail|broken) +$name(,ipv6)?  \(([0-9.]+ m?s|it was disturbed)" "$scratch/fails.log")" = 2 ] &&
		[ "$(grep -cE "/$name\.tcp:$line: not " "$scratch/fails.log")" = 2 ]; then
		report ok "example $name fails at line $line"
	else
		report 'not ok' "example $name fails at line $line" "$(cat "$scratch/fails.log")"
	fi
done

for file in "$scratch"/refused/*.tcp; do
	name=${file##*/} name=${name%.tcp}
	line=$(place "$file" refused)
	words=$(sed -n 's/.*# refused: //p' "$file")
	said=$("$program" --results "$scratch/results" "$file" 2>&1)
	status=$?
	if [ $status = 2 ] && grep -F "/$name.tcp:$line:" <<<"$said" | grep -qF -- "$words"; then
		report ok "example $name is refused"
	else
		report 'not ok' "example $name is refused" "exit status $status"$'\n'"$said"
	fi
done

for file in "$scratch"/check/*.tcp; do
	[ -e "$file" ] || continue
	nothing "example ${file##*/} is accepted" "$("$program" check "$file" 2>&1 | grep -v 'nothing wrong$')"
done

# ---- transcripts, except for the time that they took ----

without_time() {
	sed -E 's/ \([0-9.]+ m?s\)$/ (TIME)/'
}

for file in "$scratch"/expect/*.tcp; do
	cp "$file" "$scratch/expect/$(sed -n '1s/^# //p' "$file")"
done

# Microseconds depend on how often the clock was read. A timer's seconds depend on the place of its start within a tick.
# The release depends on the package.
without_trifles() {
	sed -E 's/ +[0-9]+ us/ N us/g; s/ +[0-9.]+ s/ N s/g; s/^(on Linux 6\.12)\.[0-9]+/\1.N/'
}

tried() { # COMMAND
	cd "$scratch/expect" && PATH=$(dirname "$program")/tests/programs:$PATH &&
		eval "'$program' $1 --kernel 6.12 --results '$scratch/results'" 2>&1
}

for file in "$scratch"/console/*.tcp; do
	command=$(sed -n '1s/^\$ \.\/run\.sh //p' "$file")
	if [[ $command == try\ * ]]; then
		if [ -x build/kernels/6.12/linux ] && ! tried 'try --client true refused' | grep -q CONFIG_; then
			nothing "the table of $command is what is printed now" \
				"$(diff <(tail -n +2 "$file" | without_trifles) <(tried "$command" | without_trifles))"
		else
			report ok "the table of $command # SKIP kernel 6.12 is not built, or was before programs could run on it"
		fi
		continue
	fi
	verb=run
	[[ $command == explain\ * ]] && verb=explain command=${command#explain }
	# shellcheck disable=SC2086  # words
	differences=$(diff <(tail -n +2 "$file" | without_time) \
		<("$program" $verb --results "$scratch/results" $command 2>&1 | without_time))
	nothing "the transcript of $command in ${file##*/} is what is printed now" "$differences"
done

# ---- pictures ----

# Their times are not compared: they depend on what the program itself does in between.
pictured() { # FILE
	grep -v 'class="dim"' "$1"
}
mkdir "$scratch/pictures"
if [ -x build/kernels/6.12/linux ]; then
	nothing 'docs/pictures.sh makes the pictures' "$(docs/pictures.sh "$scratch/pictures" 2>"$scratch/made" || cat "$scratch/made")"
	for picture in docs/*.svg; do
		nothing "$picture is what is drawn now: else run docs/pictures.sh" \
			"$(diff <(pictured "$picture") <(pictured "$scratch/pictures/${picture##*/}"))"
		nothing "$picture is well-formed" "$(python3 -c 'import sys, xml.dom.minidom as dom; dom.parse(sys.argv[1])' "$picture" 2>&1)"
	done
else
	report ok 'the pictures are what is drawn now # SKIP kernel 6.12 is not built'
fi

# ---- everything is mentioned ----

# unmentioned DOCUMENT: of the words on standard input.
unmentioned() {
	while read -r word; do
		grep -qE -- "(^|[^A-Za-z0-9_-])$word([^A-Za-z0-9_-]|\$)" "$1" || echo "$word"
	done
}

some() { # NAME: fails if a list from the source is empty, because then nothing was checked
	local words
	words=$(cat)
	[ -n "$words" ] || echo "(cannot find the $1 in the source)"
	printf '%s\n' "$words"
}

calls=$(sed -nE 's/^(CALL|LATER)\(([a-z_0-9]+), .*/\2/p' harness/calls/call_rows.h | sort -u | some calls)
words=$(sed -nE 's/^(VERB|KEYWORD|FAULT)\( *[A-Z]+, +"([a-z]+)".*/\2/p' \
	harness/ast/line_rows.h | some statements)
fates=$(sed -nE 's/^\tFATE\([A-Z]+, +"([a-z]+)".*/\1/p' harness/ast/fates.h | some fates)
errors=$({
	sed -nE 's/^ +\{"([a-z-]+)", .*/\1/p' harness/packet/icmp.c
	sed -nE 's/^#define ICMP_.*"([a-z-]+)"$/\1/p' harness/packet/icmp.h
} | some 'ICMP messages')
options=$("$program" --help | sed -nE 's/^ .*(--[a-z0-9-]+).*/\1/p' | some options)
commands=$("$program" --help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' | some commands)

nothing 'language.md mentions every call' "$(unmentioned docs/language.md <<<"$calls")"
nothing 'language.md mentions every statement' "$(unmentioned docs/language.md <<<"$words")"
nothing 'language.md mentions every fate' "$(unmentioned docs/language.md <<<"$fates")"
nothing 'language.md mentions every ICMP error' "$(unmentioned docs/language.md <<<"$errors")"
nothing 'language.md mentions every option' "$(unmentioned docs/language.md <<<"$options")"
nothing 'architecture.md mentions every directory of sources' \
	"$(for directory in harness harness/*/ netns netns/*/ scenarios tests docs; do echo "${directory%/}/"; done |
		while read -r d; do grep -qF "$d" docs/architecture.md || echo "$d"; done)"

# upward: includes from a folder that stands above their own in the table, or is not in the table.
upward() {
	sed -nE 's/^\| `((harness|netns)(\/[a-z]+)*)\/` .*/\1/p' docs/architecture.md |
		awk 'NR == FNR { place[$1] = ++places; next }
			{ split($0, part, /:#include "/); from = part[1]; to = part[2]
			sub(/\/[^\/]*$/, "", from); sub(/\/[^\/]*$/, "", to)
			if (from != to && from != "harness" && !(place[from] && place[from] < place[to])) print }
			END { if (places < 10 || FNR < 100) print "(cannot find the folders, or what they include)" }' \
			- <(grep -roE '^#include "(harness|netns)/[a-z_/]+' harness netns)
}
nothing 'a folder includes only from folders below it in architecture.md' "$(upward)"

# ---- the library ----

nothing 'every scenario has a title of one line, and 3 to 12 lines of prose' \
	"$(for scenario in scenarios/*/*.tcp; do
		[[ $scenario == scenarios/beginnings/* ]] && continue
		awk '!/^#/ { exit } NR == 1 { title = length($0) } NR > 1 && !/^#$/ { lines++ }
			END { if (title < 10 || title > 100 || lines < 3 || lines > 12) print FILENAME ": " lines }' \
			"$scenario"
	done)"

# ---- the manual ----

in_manual=$(sed -nE '/^\.Sh OPTIONS/,/^\.Sh (EXIT|FILES)/s/^\.It.* Fl -([a-z0-9-]+).*/--\1/p' $manual)
nothing 'the options of --help and of the manual are the same' \
	"$(diff <(sort <<<"$options") <(sort <<<"$in_manual"))"
letters=$("$program" --help | sed -nE 's/^  -(.), --([a-z0-9-]+).*/\1 \2/p')
nothing 'and so are their letters' "$(diff <(sort <<<"$letters") <(
	sed -nE '/^\.Sh OPTIONS/,/^\.Sh EXIT/s/^\.It Fl ([a-zA-Z0-9])[ ,].*Fl -([a-z0-9-]+).*/\1 \2/p' $manual | sort))"
nothing 'the manual has every command' "$(while read -r word; do
	grep -qE "^\.(It|Nm)( Ic| Cm)? .*\b$word\b" $manual || echo "$word"
done <<<"$commands")"
if command -v mandoc >/dev/null; then
	# Which other manuals exist depends on the machine.
	nothing 'the manual is good mdoc' \
		"$(mandoc -T lint -W style $manual 2>&1 | grep -vE 'referenced manual not found|outdated mandoc.db')"
else
	report ok 'the manual is good mdoc # SKIP no mandoc'
fi
nothing 'the manual has the version' \
	"$(grep -qF "$("$program" --version)" $manual || "$program" --version)"

# ---- links between the documents ----

for document in "${documents[@]}"; do
	while read -r target; do
		case $target in
		http*) ;;
		'#'*) grep -qiE "^#+ |name=\"${target#\#}\"" "$document" &&
			{ grep -qF "name=\"${target#\#}\"" "$document" || grep -E '^#+ ' "$document" |
				sed -E 's/^#+ //' | tr 'A-Z ' 'a-z-' | tr -d "\`,.'" | grep -qxF "${target#\#}"; } ||
			echo "$document: $target" ;;
		*) [ -e "$(dirname "$document")/${target%%#*}" ] || echo "$document: $target" ;;
		esac
	done < <(grep -oE '\]\([^)]+\)' "$document" | sed 's/^](//; s/)$//')
done >"$scratch/links"
nothing 'every link leads somewhere' "$(cat "$scratch/links")"

printf '1..%d\n' "$number"
((failures == 0))
