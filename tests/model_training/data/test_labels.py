"""A whole number is its digit, a letter a non-digit, and whatever else people write is refused with what to do."""

import pytest

from model_training.data import handwriting, labels
from tests.model_training.data.test_handwriting import line, picture


@pytest.mark.parametrize(
    "label", [7, 7.0, "7", "07", " 7", "7 ", "7.0", "7.", "+7", "007", "7\n", "\ufeff7", "\uff17", "\u00a07"]
)
def test_a_whole_number_is_its_digit_however_it_is_written(label):
    assert labels.parse(label) == "7"


@pytest.mark.parametrize("label", ["Q", "o", "나", "ㅎ", "あ", "Ж", "é", "e\u0301", "का", "none"])
def test_a_letter_of_any_script_and_none_are_non_digits(label):
    sample = handwriting.Sample(labels.parse(label), "t/a", "t", "t")
    assert sample.digit is None


@pytest.mark.parametrize(
    ("label", "reason"),
    [
        ("seven", "'seven' is neither a digit nor a letter; write the digit as 0 to 9"),
        ("digit 7", "neither a digit nor a letter"),
        ("VII", "neither a digit nor a letter"),
        ("7.5", "neither a digit nor a letter"),
        ("\u0667", "neither a digit nor a letter"),
        ("?", "neither a digit nor a letter"),
        ("", "neither a digit nor a letter"),
        ("None", "neither a digit nor a letter"),
        ("nan", "neither a digit nor a letter"),
        ("null", "neither a digit nor a letter"),
        ("-1", "no digit from 0 to 9"),
        (10, "10 is a number, but no digit from 0 to 9"),
        ("10.0", "no digit from 0 to 9"),
        (7.5, "must be printable text"),
        (float("nan"), "must be printable text"),
        (float("inf"), "must be printable text"),
        (True, "must be printable text"),
        ([7], "must be printable text"),
        ("a" * 5000, "must be printable text"),
        (None, "null says nothing"),
    ],
)  # fmt: skip
def test_what_is_neither_digit_nor_letter_is_refused_and_never_a_non_digit(label, reason):
    with pytest.raises(ValueError, match=r".") as caught:
        labels.parse(label)
    assert reason in str(caught.value)
    assert len(str(caught.value)) < 200


def test_strokes_and_folders_are_labelled_alike(tmp_path):
    for folder in ("07", "7.0", " 7", "seven", "none", "Q", "10"):
        picture(tmp_path / "anna" / folder / "one.png")
    content = [
        line(label=7.0),
        line(label="07"),
        line(label="seven"),
        line(label=None),
        line(label="none"),
        line(label=12),
    ]
    (tmp_path / "pen.jsonl").write_text("".join(content))
    read = handwriting.read([tmp_path])
    assert sorted(sample.label for sample in read.samples) == ["7"] * 5 + ["Q", "none", "none"]
    assert read.left_out.count == len(read.unreadable) == 5
    text = "\n".join(read.unreadable)
    for complaint in (
        "pen.jsonl:3: label 'seven'",
        "pen.jsonl:4: label null",
        "pen.jsonl:6: label 12",
        "seven/one.png: its folder",
        "10/one.png: its folder",
    ):
        assert complaint in text


def test_a_line_without_a_label_is_named(tmp_path):
    (tmp_path / "pen.jsonl").write_text(line() + line().replace('"label"', '"digit"'))
    (complaint,) = handwriting.read([tmp_path]).unreadable
    assert "pen.jsonl:2: lacks 'label'" in complaint


@pytest.mark.parametrize("label", ["O", "l", "\u041e", "\u0417", "\u03bf", "\u3147", "\u308d", "\uff2f"])
def test_letters_of_any_script_that_may_pass_for_a_digit_are_no_non_digits_to_train_on(label):
    sample = handwriting.Sample(labels.parse(label), "t/a", "t", "t")
    assert sample.digit is None
    assert not sample.non_digit
    assert handwriting.Sample(labels.parse("\ub098"), "t/a", "t", "t").non_digit
