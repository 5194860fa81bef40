"""Scaling by the queue: KEDA's ScaledObject against its published schema, the service's metrics and the other manifests."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml
from kubernetes_validate.utils import schema_contents
from referencing import Registry, Resource

from service.observability.metrics import GAUGES
from tests.deploy.test_kubernetes import FOLDER, KUSTOMIZATION, VERSION

QUEUE = FOLDER / "queue"


@pytest.fixture(scope="module")
def keda():
    types = schema_contents(f"kubernetes-json-schema/v{VERSION}.0-local-strict/_definitions.json", VERSION)
    schema = json.loads(Path(__file__).with_name("scaled-object.json").read_bytes())
    return jsonschema.Draft202012Validator(schema, registry=Resource.from_contents(types) @ Registry())


@pytest.fixture
def scaled():
    return yaml.safe_load((QUEUE / "scaledobject.yaml").read_text())


def test_keda_accepts_the_scaled_object(keda, scaled):
    keda.validate(scaled)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["spec", "minReplicas"], 2),
        (["spec", "minReplicaCount"], "2"),
        (["spec", "triggers", 0, "metricType"], "Average"),
        (["spec", "triggers", 0, "metadata", "threshold"], 4),
        (["spec", "fallback", "replica"], 4),
        (["spec", "advanced", "horizontalPodAutoscalerConfig", "behavior", "scaleDown", "stabilizationWindow"], 300),
    ],
)
def test_the_schema_rejects_mistakes(keda, scaled, path, value):
    broken = copy.deepcopy(scaled)
    place = broken
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        keda.validate(broken)


def test_the_query_asks_for_a_metric_of_the_service_by_the_label_of_its_pods(scaled):
    (trigger,) = (one for one in scaled["spec"]["triggers"] if one["type"] == "prometheus")
    metric, label, value = re.search(r"(\w+)\{(\w+)=\"(\w+)\"\}", trigger["metadata"]["query"]).groups()
    assert metric in GAUGES
    (pairs,) = (labels["pairs"] for labels in KUSTOMIZATION["labels"])
    assert {re.sub(r"\W", "_", name): text for name, text in pairs.items()} == {label: value}


def test_it_scales_the_deployment_in_place_of_the_other_autoscaler(scaled):
    component = yaml.safe_load((QUEUE / "kustomization.yaml").read_text())
    assert component["kind"] == "Component"
    assert component["resources"] == ["scaledobject.yaml"]
    ((path,),) = (patch.values() for patch in component["patches"])
    patch, other = (yaml.safe_load(file.read_text()) for file in (QUEUE / path, FOLDER / "autoscaler.yaml"))
    assert patch.pop("$patch") == "delete"
    assert patch == {key: other[key] for key in ("apiVersion", "kind", "metadata")}
    spec = scaled["spec"]
    assert spec["scaleTargetRef"]["name"] == other["spec"]["scaleTargetRef"]["name"]
    assert (spec["minReplicaCount"], spec["maxReplicaCount"]) == (
        other["spec"]["minReplicas"],
        other["spec"]["maxReplicas"],
    )
    (cpu,) = (one for one in spec["triggers"] if one["type"] == "cpu")
    (metric,) = other["spec"]["metrics"]
    assert cpu["metadata"]["value"] == str(metric["resource"]["target"]["averageUtilization"])
