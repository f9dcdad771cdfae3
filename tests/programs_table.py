#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The tables of docs/programs.md: what real programs do in failures.

programs_table.py --write    try all that are installed, and write their rows
programs_table.py [--few]    whether the rows are what the programs do here; --few: only some columns, which cost
                             little. A program that is not installed, or in another version, is skipped. Prints TAP.

Each cell is made of what `try --json` says. TCPLAB names the program, KERNEL the kernel (6.12).
"""
import functools
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
DOCUMENT = os.path.join(HERE, "..", "docs", "programs.md")
TCPLAB = os.path.abspath(os.environ.get("TCPLAB") or os.path.join(HERE, "..", "build", "tcplab"))
KERNEL = os.environ.get("KERNEL", "6.12")
PROGRAMS = os.path.join(HERE, "programs")

CURL = "curl -sS -o /dev/null http://server:8080/"
ASK = r"printf 'GET / HTTP/1.0\r\n\r\n'"
SSH = "ssh -F /dev/null -i {data}/sshd/id -o UserKnownHostsFile={data}/sshd/known_hosts"

# A client, and a script as its server.
CLIENTS = [
    # the name, what says its version, and the command
    ("curl", ["curl --version"], CURL),
    ("wget", ["wget --version"], "wget -O /dev/null http://server:8080/"),
    ("nc", ["dpkg-query -W -f ${Version} netcat-openbsd"], f"{ASK} | nc server 8080"),
    ("Python, sockets", ["/usr/bin/python3 --version"], "/usr/bin/python3 {programs}/sockets.py"),
    ("Python, http.client", ["/usr/bin/python3 --version"], "/usr/bin/python3 {programs}/http_client.py"),
    ("Python, urllib", ["/usr/bin/python3 --version"], "/usr/bin/python3 {programs}/urllib_request.py"),
    ("Node.js, net", ["node --version"], "node {programs}/net.js"),
    ("Node.js, http", ["node --version"], "node {programs}/http.js"),
    ("Node.js, fetch", ["node --version"], "node {programs}/fetch.js"),
    ("Java, Socket", ["java --version", "javac --version"], "java {programs}/Sockets.java"),
    ("Java, HttpClient", ["java --version", "javac --version"], "java {programs}/Http.java"),
]
CLIENT_FAILURES = [
    "refused",
    "black-hole",
    "closed-at-once",
    "half-answer-closed",
    "half-answer-reset",
    "never-answered",
    "host-crash-amid-answer",
    "path-mtu-black-hole",
    "network-cut-30s",
    "network-cut-10min",
]

# A client and a server: the client's row. sshd does not say its version; it is only looked for.
SERVE = "{programs}/serve.sh "
PAIRS = [
    ("curl, of nginx", ["curl --version", "nginx -v"], SERVE + "nginx {data}",
     "curl -sS --rate 6/m -o /dev/null http://server:8080/ -o /dev/null http://server:8080/"),
    ("openssl s_client, of s_server", ["openssl version"], SERVE + "openssl {data}",
     f"(sleep 10; {ASK}) | openssl s_client -quiet -connect server:4433"),
    ("redis-cli, of redis-server", ["redis-cli --version", "redis-server --version"], "redis-server --protected-mode no --save ''",
     "redis-cli -h server -r 2 -i 10 get key"),
    ("psql, of postgres", ["psql --version", "postgres --version"], SERVE + "postgres {data}",
     "sleep 1; exec psql -X -h server -U postgres -c 'select pg_sleep(10)'"),
    ("ssh, of sshd", ["ssh -V", "sshd"], SERVE + "sshd {data}", SSH + " root@server 'sleep 10; echo done'"),
]
PAIR_FAILURES = [
    "rejects-connections",
    "loses-everything",
    "server-vanishes amid-request",
    "server-vanishes amid-answer",
    "server-vanishes idle",
    "cut-10min amid-request",
    "cut-10min amid-answer",
    "cut-10min idle",
    "forgotten-on-the-way-reset amid-request",
    "forgotten-on-the-way-reset idle",
]

# With --few, only these columns, and without the rows that cost more than a second of a processor, or are another way to
# use a program that has a row.
FEW = ["half-answer-closed", "rejects-connections"]
DEAR = ["wget", "Python, http.client", "Python, urllib", "Node.js, http", "Node.js, fetch", "Java, Socket",
        "Java, HttpClient"]
# Their servers do not start for an ordinary user: a port below 1024, a directory of the system's.
OF_ROOT = ["ssh, of sshd", "curl, of nginx"]


def path():
    """Where servers are, too, as serve.sh finds them."""
    postgres = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    return ":".join([os.environ.get("PATH", os.defpath), "/usr/sbin"] + postgres[-1:])


@functools.lru_cache(maxsize=None)
def said_by(command):
    """What a program says of its version; "": it is there; None: it is not."""
    program, *arguments = command.split()
    found = shutil.which(program, path=path())
    if not found or not arguments:
        return found and ""
    said = subprocess.run([found] + arguments, capture_output=True, text=True, timeout=60)
    number = re.search(r"\d+(\.\d+)+(p\d+)?", said.stdout + said.stderr)
    return number.group() if number and said.returncode == 0 else None


def version(commands):
    """What the programs say of their versions, each of these once; None: one of them is not installed."""
    numbers = [said_by(c) for c in commands]
    return None if None in numbers else "/".join(filter(None, dict.fromkeys(numbers)))


def duration(ns):
    s = ns / 1e9
    if s < 1:
        return "at once"
    if s < 59.5:
        return f"{s:.0f} s"
    s = round(s)
    if s < 3600:
        return f"{s // 60} min" + (f" {s % 60} s" if s % 60 else "")
    return f"{s // 3600} h {s % 3600 // 60} min"


TIME = re.compile(r"(?:seen for )?(?:(\d+) h ?)?(?:(\d+) min ?)?(?:(\d+) s)?")
UNITS = (3600, 60, 1)


def words_and_seconds(text):
    """A cell's words, without its times, and these."""
    parts, times = [], []
    for part in text.split(", "):
        found = TIME.fullmatch(part)
        parts.append("a time" if found else part)
        if found:
            times.append(sum(int(n or 0) * unit for n, unit in zip(found.groups(), UNITS)))
    return parts, times


def same(one, other):
    """Whether two cells say the same. Linux's timers are late by up to an eighth of their time. How late they are depends
    on the moment of the boot at which they were set (docs/kernels.md), which is another one on another machine."""
    (words, times), (others, other_times) = words_and_seconds(one), words_and_seconds(other)
    return words == others and all(8 * abs(a - b) <= max(a, b) for a, b in zip(times, other_times))


def cell(f):
    """One failure, in a few words."""
    if f["verdict"] not in ("pass", "fail"):
        return f"{f['verdict']}: {f.get('why', '')}"
    if not f["happened"]:
        return "not reached"
    if f["end"] == "not":
        return "**hangs**" + (f", seen for {f['end_after'] // (3600 * 10**9)} h" if f.get("left_early") else "")
    parts = []
    if f["end"] == "killed":
        parts.append(f"killed by {f['signal']}")
    elif f["end"] == "exited":
        parts.append(f"exit {f['status']}")
    else:
        parts.append("its host crashed")
    if f["status"] == 0 and f["end"] == "exited" and f.get("received", 0) < f.get("answer", 0):
        parts[0] = "**exit 0, and has not all of it**"
    if f.get("error") and (f["error"] != "EOF" or f.get("status")):
        parts.insert(0, f["error"])
    parts.append(duration(f["end_after"]))
    if f.get("connections"):
        parts.append(f"connects {f['connections'] + 1} times")
    return ", ".join(parts)


def measure(data, failures, client, server=None):
    """{'failure moment': cell} of these failures."""
    environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy") and k != "GITHUB_ACTIONS"}
    environment.update(HOME=data, LC_ALL="C")
    names = list(dict.fromkeys(f.split()[0] for f in failures))
    # --limit: hangs of programs that wake often take a minute of a processor, which may be a busy one
    command = [TCPLAB, "try", "--kernel", KERNEL, "-4", "--json", "--limit", "3600s", "--results", data + "/results"]
    command += ["--client", client] + (["--server", server] if server else [])
    said = subprocess.run(command + names,
                          capture_output=True, text=True, env=environment, cwd=data)
    try:
        document = json.loads(said.stdout)
    except ValueError:
        sys.exit(f"programs_table: try says no JSON: {said.stdout[-500:]}{said.stderr[-500:]}")
    cells = {}
    for f in document["failures"]:
        cells[" ".join([f["failure"]] + ([f["moment"]] if f.get("moment") else []))] = cell(f)
    return cells


def left_out(name, number, few):
    """Why there is no such row here; None: there is."""
    if few and name in DEAR:
        return "only `make programs` tries it"
    if number is None:
        return "it is not installed"
    if name in OF_ROOT and os.geteuid() != 0:
        return "only root can start its server"
    return None


def rows():
    for name, how, client in CLIENTS:
        yield name, how, client, None, CLIENT_FAILURES
    for name, how, server, client in PAIRS:
        yield name, how, client, server, PAIR_FAILURES


def prepare(data, server):
    if server and server.startswith(SERVE):
        made = subprocess.run([PROGRAMS + "/serve.sh", server.split()[1], data, "prepare"], capture_output=True, text=True)
        if made.returncode:
            sys.exit(f"programs_table: {server} cannot be prepared: {made.stderr[-500:]}")


def written(text):
    """{name: (version, cells)} of the document's tables."""
    found = {}
    for line in text.splitlines():
        parts = [p.strip() for p in line.strip("|").split("|")]
        if line.startswith("| ") and len(parts) == 11:
            name, _, number = parts[0].rpartition(" ")
            found[name] = (number, parts[1:])
    return found


def table(measured, failures):
    lines = ["| | " + " | ".join(failures) + " |", "|---" * (len(failures) + 1) + "|"]
    return lines + [f"| {name} {number} | " + " | ".join(cells) + " |" for name, number, cells in measured]


def commands():
    lines = ["| | client | server |", "|---|---|---|"]
    for name, _, client, server, _ in rows():
        words = ["`" + c.format(data="DIR", programs="tests/programs").replace("|", r"\|") + "`" if c else "a script"
                 for c in (client, server)]
        lines.append(f"| {name} | {words[0]} | {words[1]} |")
    return lines


def replace(text, mark, lines):
    begin, end = f"<!-- {mark} -->\n", f"<!-- end of {mark} -->"
    before, rest = text.split(begin)
    return before + begin + "\n" + "\n".join(lines) + "\n\n" + end + rest.split(end)[1]


def run(data, few, chosen):
    """The rows that can be made here: name, version, columns, cells, and what the document has."""
    with open(DOCUMENT) as document:
        have = written(document.read())
    for name, how, client, server, failures in rows():
        if chosen and not any(word in name for word in chosen):
            continue
        number = None if few and name in DEAR else version(how)
        columns = [f for f in failures if f in FEW] if few else failures
        known = have.get(name)
        if "--write" not in sys.argv and (not known or known[0] != number):
            yield name, number, columns, None, known, failures
            continue
        if left_out(name, number, few):
            yield name, number, columns, None, known, failures
            continue
        prepare(data, server)
        client, server = (c and c.format(data=data, programs=PROGRAMS) for c in (client, server))
        cells = measure(data, columns, client, server)
        yield name, number, columns, [cells.get(f, "?") for f in columns], known, failures


def write(data, chosen):
    made = {}
    with open(DOCUMENT) as document:
        text = document.read()
    have = written(text)
    for name, number, _, cells, known, failures in run(data, False, chosen):
        if cells:
            made[name] = (number, cells)
            print(name, number, *cells, sep=" | ", flush=True)
        else:
            print(f"{name}: {left_out(name, number, False)}; its row is left as it is")
    made = {**have, **made}
    for mark, list_of, failures in (("clients", CLIENTS, CLIENT_FAILURES), ("pairs", PAIRS, PAIR_FAILURES)):
        lines = table([(r[0], *made[r[0]]) for r in list_of if r[0] in made], failures)
        text = replace(text, mark, lines)
    text = replace(text, "commands", commands())
    with open(DOCUMENT, "w") as document:
        document.write(text)


def check(data, few, chosen):
    number_of = 1
    with open(DOCUMENT) as document:
        text = document.read()
    failed = int(replace(text, "commands", commands()) != text)
    print(f"{'not ok' if failed else 'ok'} 1 - docs/programs.md has the commands of tests/programs_table.py", flush=True)
    for name, number, columns, cells, known, failures in run(data, few, chosen):
        number_of += 1
        if known is None:
            failed += 1
            print(f"not ok {number_of} - {name}\n#   docs/programs.md has no row of it", flush=True)
        elif cells is None:
            why = left_out(name, number, few) or f"docs/programs.md has its version {known[0]}, and here is {number}"
            print(f"ok {number_of} - {name} # SKIP {why}", flush=True)
        else:
            wrong = [f"{f}: docs/programs.md has '{known[1][failures.index(f)]}', it is '{c}'"
                     for f, c in zip(columns, cells) if not same(known[1][failures.index(f)], c)]
            failed += bool(wrong)
            print(f"{'not ok' if wrong else 'ok'} {number_of} - {name} {number}", flush=True)
            for line in wrong:
                print("#   " + line)
    print(f"1..{number_of}")
    return 1 if failed else 0


def main():
    chosen = [a for a in sys.argv[1:] if not a.startswith("--")]
    with tempfile.TemporaryDirectory() as data:
        os.chmod(data, 0o755)
        if "--write" in sys.argv:
            write(data, chosen)
            return 0
        return check(data, "--few" in sys.argv, chosen)


if __name__ == "__main__":
    sys.exit(main())
