# SPDX-License-Identifier: GPL-2.0-or-later
# Completion for bash. `tcplab complete -- WORD...` prints what the last word may become.
_tcplab() {
	local candidate
	COMPREPLY=()
	while IFS= read -r candidate; do
		COMPREPLY+=("$candidate")
	done < <("${COMP_WORDS[0]}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _tcplab tcplab ./run.sh
