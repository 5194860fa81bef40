"""Show at the start of a command what was found in the places with handwriting."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from model_training import progress
from model_training.cli.output import Table, print_tables
from model_training.data import handwriting, writers
from model_training.data.dataset import Splits
from model_training.data.handwriting import Handwriting
from model_training.data.sample import Sample
from model_training.data.writers import SPLITS, WriterSplits
from model_training.evaluation import inventory, label_check
from model_training.evaluation.inventory import Inventory, Tally
from model_training.evaluation.label_check import LabelCheck
from models.errors import DigitsError
from models.inference.digit_model import DigitModel
from models.registry import artifact
from models.registry.store import ARTIFACTS, Store

SHOWN = 12
"""Rows of a table; `evaluate --json` has all."""
LOGGED = 20
"""Complaints that are logged one by one."""

log = logging.getLogger("model_training.found")


def read(places: Iterable[Path], store: Store, splits: Splits | None = None) -> tuple[list[Sample], WriterSplits]:
    """Read handwriting, and show what was found.

    Args:
        places: folders and files.
        store: its stable version is the one that labels are held against.
        splits: MNIST, if it takes part.
    """
    found = handwriting.read(places)
    by_writer = writers.split(found.samples)
    for complaint in found.unreadable[:LOGGED]:
        log.warning("Left out: %s", complaint)
    if len(found.unreadable) > LOGGED:
        log.warning("Left out: %s more; `evaluate --data` names them", f"{found.left_out.count - LOGGED:,}")
    if log.isEnabledFor(logging.INFO):
        show(inventory.take(found, by_writer, splits, _check(found, store)))
    return found.samples, by_writer


def stable_model(store: Store) -> DigitModel | None:
    """Load the stable version of a store, or else of the repository; None if neither loads."""
    for each in (store, Store(ARTIFACTS / "digits")):
        with contextlib.suppress(DigitsError):
            return artifact.load(each.resolve(), "int8")
    return None


def _check(found: Handwriting, store: Store) -> LabelCheck | None:
    """Hold some labels against a stable version; None if there are no digits or no version."""
    digits = [sample for sample in found.samples if sample.digit is not None]
    model = stable_model(store) if digits else None
    return label_check.check_some(digits, model) if model else None


def show(found: Inventory) -> None:
    """Print the tables on stderr, unless `--quiet`."""
    if log.isEnabledFor(logging.INFO):
        print_tables(tables(found), sys.stderr)
        for line in remarks(found):
            progress.say(line)


def tables(found: Inventory) -> Iterator[Table]:
    """Lay out what was found by source, label and writer, what was left out, and the labels that look wrong."""
    if found.sources:
        yield _counts("source", found.sources, "What was found")
    if found.parts:
        of_label = [(str(digit), [part.digits[digit] for part in found.parts]) for digit in range(10)]
        of_label.append(("none or a letter", [part.letters for part in found.parts]))
        rows = [(label, *(f"{n:,}" for n in counts), f"{sum(counts):,}") for label, counts in of_label]
        yield Table(("label", *SPLITS, "all"), rows, "Handwriting by label")
    if found.writers:
        yield _counts("writer", found.writers, "Handwriting by writer")
    if found.left_out:
        rows = [(collection, f"{n:,}", reason, first) for collection, reason, n, first in found.left_out[:SHOWN]]
        total = sum(n for _, _, n, _ in found.left_out)
        yield Table(("from", "n", "reason", "first"), rows, f"Left out: {total:,}{_more(found.left_out, 'reasons')}")
    if found.check and found.check.suspects:
        rows = [
            (each.where, str(each.label), str(each.answer), f"{each.confidence:.1%}")
            for each in found.check.suspects[:SHOWN]
        ]
        title = f"Labels that look wrong: {len(found.check.suspects):,} of {found.check.checked:,}"
        yield Table(("where", "label", "read as", "confidence"), rows, title + _more(found.check.suspects, "labels"))


def remarks(found: Inventory) -> Iterator[str]:
    """Say what the tables do not show."""
    if found.fixed:
        yield f"{found.fixed:,} samples are in the part that their folder names (train, validation, test)."
    if found.torn:
        names = ", ".join(found.torn[:SHOWN])
        yield f"In several parts, since their folders say so, and unknown in none: {names}."
    for part, why in found.small.items():
        yield f"Too small: {part} has {why}."
    if found.ignored:
        endings = ", ".join(f"{n:,} {ending}" for ending, n in found.ignored.items())
        yield f"Not looked into: {endings}"
    if found.check:
        blank = f"; {len(found.check.blank):,} are blank" if found.check.blank else ""
        yield (
            f"Version {found.check.version} was asked about {found.check.checked:,} labels and surely reads "
            f"{len(found.check.suspects):,} otherwise{blank}."
        )


def _counts(what: str, tallies: list[Tally], title: str) -> Table:
    of_writers = what == "writer"
    rows = [
        (
            tally.name,
            *([] if of_writers else [f"{tally.writers:,}" if tally.writers else ""]),
            *(f"{tally.parts.get(part, 0):,}" for part in SPLITS),
            f"{min(tally.digits):,} to {max(tally.digits):,}",
            f"{tally.letters:,}",
        )
        for tally in tallies[:SHOWN]
    ]
    head = (what, *([] if of_writers else ["writers"]), *SPLITS, "each digit", "others")
    return Table(head, rows, title + _more(tallies, f"{what}s"))


def _more(whole: Sequence[object], what: str) -> str:
    """Say how many are not shown."""
    return f" (the first {SHOWN} of {len(whole):,} {what})" if len(whole) > SHOWN else ""
