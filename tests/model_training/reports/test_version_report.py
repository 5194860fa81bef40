"""`report` writes a page, images and tables."""

import csv
import json
import re
import shutil
import xml.etree.ElementTree

import cv2
import numpy as np
import pytest

from model_training.__main__ import main
from model_training.cli.report import ReportError
from model_training.data.handwriting import Sample
from model_training.evaluation import misleading, robustness
from model_training.reports import layer_summary, network_diagram, version_report
from model_training.training import architectures
from models.registry import artifact
from models.registry.store import ARTIFACTS


@pytest.fixture(scope="session")
def page(report):
    return (report / "index.html").read_text()


@pytest.fixture(scope="session")
def predictions(splits):
    return artifact.load(ARTIFACTS / "digits" / "1").predict(splits.test.digits).probabilities


def rows(path):
    with path.open() as file:
        return list(csv.DictReader(file))


def image(path):
    return cv2.imread(str(path), cv2.IMREAD_UNCHANGED)


def test_the_page_holds_its_images_and_opens_offline(page, report):
    assert not re.search(r"""(src|href)=["'](?!data:|#)""", page)
    assert "http" not in re.sub(r"base64,[^\"]*", "", page)
    assert "<script" not in page
    embedded = page.count("data:image/")
    assert embedded >= len(list(report.rglob("*.png"))) + len(list(report.glob("*.svg")))


def test_every_mistake_is_listed_with_its_three_best_answers(report, predictions, splits, page):
    wrong = np.flatnonzero(predictions.argmax(1) != splits.test.labels)
    listed = rows(report / "mistakes.csv")
    assert sorted(int(row["index"]) for row in listed) == wrong.tolist()
    assert len(wrong) == 64
    for row in listed:
        index = int(row["index"])
        best = np.argsort(-predictions[index])[:3]
        assert [int(row[f"answer {place}"]) for place in (1, 2, 3)] == best.tolist()
        assert float(row["probability 1"]) == pytest.approx(predictions[index].max(), abs=1e-4)
        assert int(row["label"]) == splits.test.labels[index] != best[0]
        assert (image(report / f"digits/{index:05}.png") == 255 - splits.test.digits[index]).all()
        assert f"no. {index:,}<" in page


def test_the_smallest_margins_come_first(report, predictions):
    best = np.sort(predictions, axis=1)
    margins = best[:, -1] - best[:, -2]
    listed = [int(row["index"]) for row in rows(report / "doubts.csv")]
    assert np.allclose(margins[listed], np.sort(margins)[:24])


def test_confusion_precision_and_recall_are_computed_from_the_answers(report, predictions, splits):
    answers, labels = predictions.argmax(1), splits.test.labels
    confusion = [[int(row[str(digit)]) for digit in range(10)] for row in rows(report / "confusion.csv")]
    assert confusion == [[int(((labels == i) & (answers == j)).sum()) for j in range(10)] for i in range(10)]
    for row in rows(report / "digits.csv"):
        digit = int(row["digit"])
        assert float(row["precision"]) == pytest.approx((labels[answers == digit] == digit).mean())
        assert float(row["recall"]) == pytest.approx((answers[labels == digit] == digit).mean())


def test_the_layers_of_the_textbook_are_listed_with_their_arithmetic(report, page):
    layers = {row["name"]: row for row in rows(report / "layers.csv")}
    assert layers["conv2d"]["arithmetic"] == "(28 + 0 − 5) / 1 + 1 = 24"
    assert layers["max_pooling2d_1"]["arithmetic"] == "(8 + 0 − 2) / 2 + 1 = 4"
    assert int(layers["conv2d_1"]["multiply_adds"]) == 8 * 8 * 64 * 5 * 5 * 32
    assert int(layers["dense"]["multiply_adds"]) == 1024 * 1024
    assert sum(int(row["parameters"]) for row in layers.values()) == 1_111_946
    assert "(28 + 0 − 5) / 1 + 1 = 24" in page


def test_padding_and_strides_are_in_the_arithmetic():
    import keras

    network = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Conv2D(2, 5, strides=2, padding="same")])
    (facts,) = layer_summary.summarize(network)
    assert facts.output == (14, 14, 2)
    assert facts.arithmetic == "(28 + 3 − 5) / 2 + 1 = 14"
    stretched = keras.Sequential([keras.Input((24, 24, 4)), keras.layers.Conv2D(4, 5, strides=2)])
    assert layer_summary.summarize(stretched)[0].arithmetic == "⌊(24 + 0 − 5) / 2⌋ + 1 = 10"


def test_every_network_can_be_summarized():
    for name in architectures.ARCHITECTURES:
        network = architectures.build(name)
        layers = layer_summary.summarize(network)
        assert sum(layer.parameters for layer in layers) == network.count_params()
        assert [layer.output for layer in layers] == [layer.output.shape[1:] for layer in network.layers]


def test_plots_and_the_diagram_are_valid_svg_with_labels(report):
    texts = {}
    for path in report.glob("*.svg"):
        root = xml.etree.ElementTree.parse(path).getroot()
        texts[path.stem] = " ".join(text.strip() for text in root.itertext() if text.strip())
    assert texts.keys() == {"network", "curves", "calibration"}
    for shape in ("28 × 28", "24 × 24 × 32", "12 × 12 × 32", "8 × 8 × 64", "4 × 4 × 64", "1,024"):
        assert shape in texts["network"]
    assert "validation" in texts["curves"]
    assert "confidence" in texts["calibration"]


def test_kernels_and_maps_are_drawn_for_each_layer_and_digit(report, splits):
    assert {path.name: image(path).shape for path in (report / "kernels").iterdir()} == {
        "conv2d.png": (4 * 6 - 1, 8 * 6 - 1, 4),
        "conv2d_1.png": (32 * 6 - 1, 64 * 6 - 1, 4),
    }
    for digit in range(10):
        shapes = {path.stem[2:]: image(path).shape for path in (report / "maps").glob(f"{digit}-*.png")}
        assert shapes["conv2d"] == (4 * 25 - 1, 8 * 25 - 1)
        assert shapes["max_pooling2d_1"] == (6 * 5 - 1, 12 * 5 - 1)
        assert (shapes["dense"], shapes["logits"]) == ((32, 32), (1, 10))
        assert image(report / f"maps/{digit}-probabilities.png").argmin() == digit
        first = splits.test.digits[np.flatnonzero(splits.test.labels == digit)[0]]
        shown = image(report / f"maps/{digit}-standardization.png").astype(int)
        assert np.abs(shown - (255 - first)).max() <= 3  # drawn in 64 levels


def test_the_page_shows_data_versions_and_hardware(report, page):
    record = json.loads((report / "report.json").read_text())
    assert record == json.loads((ARTIFACTS / "digits/1/report.json").read_text())
    for text in (*record["data_sha256"].values(), record["versions"]["tensorflow"], record["hardware"]["processor"]):
        assert text in page


def test_robustness_is_shown_if_it_was_measured(tmp_path, model, splits):
    digits = zip(splits.test.labels[:40].tolist(), 255 - splits.test.digits[:40], strict=True)
    samples = [Sample(str(label), "mnist/anna", "mnist", "mnist", grey=grey) for label, grey in digits]
    people, mnist_c = robustness.unknown_writers(model, samples), robustness.mnist_c(model, splits.test.first(40))
    disputed = robustness.disputed(model, splits.test)
    marks = misleading.marks(model, splits.test.first(100), samples, each=3)
    scripts = misleading.scripts(model, each=3)
    measured = {"people": people, "mnist_c": mnist_c, "disputed": disputed, "marks": marks, "scripts": scripts}
    shutil.copytree(ARTIFACTS / "digits" / "1", tmp_path / "digits" / "1")
    path = tmp_path / "digits" / "1" / "report.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | measured))
    assert main(["report", "1", "--models", str(tmp_path / "digits"), "--to", str(tmp_path / "r"), "--quiet"]) == 0
    shown = (tmp_path / "r" / "index.html").read_text()
    accuracy = f"{100 * people['mnist']['accuracy']:.2f} %"
    assert re.search(
        rf">mnist</th><td class=.number.>1</td><td class=.number.>40</td><td class=.number.>{accuracy}", shown
    )
    listed = rows(tmp_path / "r" / "writers.csv")
    assert [(row["writer"], row["n"]) for row in listed] == [("mnist/anna", "40")]
    misread = people["mnist"]["by_writer"]["mnist/anna"]["mistakes"]
    assert f"{min(misread, 1)} of the 1 writers have a digit that is misread." in shown
    for name, scores in mnist_c.items():
        row = f">{name.replace('_', ' ')}</th><td class=.number.>{100 * scores['as_it_is']:.2f} %</td>"
        assert re.search(row + f"<td class=.number.>{100 * scores['canonical']:.2f} %", shown)
    for name, scores in marks.items():
        row = f">{name}</th><td class=.number.>3</td><td class=.number.>{100 * scores['right']:.1f} %</td>"
        assert re.search(row, shown)
    for name, scores in scripts.items():
        assert re.search(
            f">{name}</th><td class=.number.>3</td><td class=.number.>{100 * scores['accepted']:.1f} %", shown
        )
    for digit in disputed:
        assert f"{digit['index']} is {digit['label']}, read {digit['answer']}" in shown


def test_a_long_network_is_drawn_in_several_rows():
    import keras

    layers = [keras.layers.Conv2D(8, 3, strides=2, padding="same") for _ in range(9)]
    drawn = network_diagram.draw(layer_summary.summarize(keras.Sequential([keras.Input((28, 28, 1)), *layers])))
    root = xml.etree.ElementTree.fromstring(drawn)
    width, height = int(root.get("width")), int(root.get("height"))
    places = [(float(rect.get("x")), float(rect.get("width"))) for rect in root.findall(".//{*}rect")]
    assert width <= network_diagram.WIDEST
    assert min(x for x, _ in places) > 0
    assert max(x + w for x, w in places) < width
    assert height == 2 * network_diagram.HEIGHT
    assert [text.text for text in root.findall(".//{*}text")].count("stride 2, same") == 9


@pytest.mark.parametrize("committed", sorted(ARTIFACTS.glob("digits/*/report")), ids=lambda path: path.parent.name)
def test_a_committed_report_belongs_to_its_version(committed):
    record = json.loads((committed.parent / "report.json").read_text())
    assert json.loads((committed / "report.json").read_text()) == record
    confusion = [[int(row[str(digit)]) for digit in range(10)] for row in rows(committed / "confusion.csv")]
    assert confusion == record["test"]["confusion"]
    assert len(rows(committed / "mistakes.csv")) == 10_000 - np.trace(confusion)
    by_writer = [scores for each in record["people"].values() for scores in each["by_writer"].values()]
    assert len(rows(committed / "writers.csv")) == sum(each["writers"] for each in record["people"].values())
    for each in record["people"].values():
        mistakes = sum(scores["mistakes"] for scores in each["by_writer"].values())
        assert mistakes == round(each["n"] * (1 - each["accuracy"])) == each["n"] - np.trace(each["confusion"])
    shown = (committed / "index.html").read_text()
    assert f"{sum(scores['mistakes'] > 0 for scores in by_writer)} of the {len(by_writer)} writers" in shown
    assert sum(path.stat().st_size for path in committed.rglob("*")) < 2_200_000
    assert version_report.foreign_file(committed) is None


@pytest.fixture(scope="module")
def unrecorded(tmp_path_factory):
    """Report a version without its report.json; returns the command line and the directory."""
    folder = tmp_path_factory.mktemp("unrecorded")
    shutil.copytree(ARTIFACTS / "digits" / "1", folder / "digits" / "1")
    (folder / "digits" / "1" / "report.json").unlink()
    arguments = ["report", "1", "--models", str(folder / "digits"), "--quiet", "--to", str(folder / "r")]
    assert main(arguments) == 0
    return arguments, folder / "r"


def test_a_version_without_a_record_is_reported_too(unrecorded):
    _, to = unrecorded
    assert "it has no report.json" in (to / "index.html").read_text()
    assert not (to / "curves.svg").exists()


def test_a_report_replaces_a_report_and_nothing_else(unrecorded):
    arguments, to = unrecorded
    (to / "layers.csv").write_text("damaged")
    assert main(arguments) == 0
    assert len(rows(to / "layers.csv")) == 12
    (to / "diary.txt").write_text("dear diary")
    with pytest.raises(ReportError, match=r"diary\.txt is not a report's; name another directory with --to"):
        main(arguments)
    assert (to / "diary.txt").read_text() == "dear diary"
    assert sorted(path.name for path in to.parent.iterdir()) == ["digits", "r"]
