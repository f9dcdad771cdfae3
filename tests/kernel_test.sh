#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `kernel test`: a tree, a range, a bisection. Prints TAP. TCPLAB names the program.
#
# The tree is not a kernel's. Its build only copies the kernel that it names, 6.1 or 6.12, which were built before. The
# second timeout of a SYN has changed between these, and a bisection must find that.

cd "${0%/*}/.." || exit 2
home=$PWD
program=$(realpath "${TCPLAB:-build/tcplab}") || exit 2
kernels=$home/build/kernels
export TCPLAB_HOME=$home
unset GITHUB_ACTIONS NO_COLOR
. tests/tap.sh

for kernel in 6.1 6.12; do
	if ! [ -f "$kernels/$kernel/info" ] || ! command -v git >/dev/null; then
		echo "ok 1 - kernel test # SKIP without git, or kernel $kernel"
		echo 1..1
		exit 0
	fi
done
scratch=$(mktemp -d) || exit 2
name=tested-$$
trap 'rm -rf "$scratch" "$kernels/$name"* "$kernels/.trees/$name"*; rmdir "$kernels/.trees" 2>/dev/null' EXIT
cd "$scratch" || exit 2

tests() { # ARGUMENT...
	"$program" kernel test --results "$scratch/results" "$@"
}

# ---- the tree ----

tree=$scratch/$name
mkdir -p "$tree/arch/um"
: >"$tree/Kconfig"
echo UML_TIME_TRAVEL_SUPPORT >"$tree/arch/um/Kconfig"
printf '*.o\n.config\n' >"$tree/.gitignore"
cat >"$tree/Makefile" <<-'END'
	.RECIPEPREFIX = >
	VERSION = 6
	PATCHLEVEL = 12
	allnoconfig:
	> mkdir -p $(O)/include/config
	> cp $(KCONFIG_ALLCONFIG) $(O)/.config
	> echo 6.12.0 >$(O)/include/config/kernel.release
	linux: $(O)/copied
	> cp $(O)/copied $(O)/linux
	$(O)/copied: which
	> echo compiled >>$(O)/compiled
	> cp $$(cat which) $(O)/copied
END
commit() { # MESSAGE FILE CONTENT
	echo "$3" >"$tree/$2"
	git -C "$tree" add .
	git -C "$tree" -c user.name=t -c user.email=t@t commit -qm "$1"
}
git init -q "$tree"
commit 'the beginning' which "$kernels/6.1/linux"
git -C "$tree" tag start
commit 'nothing of importance' more 1
commit 'this is not built' which /nonexistent
commit 'it can be built again' which "$kernels/6.1/linux"
commit 'timeouts grow linearly' which "$kernels/6.12/linux"
commit 'nothing, again' more 2
git -C "$tree" tag end
cat >double.tcp <<-'END'
	# the second timeout of a SYN is twice the first
	router  drop client>
	client  socket() = c
	client  connect(c, server:8080) ...
	          client> S 0:0(0) lost
	  +1s     client> S 0:0(0) lost
	  +2s     client> S 0:0(0) lost
END
printf '%s\n' '# nobody has it' 'needs   kernel >= 999' 'client  socket() = c' >future.tcp

# state: everything in the tree, whether git sees it or not.
state() {
	(cd "$tree" && git status --porcelain --ignored && git rev-parse HEAD && git for-each-ref && find . -type f ! -name index |
		sort | xargs sha1sum)
}

# ---- one tree ----

before=$(state)
expect 'a bad one' 1 "^bad  $tree$" tests "$tree" ./double.tcp
expect 'why' 1 '^\./double.tcp:7: expected client> S 0:0\(0\) lost .*; got it after' tests "$tree" ./double.tcp
expect 'over both families, and nothing is known' 1 '^fail  double,ipv6  \([0-9.]+ s\)$' tests "$tree" ./double.tcp
printf 'tcplab baseline 1\nfail double\nfail double,ipv6\n' >known
expect 'a known failure is good' 0 "^good  $tree$" tests --against known "$tree" ./double.tcp
printf 'tcplab baseline 1\npass double\n' >unknown
expect 'a new one is bad' 1 '^fail  double  \(.*; new\)$' tests --against unknown -4 "$tree" ./double.tcp
expect 'one that passes' 0 "^good  $tree$" tests "$tree" connect-refused
printf 'tcplab baseline 1\nfail connect-refused\n' >vanished
expect 'a failure that vanished is bad' 1 '^pass  connect-refused  \(.*; vanished\)$' tests --against vanished "$tree" -4 connect-refused \
	connect-port-zero
expect 'only what is skipped: nobody knows' 125 '^tcplab: all of it is skipped on this kernel$' tests "$tree" ./future.tcp
expect 'a name in the working directory' 0 "^good  " sh -c "cd '$tree' && '$program' kernel test --results ../results . connect-refused"
is 'it is compiled once' 1 "$(wc -l <"$kernels/$name/objects/compiled")"
is 'the tree is as it was' "$before" "$(state)"
echo /nonexistent >"$tree/which"
expect 'one that is not built' 125 '^tcplab: cannot be built: .* its build failed' tests "$tree" connect-refused
expect 'and in one word' 125 "^skip  $tree$" tests "$tree" connect-refused

# A developer's tree: it was built in place, and has changes that are not committed.
: >"$tree/.config"
mkdir -p "$tree/include/config"
echo "$kernels/6.1/linux" >"$tree/which"
echo 'not yet added' >"$tree/new"
before=$(state)
expect 'a tree in which a kernel has been built' 0 "^good  $tree$" tests "$tree" ./double.tcp
is '.. is copied, as it is' "$kernels/6.1/linux not yet added" "$(cd "$kernels/.trees/$name-copy/tree" && cat which new | xargs)"
is '.. and is as it was' "$before" "$(state)"
rm "$tree/new"
git -C "$tree" checkout -q which
expect '.. changed' 1 '^bad  ' tests "$tree" ./double.tcp
is '.. without what is gone' '' "$(cd "$kernels/.trees/$name-copy/tree" && ls new 2>/dev/null)"
mv "$tree/.git" away
expect '.. and no git' 125 'a kernel has been built inside this tree' tests "$tree" ./double.tcp
mv away "$tree/.git"
rm -r "$tree/.config" "$tree/include"

# ---- a range ----

before=$(state)
tests start..end --source "$tree" ./double.tcp >said 2>errors
is 'a range: its status' 1 $?
short() { # REVISION
	git -C "$tree" rev-parse --short "$1"
}
is 'a range: each commit, the oldest first' "$(
	cat <<-END
		good  $(short end~4) nothing of importance
		skip  $(short end~3) this is not built  (cannot be built: see $scratch/results/commits/$(git -C "$tree" rev-parse end~3)/build.log)
		good  $(short end~2) it can be built again
		bad  $(short end~1) timeouts grow linearly
		bad  $(short end) nothing, again
		5 commits: 2 good, 2 bad, 1 cannot be built or tested
		the first bad one: $(short end~1) timeouts grow linearly
	END
)" "$(grep -v '^  ' said)"
is 'a range: why they are bad' 2 "$(grep -c '^ *fail  double  (' said)"
is 'a range: how far it is' "tcplab: 3 of 5: $(short end~2) it can be built again" "$(sed -n 3p errors)"
is 'a range: what has not changed is not compiled' 4 "$(wc -l <"$kernels/$name-commits/objects/compiled")"
is 'a range: results of each' 4 "$(find results/commits/*/*/double/result.json | wc -l)"
is 'a range: what make said' 1 "$(grep -c nonexistent results/commits/*/build.log)"
is 'a range: the tree is as it was' "$before" "$(state)"
expect 'a range: all are good' 0 '^2 commits: 2 good, 0 bad, 0 cannot' tests end~2..end --source "$tree" -4 connect-refused
expect 'a range: none can be built' 125 '^1 commits: 0 good, 0 bad, 1 cannot' tests end~4..end~3 --source "$tree" -4 connect-refused
git -C "$tree" checkout -q -b other end~3
commit 'timeouts grow linearly at once' which "$kernels/6.12/linux"
expect 'a range: which of two is open' 1 '^or a commit before it that cannot be built or tested \(1\)$' \
	tests start..other --source "$tree" -4 ./double.tcp
git -C "$tree" checkout -q end
expect 'a range: of the working directory' 0 '^good  .* nothing of importance$' \
	sh -c "cd '$tree' && '$program' kernel test --results ../results start..end~4 connect-refused"
expect 'one commit' 0 "^good  $(short end) nothing, again$" tests end --source "$tree" -4 connect-refused

# ---- failures that say nothing about a commit ----

# git bisect run would take any status below 128 for a verdict.
expect 'no kernel' 129 '^tcplab: kernel test: which one' tests
expect 'an option that there is not' 129 '^tcplab: unknown option --agianst; did you mean --against' tests --agianst x "$tree"
expect 'an option of others' 129 "^tcplab: --deep means nothing to 'kernel'" tests --deep "$tree"
expect 'no such scenario' 129 "^tcplab: no scenario is called 'conect-refused'" tests "$tree" conect-refused
expect 'no such baseline' 129 '^tcplab: cannot read nosuch: No such file' tests --against nosuch "$tree" connect-refused
expect 'no such range' 129 "^tcplab: start..nosuch is neither a directory nor a range of commits of $tree$" \
	tests start..nosuch --source "$tree" connect-refused
expect 'an empty range' 129 '^tcplab: there is no commit in end..start$' tests end..start --source "$tree" connect-refused
expect 'no repository' 129 "^tcplab: $scratch is no git repository; --source DIR" tests start..end connect-refused
expect 'a source beside a tree' 129 '^tcplab: --source is for a range' tests "$tree" --source "$tree" connect-refused
expect 'an option in the place of a range' 129 'neither a kernel tree nor a range' tests --source "$tree" -- --output=x connect-refused
expect 'of others it is an error as elsewhere' 2 "^tcplab: --source is for 'kernel test'" "$program" kernel list --source "$tree"
expect 'no such directory' 129 '^tcplab: kernel test: there is no directory /no/where$' tests /no/where connect-refused
expect 'no such source' 129 '^tcplab: the directory /no/where cannot be entered$' tests --source /no/where start..end connect-refused
is 'no kernel tree: said once' 2 "$(tests "$scratch" connect-refused 2>&1 | wc -l)"
mkdir $'odd\e[2J\n##[error]'
is 'a name does nothing to a terminal' '' "$(tests $'odd\e[2J\n##[error]' connect-refused 2>&1 | LC_ALL=C grep -a $'\e\\|##\\[\\|^[^ts]')"
expect 'no kernel tree' 125 'not a kernel tree' tests "$scratch" connect-refused

# ---- git bisect run ----

git -C "$tree" checkout -q end
git -C "$tree" bisect start end start >/dev/null 2>&1
git -C "$tree" bisect run "$program" kernel test --results "$scratch/results" . "$scratch/double.tcp" >said 2>&1
is 'a bisection: its status' 0 $?
is 'a bisection: what it finds' "$(git -C "$tree" rev-parse end~1) is the first bad commit" "$(grep 'is the first bad' said)"
git -C "$tree" bisect reset >/dev/null 2>&1
git -C "$tree" bisect start end start >/dev/null 2>&1
expect 'a bisection ends where the command line is wrong' 0 'exit code 129' \
	sh -c "! git -C '$tree' bisect run '$program' kernel test . nosuch"
git -C "$tree" bisect reset >/dev/null 2>&1

printf '1..%d\n' "$number"
((failures == 0))
