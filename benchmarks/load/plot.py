#!/usr/bin/env python3
"""Draws what load.py has kept, warm-up curves first: plot.py RESULT.json PLOT.svg"""
import json, math, sys
import page

WIDTH, HEIGHT, LEFT, BAR = 720, 300, 190, 18
COLORS = {"gatepost": "#1f5fa8", "gatepost-25": "#4f9be8", "gatepost-unwarmed": "#9a6fc4", "undertow": "#444", "undertow-25": "#999", "haproxy": "#c0392b",
          "envoy": "#d98c00", "nginx": "#3a9d5d", "spring-cloud-gateway": "#7a5c3e"}
KINDS = ("hot", "rotating", "cold", "rejected")


def lines(result, y):
    """CPU time of a request against the time since `ready`, on a scale of powers."""
    drawn = {name: peer["curve"]["windows"] for name, peer in result["peers"].items() if name in COLORS and peer.get("curve")}
    last = max(window["at"] + window["seconds"] for windows in drawn.values() for window in windows)
    values = [window["cpu"] for windows in drawn.values() for window in windows if window["cpu"]]
    low, high = math.log10(min(values)) - 0.05, math.log10(max(values)) + 0.05
    left, right = 60, WIDTH - 210

    def x_of(seconds):
        return left + (right - left) * seconds / last

    def y_of(cpu):
        return y + HEIGHT - HEIGHT * (math.log10(max(cpu, 10 ** low)) - low) / (high - low)

    parts = [f'<text x="8" y="{y - 10}" font-weight="bold">CPU time of a request in us, by seconds after ready; one token, one core</text>']
    for power in range(0, 5):
        for step in (1, 2, 5):
            value = step * 10 ** power
            if low <= math.log10(value) <= high:
                parts.append(f'<line x1="{left}" x2="{right}" y1="{y_of(value):.1f}" y2="{y_of(value):.1f}" stroke="#ddd"/>'
                             f'<text x="{left - 6}" y="{y_of(value) + 4:.1f}" text-anchor="end">{value:,}</text>')
    for seconds in range(0, int(last) + 1, 10):
        parts.append(f'<text x="{x_of(seconds):.1f}" y="{y + HEIGHT + 16}" text-anchor="middle">{seconds}</text>')
    ends = []
    for name, windows in drawn.items():
        points = [(x_of(window["at"] + window["seconds"] / 2), y_of(window["cpu"])) for window in windows]
        parts.append(f'<polyline fill="none" stroke="{COLORS[name]}" stroke-width="{2.5 if name.startswith("gatepost") else 1.5}" '
                     f'points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in points)}"/>')
        ends.append((points[0][1], name))
    for number, (_, name) in enumerate(sorted(ends)):
        at = y + 14 + number * BAR
        parts.append(f'<line x1="{right + 12}" x2="{right + 32}" y1="{at - 4}" y2="{at - 4}" stroke="{COLORS[name]}" stroke-width="3"/>'
                     f'<text x="{right + 38}" y="{at}">{page.name_of(name).replace("`", "")}</text>')
    return parts, y + HEIGHT + 50


def bars(result, y):
    parts = []
    for kind in KINDS:
        rates = {name: page.figure(result, name, kind, "rate") for name in page.gateways(result)}
        rates = {name: rate for name, rate in rates.items() if rate}
        if not rates:
            continue
        parts.append(f'<text x="8" y="{y}" font-weight="bold">requests/s, {page.KINDS[kind]}</text>')
        y += 10
        for name, rate in sorted(rates.items(), key=lambda item: -item[1]):
            length = (WIDTH - LEFT - 70) * rate / max(rates.values())
            parts.append(f'<text x="{LEFT - 8}" y="{y + 13}" text-anchor="end">{page.name_of(name)}</text>'
                         f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR - 4}" fill="{"#1f5fa8" if name.startswith("gatepost") else "#9aa5b1"}"/>'
                         f'<text x="{LEFT + length + 6:.1f}" y="{y + 13}">{rate:,.0f}</text>')
            y += BAR
        y += 28
    return parts, y


def main(kept, plot):
    with open(kept) as file:
        result = json.load(file)
    curves, y = lines(result, 34)
    rates, y = bars(result, y)
    with open(plot, "w") as file:
        file.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y}" font-family="sans-serif" font-size="12" fill="#333">'
                   f'<rect width="100%" height="100%" fill="#fff"/>{"".join(curves + rates)}</svg>\n')


main(*sys.argv[1:])
