#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs in containers of several kinds, and on machines that forbid something, as TAP: either the run passes, or one line
# says which step failed and how to fix it. tests/container.c makes each of these in namespaces of its own; if it cannot
# (as an ordinary user, or in a container), the case is skipped, with the reason. Runs on another kernel are skipped if
# 6.12 is not built.
#
#     tests/containers.sh         TCPLAB and TCPLAB_HOME say what to test

cd "${0%/*}/.." || exit 2
program=${TCPLAB:-$PWD/build/tcplab}
export TCPLAB_HOME=$PWD
container=${program%/*}/tests/container
. tests/tap.sh
scratch=$(mktemp -d) || exit 2
group=
trap 'rm -rf "$scratch"; [ -z "$group" ] || rmdir "$group"' EXIT
# Every user in the container may write to it.
mkdir "$scratch/results" "$scratch/tmp"
chmod 755 "$scratch"
chmod 1777 "$scratch/results" "$scratch/tmp"
umask 0
unset XDG_RUNTIME_DIR TMPDIR
# A search for leaks needs ptrace(2); other tests do that.
export ASAN_OPTIONS=detect_leaks=0

# verdict NAME STATUS PATTERN GOT FILE
verdict() {
	if (($4 == 77)); then
		skip "$1" "$(head -n 1 "$5")"
	elif (($4 == $2)) && grep -qE -- "$3" "$5"; then
		report ok "$1"
	else
		report 'not ok' "$1" "exit status $4, expected $2, and: $3" "$(tail -n 20 "$5")"
	fi
}

# Sanitizers need /proc, much memory, and a kernel that is not a guest's.
sanitized=
[[ $program == *sanitize* ]] && sanitized='the program has sanitizers'

# inside NAME WORDS STATUS PATTERN ARGUMENT...: the program's behaviour in a container that WORDS make.
inside() {
	local name=$1 words=$2 status=$3 pattern=$4
	if [[ -n $sanitized && $words == *no-proc* ]]; then
		skip "$name" "$sanitized"
		return
	fi
	shift 4
	# shellcheck disable=SC2086  # a list
	timeout 60 "$container" $words -- "$program" -q --results "$scratch/results" "$@" >"$scratch/said" 2>&1 </dev/null
	verdict "$name" "$status" "$pattern" $? "$scratch/said"
}

# inside_kernel NAME ...: the same, on another kernel.
inside_kernel() {
	if [ -n "$sanitized" ]; then
		skip "$1" "$sanitized"
	elif [ -x "$TCPLAB_HOME/build/kernels/6.12/linux" ]; then
		inside "$@" --kernel 6.12
	else
		skip "$1" 'kernel 6.12 is not built'
	fi
}

# Two that need little, of which one sets a sysctl.
two=(-4 -6 connect-refused backlog-clamped)
passed='^4 passed, 0 failed'
mend='docker \(or podman\) run --cap-add SYS_ADMIN --cap-add NET_ADMIN --security-opt apparmor=unconfined.*docs/containers.md'

# ---- what may be missing, one at a time ----

inside 'nothing is missing' '' 0 "$passed" "${two[@]}"
inside '/proc/sys is read-only' fixed 0 "$passed" "${two[@]}"
inside '.. and cannot be mounted otherwise' 'fixed docker-caps' 3 \
	"^broken .*/proc/sys/net is read-only, and mounting it writable is refused: .*$mend" connect-refused
inside '.. nor in a user namespace, from which it is read-only' 'users fixed docker-caps ordinary' 3 \
	"^broken .*/proc/sys/net is read-only, .*$mend" connect-refused
inside 'there is no /proc' no-proc 0 "$passed" "${two[@]}"
inside '.. and it cannot be mounted' 'no-proc docker-caps' 3 \
	'^tcplab: there is no /proc, and it cannot be mounted: .*; as root: mount -t proc proc /proc$' connect-refused
inside 'no CAP_NET_ADMIN' no-net-admin 0 "$passed" "${two[@]}"
inside 'no CAP_NET_RAW' no-net-raw 0 "$passed" "${two[@]}"
inside 'no CAP_NET_RAW, and no user namespaces' 'no-net-raw chroot' 3 \
	"^broken .*making a user namespace: .*: root lacks CAP_NET_RAW here; .*$mend" connect-refused
inside 'few capabilities' docker-caps 0 "$passed" "${two[@]}"
inside 'an ordinary user' ordinary 0 "$passed" "${two[@]}"
inside 'a filter forbids user namespaces' 'ordinary no-users' 3 \
	"^broken .*making a user namespace: .*: a filter of system calls \(seccomp\) is in force; .*$mend" connect-refused
inside '.. of which root needs none' no-users 0 "$passed" "${two[@]}"
inside '.. unless it has few capabilities' 'no-users docker-caps' 3 \
	"^broken .* is in force, and root lacks CAP_SYS_ADMIN, CAP_NET_ADMIN; .*$mend" connect-refused
inside 'a setting forbids them' 'ordinary no-users-set' 3 \
	'^broken .*user.max_user_namespaces is 0 on this machine; as root: sysctl -w .* \(or run this as root\)' connect-refused
inside "AppArmor does, as Ubuntu's" 'ordinary apparmor chroot' 3 \
	'AppArmor restricts user namespaces on this machine; as root: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0' \
	connect-refused
inside '.. of which root is free' 'apparmor chroot' 0 "$passed" "${two[@]}"
inside 'none can be made, nobody knows why' 'ordinary chroot' 3 \
	'making a user namespace: .*: a chroot, a container or a security module may forbid it' connect-refused
inside 'no memfd_create()' no-memfd 0 "$passed" "${two[@]}"
inside '.. and no other place' 'no-memfd no-writing' 3 \
	'^broken .*nothing is there for its output: neither memfd_create\(\), nor a file in TMPDIR, /dev/shm or /tmp' connect-refused
export TMPDIR=$scratch/tmp
inside 'no room for temporary files' full-tmp 0 "$passed" "${two[@]}"
inside '.. nor memfd_create()' 'full-tmp no-memfd' 0 "$passed" "${two[@]}"
export TMPDIR=$scratch/none
inside 'TMPDIR does not exist' '' 0 "$passed" "${two[@]}"
unset TMPDIR

# The contents of /proc/sys/net depend on the namespace of the process that looks; here they are not the machine's.
"$container" docker-caps -- "$program" check >"$scratch/said" 2>&1
verdict 'all of the library is accepted there' 0 ', nothing wrong$' $? "$scratch/said"

# ---- the same with other kernels ----

passed_there='^pass  connect-refused '
inside_kernel 'another kernel, a small /dev/shm where nothing may be executed' shm 0 "$passed_there" connect-refused
inside_kernel '.. nor memfd_create()' 'shm no-memfd' 0 "$passed_there" connect-refused
inside_kernel '.. nor room in /tmp' 'shm no-memfd no-room' 3 \
	'^tcplab: a guest needs a file of 64 MB for its memory, since memfd_create\(\) is forbidden; in /dev/shm nothing may be executed, /tmp has 8 MB left: let TMPDIR name a directory with more' \
	connect-refused --results /dev/shm
export TMPDIR=/mnt # every machine has it
inside_kernel '.. but in TMPDIR' 'shm no-memfd no-room room-tmp' 0 \
	'^tcplab: at most 1 at once: a guest needs a file of 64 MB .*/mnt has (99|100) MB left' \
	-j 2 connect-refused connect-no-route --results /dev/shm
export TMPDIR=$scratch/tmp
inside_kernel 'no room for what it has to say' small-tmp 3 \
	'^broken .*left no verdict, and its directory has no room left, .*free some there, or let TMPDIR name' connect-refused
inside_kernel '.. nor for what is said to it' full-tmp 3 \
	'cannot write to .*: No space left on device; free some there, or let TMPDIR name' connect-refused
export TMPDIR=$scratch/none
inside_kernel 'TMPDIR does not exist' '' 3 \
	'^tcplab: cannot make the directory for temporary files, .*/none/tcplab-.*No such file.*\(set TMPDIR to a directory that you can write to\)' \
	connect-refused
unset TMPDIR
inside_kernel 'no ptrace()' no-ptrace 3 \
	'^broken .*ptrace: Operation not permitted; it needs ptrace\(2\), .*--cap-add SYS_PTRACE .*kernel.yama.ptrace_scope' connect-refused
inside_kernel 'no /proc' no-proc 0 "$passed_there" connect-refused
inside_kernel 'no capabilities, no namespaces' 'docker-caps docker-calls' 0 "$passed_there" connect-refused

# ---- whole containers: docs/containers.md has what makes them ----

docker='root masked fixed docker-caps docker-calls'
inside 'docker run' "$docker" 3 "^broken .*/proc/sys/net is read-only, .*$mend" connect-refused
inside_kernel 'docker run, another kernel' "$docker" 0 "$passed_there" connect-refused
inside_kernel 'docker run --user, another kernel' "$docker ordinary" 0 "$passed_there" connect-refused
inside 'docker run --cap-add SYS_ADMIN --cap-add NET_ADMIN' "$docker add-sys add-net" 0 "$passed" "${two[@]}"
inside 'docker run --cap-add SYS_ADMIN' "$docker add-sys" 0 "$passed" "${two[@]}"
inside 'docker run --cap-add NET_ADMIN' "$docker add-net" 3 "^broken .*$mend" connect-refused
inside 'docker run --security-opt seccomp=unconfined systempaths=unconfined' 'root docker-caps' 0 "$passed" "${two[@]}"
inside '.. --user' 'root docker-caps ordinary' 0 "$passed" "${two[@]}"
inside 'docker run --security-opt systempaths=unconfined' 'root docker-caps docker-calls' 3 \
	"a filter of system calls \(seccomp\) is in force, and root lacks CAP_SYS_ADMIN, CAP_NET_ADMIN; .*$mend" connect-refused
inside 'docker run --privileged' root 0 "$passed" "${two[@]}"
inside_kernel 'docker run --privileged, another kernel' root 0 "$passed_there" connect-refused

podman='users root masked fixed podman-caps podman-calls'
inside 'podman run' "$podman" 3 "^broken .*/proc/sys/net is read-only, .*$mend" connect-refused
inside 'podman run --security-opt unmask=ALL' 'users root podman-caps podman-calls' 0 "$passed" "${two[@]}"
inside 'podman run --cap-add SYS_ADMIN' "$podman add-sys" 0 "$passed" "${two[@]}"
inside 'podman run --privileged' 'users root' 0 "$passed" "${two[@]}"
inside_kernel 'podman run, another kernel' "$podman" 0 "$passed_there" connect-refused
inside_kernel '.. of an older Podman' "$podman no-ptrace" 3 '--cap-add SYS_PTRACE' connect-refused

inside 'LXC' 'users root masked fixed net-free' 0 "$passed" "${two[@]}"
inside 'LXC, an ordinary user' 'users root masked fixed net-free ordinary' 0 "$passed" "${two[@]}"
inside_kernel 'LXC, another kernel' 'users root masked fixed net-free' 0 "$passed_there" connect-refused

# ---- limits of a control group ----

# The directory of this process's control group that limits memory; nothing: there is none, or no group below can be
# made.
find_group() {
	local version1 version2 top
	version1=$(sed -n 's/^[0-9]*:memory:\(.*\)/\1/p' /proc/self/cgroup)
	version2=$(sed -n 's/^0::\(.*\)/\1/p' /proc/self/cgroup)
	for top in "/sys/fs/cgroup/memory$version1" "/sys/fs/cgroup$version2"; do
		mkdir "$top/tcplab-test-$$" 2>/dev/null || continue
		limit=$top/tcplab-test-$$/memory.limit_in_bytes
		[ -e "$limit" ] || limit=$top/tcplab-test-$$/memory.max
		group=$top/tcplab-test-$$
		[ -e "$limit" ] && return
		rmdir "$group"
		group=
	done
	return 1
}

# limited NAME MEGABYTES STATUS PATTERN ARGUMENT...
limited() {
	local name=$1 status=$3 pattern=$4
	if [ -n "$sanitized" ]; then
		skip "$name" "$sanitized"
		return
	elif [ -z "$group" ]; then
		skip "$name" 'no control group that limits memory can be made'
		return
	fi
	echo "$2M" >"$limit" || echo "the limit cannot be set"
	(
		echo "$BASHPID" >"$group/cgroup.procs" || exit 77
		shift 4
		exec timeout 60 "$program" -q --results "$scratch/results" "$@"
	) >"$scratch/said" 2>&1 </dev/null
	verdict "$name" "$status" "$pattern" $? "$scratch/said"
}

find_group
# Four runs of a second each, two at a time, take at least two seconds.
began=$(date +%s%N)
limited '40 MB for four runs' 40 0 '^4 passed, 0 failed' -4 -6 connect-ttl-too-small connect-ttl-too-small
took=$((($(date +%s%N) - began) / 1000000))
if [ -n "$sanitized" ]; then
	skip '.. two at a time' "$sanitized"
elif [ -z "$group" ]; then
	skip '.. two at a time' 'no control group that limits memory can be made'
elif ((took >= 2000)); then
	report ok '.. two at a time'
else
	report 'not ok' '.. two at a time' "they took $took ms"
fi
if [ -x "$TCPLAB_HOME/build/kernels/6.12/linux" ]; then
	limited '20 MB for a guest' 20 3 \
		"^broken .*ended by SIGKILL; .*the control group's memory ran out: 20 MB .docker run --memory" --kernel 6.12 connect-refused
else
	skip '20 MB for a guest' 'kernel 6.12 is not built'
fi

echo "1..$number"
