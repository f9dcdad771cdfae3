#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Checks docs/seeds.md against the library: each row of its tables has a verdict, or says why there is none. Each
# scenario that it names exists, and passes, or is skipped only because it takes too long here. Prints TAP. TCPLAB names
# the program.

cd "${0%/*}/.." || exit 2
program=$(realpath "${TCPLAB:-build/tcplab}") || exit 2
export TCPLAB_HOME=$PWD
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
. tests/tap.sh

# CLAIM <tab> SCENARIOS <tab> VERDICT
awk -F' *[|] *' '/^## /{ table = 1 } table && /^\|/ && !/^\|-/ && $2 !~ /^claim/ {
	print $2 "\t" $3 "\t" $4 }' docs/seeds.md >"$scratch/rows"
cut -f 2 "$scratch/rows" | grep -oE '`[^`]+`' | tr -d '`' | sort -u >"$scratch/named"
"$program" list | sed -nE 's/^  ([a-z0-9-]+) .*/\1/p' | sort -u >"$scratch/library"

nothing 'there are rows' "$([ "$(wc -l <"$scratch/rows")" -ge 100 ] || wc -l <"$scratch/rows")"
nothing 'a row with scenarios has a verdict' \
	"$(awk -F'\t' '$2 != "" && $3 !~ /^(true|nuance|outdated|wrong)([:;, ]|$)/' "$scratch/rows")"
nothing 'a row without says why' \
	"$(awk -F'\t' '$2 == "" && $3 !~ /^(Not shown|outdated|wrong): ./' "$scratch/rows")"
nothing 'every scenario that is named exists' "$(comm -23 "$scratch/named" "$scratch/library")"

comm -12 "$scratch/named" "$scratch/library" >"$scratch/there"
mapfile -t there <"$scratch/there"
"$program" run -q --results "$scratch/results" "${there[@]}" >"$scratch/log" 2>&1
nothing 'and passes' "$(grep -vE '^(pass|skip) |^[0-9]+ (passed|unsure)' "$scratch/log")"
nothing 'or is skipped for its length alone' "$(grep -E '^skip ' "$scratch/log" | grep -v -- '--slow')"

echo "1..$number"
((failures == 0))
