"""Read the labels that people write: a whole number is its digit, a letter is a non-digit, and all else is refused."""

from __future__ import annotations

import re
import unicodedata

NON_DIGIT = "none"
"""The label of what is neither a digit nor a letter: a sign, a scribble."""
LONGEST = 200
"""Characters."""
WHOLE = re.compile(r"([+-]?)0*([0-9]+)(\.0*)?")
SHOWN = 40
"""Characters of a refused label that are shown."""


def parse(label: object) -> str:
    """Return the label of a sample: `0` to `9`, a letter, or NON_DIGIT.

    Spaces around a label do not count, nor do leading zeros and decimals of 0.

    Args:
        label: as a JSON document or a folder's name has it.

    Raises:
        ValueError: it is none of these; the text says what to do.
    """
    if label is None:
        raise ValueError('label null says nothing; write a digit, a letter, or "none" for what is neither')
    if isinstance(label, float) and label.is_integer() and abs(label) < 1e15:
        label = int(label)
    if type(label) not in (str, int) or len(text := str(label)) > LONGEST:
        raise ValueError(f"label must be printable text, such as 7, Q or {NON_DIGIT}, not {_shown(label)}")
    plain = _trimmed(unicodedata.normalize("NFKC", text))
    if whole := WHOLE.fullmatch(plain):
        sign, digits, _ = whole.groups()
        if len(digits) > 1 or (sign == "-" and digits != "0"):
            raise ValueError(f"label {_shown(label)} is a number, but no digit from 0 to 9")
        return digits
    text = plain if plain.isascii() else _trimmed(unicodedata.normalize("NFC", text))
    if text == NON_DIGIT or _is_letter(text):  # "None" is what some programs write for a missing label
        return text
    raise ValueError(
        f"label {_shown(label)} is neither a digit nor a letter; write the digit as 0 to 9, and what is neither as "
        f"{NON_DIGIT!r}"
    )


def _trimmed(text: str) -> str:
    """Cut off spaces and invisible signs, such as byte order marks."""
    inner = "".join(" " if unicodedata.category(character) == "Cf" else character for character in text)
    return inner.strip()


def _is_letter(text: str) -> bool:
    """Tell whether a text is one letter of any script, with its accents or vowel signs."""
    return bool(text) and unicodedata.category(text[0])[0] == "L" and all(map(_is_mark, text[1:]))


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M"


def _shown(label: object) -> str:
    """Quote a label, cut short."""
    shown = ascii(label) if isinstance(label, str) and not label.isprintable() else repr(label)
    return shown if len(shown) <= SHOWN else f"{shown[:SHOWN]}..."
