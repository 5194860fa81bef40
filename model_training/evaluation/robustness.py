"""Measure where reading is hard: unknown writers, letters, other drawing styles, corrupted digits."""

from __future__ import annotations

import itertools
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_training import progress
from model_training.data import corruptions, stroke_rendering, training_set
from model_training.data.dataset import DISPUTED, Split
from model_training.data.sample import Sample
from model_training.data.writers import WriterSplits
from model_training.evaluation import metrics, misleading
from models.errors import BlankDrawing
from models.inference.digit_model import DigitModel, Predictions
from models.inference.rejection import DIGITS, SCORES, raw_score
from models.preprocessing.canonicalize import canonicalize
from models.preprocessing.polarity import find_ink

SEED = 2026
"""Of the rendering of held-out writers' strokes, and of MNIST-C."""
INVARIANCE_STROKES = 100


def measure(model: DigitModel, handwriting: WriterSplits, test: Split | None) -> dict[str, Any]:
    """Measure `people`, `letters`, `invariance`, `mnist_c`, `disputed`, `marks`, `scripts`; `extra` counts samples.

    Args:
        model: loaded from disk.
        handwriting: its test split is measured; may be empty.
        test: MNIST's test split; None leaves out what follows `letters`.
    """
    samples = handwriting.test
    measured = {
        "extra": handwriting.summary(),
        "people": unknown_writers(model, samples),
        "letters": letters(model, samples),
    }
    if test is None:
        return measured
    return measured | {
        "invariance": invariance(model, samples),
        "mnist_c": mnist_c(model, test),
        "disputed": disputed(model, test),
        "marks": misleading.marks(model, test, samples),
        "scripts": misleading.scripts(model),
    }


def unknown_writers(model: DigitModel, samples: list[Sample]) -> dict[str, Any]:
    """Measure digits of writers held out of training, each rendered once with any pen, size, place and polarity.

    Returns:
        For each collection its Evaluation, the number of writers, and for each writer n, mistakes and refused.
    """
    measured = {}
    for collection in dict.fromkeys(s.collection for s in samples if s.digit is not None):
        chosen = [s for s in samples if s.collection == collection and s.digit is not None]
        rendered, inked = training_set.render_each(chosen, np.random.default_rng(SEED), collection)
        predictions = metrics.predict(model, rendered.digits, collection)
        measured[collection] = {
            "writers": len({sample.writer for sample in chosen}),
            **asdict(metrics.score(predictions, rendered.labels)),
            "by_writer": _by_writer(predictions, rendered.labels, np.array([sample.writer for sample in inked])),
        }
    return measured


def letters(model: DigitModel, samples: list[Sample]) -> dict[str, Any]:
    """Measure how well held-out writers' digits and letters are told apart, without letters that may pass for digits.

    Returns:
        How many digits and letters; the area under the ROC curve of `digit_score`, and for comparison of the energy,
        the largest logit and the top probability, which need no training on letters; the share of letters accepted.
    """
    others = [s for s in samples if s.non_digit]
    digits = [s for s in samples if s.digit is not None and s.strokes]
    if not (others and digits):
        return {}
    rendered = training_set.render([*digits, *others], np.random.default_rng(SEED), "letters")
    predictions, logits = model.predict(rendered.digits), model.logits(rendered.digits)
    other = rendered.labels == training_set.BACKGROUND
    scores = {
        "digit_score": predictions.digit_score,
        "energy": raw_score(SCORES[0], logits),
        "max_logit": logits[:, :DIGITS].max(axis=1),
        "top_probability": predictions.probabilities.max(axis=1),
    }
    return {
        "digits": int((~other).sum()),
        "letters": int(other.sum()),
        "auroc": {name: auroc(score[~other], score[other]) for name, score in scores.items()},
        "letters_accepted": float((~metrics.refused(predictions))[other].mean()),
    }


def auroc(positive: NDArray[np.floating], negative: NDArray[np.floating]) -> float:
    """Return the probability that a random positive scores higher than a random negative; a tie counts half."""
    ordered = np.sort(negative)
    below, up_to = (np.searchsorted(ordered, positive, side) for side in ("left", "right"))
    return float((below + up_to).mean() / 2 / len(negative))


def invariance(model: DigitModel, samples: list[Sample]) -> dict[str, Any]:
    """Measure whether the same strokes read the same at 5 sizes, in 9 places, with 4 pens, in 2 polarities.

    Returns:
        How many strokes and drawings; the share of drawings that read as most drawings of the same strokes do.
    """
    digits = [s for s in samples if s.digit is not None and s.strokes]
    chosen = np.random.default_rng(SEED).permutation(len(digits))[:INVARIANCE_STROKES]
    same = []
    for index in progress.track(chosen, "invariance"):
        drawings = [
            stroke_rendering.render(digits[index].strokes, pen=pen, extent=extent, place=(x, y), dark_ink=dark)
            for pen in np.linspace(*stroke_rendering.PEN, 4)
            for extent in np.linspace(*stroke_rendering.EXTENT, 5)
            for x, y in itertools.product((0, 0.5, 1), repeat=2)
            for dark in (False, True)
        ]
        canonical = np.stack([canonicalize(find_ink(drawing)) for drawing in drawings])
        predicted = model.predict(canonical).probabilities.argmax(axis=1)
        same.append(np.bincount(predicted).max() / len(predicted))
    return {"strokes": len(same), "drawings": 360 * len(same), "same": float(np.mean(same))} if same else {}


def mnist_c(model: DigitModel, test: Split) -> dict[str, dict[str, float]]:
    """Measure the accuracy on each corruption of MNIST-C, as it is and canonicalized as the service does."""
    measured = {}
    for name in progress.track(corruptions.CORRUPTIONS, "MNIST-C"):
        corrupted = corruptions.corrupt(test.digits, name, SEED)
        canonical = np.stack([_canonical(digit) for digit in corrupted])
        measured[name] = {
            key: float((metrics.predict(model, digits, name).probabilities.argmax(axis=1) == test.labels).mean())
            for key, digits in (("as_it_is", corrupted), ("canonical", canonical))
        }
    return measured


def disputed(model: DigitModel, test: Split) -> list[dict[str, int]]:
    """List index, label and answer of the test digits whose label human raters dispute."""
    indices = list(DISPUTED)
    predicted = model.predict(test.digits[indices]).probabilities.argmax(axis=1)
    return [
        {"index": index, "label": int(test.labels[index]), "answer": int(answer)}
        for index, answer in zip(indices, predicted, strict=True)
    ]


def _by_writer(
    predictions: Predictions, labels: NDArray[np.uint8], writers: NDArray[np.str_]
) -> dict[str, dict[str, int]]:
    wrong, refused = predictions.probabilities.argmax(axis=1) != labels, metrics.refused(predictions)
    return {
        str(writer).rstrip("/"): {
            "n": int((writers == writer).sum()),
            "mistakes": int(wrong[writers == writer].sum()),
            "refused": int(refused[writers == writer].sum()),
        }
        for writer in dict.fromkeys(writers)
    }


def _canonical(digit: NDArray[np.uint8]) -> NDArray[np.uint8]:
    try:
        return canonicalize(find_ink(digit))
    except BlankDrawing:
        return np.zeros_like(digit)
