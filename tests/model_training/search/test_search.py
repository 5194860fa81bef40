"""`search` keeps its trials, and a kill costs only the trial that was running."""

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
from model_training.search import study as studies
from model_training.search.trial import HyperParameters, Objective, build
from model_training.training import architectures


def search(capsys, *arguments):
    assert main(["search", "--preset", "tiny", *map(str, arguments), "--json", "--quiet"]) == 0
    return json.loads(capsys.readouterr().out)["trials"]


def test_a_killed_search_repeats_the_trial_that_it_lost(tmp_path, capsys):
    first = search(capsys, "--trials", 1, "--to", tmp_path)
    assert len(first) == 1
    study = studies.resume_or_start(tmp_path, TINY, 1)
    lost = studies.suggest(study.ask(), TINY)  # a kill leaves a trial without a result
    del study
    trials = search(capsys, "--trials", 3, "--to", tmp_path)
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
    assert search(capsys, "--trials", 2, "--to", tmp_path) == trials


def test_a_directory_keeps_one_search(tmp_path):
    studies.resume_or_start(tmp_path, MLP, 1)
    for preset, seed, extra, other in ((TINY, 1, [], "preset"), (MLP, 2, [], "seed"), (MLP, 1, [tmp_path], "extra")):
        with pytest.raises(
            studies.SearchError, match=f"holds a search of preset mlp with another {other}; name another"
        ):
            studies.resume_or_start(tmp_path, preset, seed, extra)


@pytest.fixture
def folder(tmp_path, splits):
    """A folder with eight digits by each of ten writers."""
    for index in range(80):
        digit = tmp_path / "written" / f"writer-{index % 10}" / str(splits.train.labels[index])
        digit.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(digit / f"{index}.png"), 255 - splits.train.digits[index])
    return tmp_path / "written"


def test_other_handwriting_takes_part_as_in_training(tmp_path, capsys, folder, splits):
    data = training_set.prepare(TINY, 1, splits, writers.split(handwriting.read([folder]).samples))
    assert [len(part.split) for part in data.training_set.parts] == [64, 7 * 8]
    assert len(data.validation) == 10_000 + 8
    alone = search(capsys, "--trials", 1, "--to", tmp_path / "alone")
    joined = search(capsys, "--trials", 1, "--to", tmp_path / "joined", "--extra", folder)
    assert joined[0]["learning_rate"] == alone[0]["learning_rate"]
    assert joined[0]["loss"] != alone[0]["loss"]
    with pytest.raises(studies.SearchError, match="with another extra"):
        main(["search", "--preset", "tiny", "--to", str(tmp_path / "joined")])


def test_a_preset_for_other_handwriting_takes_what_the_environment_names(monkeypatch, folder):
    monkeypatch.setenv("DIGITS_EXTRA_DATA", str(folder))
    assert arguments.parse(["search", "--preset", "best"]).extra == [folder]
    assert arguments.parse(["search", "--preset", "cnn"]).extra == []


def test_a_preset_with_an_output_for_non_digits_is_measured(splits, folder):
    mixture = Mixture(strokes=8, images=20, letters=6, made_up=12, machines=4, marked=4, scripts=4, renderings=2)
    preset = replace(BEST, epochs=1, mixture=mixture)
    few = replace(splits, train=splits.train.first(200), validation=splits.validation.first(100))
    data = training_set.prepare(preset, 1, few, writers.split(handwriting.read([folder]).samples))
    outcome = Objective(preset, 1, data).measure(HyperParameters(0.002, 0.5, 0.1, 0.5))
    assert (outcome.epochs, data.training_set.per_epoch) == (1, 200 + 20 + 12 + 4 + 4 + 4)
    assert 0 < outcome.loss < 100
    assert outcome.parameters < architectures.build("best").count_params() / 2


def test_hyper_parameters_change_sizes_and_dropout_rates_alone():
    plain, wide = (
        build("cnn", HyperParameters(1e-4, width, dropout, 0.0)) for width, dropout in ((1.0, 0.5), (2.0, 0.1))
    )
    assert plain.count_params() == architectures.build("cnn").count_params()
    assert [layer.filters for layer in wide.layers if hasattr(layer, "filters")] == [64, 128]
    assert [layer.units for layer in wide.layers if hasattr(layer, "units")] == [2048, 10]
    assert [layer.rate for layer in wide.layers if type(layer).__name__ == "Dropout"] == [0.1]
