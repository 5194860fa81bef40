"""Letters of other scripts are drawn in typefaces, none of which is in training and test both."""

import unicodedata

import numpy as np
import pytest

from model_training.data import script_letters, scripts
from model_training.data.look_alikes import LOOK_ALIKES

RINGS = set("\u3147\u041e\u043e\u039f\u03bf\u0966\u09e6\u0660\u0665")
"""Letters and numerals that are a ring or a dot."""


def test_no_typeface_is_in_training_and_test_both_and_some_scripts_are_in_the_test_alone():
    for script in scripts.SCRIPTS:
        assert script.test
        assert not set(script.train) & set(script.test)
    used = [{name for script in scripts.SCRIPTS for name in script.of_part(part)} for part in ("train", "test")]
    assert not used[0] & used[1]
    assert sum(not script.train for script in scripts.SCRIPTS) == 4


@pytest.mark.parametrize("script", scripts.SCRIPTS, ids=lambda script: script.name)
def test_a_script_has_characters_of_its_own_and_none_that_passes_for_a_latin_digit(script):
    assert len(set(script.characters)) == len(script.characters) >= 4
    assert not set(script.characters) & (set("0123456789") | RINGS | LOOK_ALIKES)
    if "numerals" in script.name:
        assert all(unicodedata.digit(character) for character in script.characters)


@pytest.mark.parametrize("part", ["train", "test"])
def test_letters_are_canonical_repeatable_and_each_script_is_as_likely(part):
    one, again = (script_letters.generate(40, part, np.random.default_rng(1)) for _ in range(2))
    assert one.shape == (40, 28, 28)
    assert np.array_equal(one, again)
    assert (one.max(axis=(1, 2)) > 100).all()
    assert len(np.unique(one, axis=0)) == 40
    groups = script_letters.of_each_script(5, part, np.random.default_rng(2))
    assert {"Cyrillic", "Greek", "mathematics"} <= groups.keys(), "matplotlib brings typefaces for these"
    assert all(drawn.shape == (5, 28, 28) for drawn in groups.values())


def test_only_characters_that_a_typeface_has_are_drawn():
    font = scripts._open("DejaVuSans.ttf")
    assert scripts._had(font, "Ж가Ω") == "ЖΩ"


def test_scripts_without_typefaces_are_named_with_what_brings_them(monkeypatch, caplog):
    monkeypatch.setattr(scripts, "FOLDERS", scripts.FOLDERS[:1])
    for cached in (scripts.faces, scripts._files):
        cached.cache_clear()
    try:
        assert {face.script for face in scripts.faces("train")} >= {"Cyrillic", "Greek"}
        assert "No typefaces of Hangul syllables" in caplog.text
        assert "apt-get install fonts-noto-core" in caplog.text
    finally:
        for cached in (scripts.faces, scripts._files):
            cached.cache_clear()


def test_the_hash_names_the_typefaces_of_a_part():
    assert scripts.sha256("train").keys() == {"typefaces, train"}
    assert scripts.sha256("train").values() != scripts.sha256("test").values()
