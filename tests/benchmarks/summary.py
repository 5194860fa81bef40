"""The document as text for a terminal of 120 columns."""

from __future__ import annotations

from typing import Any

from tests.benchmarks import mixed_load
from tests.benchmarks.document import Document, load_of, sent
from tests.benchmarks.table import layout, number

ERRORS = "!"
"""Marks a load that met errors."""
FULLY_LOADED = 64
"""Connections at which every core is busy."""


def render(document: Document) -> str:
    """Write every table that has rows, and how to read them."""
    parts = [_heading(document)]
    for payload in document["payloads"]:
        if sent(document, payload["name"]):
            parts += _loads(document, payload)
    parts += _page(document)
    if document["servers"]:
        parts += ["Memory after the loads (PSS of all processes), start-up to the first right answer"]
        parts += [_footprint(document)]
    if document["stages_us"]:
        parts += ["Stages of one request in one process: median us a digit", _stages(document)]
    if document["raw_batches"]:
        parts += ["Raw digits in one request, beside the engine alone in as many processes", _batches(document)]
    if document["memory_growth"]:
        parts += [_memory_growth(document)]
    if document["mixed_load"]:
        parts += [f"Small requests over {mixed_load.CONCURRENCY} connections, beside large ones", _mixed(document)]
    parts += _errors(document)
    return "\n\n".join(parts)


def _heading(document: Document) -> str:
    machine, method = document["machine"], document["method"]
    return (
        f"{document['date']}, {machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, "
        f"{machine['system']}, Python {machine['python']}\n"
        f"Medians of {method['rounds']} interleaved rounds of {method['seconds']:g} s; wrk {method['wrk']} on the same "
        f"cores; {method['workers']} workers each\n"
        "Bodies and heads vary from request to request. The peers decode with Pillow and resize to 28x28; the service\n"
        "canonicalizes. A raw tensor is the 28x28 pixels, which need no decoding."
    )


def _loads(document: Document, payload: dict[str, Any]) -> list[str]:
    name, concurrency = payload["name"], payload["concurrency"]
    title = f"{payload['title']} ({payload['images']} different, {payload['bytes']:,} bytes on average)"
    rates_header = ["server", *(cell for c in concurrency for cell in (f"c={c}", "(min-max)", "ratio"))]
    times_header = ["server", *(f"c={c}" for c in concurrency)]
    servers = sent(document, name)
    return [
        f"{title}: requests/s, median (min-max); ratio: this service's rate over the row's",
        layout(rates_header, [_row(server, name, concurrency, _rates) for server in servers]),
        f"{title}: latency in ms, p50 / p99",
        layout(times_header, [_row(server, name, concurrency, _times) for server in servers]),
    ]


def _page(document: Document) -> list[str]:
    """Compare the drawings that the page sends now with those of an older checkout, whose page sent all 280x280."""
    servers = {server["name"]: server for server in document["servers"] if not server["failure"]}
    if not {"service", "service_before"} <= servers.keys():
        return []
    times = [
        load["requests_per_second"]["median"]
        / load_of(servers["service_before"], "drawing", load["concurrency"])["requests_per_second"]["median"]
        for load in servers["service"]["loads"]
        if load["payload"] == "cropped"
    ]
    return [
        f"Cropped drawings of now over 280x280 drawings before: {' / '.join(f'{ratio:.2f}' for ratio in times)} times"
    ]


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


def _stages(document: Document) -> str:
    """Lay out a column for each checkout and payload; the last row is the whole request under full load."""
    servers = {server["name"]: server for server in document["servers"]}
    columns = [
        (servers[name], payload, stages)
        for name, payloads in document["stages_us"].items()
        for payload, stages in payloads.items()
    ]
    names = dict.fromkeys(stage for _, _, stages in columns for stage in stages)
    rows = [
        [stage, *(number(stages[stage]["median"], 1) if stage in stages else "-" for *_, stages in columns)]
        for stage in names
    ]
    whole = [number(core_us(document, server, payload), 1) for server, payload, _ in columns]
    rows.append([f"the whole request, core-us at {FULLY_LOADED} connections", *whole])
    return layout(["", *(f"{server['title']}, {payload}" for server, payload, _ in columns)], rows)


def core_us(document: Document, server: dict[str, Any], payload: str) -> float | None:
    """Core-microseconds that a request takes under full load, wrk's share included; None: it was not loaded."""
    if server["failure"]:
        return None
    rate = load_of(server, payload, FULLY_LOADED)["requests_per_second"]["median"]
    return 1e6 * document["method"]["workers"] / rate


def _batches(document: Document) -> str:
    rows = [
        [
            f"{row['batch']}",
            number(row["digits_per_second"]["median"]),
            _range(row["digits_per_second"]),
            number(row["engine_digits_per_second"]["median"]),
            f"{row['share_of_engine']['median']:.0%}",
            number(row["p99_ms"]["median"], 1),
            number(row["errors"]),
        ]
        for row in document["raw_batches"]
    ]
    return layout(["batch", "digits/s", "(min-max)", "engine alone", "share of it", "p99, ms", "errors"], rows)


def _memory_growth(document: Document) -> str:
    memory = document["memory_growth"]
    before, after = memory["mib"]
    return f"Memory: {before:.1f} MiB when warm, {after:.1f} MiB {memory['requests']:,} requests later"


def _mixed(document: Document) -> str:
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
        for row in document["mixed_load"]
    ]
    return layout(["beside", "requests/s", "p50, ms", "p99, ms", "(min-max)", "large ones/s", "errors"], rows)


def _errors(document: Document) -> list[str]:
    return [
        f"{ERRORS} {server['title']}, {load['payload']}, concurrency {load['concurrency']}: "
        f"{load['status_errors']:,} responses of 400 and above, {load['socket_errors']:,} socket errors"
        for server in document["servers"]
        for load in server["loads"]
        if load["status_errors"] or load["socket_errors"]
    ]


def _range(spread: dict[str, float], digits: int = 0) -> str:
    return f"({number(spread['low'], digits)}-{number(spread['high'], digits)})"
