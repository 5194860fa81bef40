"""`search`, as typed, on `tiny`: what was tried is kept, and a kill costs one trial."""

import csv
import json
import xml.etree.ElementTree

import pytest

from model_training import architectures, search, variation
from model_training.__main__ import main
from model_training.config import MLP, TINY
from model_training.variation import Variation


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
    for preset, seed in ((TINY, 1), (MLP, 2)):
        with pytest.raises(search.SearchError, match="holds a search of preset mlp, another or changed; name another"):
            search.resume_or_start(tmp_path, preset, seed)


def test_a_variation_changes_sizes_and_rates_and_nothing_else():
    plain, wide = (
        variation.build("cnn", Variation(1e-4, width, dropout, 0.0)) for width, dropout in ((1.0, 0.5), (2.0, 0.1))
    )
    assert plain.count_params() == architectures.build("cnn").count_params()
    assert [layer.filters for layer in wide.layers if hasattr(layer, "filters")] == [64, 128]
    assert [layer.units for layer in wide.layers if hasattr(layer, "units")] == [2048, 10]
    assert [layer.rate for layer in wide.layers if type(layer).__name__ == "Dropout"] == [0.1]
