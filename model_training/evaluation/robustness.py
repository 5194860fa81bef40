"""How a model does where it is hard: on writers it never saw, on letters, on spoilt digits."""

from __future__ import annotations

import itertools
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_training import progress
from model_training.data import corruptions, drawing_styles, training_set
from model_training.data.dataset import DISPUTED, Split
from model_training.data.handwriting import LOOK_LIKE_DIGITS, Specimen
from model_training.data.writers import People
from model_training.evaluation import metrics
from models.errors import BlankDrawing
from models.inference.digit_model import DigitModel, Predictions
from models.inference.rejection import DIGITS, SCORES, raw_score
from models.preprocessing.canonicalize import canonicalize
from models.preprocessing.polarity import find_ink

SEED = 2026
"""Of the pens and places in which held-out writers' strokes are drawn, and of MNIST-C."""
INVARIANCE_STROKES = 100


def measure(model: DigitModel, hands: People, test: Split | None) -> dict[str, Any]:
    """All of it: `people`, `letters`, `invariance`, `mnist_c` and `disputed`, and `extra`, the data it is measured on.

    Args:
        model: loaded from disk.
        hands: divided by writer, of whom those of the test part are measured; may be empty.
        test: MNIST's, for the last two and `invariance`; None leaves them out.
    """
    specimens = hands.test
    measured = {"extra": hands.summary(), "people": people(model, specimens), "letters": letters(model, specimens)}
    if test is None:
        return measured
    return measured | {
        "invariance": invariance(model, specimens),
        "mnist_c": mnist_c(model, test),
        "disputed": disputed(model, test),
    }


def people(model: DigitModel, specimens: list[Specimen]) -> dict[str, Any]:
    """Digits of writers held out of training, drawn once each with any pen, size, place and polarity.

    Returns:
        For each collection its Evaluation, the number of its writers, and how each of them is read: n, the mistakes,
        and how many were refused.
    """
    measured = {}
    for collection in dict.fromkeys(s.collection for s in specimens if s.digit is not None):
        chosen = [s for s in specimens if s.collection == collection and s.digit is not None]
        drawn, kept = training_set.render_each(chosen, np.random.default_rng(SEED), collection)
        predictions = metrics.predict(model, drawn.digits, collection)
        by_writer = _by_writer(predictions, drawn.labels, np.array([specimen.writer for specimen in kept]))
        measured[collection] = {
            "writers": len({specimen.writer for specimen in chosen}),
            **asdict(metrics.score(predictions, drawn.labels)),
            "by_writer": by_writer,
        }
    return measured


def _by_writer(predictions: Predictions, labels: NDArray[np.uint8], who: NDArray[np.str_]) -> dict[str, dict[str, int]]:
    wrong, refused = predictions.probabilities.argmax(axis=1) != labels, metrics.refused(predictions)
    return {
        str(writer).rstrip("/"): {
            "n": int((who == writer).sum()),
            "mistakes": int(wrong[who == writer].sum()),
            "refused": int(refused[who == writer].sum()),
        }
        for writer in dict.fromkeys(who)
    }


def letters(model: DigitModel, specimens: list[Specimen]) -> dict[str, Any]:
    """How well held-out writers' digits and letters are told apart; letters that look like digits are left out.

    Returns:
        How many digits and letters; the area under the ROC curve of `digit_score`, and beside it of the energy,
        the largest logit and the top probability, which need no training on letters; the share of letters accepted.
    """
    others = [s for s in specimens if s.digit is None and s.label not in LOOK_LIKE_DIGITS]
    digits = [s for s in specimens if s.digit is not None and s.strokes]
    if not (others and digits):
        return {}
    drawn = training_set.render([*digits, *others], np.random.default_rng(SEED), "letters")
    predictions, logits = model.predict(drawn.digits), model.logits(drawn.digits)
    other = drawn.labels == training_set.BACKGROUND
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
    """The chance that a random positive scores higher than a random negative; a tie is half a chance."""
    ordered = np.sort(negative)
    below, up_to = (np.searchsorted(ordered, positive, side) for side in ("left", "right"))
    return float((below + up_to).mean() / 2 / len(negative))


def invariance(model: DigitModel, specimens: list[Specimen]) -> dict[str, Any]:
    """Whether the same strokes read the same at 5 sizes, in 9 places, with 4 pens, in 2 polarities.

    Returns:
        How many strokes and drawings; the share of the drawings that reads as most drawings of the same strokes do.
    """
    digits = [s for s in specimens if s.digit is not None and s.strokes]
    chosen = np.random.default_rng(SEED).permutation(len(digits))[:INVARIANCE_STROKES]
    same = []
    for index in progress.bar(chosen, desc="invariance", unit="digit"):
        drawings = [
            drawing_styles.draw(digits[index].strokes, pen=pen, extent=extent, place=(x, y), dark_ink=dark)
            for pen in np.linspace(*drawing_styles.PEN, 4)
            for extent in np.linspace(*drawing_styles.EXTENT, 5)
            for x, y in itertools.product((0, 0.5, 1), repeat=2)
            for dark in (False, True)
        ]
        redrawn = np.stack([canonicalize(find_ink(drawing)) for drawing in drawings])
        answers = model.predict(redrawn).probabilities.argmax(axis=1)
        same.append(np.bincount(answers).max() / len(answers))
    return {"strokes": len(same), "drawings": 360 * len(same), "same": float(np.mean(same))} if same else {}


def mnist_c(model: DigitModel, test: Split) -> dict[str, dict[str, float]]:
    """Accuracy on each corruption of MNIST-C, read as it is and through canonicalization, as the service would."""
    measured = {}
    for name in progress.bar(corruptions.CORRUPTIONS, desc="MNIST-C", unit="corruption"):
        spoilt = corruptions.corrupt(test.digits, name, SEED)
        redrawn = np.stack([_redrawn(digit) for digit in spoilt])
        answers = [metrics.predict(model, digits, name).probabilities.argmax(axis=1) for digits in (spoilt, redrawn)]
        as_it_is, canonical = (float((answer == test.labels).mean()) for answer in answers)
        measured[name] = {"as_it_is": as_it_is, "canonical": canonical}
    return measured


def disputed(model: DigitModel, test: Split) -> list[dict[str, int]]:
    """What the model answers where human raters dispute MNIST's own label: index, label, answer."""
    indices = list(DISPUTED)
    answers = model.predict(test.digits[indices]).probabilities.argmax(axis=1)
    return [
        {"index": index, "label": int(test.labels[index]), "answer": int(answer)}
        for index, answer in zip(indices, answers, strict=True)
    ]


def _redrawn(digit: NDArray[np.uint8]) -> NDArray[np.uint8]:
    try:
        return canonicalize(find_ink(digit))
    except BlankDrawing:
        return np.zeros_like(digit)
