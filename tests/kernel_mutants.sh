#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The faults in kernels/mutants/, without building one of them: each says what a user would suffer and which scenario is
# to catch it, and alters one to three lines. (citations.sh sees whether they apply.) Prints TAP.

cd "${0%/*}/.." || exit 2
. tests/tap.sh

mapfile -t patches < <(find kernels/mutants -type f | sort)
few=$( ((${#patches[@]} >= 40)) || echo "${#patches[@]}")
nothing 'there are 40 mutants' "$few"

# Each line of its head, and how much it changes.
nothing 'each begins with what a user would suffer, names a scenario, and alters one to three lines' "$(
	for patch in "${patches[@]}"; do
		[[ $patch == kernels/mutants/*/*.patch ]] || echo "$patch: its name is not TOPIC/NAME.patch"
		awk -v patch="$patch" '
			function complain(what) { print patch ": " what }
			FNR == 1 && (!/^[A-Za-z].* / || /\.$/) { complain("its first line is no sentence without a full stop") }
			FNR == 1 && length > 120 { complain("its first line has more than 120 characters") }
			FNR == 2 && $0 != "" { complain("its second line is not empty") }
			/^Caught by: / && !diff { scenario = $3 }
			/^--- a\// { diff = 1; next }
			/^\+\+\+ b\/(net|include\/net)\// { files++; next }
			diff && /^\+/ { added++ }
			diff && /^-/ { taken++ }
			END {
				if (files != 1) complain("it alters " files + 0 " files of the network")
				if (added > 3 || taken > 3 || added + taken == 0) complain("it adds " added + 0 " lines and takes " taken + 0)
				if (system("test -f scenarios/" scenario ".tcp")) complain("there is no scenario " scenario)
			}' "$patch"
	done
)"
nothing 'no two begin alike' "$(head -qn 1 "${patches[@]}" | sort | uniq -d)"

echo "1..$number"
((failures == 0))
