#!/usr/bin/env python3
"""Draws what load.py wrote: plot.py RESULT.json PLOT.svg"""
import json, statistics, sys

KINDS = (("hot", "one token again and again"), ("rotating", "10,000 tokens in turn"), ("cold", "each token new"), ("rejected", "no token"))
WIDTH, BAR, LEFT = 640, 18, 170


def main(result, plot):
    with open(result) as file:
        figures = json.load(file)["figures"]
    parts, y = [], 24
    for kind, title in KINDS:
        rates = {name: statistics.median([run["rate"] for run in runs[kind]]) for name, runs in figures.items() if runs[kind] and name != "direct"}
        top = max(rates.values())
        parts.append(f'<text x="8" y="{y}" font-weight="bold">requests/s, {title}</text>')
        y += 10
        for name, rate in sorted(rates.items(), key=lambda item: -item[1]):
            length = (WIDTH - LEFT - 70) * rate / top
            color = "#2f6fbb" if name == "gatepost" else "#9aa5b1"
            parts.append(f'<text x="{LEFT - 8}" y="{y + 13}" text-anchor="end">{name}</text>'
                         f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR - 4}" fill="{color}"/>'
                         f'<text x="{LEFT + length + 6:.1f}" y="{y + 13}">{rate:,.0f}</text>')
            y += BAR
        y += 28
    with open(plot, "w") as file:
        file.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y}" font-family="sans-serif" font-size="12" fill="#333">'
                   f'<rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n')


main(*sys.argv[1:])
