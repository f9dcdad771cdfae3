#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Checks docs/seeds.md and docs/catalogue.md against the library. Each row of the seeds' tables has a verdict, or says why
# there is none; each row of the catalogue has scenarios, or says why there are none, and no row is there twice. Each
# scenario that they name exists. Those of the seeds pass, or are skipped only because they take too long here. (The job
# `runs` runs all of them.) Prints TAP. TCPLAB names the program.

cd "${0%/*}/.." || exit 2
program=$(realpath "${TCPLAB:-build/tcplab}") || exit 2
export TCPLAB_HOME=$PWD
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
. tests/tap.sh

# CLAIM <tab> SCENARIOS <tab> VERDICT, of the document's tables: without their heads
rows_of() { # DOCUMENT
	awk -F' *[|] *' '/^## /{ table = 1 } table && /^\|/ && !/^\|-/ && !/^\| (claim|behaviour)/ {
		print $2 "\t" $3 "\t" $4 }' "$1"
}

scenarios_in() { # ROWS
	cut -f 2 "$1" | grep -oE '`[^`]+`' | tr -d '`' | sort -u
}

rows_of docs/seeds.md >"$scratch/rows"
scenarios_in "$scratch/rows" >"$scratch/named"
"$program" list | sed -nE 's/^  ([a-z0-9-]+) .*/\1/p' | sort -u >"$scratch/library"

nothing 'there are rows' "$([ "$(wc -l <"$scratch/rows")" -ge 100 ] || wc -l <"$scratch/rows")"
nothing 'a row with scenarios has a verdict' \
	"$(awk -F'\t' '$2 != "" && $3 !~ /^(true|nuance|outdated|wrong)([:;, ]|$)/' "$scratch/rows")"
nothing 'a row without says why' \
	"$(awk -F'\t' '$2 == "" && $3 !~ /^(Not shown|outdated|wrong): ./' "$scratch/rows")"
nothing 'every scenario that is named exists' "$(comm -23 "$scratch/named" "$scratch/library")"

rows_of docs/catalogue.md >"$scratch/catalogue"
scenarios_in "$scratch/catalogue" >"$scratch/shown"
nothing 'the catalogue has rows' "$([ "$(wc -l <"$scratch/catalogue")" -ge 323 ] || wc -l <"$scratch/catalogue")"
nothing 'no row is there twice' "$(cut -f 1 "$scratch/catalogue" | sort | uniq -d)"
nothing 'a row of it with scenarios says at most what is missing' \
	"$(awk -F'\t' '$2 != "" && $3 ~ /^(not yet|Not shown)/' "$scratch/catalogue")"
nothing 'a row of it without says why' \
	"$(awk -F'\t' '$2 == "" && $3 !~ /^(not yet(: .+)?|Not shown: .+)$/' "$scratch/catalogue")"
nothing 'every scenario that the catalogue names exists' "$(comm -23 "$scratch/shown" "$scratch/library")"

comm -12 "$scratch/named" "$scratch/library" >"$scratch/there"
mapfile -t there <"$scratch/there"
"$program" run -q --results "$scratch/results" "${there[@]}" >"$scratch/log" 2>&1
nothing 'and passes' "$(grep -vE '^(pass|skip) |^[0-9]+ (passed|unsure)' "$scratch/log")"
nothing 'or is skipped for its length alone' "$(grep -E '^skip ' "$scratch/log" | grep -v -- '--slow')"

echo "1..$number"
((failures == 0))
