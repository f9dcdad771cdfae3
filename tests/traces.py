#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tests/traces.py RESULTS...: what tshark and a reader of pcapng make of the captures in these directories of runs.

Each run's trace.pcapng is read by its blocks: they are well formed, its packets are those of client.pcap and
server.pcap, and its comments are printable. tshark decodes each packet of it, and each field is compared with what
result.json says of the packet of that number. And what Wireshark calls a packet of one link is compared with the notes
that speak of it. Prints the faults, and how many fields were compared; exit status 1 if there is a fault."""
import collections
import json
import os
import re
import struct
import subprocess
import sys

faults = []
compared = collections.Counter()
SECOND = 10**9


def fault(run, text):
    faults.append(run)
    print(f"{run}: {text}")


# ---- files ----

def pcap(path):
    """The packets of a file in libpcap's format: (time, bytes, length on the wire)."""
    data = open(path, "rb").read()
    magic, major, minor, _, _, longest, link = struct.unpack_from("<IHHIIII", data)
    assert (magic, major, minor, longest, link) == (0xA1B23C4D, 2, 4, 65549, 1), "header"
    at, packets = 24, []
    while at < len(data):
        seconds, fraction, captured, length = struct.unpack_from("<IIII", data, at)
        packets.append((seconds * SECOND + fraction, data[at + 16:at + 16 + captured], length))
        at += 16 + captured
    assert at == len(data), "cut off"
    return packets


def options(data):
    at, found = 0, []
    while at < len(data):
        code, length = struct.unpack_from("<HH", data, at)
        value, padding = data[at + 4:at + 4 + length], data[at + 4 + length:at + 4 + length + -length % 4]
        assert len(value) == length and padding == bytes(-length % 4), "option"
        at += 4 + length + -length % 4
        if code == 0:
            assert length == 0 and at == len(data), "end of options"
            return found
        found.append((code, value))
    assert not data, "no end of options"
    return found


def comments(found):
    texts = [value.decode() for code, value in found if code == 1]  # strictly UTF-8
    for text in texts:
        assert text and text.isprintable(), f"comment {text!r}"
    return texts


def pcapng(path):
    """Interfaces by name, names by address, and the packets: (interface, time, bytes, length, comments)."""
    data = open(path, "rb").read()
    at, interfaces, names, packets = 0, [], {}, []
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        assert size % 4 == 0 and size >= 12 and struct.unpack_from("<I", data, at + size - 4)[0] == size, "block"
        body = data[at + 8:at + size - 4]
        if kind == 0x0A0D0D0A:
            assert at == 0 and struct.unpack_from("<IHHq", body) == (0x1A2B3C4D, 1, 0, -1), "section"
            found = options(body[16:])
            assert comments(found) and dict(found)[3].startswith(b"Linux ") and dict(found)[4].startswith(b"tcplab ")
        elif kind == 1:
            assert struct.unpack_from("<HHI", body) == (1, 0, 65549), "interface"
            found = dict(options(body[8:]))
            assert found[9] == b"\x09", "nanoseconds"
            interfaces.append(found[2].decode())
        elif kind == 4:
            for code, value in options(body):
                names[value[:{1: 4, 2: 16}[code]]] = value[{1: 4, 2: 16}[code]:]
        else:
            assert kind == 6, f"block type {kind}"
            interface, high, low, captured, length = struct.unpack_from("<IIIII", body)
            found = options(body[20 + captured + -captured % 4:])
            packets.append((interfaces[interface], high << 32 | low, body[20:20 + captured], length, comments(found)))
        at += size
    assert at == len(data), "cut off"
    return interfaces, names, packets


# ---- tshark ----

# Not with the preferences of the user, nor with a home that is not the user's.
QUIET = re.compile(r"^Running as user .*\n", re.M)


def tshark(run, path, fields, *more):
    command = ["tshark", "-n", "-r", path, "-T", "fields", "-E", "separator=/t", "-E", "occurrence=f", "-o",
               "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE", "-o", "tcp.check_checksum:TRUE",
               "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-o", "tcp.desegment_tcp_streams:FALSE", *more]
    for field in fields:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "HOME": "/nonexistent"})
    said = QUIET.sub("", done.stderr)
    if done.returncode or said:
        fault(run, f"tshark, {os.path.basename(path)}: {said or done.returncode}")
    return [dict(zip(fields, line.split("\t"))) for line in done.stdout.splitlines()]


# ---- fields ----

def number(text):
    return int(text, 0) if text else None


FLAGS = dict(zip("FSRP.UEWe", (1, 2, 4, 8, 16, 32, 64, 128, 256)))
OPTIONS = ["tcp.options.mss_val", "tcp.options.wscale.shift", "tcp.options.sack_perm", "tcp.options.timestamp.tsval",
           "tcp.options.timestamp.tsecr", "tcp.options.sack.count", "tcp.options.sack_le", "tcp.options.sack_re",
           "tcp.options.md5.digest"]


def sack(run, segment, which):
    """The first block, as on the wire: its numbers count from the other end's ISN."""
    blocks = segment["options"].get("sack")
    if not blocks:
        return None
    ends = run["connections"][segment["connection"]]["ends"]
    isn = [end.get("isn", 0) for end in ends if end["address"] != segment["source"] or end["port"] != segment["source_port"]]
    return (isn[0] + blocks[0][which]) % 2**32 if len(isn) == 1 else "?"


# Of each kind of packet: tshark's field, and ours; None: the packet has none.
TCP = {
    "tcp.srcport": lambda r, s: s["source_port"],
    "tcp.dstport": lambda r, s: s["target_port"],
    "tcp.seq_raw": lambda r, s: s["seq_raw"],
    "tcp.ack_raw": lambda r, s: s.get("ack_raw", 0),
    "tcp.flags": lambda r, s: sum(FLAGS[f] for f in s["flags"]) if s["flags"] != "-" else 0,
    "tcp.window_size_value": lambda r, s: s["window_raw"],
    "tcp.len": lambda r, s: s["length"],
    "tcp.options.mss_val": lambda r, s: s["options"].get("mss"),
    "tcp.options.wscale.shift": lambda r, s: s["options"].get("wscale"),
    "tcp.options.timestamp.tsval": lambda r, s: s["options"].get("TSval_raw"),
    "tcp.options.timestamp.tsecr": lambda r, s: s["options"].get("TSecr_raw"),
    "tcp.options.sack.count": lambda r, s: len(s["options"]["sack"]) if "sack" in s["options"] else None,
    "tcp.options.sack_le": lambda r, s: sack(r, s, 0),
    "tcp.options.sack_re": lambda r, s: sack(r, s, 1),
}
UDP = {
    "udp.srcport": lambda r, s: s["source_port"],
    "udp.dstport": lambda r, s: s["target_port"],
    "udp.length": lambda r, s: s["length"] + 8,
}
ICMP = {
    "icmp.type": lambda r, s: s["icmp_type"],
    "icmp.code": lambda r, s: s["icmp_code"],
}
KINDS = {"tcp": TCP, "udp": UDP, "icmp": ICMP}
OTHERS = ["frame.number", "frame.time_epoch", "frame.interface_name", "ip.src", "ipv6.src", "ip.dst", "ipv6.dst", "ip.ttl",
          "ipv6.hlim", "ip.id", "ip.flags.mf", "ip.frag_offset", "ipv6.fraghdr", "tcp.checksum.status", "tcp.options.sack_perm",
          "tcp.options.md5.digest", "tcp.payload", "tcp.flags.urg", "tcp.urgent_pointer", "icmpv6.type", "icmpv6.code",
          "icmp.mtu", "icmpv6.mtu", "_ws.malformed"]
FIELDS = OTHERS + [field for kind in KINDS.values() for field in kind]


def same(name, run, where, field, ours, theirs):
    compared[field] += 1
    if ours != theirs:
        fault(name, f"frame {where}: {field}: ours {ours!r}, tshark's {theirs!r}")


QUOTED = re.compile(r' "((?:[^"\\]|\\.)*)"')


def payload(text):
    """The data, if the transcript shows them: as in C."""
    found = QUOTED.search(text)
    return found and found[1].encode("latin-1").decode("unicode_escape").encode("latin-1").hex()


def compare(name, run, event, packet):
    segment, where = run["segments"][event["segment"]], packet["frame.number"]
    leaves = event["kind"] == "arrived" and segment["from"] != "router" and not segment.get("forged")
    if leaves and segment["fate"] == "corrupt":
        return
    stamp = packet["frame.time_epoch"].split(".")
    same(name, run, where, "frame.time_epoch", run["start"] + event["from"], int(stamp[0]) * SECOND + int(stamp[1]))
    if segment["kind"] in ("arp", "other"):
        return
    version = "ipv6" if ":" in segment["source"] else "ip"
    same(name, run, where, version + ".src", segment["source"], packet[version + ".src"])
    same(name, run, where, version + ".dst", segment["target"], packet[version + ".dst"])
    same(name, run, where, "hops", segment["ttl"] - leaves * (event["host"] != "router"),
         number(packet["ip.ttl" if version == "ip" else "ipv6.hlim"]))
    if version == "ip":
        same(name, run, where, "ip.id", segment["ip_id"], number(packet["ip.id"]))
    if packet["ip.flags.mf"] in ("1", "True") or number(packet["ip.frag_offset"]) or packet["ipv6.fraghdr"]:
        return
    kind = segment["kind"]
    for field, ours in KINDS.get(kind, {}).items():
        mine = ours(run, segment)
        theirs = packet[field] or (packet[field.replace("icmp.", "icmpv6.")] if kind == "icmp" else "")
        if mine != "?":
            same(name, run, where, field, mine, number(theirs))
    if kind == "icmp" and "icmp_mtu" in segment:
        same(name, run, where, "mtu", segment["icmp_mtu"], number(packet["icmp.mtu"] or packet["icmpv6.mtu"]))
    if kind != "tcp":
        return
    same(name, run, where, "sackOK", segment["options"].get("sackOK", False), packet["tcp.options.sack_perm"] != "")
    same(name, run, where, "md5", segment["options"].get("md5", False), packet["tcp.options.md5.digest"] != "")
    same(name, run, where, "bad checksum", segment.get("bad_checksum", False), packet["tcp.checksum.status"] == "0")
    if "urgent" in segment:
        same(name, run, where, "urgent", segment["urgent"], number(packet["tcp.urgent_pointer"]))
    if segment["length"] and payload(segment["text"]) is not None:
        same(name, run, where, "payload", payload(segment["text"]), packet["tcp.payload"])


# ---- what Wireshark calls it ----

LABELS = ["keep_alive", "keep_alive_ack", "retransmission", "fast_retransmission", "spurious_retransmission", "reused_ports"]
AGAIN = {"retransmission", "fast_retransmission", "spurious_retransmission"}


def labels(name, link, path, notes):
    fields = ["tcp.seq", "tcp.flags", "udp.length", "_ws.malformed"] + ["tcp.analysis." + x for x in LABELS]
    packets = tshark(name, path, fields)
    if len(packets) != len(notes):
        return fault(name, f"{link}: tshark sees {len(packets)} packets of {len(notes)}")
    strange = False
    for i, (packet, texts) in enumerate(zip(packets, notes), 1):
        text, called = "; ".join(texts), {x for x in LABELS if packet["tcp.analysis." + x]}
        # From the first forged packet on Wireshark counts from numbers that no end has sent.
        strange = strange or "forged: " in text
        if strange:
            continue
        compared["labels"] += 1
        syn_ack = packet["tcp.flags"] in ("0x0012", "0x0052")
        alive = "window probe:" in text or "keepalive probe:" in text or "Keep-Alive: it is one byte" in text
        if ("keep_alive" in called) != alive or not syn_ack and (
                ("reused_ports" in called) != ("Port numbers reused" in text)):
            fault(name, f"{link}, frame {i}: Wireshark {called or 'nothing'}, notes: {text}")
        repeats = "sent again" in text or "the second copy" in text or "overtaken" in text
        if called & AGAIN and not repeats or "keep_alive_ack" in called and "the answer to the probe" not in text:
            fault(name, f"{link}, frame {i}: Wireshark {called}, notes: {text}")
        if "Seq=1" in text and packet["tcp.seq"] not in ("0", "1"):
            fault(name, f"{link}, frame {i}: Wireshark Seq={packet['tcp.seq']}, notes: {text}")
        # A datagram to a port that belongs to some protocol is taken for one of its messages.
        if packet["_ws.malformed"] and not packet["udp.length"]:
            fault(name, f"{link}, frame {i}: malformed")


# ---- runs ----

def check(path, with_labels):
    name = os.path.basename(path)
    if not os.path.exists(os.path.join(path, "result.json")):
        return  # a table over the runs
    run = json.load(open(os.path.join(path, "result.json")))
    if not os.path.exists(os.path.join(path, "trace.pcapng")):
        return
    try:
        interfaces, names, packets = pcapng(os.path.join(path, "trace.pcapng"))
        assert interfaces == ["client", "server"], interfaces
        assert names[bytes([10, 0, 1, 1])] == b"client\0" and len(names) == 22, "names"
        for link in interfaces:
            alone = pcap(os.path.join(path, link + ".pcap"))
            assert alone == [p[1:4] for p in packets if p[0] == link], f"{link}.pcap has other packets"
            compared["packets"] += len(alone)
    except (AssertionError, UnicodeDecodeError, struct.error, KeyError) as error:
        return fault(name, repr(error))
    seen = tshark(name, os.path.join(path, "trace.pcapng"), FIELDS, "-o", "tcp.relative_sequence_numbers:FALSE", "-o",
                  "tcp.analyze_sequence_numbers:FALSE")
    if len(seen) != len(packets):
        return fault(name, f"tshark sees {len(seen)} packets of {len(packets)}")
    for event in run["events"]:
        if "frame" in event:
            compare(name, run, event, seen[event["frame"] - 1])
    if with_labels:
        for link in interfaces:
            labels(name, link, os.path.join(path, link + ".pcap"), [p[4] for p in packets if p[0] == link])


paths = sys.argv[1:]
with_labels = "--labels" in paths
for path in paths:
    if path != "--labels":
        check(path.rstrip("/"), with_labels)
print(f"{sum(compared.values())} compared, {len(faults)} faults")
sys.exit(bool(faults))
