#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes the pictures of the documentation: docs/pictures.sh [DIRECTORY], else in docs/. Each is a run's ladder.svg, on
# kernel 6.12, in virtual time, so it is the same each time. TCPLAB names the program.

cd "${0%/*}/.." || exit 2
program=${TCPLAB:-build/tcplab}
target=${1:-docs}
export TCPLAB_HOME=$PWD
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT

pictures=(synack-lost)
for name in "${pictures[@]}"; do
	"$program" run -q -4 --kernel 6.12 --results "$scratch" "$name" >&2 || exit 1
	cp "$scratch"/*/"$name/ladder.svg" "$target/$name.svg" || exit 1
done
