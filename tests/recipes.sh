#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs the recipes of docs/ci.md. Prints TAP. TCPLAB names the program.
#
# Each is executed in an empty directory in which ./run.sh is the program with a small library: building a kernel is
# left out, and where that kernel has not been built, so is --kernel. What a service does around the commands (artifacts
# that are kept and come back, a job for each combination of a matrix) is done here, in Python.

cd "${0%/*}/.." || exit 2
home=$PWD
program=$(realpath "${TCPLAB:-build/tcplab}") || exit 2
export TCPLAB_HOME=$home
unset GITHUB_ACTIONS NO_COLOR
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
. tests/tap.sh

# recipe KIND: the text of that recipe.
recipe() {
	awk -v kind="$1" '/^```/ && open { exit } open { print } $0 == "```" kind { open = 1 }' "$home/docs/ci.md"
}

library=$scratch/lib
script "$library/connect/refused.tcp" '# passes' 'client  socket() = c' \
	'client  connect(c, server:8080) = -1 ECONNREFUSED' '          client> S' '          server> R.'
script "$library/connect/closed.tcp" '# passes' 'client  socket() = c' 'client  close(c) = 0'
script "$library/later/future.tcp" '# needs a kernel that nobody has' 'needs   kernel >= 999.0' 'client  socket() = c'

# place NAME: an empty directory with a ./run.sh.
place() {
	rm -rf "${scratch:?}/$1"
	mkdir -p "$scratch/$1/build"
	cat >"$scratch/$1/run.sh" <<-END
		#!/bin/bash
		[ "\$1 \$2" = 'kernel build' ] && exit
		[ "\$1" = merge ] && exec '$program' "\$@"
		arguments=()
		while ((\$#)); do
			if [ "\$1" = --kernel ] && ! [ -f '$home/build/kernels/'"\$2/info" ]; then
				shift
			else
				arguments+=("\$1")
			fi
			shift
		done
		exec '$program' --library '$library' "\${arguments[@]}"
	END
	chmod +x "$scratch/$1/run.sh"
	ln -s ../run.sh "$scratch/$1/build/tcplab"
	cd "$scratch/$1" || exit 2
}

built=0
for kernel in 6.1 6.12; do
	[ -f "$home/build/kernels/$kernel/info" ] && ((++built))
done

# ---- services: jobs of a matrix, commands, artifacts ----

cat >"$scratch/service.py" <<'END'
import glob, itertools, os, re, shutil, subprocess, sys
import yaml

# Every variable of the service must be known here.
def filled(text, values):
    text = re.sub(r"\$\{\{ *matrix\.(\w+) *\}\}", lambda m: str(values[m.group(1)]), str(text))
    if "${{" in text and "hashFiles" not in text:
        sys.exit("not known: " + text)
    return text

def execute(command, variables={}):
    print("$ " + command, flush=True)
    return subprocess.run(["sh", "-e", "-c", command], env={**os.environ, **variables}).returncode

# Of a job: what it keeps between its steps stays in the working directory, its artifacts are moved away.
def github(document):
    failed = 0
    for name, job in document["jobs"].items():
        matrix = job.get("strategy", {}).get("matrix", {})
        for combination in itertools.product(*matrix.values()):
            values = dict(zip(matrix, combination))
            status = 0
            for step in job["steps"]:
                if status and step.get("if") != "always()":
                    continue
                given = {key: filled(value, values) for key, value in step.get("with", {}).items()}
                if "run" in step:
                    status = status or execute(filled(step["run"], values))
                elif step["uses"].startswith("actions/upload-artifact@"):
                    if os.path.exists(os.path.join("service", given["name"])):
                        sys.exit("two artifacts of the name " + given["name"])
                    shutil.copytree(given["path"], os.path.join("service", given["name"]),
                                    ignore=shutil.ignore_patterns(".*"))
                    shutil.rmtree(given["path"])
                elif step["uses"].startswith("actions/download-artifact@"):
                    for path in glob.glob(os.path.join("service", given["pattern"])):
                        shutil.copytree(path, os.path.join(given["path"], os.path.basename(path)))
                elif not re.match(r"actions/(checkout|cache)@v\d+$", step["uses"]):
                    sys.exit("not known: " + step["uses"])
            failed = failed or status
    return failed

def gitlab(document):
    failed = 0
    jobs = [job for job in document.values() if isinstance(job, dict) and "script" in job]
    for job in sorted(jobs, key=lambda job: document["stages"].index(job["stage"])):
        for matrix in job.get("parallel", {}).get("matrix", [{}]):
            for combination in itertools.product(*matrix.values()):
                variables = dict(zip(matrix, combination))
                status = 0
                for command in job["script"]:
                    status = status or execute(command, variables)
                failed = failed or status
                for path in job["artifacts"]["paths"]:
                    path = re.sub(r"\$(\w+)", lambda m: variables[m.group(1)], path)
                    if not os.path.exists(path):
                        sys.exit("no such artifact: " + path)
    return failed

kind, path = sys.argv[1:]
document = yaml.safe_load(open(path))
sys.exit({"github": github, "gitlab": gitlab}[kind](document))
END

if python3 -W ignore -c 'import yaml' 2>/dev/null; then
	for kind in github gitlab; do
		recipe "yaml $kind" >"$scratch/$kind.yml"
		place $kind
		python3 -W ignore "$scratch/service.py" $kind "$scratch/$kind.yml" >../said 2>&1
		status=$?
		[ $status = 0 ] || sed 's/^/# /' ../said
		is "$kind: all of it passes" 0 $status
		is "$kind: each share of each kernel" 6 "$(grep -c -- '^\$ ./run.sh -q -4 -6 --kernel' ../said)"
		if ((built == 2)); then
			is "$kind: the matrix" 'run 6.1 6.12 closed pass pass future skip skip refused pass pass' \
				"$(sed -nE '/^run /,/^$/p' ../said | grep -v ,ipv6 | sed -E 's/(6\.[0-9]+)\.[0-9]+/\1/g' | xargs)"
			is "$kind: joined" 12 "$(find . -path '*joined/*/result.json' | wc -l)"
		else
			skip "$kind: the matrix" 'kernels 6.1 and 6.12 have not been built'
		fi
	done
	place github
	sed 's/shard: \[1, 2, 3\]/shard: [1, 3]/' "$scratch/github.yml" >"$scratch/lost.yml"
	python3 -W ignore "$scratch/service.py" github "$scratch/lost.yml" >../said 2>&1
	is 'github: a job that is lost' 3 $?
	is 'github: is named' yes "$(grep -q '^missing  .*shard 2/3 never reported' ../said && echo yes)"
	cd "$home" || exit 2
	is "the project's own workflow: its commands" .ci/run "$(python3 -c '
import yaml
document = yaml.safe_load(open(".github/workflows/test.yml"))
print(*[step["run"] for job in document["jobs"].values() for step in job["steps"] if "run" in step])')"
	is "the project's own workflow: can be executed" yes "$([ -x .ci/run ] && echo yes)"
else
	skip 'YAML' 'no yaml for python3'
fi

# ---- scripts ----

cd "$home" || exit 2
recipe 'sh cron' >"$scratch/cron.sh"
place cron
sed -i "s|/srv/tcplab|$PWD|" ../cron.sh
is 'cron: prints nothing' '' "$(sh ../cron.sh 2>&1)"
is 'cron: leaves a report' 1 "$(grep -c '<testsuites>' nightly.xml)"
script "$library/later/wrong.tcp" '# fails' 'client  socket() = c' 'client  close(c) = -1 EBADF'
is 'cron: prints what is wrong' 1 "$(sh ../cron.sh 2>&1 | grep -c '^fail  wrong  (')"
sh ../cron.sh >/dev/null 2>&1
is 'cron: its status' 1 $?
rm "$library/later/wrong.tcp"

cd "$home" || exit 2
recipe 'sh parallel' >"$scratch/parallel.sh"
place parallel
if parallel --version 2>/dev/null | grep -q '^GNU parallel'; then
	sed -i "s|one,two,three|:|; s|/srv/tcplab|$PWD|; s|tar -x -i|tar -x -i -C here|; s|merge left|merge here/left|; s|left-2 left-3|here/left-2 here/left-3|" \
		../parallel.sh
	mkdir here
	export PARALLEL_HOME=$scratch/parallel-home
	mkdir "$PARALLEL_HOME" && : >"$PARALLEL_HOME/will-cite"
	bash ../parallel.sh >said 2>&1
	is 'GNU parallel: all of it passes' 0 $?
	is 'GNU parallel: everything, once' "$(uname -r): 4 passed, 0 failed, 2 skipped" "$(tail -n 1 said)"
else
	skip 'GNU parallel' 'not installed'
fi

cd "$home" || exit 2
is 'git bisect: what tests/kernel_test.sh runs' 'run.sh kernel test . linear.tcp' \
	"$(recipe 'sh bisect' | sed -n 's|^git bisect run .*/\(run.sh kernel test \.\) .*/\(.*\)|\1 \2|p')"

# The kernel's part is left out; the command is executed here.
recipe 'sh vng' >"$scratch/vng.sh"
place vng
mkdir -p tcplab linux tcplab/kernels stubs
cp -r run.sh tcplab/ && cp -rP build tcplab/ && cp "$home/kernels/config" tcplab/kernels/
cat >stubs/vng <<-'END'
	#!/bin/sh
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		shift
	done
	[ $# = 0 ] || exec sh -c "$2"
END
chmod +x stubs/vng
HOME=$PWD PATH=$PWD/stubs:$PATH bash ../vng.sh >said 2>&1
is 'virtme-ng: the command, and merge' "0 $(uname -r): 4 passed, 0 failed, 2 skipped" "$? $(tail -n 1 said)"
is 'virtme-ng: what the kernel needs' '' "$(for option in VETH PACKET USER_NS NF_TABLES; do
	grep -qE "^CONFIG_($option|NET)=y" tcplab/net.config || echo "$option"
done)"

printf '1..%d\n' "$number"
((failures == 0))
