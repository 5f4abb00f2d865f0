#!/usr/bin/env python3
"""The sample gateway under load beside its peers: one core for the proxy, the other for the client and the upstream.

Each peer checks the signature, the issuer, the audience and the subject of the same tokens. First each is started anew and loaded until
its figures no longer change; then pairs of them take turns in windows of a second. A ratio is the median over neighbouring windows.
"""
import argparse, os, shutil, signal, statistics, subprocess, sys, tempfile, time
import figures, machine, page, peers
from machine import CLIENT, PROXY, TICK, Account, Issuer, Upstream, start
from peers import HERE, Peer

CONNECTIONS, ROTATING, SLICE, SLICES, WARMING = 32, 10_000, 12_000, 6, 20_000
SETTLED = 0.10  # of the ratio, from its first to its third quartile


class Rig:
    def __init__(self, folder, options):
        self.options = options
        self.issuer = Issuer(folder)
        self.slices = 2 if options.quick else SLICES
        self.files = {"hot": self.issuer.file("hot", [self.issuer.alice]), "rejected": "-", "steady": None}
        self.files["steady"] = self.files["hot"]
        self.files["rotating"] = self.issuer.file("rotating", self.issuer.make("RS256", ROTATING))
        self.cold = {"cold": "RS256"} if options.quick else {"cold": "RS256", "cold ES256": "ES256"}
        for kind, algorithm in self.cold.items():
            self.issuer.file(f"{kind}-warm", self.issuer.make(algorithm, WARMING))
            for number in range(self.slices):
                self.issuer.file(f"{kind}-{number}", self.issuer.make(algorithm, SLICE))
        self.used = {}
        os.sched_setaffinity(0, {CLIENT})
        self.upstream = Upstream(folder)
        self.peers, self.missing, self.results = {}, {}, {}
        for name in options.peers:
            peer = Peer(name, folder, self.issuer, self.upstream)
            if peer.why:
                self.missing[name] = peer.why
            else:
                self.peers[name] = peer
                self.results[name] = {"archive": peer.archive, "starts": [], "first": []}
        self.account = Account(lambda: [self.upstream.process.pid] + [peer.process.pid for peer in self.peers.values() if peer.process])

    def end(self):
        for peer in self.peers.values():
            peer.end()
        self.upstream.end()

    # One window.

    def load(self, peer, kind, seconds, connections=CONNECTIONS, file=None):
        arguments = [file or self.files[kind], "20" if kind == "steady" else "0", "once" if kind in self.cold else "again"]
        cores, before = self.cores(), peer.ticks()
        run = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", f"{HERE}/load.lua",
                              f"http://127.0.0.1:{peer.port}/v1/chat/completions", "--", *arguments], capture_output=True, text=True, check=True)
        cpu, busy = peer.ticks() - before, [now - then for now, then in zip(self.cores(), cores)]
        line = next(line for line in run.stdout.splitlines() if line.startswith("RESULT"))
        requests, micros, errors, p50, p99 = (float(field) for field in line.split()[1:])
        count, client, proxy = max(1, requests), *(core * 1e6 / TICK / max(1, micros) for core in busy)
        return {"requests": int(requests), "errors": int(errors), "rate": round(requests * 1e6 / max(1, micros), 1), "cpu": round(cpu * 1e6 / TICK / count, 2),
                "p50": round(p50 / 1000, 3), "p99": round(p99 / 1000, 3), "client core": round(client, 2), "core": round(proxy, 2)}

    @staticmethod
    def cores():
        """Ticks that the client's core and the proxy's were busy for."""
        with open("/proc/stat") as file:
            lines = {line.split()[0]: [int(field) for field in line.split()[1:9]] for line in file if line.startswith("cpu")}
        return [sum(lines[f"cpu{core}"]) - lines[f"cpu{core}"][3] - lines[f"cpu{core}"][4] for core in (CLIENT, PROXY)]

    def window(self, peer, kind):
        """A second of it; None where no new tokens are left."""
        seconds, file = (2, None) if kind == "steady" else (1, None)
        if kind in self.cold:
            number = self.used.get((peer.name, kind), 0)
            if number >= self.slices and peer.name != "haproxy":
                return None
            # HAProxy remembers no token.
            file = f"{self.issuer.folder}/{kind}-{number % self.slices}"
            self.used[peer.name, kind] = number + 1
        peer.go()
        try:
            return self.load(peer, kind, seconds, file=file)
        finally:
            peer.stop()

    # Phases.

    def phase(self, name, work):
        before, began = self.account.now(), time.monotonic()
        work()
        self.account.note(name, before)
        note = self.account.notes[-1]
        print(f"# {name}: {time.monotonic() - began:.0f} s; others had {note['others']:.2f} cores, stolen {note['steal']:.2f}", flush=True)

    def windows(self, peer, ready, bound):
        """Windows of 2 s up to 20 s after `ready`, then of 5 s, until the last three are within 5 %."""
        made, wide = [], False
        while True:
            at = time.monotonic() - ready
            wide = at >= 20
            made.append({"at": round(at, 2), "seconds": 5 if wide else 2, **self.load(peer, "hot", 5 if wide else 2)})
            same = [window["cpu"] for window in made[-3:] if not peer.jvm or window["seconds"] == 5]
            reached = len(made) >= 5 and len(same) == 3 and max(same) <= min(same) * 1.05
            if reached or time.monotonic() - ready >= bound:
                return made, reached

    @staticmethod
    def first_ten(windows):
        requests = sum(window["requests"] for window in windows[:5])
        return {"requests": requests, "cpu": round(sum(window["cpu"] * window["requests"] for window in windows[:5]) / max(1, requests), 1)}

    def curve(self, peer, bound):
        result = self.results[peer.name]
        result["starts"].append(peer.start())
        ready = time.monotonic()
        result["resident at start"] = round(peer.resident(), 1)
        windows, reached = self.windows(peer, ready, bound)
        last = windows[-3:]
        result["curve"] = {"plateau": statistics.median(window["cpu"] for window in last), "rate": statistics.median(window["rate"] for window in last),
                           "reached": reached, "windows": windows}
        result["first"].append(self.first_ten(windows))
        result["check"] = peer.check()
        peer.stop()

    def restart(self, peer, loaded):
        result = self.results[peer.name]
        result["starts"].append(peer.start())
        if loaded:
            result["first"].append(self.first_ten(self.windows(peer, time.monotonic(), 9)[0]))
        peer.end()

    def warm(self, peer, kinds):
        """What is compared beside one token: until three windows of 2 s are within 10 %, or for 16 s; new tokens once."""
        most = 1 if not peer.jvm else 4 if self.options.quick else 8
        peer.go()
        for kind in kinds:
            if kind in self.cold:
                self.load(peer, kind, 3 if self.options.quick else 6, file=f"{self.issuer.folder}/{kind}-warm")
                continue
            seen = []
            while len(seen) < most and not (len(seen) >= 3 and max(seen[-3:]) <= min(seen[-3:]) * 1.1):
                seen.append(self.load(peer, kind, 2)["cpu"])
        peer.stop()

    def pairs(self):
        """(peer, kind, base, kind of the base)"""
        wanted = [("gatepost", "hot", base, "hot") for base in ("undertow", "haproxy", "envoy", "nginx", "spring-cloud-gateway")]
        wanted += [(name, "hot", "gatepost", "hot") for name in ("gatepost-jdk", "gatepost-routes", "gatepost-backend", "gatepost-25")]
        wanted += [("gatepost-25", "hot", base, "hot") for base in ("undertow-25", "haproxy", "envoy")]
        wanted += [(f"{name}-gatepost", "hot", name, "hot") for name in peers.SERVERS[::2]]
        wanted += [(name, "rotating", name, "hot") for name in ("gatepost", "gatepost-25")]
        wanted += [(name, "cold", "haproxy", "cold") for name in ("gatepost", "gatepost-jdk", "gatepost-25", "envoy", "spring-cloud-gateway")]
        wanted += [(name, "cold ES256", "haproxy", "cold ES256") for name in ("gatepost", "gatepost-25", "envoy") if "cold ES256" in self.cold]
        wanted += [("gatepost", "rejected", base, "rejected") for base in ("haproxy", "envoy", "spring-cloud-gateway")]
        wanted += [("gatepost-25", "rejected", "haproxy", "rejected")]
        wanted += [("gatepost", "steady", "undertow", "steady"), ("gatepost-25", "steady", "undertow-25", "steady")]
        return [pair for pair in wanted if pair[0] in self.peers and pair[2] in self.peers]

    def measure(self, kind, wanted, bound, rounds):
        """Pairs take turns until each one's ratio has settled."""
        series = [{"peer": peer, "kind": kind, "base": base, "base kind": base_kind, "rounds": []} for peer, kind, base, base_kind in wanted]
        ends, open_series, number = time.monotonic() + bound, list(series), 0
        while open_series and number < rounds and (number < 3 or time.monotonic() < ends):
            for one in list(open_series):
                sides = [(self.peers[one["peer"]], one["kind"]), (self.peers[one["base"]], one["base kind"])]
                # Now the one first, then the other.
                order = sides if number % 2 else sides[::-1]
                found = {side: self.window(*side) for side in order}
                if None in found.values():
                    open_series.remove(one)
                    continue
                one["rounds"].append([found[side] for side in sides])
                figures.settle(one)
                if number >= 4 and one["spread"] <= SETTLED:
                    open_series.remove(one)
            number += 1
        return series

    def count(self, peer):
        """What doesn't depend on the machine's mood: system calls and allocated bytes of a request."""
        result = self.results[peer.name]
        peer.go()
        if peer.jvm:
            result["allocated"] = {kind: self.allocated(peer, kind) for kind in (("hot", "rejected") if peer.checks and not self.options.quick else ("hot",))}
        result["calls"] = {str(connections): self.calls(peer, connections) for connections in ((32,) if self.options.quick or peer.server else (1, 32))}
        result["resident"] = round(peer.resident(), 1)
        if not peer.server:
            result["stream"] = peer.stream()
        peer.stop()

    def allocated(self, peer, kind):
        """Bytes a request: what was taken from eden, by the JVM's own counters, while a known number was served."""
        jstat = shutil.which(os.path.join(os.path.dirname(peer.java), "jstat") if "/" in peer.java else "jstat")
        if not jstat:
            return None

        def counters():
            time.sleep(0.2)  # The JVM takes its samples every 50 ms.
            lines = subprocess.run([jstat, "-gc", str(peer.process.pid)], capture_output=True, text=True, check=True).stdout.splitlines()
            return dict(zip(lines[0].split(), (float(field.replace("-", "0")) for field in lines[1].split())))

        self.load(peer, kind, 1)
        before = counters()
        run = self.load(peer, kind, 3)
        after = counters()
        if after["FGC"] != before["FGC"] or after["EC"] != before["EC"]:
            return None
        return round(((after["YGC"] - before["YGC"]) * after["EC"] + after["EU"] - before["EU"]) * 1024 / max(1, run["requests"]))

    def calls(self, peer, connections):
        if not shutil.which("strace"):
            return None
        counted = f"{self.issuer.folder}/calls"
        tracer = start(CLIENT, ["strace", "-f", "-c", "-p", str(peer.process.pid), "-o", counted], stderr=subprocess.PIPE, text=True)
        try:
            tracer.stderr.readline()
            run = self.load(peer, "hot", 3, connections)
        finally:
            tracer.send_signal(signal.SIGINT)
            tracer.communicate()
        names = {}
        with open(counted) as file:
            for line in file:
                fields = line.split()
                if len(fields) >= 5 and fields[3].isdigit() and fields[-1] != "total":
                    names[fields[-1]] = int(fields[3]) / max(1, run["requests"])
        shown = {name: round(count, 2) for name, count in sorted(names.items(), key=lambda item: -item[1]) if count >= 0.02}
        return {"total": round(sum(names.values()), 2), "requests": run["requests"], **shown}

    def run(self):
        options, began = self.options, time.monotonic()
        deadline = began + options.budget * 60
        # Most of the time goes to the curves that are a goal or stand beside one.
        weights = {name: 2 if name.split("-25")[0] in ("undertow", "gatepost", "spring-cloud-gateway") else 1 for name, peer in self.peers.items() if peer.jvm}
        unit = (0.35 if options.quick else 0.3) * options.budget * 60 / max(1, sum(weight for name, weight in weights.items() if "unwarmed" not in name))
        again = [peer for name, peer in self.peers.items() if name.split("-25")[0].split("-unwarmed")[0] in ("undertow", "gatepost")]
        for number in range(0 if options.quick else 2):
            for peer in again:
                self.phase(f"start {peer.name}", lambda: self.restart(peer, "unwarmed" not in peer.name))
        for peer in self.peers.values():
            short, bound = "unwarmed" in peer.name, min(120, max(20, unit * weights.get(peer.name, 1)))
            self.phase(f"warm-up curve {peer.name}", lambda: self.curve(peer, 9 if short else bound))
            if short:
                peer.end()
        running = [peer for peer in self.peers.values() if peer.process]
        wanted, pairs = self.pairs(), []
        for peer in running:
            others = {kind for mine, kind, base, _ in wanted if peer.name in (mine, base)} - {"hot", "steady"}
            if others:
                self.phase(f"warming of other kinds, {peer.name}", lambda: self.warm(peer, sorted(others, reverse=True)))
        kinds = list(dict.fromkeys(pair[1] for pair in wanted))
        counting = sum(4 + (5 if peer.jvm else 0) + (0 if options.quick or peer.server else 9) for peer in running)
        for number, kind in enumerate(kinds):
            group = [pair for pair in wanted if pair[1] == kind]
            left = sum(pair[1] in kinds[number:] for pair in wanted)
            share = max(0, deadline - counting - time.monotonic()) * len(group) / left
            self.phase(f"pairs, {kind}", lambda: pairs.extend(self.measure(kind, group, share, 3 if options.quick else 20)))
        for name, result in self.results.items():
            # Where the bound on time came first, the pairs were closer to it.
            later = [run["cpu"] for run in figures.windows_of({"pairs": pairs}, name, "hot")]
            result["plateau"] = min([result["curve"]["plateau"]] + ([statistics.median(later)] if later else []))
        for peer in running:
            self.phase(f"counts {peer.name}", lambda: self.count(peer))
        return {"when": time.strftime("%B %Y"), "minutes": round((time.monotonic() - began) / 60, 1),
                "machine": machine.description("java", peers.java_25(), peers.envoy()),
                "others": self.account.summary(), "missing": self.missing, "peers": self.results, "pairs": pairs}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few peers, three rounds, under three minutes")
    parser.add_argument("--peers", help=f"names with commas between, or `all`; of {', '.join((*peers.GATEWAYS, *peers.SERVERS))}")
    parser.add_argument("--budget", type=float, metavar="MINUTES", help="bounds warm-up curves and rounds; default 25, quick 2.5")
    parser.add_argument("--out", metavar="FILE", help="keep every window there, as JSON")
    options = parser.parse_args()
    everyone = (*peers.GATEWAYS, *peers.SERVERS)
    options.peers = everyone if options.peers == "all" else options.peers.split(",") if options.peers else peers.QUICK if options.quick else everyone
    unknown = set(options.peers) - set(everyone)
    if unknown:
        parser.error(f"no such peer: {', '.join(sorted(unknown))}")
    options.budget = options.budget or (2.5 if options.quick else 25)
    # Whatever was started ends with this.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    folder = tempfile.mkdtemp()
    rig = None
    try:
        rig = Rig(folder, options)
        result = rig.run()
        if options.out:
            machine.write(options.out, page.dump(result))
        print(page.everything(result))
    finally:
        if rig:
            rig.end()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
