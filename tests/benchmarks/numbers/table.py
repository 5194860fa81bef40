"""Score readers by kind, each by its best way, and lay the scores out as Markdown."""

from __future__ import annotations

import statistics
import unicodedata
from collections.abc import Sequence
from typing import Any

from model_training.evaluation.number_pages import NumberPage
from tests.benchmarks.numbers.readers import Answers

LOOKALIKES = str.maketrans("OoDQlI|!ZzSsBgq", "000011112255899")
"""Letters that an engine for any text may say for a digit."""


def digits(text: str, lookalikes: bool = False) -> str:
    """Keep the digits of a text in any script's width, without line breaks; and letters that look like one."""
    plain = unicodedata.normalize("NFKC", text)
    plain = plain.translate(LOOKALIKES) if lookalikes else plain
    return "".join(letter for letter in plain if letter in "0123456789")


def cells(text: str, lookalikes: bool = False) -> str:
    """Take one character for each line of a text, the cells of a grid; a text of one line is such already."""
    if "\n" not in text:
        return text
    return "".join((digits(cell, lookalikes) or "-")[0] for cell in text.split("\n"))


def scores(pages: Sequence[NumberPage], answers: Answers, peer: bool) -> dict[str, dict[str, Any]]:
    """Score by kind: `n`, `exact`, `ms` (median) and `way`, of the best way; and `ways`, the exact share of each.

    Args:
        pages: that were asked about.
        answers: for each of them.
        peer: whether letters that look like a digit may count as one, if that is better for the kind.
    """
    found: dict[str, dict[str, Any]] = {}
    for kind in dict.fromkeys(page.kind for page in pages):
        ways: dict[str, dict[str, list[float]]] = {}
        chosen = [(page, said) for page, said in zip(pages, answers, strict=True) if page.kind == kind]
        for page, said in chosen:
            for answer in said:
                for lookalikes in (False, True)[: 1 + peer]:
                    name = answer["way"] + (", look-alikes" if lookalikes else "")
                    way = ways.setdefault(name, {"right": [], "ms": []})
                    way["right"].append(_is_right(page, answer["text"], lookalikes))
                    way["ms"].append(answer["ms"])
        shares = {name: sum(way["right"]) / len(chosen) for name, way in ways.items()}
        best = max(shares, key=lambda name: (shares[name], -statistics.median(ways[name]["ms"])))
        found[kind] = {
            "n": len(chosen),
            "exact": shares[best],
            "ms": statistics.median(ways[best]["ms"]),
            "way": best,
            "ways": shares,
        }
    return found


def markdown(document: dict[str, Any]) -> str:
    """Lay out the shares and the milliseconds of every reader."""
    kinds = list(document["n"])
    head = [
        "| read wholly right | " + " | ".join(kinds) + " | ms a line | ms a page |",
        "|---" * (len(kinds) + 3) + "|",
        "| n | " + " | ".join(str(document["n"][kind]) for kind in kinds) + " | | |",
    ]
    rows = []
    for reader in document["readers"]:
        by_kind = reader["kinds"]
        shares = (f"{by_kind[kind]['exact']:.3f}".lstrip("0") for kind in kinds)
        line, page = (f"{by_kind[kind]['ms']:.1f}" if kind in by_kind else "" for kind in ("apart", "page"))
        rows.append(f"| {reader['title']} | " + " | ".join(shares) + f" | {line} | {page} |")
    costs = [
        f"| {what} | " + " | ".join(values) + " |\n" + "|---" * (len(values) + 1) + "|\n| ms | "
        + " | ".join(f"{value:.1f}" for value in values.values()) + " |"
        for what, values in document["costs"].items()
    ]  # fmt: skip
    return "\n\n".join(["\n".join(head + rows), *costs])


def _is_right(page: NumberPage, text: str, lookalikes: bool) -> bool:
    if page.grid:
        return cells(text, lookalikes) == page.number
    return digits(text, lookalikes) == digits(page.number)
