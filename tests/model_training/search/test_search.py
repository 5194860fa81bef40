"""`search`, as typed, on `tiny`: what was tried is kept, and a kill costs one trial."""

import csv
import json
import xml.etree.ElementTree
from dataclasses import replace

import cv2
import pytest

from model_training.__main__ import main
from model_training.cli import arguments
from model_training.data import handwriting, training_set, writers
from model_training.presets import BEST, MLP, TINY, Mixture
from model_training.search import search, variation
from model_training.search.variation import Variation
from model_training.training import architectures
from models.inference.standardization import Standardization


def tried(capsys, *arguments):
    assert main(["search", "--preset", "tiny", *map(str, arguments), "--json", "--quiet"]) == 0
    return json.loads(capsys.readouterr().out)["trials"]


def test_a_killed_search_goes_on_with_the_trial_it_lost(tmp_path, capsys):
    first = tried(capsys, "--trials", 1, "--to", tmp_path)
    assert len(first) == 1
    study = search.resume_or_start(tmp_path, TINY, 1)
    lost = search.suggest(study.ask(), TINY)  # what a kill leaves: asked for, never told
    del study
    trials = tried(capsys, "--trials", 3, "--to", tmp_path)
    assert len(trials) == 3
    assert first[0] in trials
    assert lost.learning_rate in [trial["learning_rate"] for trial in trials]
    assert len({trial["learning_rate"] for trial in trials}) == 3
    assert [trial["loss"] for trial in trials] == sorted(trial["loss"] for trial in trials)
    with (tmp_path / "trials.csv").open() as file:
        assert [float(row["loss"]) for row in csv.DictReader(file)] == [trial["loss"] for trial in trials]
    root = xml.etree.ElementTree.parse(tmp_path / "search.svg").getroot()
    texts = {text.strip() for text in root.itertext()}
    assert {"learning rate", "width", "dropout", "augmented", "validation loss"} <= texts
    assert tried(capsys, "--trials", 2, "--to", tmp_path) == trials


def test_a_directory_holds_one_search(tmp_path):
    search.resume_or_start(tmp_path, MLP, 1)
    for preset, seed, extra, other in ((TINY, 1, [], "preset"), (MLP, 2, [], "seed"), (MLP, 1, [tmp_path], "extra")):
        with pytest.raises(
            search.SearchError, match=f"holds a search of preset mlp with another {other}; name another"
        ):
            search.resume_or_start(tmp_path, preset, seed, extra)


@pytest.fixture
def hands(tmp_path, splits):
    """Eight real digits by each of ten writers."""
    for index in range(80):
        folder = tmp_path / "hands" / f"writer-{index % 10}" / str(splits.train.labels[index])
        folder.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / f"{index}.png"), 255 - splits.train.digits[index])
    return tmp_path / "hands"


def test_people_are_trained_on_and_judge_as_in_training(tmp_path, capsys, hands):
    bench = variation.prepare(TINY, 1, None, [hands])
    assert [len(part.split) for part in bench.material.parts] == [64, 7 * 8]
    assert len(bench.held_out) == 10_000 + 8
    alone = tried(capsys, "--trials", 1, "--to", tmp_path / "alone")
    joined = tried(capsys, "--trials", 1, "--to", tmp_path / "joined", "--extra", hands)
    assert joined[0]["learning_rate"] == alone[0]["learning_rate"]
    assert joined[0]["loss"] != alone[0]["loss"]
    with pytest.raises(search.SearchError, match="with another extra"):
        main(["search", "--preset", "tiny", "--to", str(tmp_path / "joined")])


def test_a_preset_made_for_people_takes_those_that_the_environment_names(monkeypatch, hands):
    monkeypatch.setenv("DIGITS_EXTRA_DATA", str(hands))
    assert arguments.parse(["search", "--preset", "best"]).extra == [hands]
    assert arguments.parse(["search", "--preset", "cnn"]).extra == []


def test_a_preset_with_an_output_for_what_is_no_digit_is_measured(splits, hands):
    mixture = Mixture(strokes=8, images=20, letters=6, made_up=12, renderings=2)
    preset = replace(BEST, epochs=1, mixture=mixture)
    train, specimens = splits.train.first(200), writers.split(handwriting.read([hands]).specimens)
    bench = variation.Bench(
        preset,
        1,
        training_set.of_preset(preset, train, specimens.train, 1),
        training_set.held_out(splits.validation.first(100), specimens.validation),
        Standardization.fit(train.digits),
    )
    outcome = bench.measure(Variation(0.002, 0.5, 0.1, 0.5))
    assert (outcome.epochs, bench.material.per_epoch) == (1, 200 + 20 + 12)
    assert 0 < outcome.loss < 100
    assert outcome.parameters < architectures.build("best").count_params() / 2


def test_a_variation_changes_sizes_and_rates_and_nothing_else():
    plain, wide = (
        variation.build("cnn", Variation(1e-4, width, dropout, 0.0)) for width, dropout in ((1.0, 0.5), (2.0, 0.1))
    )
    assert plain.count_params() == architectures.build("cnn").count_params()
    assert [layer.filters for layer in wide.layers if hasattr(layer, "filters")] == [64, 128]
    assert [layer.units for layer in wide.layers if hasattr(layer, "units")] == [2048, 10]
    assert [layer.rate for layer in wide.layers if type(layer).__name__ == "Dropout"] == [0.1]
