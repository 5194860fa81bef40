"""Other scripts' letters and numerals, and signs of mathematics, which are no digits, and typefaces that have them.

No typeface is in training and test both, and some scripts are in the test alone. What may pass for a Latin digit is in
neither, such as Hangul's ring, Cyrillic's Z, and numerals that look like a digit, most like that of their own value.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import matplotlib
from PIL import ImageFont

from model_training.data.look_alikes import LOOK_ALIKES

FOLDERS = (Path(matplotlib.get_data_path()) / "fonts" / "ttf", Path("/usr/share/fonts"))
PACKAGES = "fonts-noto-core fonts-noto-cjk fonts-nanum-extra fonts-klee fonts-kiloji"
"""Debian's, beside what matplotlib brings."""
SIZE = 72
"""Pixels of a letter's height."""
ABSENT = "\uffff"
"""No character: what a typeface draws for it stands for each that it lacks."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Script:
    """Characters, and the typefaces that have them, by part; a number after a colon is a face of a collection.

    Attributes:
        train: names of files; empty if the script is in the test alone.
    """

    name: str
    characters: str
    train: tuple[str, ...]
    test: tuple[str, ...]

    def of_part(self, part: str) -> tuple[str, ...]:
        """Return the names of its typefaces in `train` or `test`."""
        return self.train if part == "train" else self.test


def _range(first: str, last: str, step: int = 1) -> str:
    """Return the letters of a range of Unicode but those that may pass for a digit."""
    letters = map(chr, range(ord(first), ord(last) + 1, step))
    return "".join(letter for letter in letters if letter.isalpha() and letter not in LOOK_ALIKES)


_KOREAN = ("NotoSansCJK-Regular.ttc:1", "NotoSansCJK-Bold.ttc:1", "NanumPen.ttf", "NanumGothicLight.ttf")
_KOREAN_TEST = ("NotoSerifCJK-Regular.ttc:1", "NanumBrush.ttf", "NanumMyeongjoExtraBold.ttf", "NanumBarunpenR.ttf")
_JAPANESE = ("NotoSansCJK-Regular.ttc:0", "NotoSansCJK-Bold.ttc:0", "kiloji.ttf", "kiloji_b.ttf")
_JAPANESE_TEST = ("NotoSerifCJK-Regular.ttc:0", "NotoSerifCJK-Bold.ttc:0", "KleeOne-Regular.ttf")
_SANS = ("NotoSans-Regular.ttf", "NotoSans-BoldItalic.ttf", "NotoSansMono-Regular.ttf", "DejaVuSans.ttf")
_SERIF = ("NotoSerif-Regular.ttf", "NotoSerif-Italic.ttf", "DejaVuSerif.ttf", "STIXGeneral.ttf")

SCRIPTS = (
    Script("Hangul syllables", _range("가", "힣", step=17), _KOREAN, _KOREAN_TEST),
    Script("Hangul letters", _range("ㄱ", "ㅣ"), _KOREAN, _KOREAN_TEST),
    Script("hiragana", _range("ぁ", "ゖ"), _JAPANESE, _JAPANESE_TEST),
    Script("katakana", _range("ァ", "ヶ"), _JAPANESE, _JAPANESE_TEST),
    Script("Chinese", _range("丁", "龥", step=37), _JAPANESE[:2], _JAPANESE_TEST),
    Script("Cyrillic", _range("А", "я"), _SANS, _SERIF),
    Script("Greek", _range("Α", "ω"), _SANS, _SERIF),
    Script(
        "mathematics", "∑∏√∞≈≠≤≥±×÷∇∈∉⊂⊃∪∩∀∃⊕⊗⊥∠⇒⇔→←↑↓∴∵≡∝¬%‰&@#§¶?†‡©®*+=<>~",
        ("NotoSansMath-Regular.ttf", "DejaVuSans.ttf"), ("STIXGeneral.ttf", "DejaVuSerif.ttf"),
    ),
    Script(
        "Arabic-Indic numerals", "٢٣٤٦٧٨۴۶",
        ("NotoSansArabic-Regular.ttf", "NotoSansArabic-Bold.ttf", "NotoKufiArabic-Regular.ttf", "DejaVuSans.ttf"),
        ("NotoNaskhArabic-Regular.ttf", "NotoNaskhArabic-Bold.ttf"),
    ),
    Script(
        "Devanagari numerals", "१४५६७८९", ("NotoSansDevanagari-Regular.ttf", "NotoSansDevanagari-Bold.ttf"),
        ("NotoSerifDevanagari-Regular.ttf", "NotoSerifDevanagari-Bold.ttf"),
    ),
    Script(
        "Devanagari", _range("अ", "ह"), ("NotoSansDevanagari-Regular.ttf", "NotoSansDevanagari-Bold.ttf"),
        ("NotoSerifDevanagari-Regular.ttf", "NotoSerifDevanagari-Bold.ttf"),
    ),
    Script(
        "Bengali numerals", "১৩৫৮", ("NotoSansBengali-Regular.ttf", "NotoSansBengali-Bold.ttf"),
        ("NotoSerifBengali-Regular.ttf", "NotoSerifBengali-Bold.ttf"),
    ),
    Script(
        "Bengali", "অআইঈউঊঋএঐওঔকখগঘঙচছজঝঞটঠডঢণতথদধনপফবভমযরলশষসহ",
        ("NotoSansBengali-Regular.ttf", "NotoSansBengali-Bold.ttf"),
        ("NotoSerifBengali-Regular.ttf", "NotoSerifBengali-Bold.ttf"),
    ),
    Script("Hebrew", "אבגהחטכלמםנעפףצץקשת", (), ("NotoSansHebrew-Regular.ttf", "NotoSerifHebrew-Regular.ttf")),
    Script("Thai", _range("ก", "ฮ"), (), ("NotoSansThai-Regular.ttf", "NotoSerifThai-Regular.ttf")),
    Script(
        "Armenian", _range("Ա", "Ֆ"), (),
        ("NotoSansArmenian-Regular.ttf", "NotoSerifArmenian-Regular.ttf"),
    ),
    Script("Ethiopic", _range("ሀ", "ቯ"), (), ("NotoSansEthiopic-Regular.ttf", "NotoSerifEthiopic-Regular.ttf")),
)  # fmt: skip


@dataclass(frozen=True)
class Face:
    """A script in one typeface.

    Attributes:
        characters: those of the script that the typeface has.
    """

    script: str
    font: ImageFont.FreeTypeFont
    characters: str


@cache
def faces(part: str) -> tuple[Face, ...]:
    """Open the typefaces of `train` or `test` that this machine has, and name the scripts that lack them."""
    found, lacking = [], []
    for script in SCRIPTS:
        fonts = [font for name in script.of_part(part) if (font := _open(name))]
        found += [Face(script.name, font, had) for font in fonts if (had := _had(font, script.characters))]
        if script.of_part(part) and not fonts:
            lacking.append(script.name)
    if lacking:
        log.warning("No typefaces of %s: `apt-get install %s` brings them", ", ".join(lacking), PACKAGES)
    return tuple(found)


def sha256(part: str) -> dict[str, str]:
    """Hash the typefaces of a part that this machine has."""
    whole = hashlib.sha256()
    for path in sorted({str(face.font.path) for face in faces(part)}):
        whole.update(Path(path).name.encode() + Path(path).read_bytes())
    return {f"typefaces, {part}": whole.hexdigest()}


def of_script(found: Iterable[Face]) -> dict[str, list[Face]]:
    """Group faces by their scripts, so that each script can be as likely as another."""
    groups: dict[str, list[Face]] = {}
    for face in found:
        groups.setdefault(face.script, []).append(face)
    return groups


def _open(name: str) -> ImageFont.FreeTypeFont | None:
    file, _, index = name.partition(":")
    path = _files().get(file)
    return ImageFont.truetype(str(path), SIZE, index=int(index or 0)) if path else None


@cache
def _files() -> dict[str, Path]:
    """List all typefaces of this machine by the names of their files."""
    return {path.name: path for folder in FOLDERS for path in sorted(folder.rglob("*.tt[fc]"))}


def _had(font: ImageFont.FreeTypeFont, characters: Sequence[str]) -> str:
    absent = bytes(font.getmask(ABSENT))
    return "".join(each for each in characters if bytes(mask := font.getmask(each)) != absent and mask.getbbox())
