"""The document as text for a terminal of 120 columns."""

from __future__ import annotations

from typing import Any

from tests.benchmarks import budget, cost, neighbours
from tests.benchmarks.document import Document, load_of, sent
from tests.benchmarks.table import layout, number

ERRORS = "!"
"""Marks a load that met errors."""


def render(document: Document) -> str:
    """Every table, and what one must know to read them."""
    concurrency = document["method"]["concurrency"]
    parts = [_heading(document)]
    for payload in document["payloads"]:
        title = f"{payload['title']} ({payload['bytes']:,} bytes)"
        parts += [
            f"{title}: requests/s, median (min-max); ratio: this service's rate over the row's",
            _throughput(document, payload["name"], concurrency),
            *_shares(document, payload["name"], concurrency),
            f"{title}: latency in ms, p50 / p99",
            _latency(document, payload["name"], concurrency),
        ]
    parts += ["Memory after the loads (PSS of all processes), start-up to the first right answer", _footprint(document)]
    parts += ["Where each microsecond goes: core-us a request at concurrency 64", _budget(document), _ceiling(document)]
    parts += ["Inference alone, us a digit, median (min-max)", _inference(document)]
    if document["cost"]:
        parts += [
            f"Raw digits in one request, {cost.CONNECTIONS} connections a worker",
            _batches(document),
            _memory(document),
        ]
    if document["neighbours"]:
        parts += [
            f"Small requests, concurrency {neighbours.CONCURRENCY}, with {neighbours.LARGE} large one at a time beside them",
            _neighbours(document),
        ]
    parts += _errors(document)
    return "\n\n".join(parts)


def _heading(document: Document) -> str:
    machine, method = document["machine"], document["method"]
    return (
        f"{document['date']}, {machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, "
        f"{machine['system']}, Python {machine['python']}\n"
        f"Medians of {method['rounds']} interleaved rounds of {method['seconds']:g} s; wrk {method['wrk']} on the same "
        f"cores; {method['workers']} workers each; model version {method['model_version']}\n"
        "The peers decode with Pillow and resize to 28x28; the service canonicalizes. The floor has no model.\n"
        "A raw tensor is the 28x28 pixels: nobody decodes. Triton's ratio is to the service asked with the same bytes."
    )


def _throughput(document: Document, payload: str, concurrency: list[int]) -> str:
    header = ["server", *(cell for c in concurrency for cell in (f"c={c}", "(min-max)", "ratio"))]
    return layout(header, [_row(server, payload, concurrency, _rates) for server in sent(document, payload)])


def _shares(document: Document, payload: str, concurrency: list[int]) -> list[str]:
    """What of its rate the service keeps when it is asked by another protocol, a line each."""
    lines = []
    for server in sent(document, payload):
        if server["role"] == "dialect" and not server["failure"]:
            shares = [_share(load_of(server, payload, c)) for c in concurrency]
            lines.append(f"{server['title']}, of its rate by /predict: {', '.join(shares)}")
    return lines


def _share(load: dict[str, Any]) -> str:
    share = load["share_of_service"]
    told = f"{share['median']:.0%} ({share['low']:.0%}-{share['high']:.0%})" if share else "-"
    return f"{told} at {load['concurrency']}"


def _latency(document: Document, payload: str, concurrency: list[int]) -> str:
    header = ["server", *(f"c={c}" for c in concurrency)]
    return layout(header, [_row(server, payload, concurrency, _times) for server in sent(document, payload)])


def _row(server: dict[str, Any], payload: str, concurrency: list[int], cells: Any) -> list[str]:
    if server["failure"]:
        return [server["title"], f"left out: {server['failure']}"]
    return [server["title"], *(cell for c in concurrency for cell in cells(load_of(server, payload, c)))]


def _rates(load: dict[str, Any]) -> list[str]:
    rate, times = load["requests_per_second"], load["service_is_times"]
    mark = ERRORS if load["status_errors"] or load["socket_errors"] else ""
    return [mark + number(rate["median"]), _range(rate), number(times["median"], 2) if times else "-"]


def _times(load: dict[str, Any]) -> list[str]:
    return [f"{number(load['p50_ms']['median'], 2)} / {number(load['p99_ms']['median'], 2)}"]


def _footprint(document: Document) -> str:
    rows = []
    for server in document["servers"]:
        memory, start = server["memory_mib"], server["start_up_s"]
        versions = ", ".join(f"{name} {version}" for name, version in server["versions"].items())
        if server["failure"]:
            rows.append([server["title"], f"left out: {server['failure']}"])
        else:
            rows.append(
                [server["title"], number(memory["median"]), number(start["median"], 2), _range(start, 2), versions]
            )
    widest = max((len(row[4]) for row in rows if len(row) > 2), default=0)
    rows = [[*row[:4], row[4].ljust(widest)] if len(row) > 2 else row for row in rows]
    return layout(["server", "MiB", "start, s", "(min-max)", "versions".ljust(widest)], rows)


def _budget(document: Document) -> str:
    names = {
        "floor": "HTTP floor: the server without a model", "decode": "decode the PNG", "canonicalize": "canonicalize",
        budget.BATCHED: "inference, a batch of 16", "serialize": "write the answer",
        "rest": "the rest: parsing, ids, headers, batching", "service": "the service",
    }  # fmt: skip
    rows = [[title, *(number(b["core_us"][part], 1) for b in document["budgets"])] for part, title in names.items()]
    return layout(["", *(payload["title"] for payload in document["payloads"])], rows)


def _ceiling(document: Document) -> str:
    rows = []
    for key, title in (
        ("ceiling", "ceiling: cores / (HTTP floor + canonicalize + batched inference), requests/s"),
        ("ceiling_with_decoding", "ceiling with the PNG decoded as well, requests/s"),
        ("service", "the service at concurrency 64, requests/s"),
    ):
        rows.append([title, *(number(b[key]) for b in document["budgets"])])
    for key, title in (("share", "its share of the ceiling"), ("share_with_decoding", "of the ceiling with decoding")):
        rows.append([title, *("-" if b[key] is None else f"{b[key]:.0%}" for b in document["budgets"])])
    return layout(["", *(payload["title"] for payload in document["payloads"])], rows)


def _inference(document: Document) -> str:
    stages = [document["stages_us"][payload["name"]] for payload in document["payloads"]]
    rows = [
        [name, *(f"{number(table[name]['median'], 1)} {_range(table[name], 1)}" for table in stages)]
        for name in stages[0]
        if name.startswith("inference")
    ]
    return layout(["", *(payload["title"] for payload in document["payloads"])], rows)


def _batches(document: Document) -> str:
    rows = [
        [
            f"{row['workers']} x {row['batch']}",
            number(row["digits_per_second"]["median"]),
            _range(row["digits_per_second"]),
            number(row["p99_ms"]["median"], 1),
            f"{row['share_of_engine']:.0%}",
            number(row["errors"]),
        ]
        for row in document["cost"]["batches"]
    ]
    return layout(
        ["workers x batch", "digits/s", "(min-max)", "p99, ms", "of the engine's batch-32 rate", "errors"], rows
    )


def _memory(document: Document) -> str:
    memory = document["cost"]["memory"]
    before, after = memory["mib"]
    return f"Memory: {before:.1f} MiB when warm, {after:.1f} MiB {memory['requests']:,} requests later"


def _neighbours(document: Document) -> str:
    rows = [
        [
            row["beside"],
            number(row["requests_per_second"]["median"]),
            number(row["p50_ms"]["median"], 2),
            number(row["p99_ms"]["median"], 1),
            _range(row["p99_ms"], 1),
            number(row["large_per_second"]["median"], 1) if row["large_per_second"] else "-",
            number(row["errors"]),
        ]
        for row in document["neighbours"]
    ]
    return layout(["beside", "requests/s", "p50, ms", "p99, ms", "(min-max)", "large ones/s", "errors"], rows)


def _errors(document: Document) -> list[str]:
    return [
        f"{ERRORS} {server['title']}, {load['payload']}, concurrency {load['concurrency']}: "
        f"{load['status_errors']:,} answers of 400 and above, {load['socket_errors']:,} socket errors"
        for server in document["servers"]
        for load in server["loads"]
        if load["status_errors"] or load["socket_errors"]
    ]


def _range(spread: dict[str, float], digits: int = 0) -> str:
    return f"({number(spread['low'], digits)}-{number(spread['high'], digits)})"
