# SPDX-License-Identifier: GPL-2.0-or-later
# Completion for fish. `tcplab complete -- WORD...` prints what the last word may become.
function __tcplab_complete
    set -l words (commandline --tokenize --current-process --cut-at-cursor)
    $words[1] complete -- $words[2..-1] (commandline --current-token --cut-at-cursor) 2>/dev/null
end
complete --command tcplab --arguments '(__tcplab_complete)'
