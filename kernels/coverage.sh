#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How much of a kernel's TCP the scenarios reach.
#
#     coverage.sh KERNEL [NAME...]       KERNEL: a version (6.12), or the path of a kernel's tree
#     coverage.sh --missing FUNCTION     its source, with what no scenario reaches
#
# KERNEL is built once more, as KERNEL-coverage, so that the files of TCP count their branches (CONFIG_GCOV_KERNEL). The
# scenarios run on it over both families. Each run leaves the counters beside its results. gcov reads them, and
# kernels/coverage/ adds up its output.

home=$(cd -P -- "${0%/*}/.." && pwd) || exit 3
reports=$home/results/coverage

say() {
	printf 'tcplab: %s\n' "$*" >&2
}

usage() {
	say 'coverage KERNEL [NAME...] | coverage --missing FUNCTION'
	exit 2
}

# The newest report.
newest() {
	# shellcheck disable=SC2012  # the names are those of kernels
	info=$(ls -t "$reports"/*/tcp.info 2>/dev/null | head -n 1)
	[ -n "$info" ] && echo "$info" && return
	say 'there is no report yet: ./run.sh coverage KERNEL makes one'
	exit 3
}

# Each line of a function, with the number of its branches that were not reached; `#####`: the line itself was not
# reached.
missing() {
	info=$(newest) || exit
	awk -v wanted="$1" '
		/^SF:/ { file = substr($0, 4) }
		/^FN:/ {
			split(substr($0, 4), field, ",")
			first[field[2]] = field[1]; where[field[2]] = file
			starts[file] = starts[file] " " field[1]
		}
		/^DA:/ { split(substr($0, 4), field, ","); line[file, field[1]] = field[2] }
		/^BRDA:/ {
			split(substr($0, 6), field, ",")
			if (field[4] == 0) branches[file, field[1]]++
		}
		END {
			if (!(wanted in first)) exit 4
			file = where[wanted]; from = first[wanted]; to = from + 100000
			count = split(starts[file], start, " ")
			for (i = 1; i <= count; i++)
				if (start[i] + 0 > from + 0 && start[i] + 0 < to) to = start[i] + 0
			print file ":" from
			for (number = 1; (getline text < file) > 0 && number < to; number++) {
				if (number < from) continue
				mark = (file, number) in line && !line[file, number] ? "#####" : ""
				if (mark == "" && branches[file, number]) mark = branches[file, number] " way" (branches[file, number] > 1 ? "s" : "")
				printf "%7s %5d  %s\n", mark, number, text
				if (text == "}") exit
			}
		}' "$info"
	[ $? = 4 ] || exit 0
	say "no file of TCP has a function '$1', or it is part of another one (inlined)"
	exit 2
}

case $1 in
--missing) [ $# = 2 ] || usage ;;
'' | -*) usage ;;
esac
[ "$1" = --missing ] && missing "$2"

command -v gcov >/dev/null || {
	say 'gcov is missing; it comes with gcc'
	exit 3
}
kernel=$1
shift
[ $# -gt 0 ] || set -- all
"$home/kernels/build.sh" coverage "$kernel" || exit
case $kernel in
*/*) kernel=$(cd -P -- "$kernel" && pwd) && tree=$kernel && kernel=${kernel##*/} ;;
esac
dir=$home/build/kernels/$kernel-coverage
report=$reports/$kernel
runs=$(mktemp -d) || exit 3
trap 'rm -rf "$runs"' EXIT
trap 'exit 130' HUP INT TERM
"$home/run.sh" --kernel "$kernel-coverage" -q -4 -6 --results "$runs" "$@" >"$runs/log"
status=$?
grep -v '^pass' "$runs/log"
[ $status -le 1 ] || exit $status
mkdir -p "$report" || exit 3
for results in "$runs"/*/; do
	"$home/build/coverage" "${tree:-$dir/source}" "$dir/objects" "$results" "$report" || exit
done
if command -v genhtml >/dev/null; then
	genhtml --quiet --branch-coverage --output-directory "$report/html" "$report/tcp.info" &&
		say "by line: $report/html/index.html"
else
	say "genhtml (package lcov) would make pages of $report/tcp.info"
fi
say "functions that are reached in part: $report/missing.md; what one scenario alone reaches: $report/alone.md"
exit $status
