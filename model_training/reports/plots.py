"""Plot curves and diagrams as SVG in light or dark colors, as the page or its reader prefers."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, NullLocator, PercentFormatter
from numpy.typing import NDArray

from model_training.evaluation.metrics import ECE_BINS
from model_training.reports import palette
from model_training.reports.palette import LIGHT
from model_training.training.runs import History

_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "digits",  # the same plot gives the same file
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": LIGHT["line"],
    "axes.labelcolor": LIGHT["quiet"],
    "axes.titlecolor": LIGHT["ink"],
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "xtick.color": LIGHT["quiet"],
    "ytick.color": LIGHT["quiet"],
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": LIGHT["line"],
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.labelcolor": LIGHT["quiet"],
}


def curves(history: History, best_epoch: int) -> str:
    """Plot loss and accuracy of training and validation, and mark the epoch whose weights were kept."""
    epochs = np.arange(1, len(history) + 1)
    with _figure(11, 3.4, columns=2) as (figure, axes):
        for ax, key, title in zip(axes, ("loss", "accuracy"), ("Loss, nats", "Accuracy"), strict=True):
            values = {name: [epoch[prefix + key] for epoch in history] for name, prefix in _SPLITS.items()}
            marker = "o" if len(history) == 1 else None
            ax.plot(epochs, values["training"], color=LIGHT["bar"], label="training", linewidth=1.6, marker=marker)
            ax.plot(
                epochs, values["validation"], color=LIGHT["accent"], label="validation", linewidth=1.9, marker=marker
            )
            ax.plot(best_epoch, values["validation"][best_epoch - 1], "o", color=LIGHT["accent"], markersize=6)
            ax.set(title=title, xlabel="epoch")
            ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes[0].set(yscale="log")  # shows differences between the last epochs, which decide
        axes[0].yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes[0].yaxis.set_major_formatter("{x:g}")
        axes[0].yaxis.set_minor_locator(NullLocator())
        axes[0].legend()
        axes[1].yaxis.set_major_formatter(PercentFormatter(1, decimals=None))
        return _svg(figure, "Loss and accuracy of training and validation, epoch by epoch")


def reliability(confidence: NDArray[np.float32], correct: NDArray[np.bool_]) -> str:
    """Plot the accuracy of the answers over their confidence; calibrated answers lie on the diagonal."""
    edges = np.linspace(0, 1, ECE_BINS + 1)
    bins = np.minimum((confidence * ECE_BINS).astype(int), ECE_BINS - 1)
    counts = np.bincount(bins, minlength=ECE_BINS)
    accuracy = np.bincount(bins, correct, minlength=ECE_BINS) / np.maximum(counts, 1)
    with _figure(11, 3.4, columns=2) as (figure, (left, right)):
        filled = counts > 0
        middle = (edges[:-1] + edges[1:]) / 2
        left.bar(middle[filled], accuracy[filled], 0.9 / ECE_BINS, color=LIGHT["accent"], alpha=0.75)
        left.plot([0, 1], [0, 1], color=LIGHT["quiet"], linewidth=1, linestyle=(0, (4, 4)))
        left.set(title="Right, of the answers in a bin", xlabel="confidence", xlim=(0, 1), ylim=(0, 1))
        right.bar(middle, counts, 0.9 / ECE_BINS, color=LIGHT["bar"])
        right.set(title="Answers in a bin", xlabel="confidence", xlim=(0, 1), yscale="symlog")
        left.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        return _svg(figure, "Reliability of the probabilities, and how many answers have each confidence")


def search(trials: list[dict[str, Any]]) -> str:
    """Plot the validation loss of every trial over each hyper-parameter, and mark the best trial."""
    axes_of = {"learning_rate": "log", "width": "log", "dropout": "linear", "augmented": "linear"}
    with _figure(11, 3.2, columns=len(axes_of)) as (figure, axes):
        losses = [trial["loss"] for trial in trials]
        best = int(np.argmin(losses))
        for ax, (name, scale) in zip(axes, axes_of.items(), strict=True):
            values = [trial[name] for trial in trials]
            ax.scatter(values, losses, s=18, color=LIGHT["bar"])
            ax.scatter(values[best], losses[best], s=42, color=LIGHT["accent"])
            ax.set(title=name.replace("_", " "), xscale=scale, yscale="log")
            ax.xaxis.set_minor_formatter(NullFormatter())
            ax.yaxis.set_minor_formatter(NullFormatter())
        axes[0].set(ylabel="validation loss")
        return _svg(figure, "Validation loss of every trial over what was varied")


_SPLITS = {"training": "", "validation": "val_"}


@contextmanager
def _figure(width: float, height: float, columns: int) -> Iterator[tuple[Figure, list[Axes]]]:
    """Make a figure of that size in inches, without a window or pyplot's global state."""
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure, list(figure.subplots(1, columns))


def _svg(figure: Figure, title: str) -> str:
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Title": title})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    for name, color in LIGHT.items():
        svg = svg.replace(color, f"var(--{name})")
    svg = re.sub(r"font-family: [^;\"]*", "font-family: system-ui, sans-serif", svg)
    return svg.replace(">", f"><style>{palette.css()}</style>", 1)
