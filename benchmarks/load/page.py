#!/usr/bin/env python3
"""Writes the tables of a page from what load.py has kept, so that page and figures can't differ: page.py RESULT.json PAGE.md

A table stands between `<!-- table NAME -->` and `<!-- end -->`. Without PAGE.md everything is printed.
"""
import json, re, sys
from figures import (allocated, calls, figure, first_cpu, first_over_plateau, first_requests, median, of_pair, of_peers, own, pair_of, ready,
                     resident)

NAMES = {"haproxy": "HAProxy", "nginx": "nginx", "envoy": "Envoy", "undertow": "bare Undertow", "spring-cloud-gateway": "Spring Cloud Gateway",
         "gatepost": "Gatepost", "undertow-25": "bare Undertow, JDK 25", "gatepost-25": "Gatepost, JDK 25", "gatepost-unwarmed": "Gatepost, `--warm-up 0s`",
         "gatepost-25-unwarmed": "Gatepost, JDK 25, `--warm-up 0s`", "gatepost-jdk": "Gatepost, the JDK verifies",
         "gatepost-routes": "Gatepost, 10,000 routes", "gatepost-backend": "Gatepost, the tutorial's backend", "jetty": "Jetty", "tomcat": "Tomcat",
         "spring-boot": "Spring Boot"}
KINDS = {"hot": "one token", "rotating": "10,000 tokens", "cold": "each token new", "cold ES256": "each new, ES256", "rejected": "no token"}
CURVES = ((0, 2), (2, 4), (4, 6), (8, 10), (13, 15), (18, 20), (25, 30), (35, 40), (50, 55))


def text(value, digits=None):
    if value is None:
        return ""
    if digits is None:
        digits = 0 if abs(value) >= 20 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}"


def name_of(peer):
    return NAMES.get(peer) or f"{NAMES[peer.replace('-gatepost', '')]} with the filter"


def table(heads, rows):
    return "\n".join(["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)] + ["| " + " | ".join(row) + " |" for row in rows])


def gateways(result):
    return [name for name in result["peers"] if not name.endswith("unwarmed") and NAMES.get(name.replace("-gatepost", "")) not in ("Jetty", "Tomcat", "Spring Boot")]


# Tables.

def machine(result):
    about, others = result["machine"], result["others"]
    quiet = "quiet" if others["quiet"] else "not quiet"
    rows = [("measured", f"{result['when']}, {result['minutes']} minutes"), ("processor", f"{about['processor']}, {about['cores']} cores"),
            ("the machine was", f"{quiet}: others had {others['others, cores']:.2f} cores, {others['steal, cores']:.2f} were stolen, load before {others['load average before'][0]:.1f}")]
    rows += [(what, about[what]) for what in ("java", "java 25", "haproxy", "nginx", "envoy") if about.get(what)]
    rows += [(name_of(name), f"class archive {peer['archive']}") for name, peer in result["peers"].items() if peer.get("archive")]
    rows += [(name_of(name), f"not measured: {why}") for name, why in result["missing"].items()]
    return table(("", ""), [(what, str(value)[:150]) for what, value in rows])


def requests(result):
    rows = [[name_of(name), *(text(figure(result, name, kind, "rate"), 0) for kind in KINDS)] for name in gateways(result)]
    return table(("requests per second", *KINDS.values()), rows)


def cpu(result):
    rows = [[name_of(name), *(text(figure(result, name, kind, "cpu")) for kind in KINDS)] for name in gateways(result)]
    return table(("CPU of a request, us", *KINDS.values()), rows)


def latency(result):
    rows = []
    for name in gateways(result):
        stream = result["peers"][name].get("stream") or {}
        rows.append([name_of(name), text(figure(result, name, "hot", "p50")), text(figure(result, name, "hot", "p99")), text(figure(result, name, "steady", "p99")),
                     text(stream.get("delay")), {True: "yes", False: "no"}.get(stream.get("alone"), "")])
    return table(("ms", "p50", "p99", "p99 at 1,600/s", "delay of a chunk", "each chunk alone"), rows)


def counts(result):
    rows = []
    for name in gateways(result):
        peer = result["peers"][name]
        rows.append([name_of(name), text(calls(peer, "1"), 1), text(calls(peer), 1), text(allocated(peer), 0), text(allocated(peer, "rejected"), 0),
                     text(peer.get("resident at start"), 0), text(resident(peer), 0)])
    return table(("a request's", "system calls, 1 connection", "32 connections", "bytes allocated", "when rejected", "resident at start, MiB", "after load"), rows)


def starts(result):
    rows = []
    for name, peer in result["peers"].items():
        if not peer.get("curve") or "-gatepost" in name or name in ("jetty", "tomcat", "spring-boot"):
            continue
        plateau = "" if name.endswith("unwarmed") else text(peer["plateau"]) + ("" if peer["curve"]["reached"] else " (not reached)")
        over = "" if name.endswith("unwarmed") else text(first_over_plateau(peer))
        rows.append([name_of(name), text(ready(peer)), text(median([start["first"] for start in peer["starts"]])), text(first_requests(peer), 0), text(first_cpu(peer)), plateau, over])
    return table(("", "`ready`, s", "first 200, s", "requests in the first 10 s", "CPU of one, us", "at the plateau", "ratio"), rows)


def curves(result):
    """The window that covers most of each span."""
    rows = []
    for name, peer in result["peers"].items():
        if not peer.get("curve") or "-gatepost" in name or name in ("jetty", "tomcat", "spring-boot"):
            continue
        found = []
        for low, high in CURVES:
            near = [window for window in peer["curve"]["windows"] if window["at"] - 1 < high and window["at"] + window["seconds"] > low + 1]
            found.append(text(median([window["cpu"] for window in near])))
        rows.append([name_of(name), *found])
    return table(("seconds after `ready`", *(f"{low}-{high}" for low, high in CURVES)), rows)


def pairs(result):
    rows = []
    for pair in result["pairs"]:
        if pair["rounds"] and "ratio" in pair and not pair["peer"].startswith(("jetty", "tomcat", "spring-boot")):
            what = pair["kind"] if pair["kind"] == pair["base kind"] else f"{pair['kind']} of {pair['base kind']}"
            # A third quartile further away than a tenth is said.
            note = "" if pair["spread"] <= 0.10 else f"spread {pair['spread'] * 100:.0f} %"
            note += ("; " if note else "") + "the client's core was full" if pair["client full"] else ""
            rows.append([name_of(pair["peer"]), name_of(pair["base"]), what + (", p99" if pair["kind"] == "steady" else ""), text(pair["ratio"]), text(pair["cpu ratio"]),
                         str(len(pair["rounds"])), note])
    return table(("peer", "of", "load", "throughput", "by CPU", "rounds", ""), rows)


def servlets(result):
    rows = []
    for name in ("jetty", "tomcat", "spring-boot"):
        guarded, pair = result["peers"].get(f"{name}-gatepost"), pair_of(result, f"{name}-gatepost", name)
        if not pair:
            continue
        mine, base = (figure(result, peer, "hot", "cpu") for peer in (f"{name}-gatepost", name))
        rows.append([NAMES[name], text(figure(result, name, "hot", "rate"), 0), text(figure(result, f"{name}-gatepost", "hot", "rate"), 0), text(pair["ratio"]),
                     text(base), text(mine), text(allocated(result["peers"][name]), 0), text(allocated(guarded), 0),
                     "" if pair["spread"] <= 0.10 else f"spread {pair['spread'] * 100:.0f} %"])
    return table(("server", "requests/s without", "with the filter", "ratio", "CPU without, us", "with", "bytes without", "with", ""), rows)


# What, must, goal, whether less is better, how it is found.
G, G25, J, U, U25, H, S = "gatepost", "gatepost-25", "gatepost-jdk", "undertow", "undertow-25", "haproxy", "spring-cloud-gateway"
GOALS = (
    ("one token, of bare Undertow", 0.85, 1.0, False, of_pair(G, U)),
    ("the same on JDK 25", 0.85, 1.0, False, of_pair(G25, U25)),
    ("one token, of Envoy", 0.8, 1.2, False, of_pair(G, "envoy")),
    ("the same on JDK 25", 0.8, 1.2, False, of_pair(G25, "envoy")),
    ("one token, of HAProxy", 0.9, 1.3, False, of_pair(G, H)),
    ("the same on JDK 25", 0.9, 1.3, False, of_pair(G25, H)),
    ("one token, of Spring Cloud Gateway", 11, 15, False, of_pair(G, S)),
    ("10,000 tokens, of one token", 0.9, 0.97, False, of_pair(G, G, "rotating", "hot")),
    ("the same on JDK 25", 0.9, 0.97, False, of_pair(G25, G25, "rotating", "hot")),
    ("the tutorial's backend, of one token", 0.8, 0.9, False, of_pair("gatepost-backend", G)),
    ("first 10 s: CPU of a request, of its plateau", 5, 2, True, own(G, first_over_plateau)),
    ("the same on JDK 25", 5, 2, True, own(G25, first_over_plateau)),
    ("first 10 s: requests, of bare Undertow's", 0.8, 1.5, False, of_peers(G, U, first_requests)),
    ("the same on JDK 25", 0.8, 1.5, False, of_peers(G25, U25, first_requests)),
    ("to `ready` without warm-up, of bare Undertow", 2.5, 2, True, of_peers("gatepost-unwarmed", U, ready)),
    ("the same on JDK 25", 2.5, 2, True, of_peers("gatepost-25-unwarmed", U25, ready)),
    ("to `ready` with 10,000 routes, of one route", 2, 2, True, of_peers("gatepost-routes", G, ready)),
    ("each token new, the JDK verifies, of HAProxy", 0.45, 0.55, False, of_pair(J, H, "cold")),
    ("each token new, Amazon's provider, of HAProxy", 0.6, 0.8, False, of_pair(G, H, "cold")),
    ("the same on JDK 25", 0.6, 0.8, False, of_pair(G25, H, "cold")),
    ("no token, of HAProxy", 0.6, 0.9, False, of_pair(G, H, "rejected")),
    ("the same on JDK 25", 0.6, 0.9, False, of_pair(G25, H, "rejected")),
    ("no token, of Spring Cloud Gateway", 8, 12, False, of_pair(G, S, "rejected")),
    ("p99 with one token, of bare Undertow", 1.2, 1.0, True, of_pair(G, U, what="p99")),
    ("p99 at 1,600/s, of bare Undertow", 1.2, 1.0, True, of_pair(G, U, "steady", what="p99")),
    ("the same on JDK 25", 1.2, 1.0, True, of_pair(G25, U25, "steady", what="p99")),
    ("resident memory, of bare Undertow", 1.4, 1.2, True, of_peers(G, U, resident)),
    ("the same on JDK 25", 1.4, 1.2, True, of_peers(G25, U25, resident)),
    ("resident memory, of Spring Cloud Gateway", 0.85, 0.7, True, of_peers(G, S, resident)),
    ("bytes allocated for a request, of bare Undertow", 1.3, 1.3, True, of_peers(G, U, allocated)),
    ("the same on JDK 25", 1.3, 1.3, True, of_peers(G25, U25, allocated)),
    ("system calls of a request, 32 connections", 6.2, 6.2, True, own(G, calls)),
    ("the same on JDK 25", 6.2, 6.2, True, own(G25, calls)),
)


def goals(result):
    rows = []
    for what, must, goal, less, found in GOALS:
        value, wide, note = found(result)
        if value is None:
            continue
        shown = float(text(value).replace(",", ""))
        verdict = "goal" if (shown <= goal if less else shown >= goal) else "yes" if (shown <= must if less else shown >= must) else "**missed**"
        rows.append([what, f"{must:g}", f"{goal:g}", text(value), verdict, "; ".join(([f"spread {wide * 100:.0f} %"] if wide and wide > 0.10 else []) + ([note] if note else []))])
    return table(("Gatepost", "must", "goal", "measured", "reached", ""), rows)


def errors(result):
    found = {}
    for pair in result["pairs"]:
        for side, kind in ((0, "kind"), (1, "base kind")):
            if pair[kind] != "rejected":
                name = pair[("peer", "base")[side]]
                found[name] = found.get(name, 0) + sum(sides[side]["errors"] for sides in pair["rounds"])
    return ", ".join(f"{name_of(name)} {count}" for name, count in found.items() if count) or "none"


TABLES = {"machine": machine, "goals": goals, "starts": starts, "curves": curves, "requests": requests, "cpu": cpu, "latency": latency, "counts": counts,
          "servlets": servlets, "pairs": pairs}


def everything(result):
    return "\n\n".join([*(f"## {name}\n\n{made(result)}" for name, made in TABLES.items()), f"errors: {errors(result)}"])


def dump(value, depth=0):
    """JSON with a line for each window or round."""
    flat = not isinstance(value, (dict, list)) or depth > 3 and not any(isinstance(part, (dict, list)) for part in (value.values() if isinstance(value, dict) else value))
    if flat or not value:
        return json.dumps(value)
    if isinstance(value, list) and all(isinstance(part, (int, float)) for part in value):
        return json.dumps(value)
    pad = " " * (depth + 1)
    if isinstance(value, dict):
        parts = [f"{pad}{json.dumps(key)}: {dump(part, depth + 1)}" for key, part in value.items()]
        text = "{\n" + ",\n".join(parts) + "\n" + " " * depth + "}"
    else:
        text = "[\n" + ",\n".join(pad + dump(part, depth + 1) for part in value) + "\n" + " " * depth + "]"
    return text + ("\n" if depth == 0 else "")


def main(kept, page=None):
    with open(kept) as file:
        result = json.load(file)
    if not page:
        print(everything(result))
        return
    with open(page) as file:
        written = file.read()
    written = re.sub(r"(<!-- table (\w+) -->\n).*?(<!-- end -->)", lambda found: f"{found[1]}{TABLES[found[2]](result)}\n{found[3]}", written, flags=re.S)
    with open(page, "w") as file:
        file.write(written)


if __name__ == "__main__":
    main(*sys.argv[1:])
