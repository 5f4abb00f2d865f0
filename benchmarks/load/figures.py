"""What windows come to: medians, ratios of neighbours, and what is derived from them."""
import statistics


def median(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


def spread(values):
    """From the first to the third quartile, in parts of the median."""
    if len(values) < 2 or not statistics.median(values):
        return None
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return (high - low) / statistics.median(values)


def ratios(pair, what="rate"):
    """Of each round: how much better the peer is; less CPU is more."""
    sides = [(mine[what], base[what]) for mine, base in pair["rounds"] if mine[what] and base[what]]
    return [base / mine if what == "cpu" else mine / base for mine, base in sides]


def settle(pair):
    """Where the client's core is full and the peer's isn't, CPU time of a request says how fast a peer is, and throughput doesn't."""
    full = [run["client core"] > 0.95 and run["core"] < 0.95 for sides in pair["rounds"] for run in sides] if pair["kind"] != "steady" else [False]
    # One side is enough.
    pair["client full"] = sum(full) * 4 > len(full)
    what = "p99" if pair["kind"] == "steady" else "cpu" if pair["client full"] else "rate"
    found = ratios(pair, what)
    pair["spread"] = spread(found) if len(found) > 1 else 1.0
    pair["ratio"] = median(ratios(pair, "p99" if pair["kind"] == "steady" else "rate"))
    pair["cpu ratio"] = median(ratios(pair, "cpu"))


def pair_of(result, peer, base, kind="hot", base_kind=None):
    wanted = (peer, kind, base, base_kind or kind)
    return next((pair for pair in result["pairs"] if (pair["peer"], pair["kind"], pair["base"], pair["base kind"]) == wanted and pair["rounds"]), None)


def of_pair(peer, base, kind="hot", base_kind=None, what=None):
    """Throughput's ratio, or CPU's where the client was the limit."""
    def found(result):
        pair = pair_of(result, peer, base, kind, base_kind)
        if not pair:
            return None, None, ""
        values = ratios(pair, what or ("cpu" if pair["client full"] else "rate"))
        return median(values), spread(values), "by CPU: the client's core was full" if pair["client full"] and not what else ""
    return found


def windows_of(result, name, kind):
    for pair in result["pairs"]:
        for mine, base in pair["rounds"]:
            if (pair["peer"], pair["kind"]) == (name, kind):
                yield mine
            if (pair["base"], pair["base kind"]) == (name, kind):
                yield base


def figure(result, name, kind, what):
    return median([run[what] for run in windows_of(result, name, kind)])


def of_peers(peer, base, what):
    def found(result):
        # A jar that can't warm up starts without.
        names = [name if name in result["peers"] else name.replace("-unwarmed", "") for name in (peer, base)]
        mine, theirs = (what(result["peers"].get(name, {})) for name in names)
        return (mine / theirs if mine and theirs else None), None, ""
    return found


def own(peer, what):
    return lambda result: (what(result["peers"].get(peer, {})), None, "")


def ready(peer):
    return median([start["ready"] for start in peer.get("starts", [])])


def first_cpu(peer):
    return median([first["cpu"] for first in peer.get("first", [])])


def first_requests(peer):
    return median([first["requests"] for first in peer.get("first", [])])


def first_over_plateau(peer):
    return first_cpu(peer) / peer["plateau"] if peer.get("plateau") and first_cpu(peer) else None


def calls(peer, connections="32"):
    return ((peer.get("calls") or {}).get(connections) or {}).get("total")


def allocated(peer, kind="hot"):
    return (peer.get("allocated") or {}).get(kind)


def resident(peer):
    return peer.get("resident")
