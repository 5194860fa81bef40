"""Make up what a line says: uniformly random numbers, alone or among signs and letters that are no digit."""

from __future__ import annotations

import numpy as np

SIGNS = "/-.,:()+=#*'"
"""Signs that a reader must skip."""
SEPARATORS, BEFORE, AFTER = "/---..,,:   ", "(-+#", "),.-:="
LETTERS = "ACDEFHJKMNPRTUVWXYacdefhkmnprtuvwxy"
"""Letters that do not pass for a digit."""
MOST_DIGITS = 20
SIGNED, LETTERED, EMPTY = 0.3, 0.06, 0.03
"""Shares of the lines with signs, with letters, and without a digit."""


def number(generator: np.random.Generator) -> str:
    """Return 1 to MOST_DIGITS digits, each as likely as any other, so that no number is known by heart."""
    length = 1 + min(int(generator.gamma(2.2, 1.9)), MOST_DIGITS - 1)
    digits = generator.integers(0, 10, length)
    way = generator.random()
    if way < 0.12:  # few different digits, so that many are repeated
        digits = digits[generator.integers(0, min(2, length), length)]
    elif way < 0.2:
        digits[: generator.integers(1, length + 1)] = 0
    return "".join(map(str, digits))


def text(generator: np.random.Generator) -> str:
    """Return what a line says: digits, SIGNS, LETTERS and blanks."""
    way = generator.random()
    if way < EMPTY:
        return _choose(LETTERS + SIGNS, generator, int(generator.integers(1, 5)))
    digits = number(generator)
    if way < EMPTY + SIGNED:
        return _with_signs(digits, generator)
    if way < EMPTY + SIGNED + LETTERED:
        word = _choose(LETTERS, generator, int(generator.integers(1, 4)))
        return f"{word} {digits}" if generator.random() < 0.5 else f"{digits}{word}"
    return digits


def digits_of(line: str) -> list[int]:
    """Return the digits of a line in order."""
    return [int(letter) for letter in line if letter.isdecimal()]


def _with_signs(digits: str, generator: np.random.Generator) -> str:
    cuts = [at for at in range(1, len(digits)) if generator.random() < 0.35]
    groups = [digits[start:end] for start, end in zip([0, *cuts], [*cuts, len(digits)], strict=True)]
    line = groups[0]
    for group in groups[1:]:
        line += _choose(SEPARATORS, generator) + group
    if len(groups) == 1 or generator.random() < 0.25:
        line = _choose(BEFORE, generator) + line if generator.random() < 0.5 else line + _choose(AFTER, generator)
    return f"({digits})" if generator.random() < 0.12 else line


def _choose(letters: str, generator: np.random.Generator, count: int = 1) -> str:
    return "".join(letters[at] for at in generator.integers(0, len(letters), count))
