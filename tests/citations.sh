#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Checks citations of the kernel's source in scenarios and docs/ against the packaged source of 6.12, if it is
# installed: each file exists, and contains each function or macro that is named after it. A function that is named
# elsewhere in a scenario is in one of the files that the scenario cites. Each fault in kernels/mutants/ applies: it is
# tried here, because unpacking the source takes longer than all the rest. Prints TAP.

cd "${0%/*}/.." || exit 2
archive=$(ls /usr/src/linux-source-6.12.tar.* /usr/src/linux-source-6.12/*.tar.* 2>/dev/null | head -n 1)
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
. tests/tap.sh

# WHERE <tab> PARAGRAPH: of the comment at a scenario's head, or of a document.
paragraphs() {
	awk '
		function flush() { if (text != "") print where "\t" text; text = "" }
		FNR == 1 { flush(); where = FILENAME; head = FILENAME ~ /\.tcp$/ }
		FILENAME ~ /\.tcp$/ && !/^#/ { head = 0 }
		FILENAME ~ /\.tcp$/ { if (!head) next; sub(/^# ?/, "") }
		/^ *$/ || /^\|/ { flush() }
		{ text = text == "" ? $0 : text " " $0 }
		END { flush() }' scenarios/*/*.tcp docs/*.md | sed 's/  */ /g'
}

# WHERE <tab> FILE <tab> NAME: NAME is empty for the file itself; FILE is empty for a function by itself.
citations() {
	awk -F'\t' '
		function names(    word) { # what stands after a file, up to the first word that is not a name
			while (match(rest, /^( ?\([^()]*\))?(,? (and )?)[A-Za-z_][A-Za-z0-9_]*(\(\)|\[\])?/)) {
				word = substr(rest, 1, RLENGTH)
				rest = substr(rest, RLENGTH + 1)
				sub(/^( ?\([^()]*\))?(,? (and )?)/, "", word)
				if (word !~ /\(\)$|\[\]$|^[A-Z][A-Z0-9]*_[A-Z0-9_]+$/) return
				gsub(/[][()]/, "", word)
				print $1 "\t" file "\t" word
			}
		}
		{
			rest = $2
			while (match(rest, /(net|include|fs|kernel|mm|arch)\/[A-Za-z0-9_\/-]+\.[chS]|[a-z0-9]+_[a-z0-9_]*\(\)/)) {
				found = substr(rest, RSTART, RLENGTH)
				rest = substr(rest, RSTART + RLENGTH)
				if (found ~ /\(\)$/) {
					sub(/\(\)$/, "", found)
					if ($1 ~ /\.tcp$/) print $1 "\t\t" found
					continue
				}
				file = found
				print $1 "\t" file "\t"
				names()
			}
		}'
}

[ -n "$archive" ] || {
	echo "ok 1 - the source of 6.12 is not installed # SKIP"
	echo 1..1
	exit 0
}

paragraphs | citations | sort -u >"$scratch/cited"
cut -f 2 "$scratch/cited" | grep . | sort -u >"$scratch/files"
nothing 'much is cited' "$([ "$(wc -l <"$scratch/cited")" -ge 200 ] || wc -l <"$scratch/cited")"

mapfile -t patches < <(find kernels/mutants -type f | sort)
# Names in the archive begin with its directory.
{ cat "$scratch/files" && sed -n 's|^+++ b/||p' "${patches[@]}"; } | sort -u | sed 's,^,*/,' >"$scratch/patterns"
mkdir "$scratch/source"
tar -xf "$archive" -C "$scratch/source" --strip-components=1 --wildcards --no-wildcards-match-slash \
	-T "$scratch/patterns" 2>"$scratch/tar"

while read -r file; do
	[ -f "$scratch/source/$file" ] || echo "$file"
done <"$scratch/files" >"$scratch/missing"
nothing 'each file that is cited exists' "$(grep -F -f "$scratch/missing" "$scratch/cited" | cut -f 1,2 | sort -u)"

wrong() {
	while IFS=$'\t' read -r where file name; do
		if [ -n "$file" ]; then
			[ -z "$name" ] || ! [ -f "$scratch/source/$file" ] ||
				grep -qwF -- "$name" "$scratch/source/$file" || echo "$where: $file has no $name"
			continue
		fi
		# Of all files with the same name, in any directory.
		mapfile -t cited < <(awk -F'\t' -v where="$where" '$1 == where && $2 != "" { print $2 }' "$scratch/cited" |
			sort -u | sed "s,^,$scratch/source/,")
		((${#cited[@]})) && grep -qwF -- "$name" "${cited[@]}" 2>/dev/null ||
			echo "$where: none of its files has $name()"
	done
}
nothing 'and has what it is cited for' "$(wrong <"$scratch/cited")"
made_up=$'scenarios/connect/connect-refused.tcp\tnet/ipv4/tcp.c\ttcp_no_such_function'
nothing 'one that is made up is found' "$([ "$(wrong <<<"$made_up" | wc -l)" = 1 ] || echo 'it was not')"

nothing 'each fault in kernels/mutants applies' "$(
	((${#patches[@]})) || echo 'there is none'
	for patch in "${patches[@]}"; do
		said=$(patch -d "$scratch/source" -p1 -f --dry-run --fuzz=0 <"$patch" 2>&1) || echo "$patch: $said"
	done
)"

echo "1..$number"
((failures == 0))
