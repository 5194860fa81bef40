"""The document as an SVG plot for the README, light or dark as the reader prefers."""

from __future__ import annotations

from html import escape
from typing import Any

from tests.benchmarks.document import Document, load_of, sent

CONCURRENCY = 64
WIDTH = 900  # all lengths in pixels
LABELS = 330  # left of the bars
VALUES = 150  # right of the longest bar
MARGIN = 20
TITLE = 62  # above the first panel
PANEL = 46  # above a panel's first bar
BAR = 18
STEP = 27  # from bar to bar
FOOT = 12

STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-size: 17px; font-weight: 600 } .panel { font-weight: 600 } .quiet { fill: #57606a; font-size: 12px }
  .card { fill: #ffffff; stroke: #d0d7de } .bar { fill: #afb8c1 } .service { fill: #0969da }
  .range { stroke: #24292f; stroke-width: 1.2 } .own { font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .quiet { fill: #9198a1 } .card { fill: #0d1117; stroke: #3d444d }
    .bar { fill: #545d68 } .service { fill: #4493f8 } .range { stroke: #e6edf3 }
  }
"""


def draw(document: Document) -> str:
    """Draw the requests per second of every server over 64 connections, a panel for each payload, the fastest on top."""
    panels = [(payload, _servers(document, payload["name"])) for payload in document["payloads"]]
    height = TITLE + sum(PANEL + STEP * len(servers) for _, servers in panels) + FOOT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        'role="img" aria-labelledby="title">',
        f"<style>{STYLE}</style>",
        f'<rect class="card" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="8"/>',
        f'<text class="title" id="title" x="{MARGIN}" y="34">Predictions per second, {CONCURRENCY} clients</text>',
        f'<text class="quiet" x="{MARGIN}" y="54">{escape(_conditions(document))}</text>',
    ]
    top = TITLE
    for payload, servers in panels:
        parts.append(f'<text class="panel" x="{MARGIN}" y="{top + 30}">{escape(payload["title"])}</text>')
        parts += _bars(servers, payload["name"], top + PANEL)
        top += PANEL + STEP * len(servers)
    return "\n".join([*parts, "</svg>", ""])


def _servers(document: Document, payload: str) -> list[dict[str, Any]]:
    return [server for server in sent(document, payload) if server["role"] != "before" and not server["failure"]]


def _bars(servers: list[dict[str, Any]], payload: str, top: int) -> list[str]:
    rates = {server["name"]: load_of(server, payload, CONCURRENCY)["requests_per_second"] for server in servers}
    scale = (WIDTH - LABELS - VALUES) / max((rate["high"] for rate in rates.values()), default=1.0)
    parts = []
    for place, server in enumerate(sorted(servers, key=lambda server: -rates[server["name"]]["median"])):
        rate, y = rates[server["name"]], top + STEP * place
        own = server["role"] == "service"
        middle, baseline = y + BAR / 2, y + BAR / 2 + 4.5
        low, high = (LABELS + scale * rate[end] for end in ("low", "high"))
        text = f'<text class="{"own" if own else "label"}"'
        parts += [
            f'{text} x="{LABELS - 10}" y="{baseline}" text-anchor="end">{escape(server["title"])}</text>',
            f'<rect class="{"service" if own else "bar"}" x="{LABELS}" y="{y}" '
            f'width="{scale * rate["median"]:.1f}" height="{BAR}" rx="3"/>',
            f'<path class="range" d="M{low:.1f} {middle - 3}v6m0-3H{high:.1f}m0-3v6"/>',
            f'{text} x="{high + 8:.1f}" y="{baseline}">{rate["median"]:,.0f}{_times(server, payload)}</text>',
        ]
    return parts


def _times(server: dict[str, Any], payload: str) -> str:
    """How many times a peer's rate the service reaches with the same requests."""
    times = load_of(server, payload, CONCURRENCY)["service_is_times"]
    if times is None or server["role"] == "service":
        return ""
    return f'<tspan class="quiet" dx="8">service &#215;{times["median"]:.1f}</tspan>'


def _conditions(document: Document) -> str:
    machine, method = document["machine"], document["method"]
    return (
        f"{machine['cpu']}, {machine['cores']} cores shared with wrk; {method['workers']} workers each; "
        f"medians of {method['rounds']} rounds with least and most; {document['date'][:10]}"
    )
