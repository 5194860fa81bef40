"""Valid documents in which each value in turn is replaced by an odd one: the service never fails."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

ROWS = [[0] * 28] * 28
ODD = (
    None, True, 0, -1, 1.5, 2**70, 10**18, "", "x", "\0", "aaaa", "data:,x", [], {}, [[]], {"a": 1}, [None], [{}],
    {"binary_data_size": 1}, {"binary_data_size": "x"}, {"classification": []}, {"b64": 1}, {"image": None},
)  # fmt: skip
TENSOR = {"name": "image", "datatype": "UINT8", "shape": [1, 28, 28], "data": [0] * 784, "parameters": {}}
FILE = {"name": "image", "datatype": "BYTES", "shape": [1], "data": ["aaaa"]}
GOOD: dict[str, tuple[str, Any]] = {
    "pixels": ("/predict", {"pixels": ROWS}),
    "a batch": ("/predict", {"images": [{"image": "aaaa"}, {"strokes": [[[1, 2], [3, 4]]]}]}),
    "a tensor": ("/v2/models/digits/infer", {"id": "a", "inputs": [TENSOR], "outputs": [{"name": "label", "parameters": {}}], "parameters": {}}),
    "a file": ("/v2/models/digits/infer", {"inputs": [FILE]}),
    "rows": ("/v1/models/digits:predict", {"instances": [{"image": ROWS}], "signature_name": ""}),
    "columns": ("/v1/models/digits:predict", {"inputs": {"image": [{"b64": "aaaa"}]}}),
    "examples": ("/v1/models/digits:classify", {"examples": [{"image": {"b64": "aaaa"}}]}),
}  # fmt: skip
Place = tuple[str | int, ...]


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    """Yield every place in a document; of a long list only the first."""
    yield place
    items = value.items() if isinstance(value, dict) else enumerate(value[:1] if len(value) > 9 else value) if isinstance(value, list) else ()  # fmt: skip
    for key, item in items:
        yield from places(item, (*place, key))


def replaced(document: Any, place: Place, value: Any) -> Any:
    if not place:
        return value
    changed = copy.deepcopy(document)
    parent = changed
    for key in place[:-1]:
        parent = parent[key]
    parent[place[-1]] = value
    return changed


@pytest.mark.parametrize("name", GOOD)
def test_no_odd_value_makes_the_service_fail(client, name):
    path, document = GOOD[name]
    failed = []
    for place in places(document):
        for value in ODD:
            body = json.dumps(replaced(document, place, value))
            reply = client.post(path, data=body, content_type="application/json")
            if reply.status_code == 500:
                failed.append((place, value))
    assert failed == []
