"""The manifests, by Kubernetes' published schemas (as kubernetes-validate carries them), and against the service."""

from __future__ import annotations

import copy
from dataclasses import fields

import kubernetes_validate
import pytest
import requests
import yaml
from gunicorn.config import GracefulTimeout

from service.config import Config, variable
from tests import serving

DEPLOY = serving.ROOT / "deploy"
FOLDER = DEPLOY / "kubernetes"
VERSION = "1.37"
KUSTOMIZATION = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())


def labelled(manifest):
    """What kustomize makes of a manifest: the labels on it, its selectors and its pods."""
    made = copy.deepcopy(manifest)
    (pairs,) = (labels["pairs"] for labels in KUSTOMIZATION["labels"] if labels["includeSelectors"])
    made["metadata"]["labels"] = pairs
    if made["kind"] == "Deployment":
        made["spec"]["selector"] = {"matchLabels": pairs}
        made["spec"]["template"]["metadata"]["labels"] = pairs
    return made


def manifest(name):
    return labelled(yaml.safe_load((FOLDER / name).read_text()))


@pytest.fixture(params=KUSTOMIZATION["resources"])
def resource(request):
    return manifest(request.param)


@pytest.fixture
def container():
    (container,) = manifest("deployment.yaml")["spec"]["template"]["spec"]["containers"]
    return container


def inference_service():
    return yaml.safe_load((DEPLOY / "kserve" / "inferenceservice.yaml").read_text())


def test_each_manifest_is_what_kubernetes_accepts(resource):
    kubernetes_validate.validate(resource, VERSION, strict=True)


def test_a_misspelt_key_would_be_seen(resource):
    resource["spec"]["replicsa"] = 1
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(resource, VERSION, strict=True)


def test_every_manifest_is_listed():
    assert {path.name for path in FOLDER.glob("*.yaml")} == {"kustomization.yaml", *KUSTOMIZATION["resources"]}


def test_kserve_s_predictor_is_a_pod_that_kubernetes_accepts():
    service = inference_service()
    assert (service["apiVersion"], service["kind"]) == ("serving.kserve.io/v1beta1", "InferenceService")
    pod = {key: service["spec"]["predictor"][key] for key in ("containers", "volumes")}
    kubernetes_validate.validate(
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "digits"}, "spec": pod}, VERSION, strict=True
    )


def test_every_setting_is_one_of_the_service(container):
    settings = {variable(field.name) for field in fields(Config)}
    (predictor,) = inference_service()["spec"]["predictor"]["containers"]
    for described in (container, predictor):
        environment = {one["name"]: one["value"] for one in described["env"]}
        assert environment.keys() <= settings
        Config.from_environment(environment)


def test_the_probes_ask_what_the_service_answers(url, container):
    (predictor,) = inference_service()["spec"]["predictor"]["containers"]
    for described in (container, predictor):
        probes = [probe for name, probe in described.items() if name.endswith("Probe")]
        assert len(probes) >= 2
        for probe in probes:
            assert requests.get(url + probe["httpGet"]["path"], timeout=5).status_code == 200


def test_requests_under_way_have_the_time_that_gunicorn_gives_them(container):
    pause = 10
    assert f"time.sleep({pause})" in container["lifecycle"]["preStop"]["exec"]["command"][-1]
    pod = manifest("deployment.yaml")["spec"]["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] > pause + GracefulTimeout.default


def test_a_pod_is_confined_as_in_compose(container):
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "runAsUser": 10001,
        "capabilities": {"drop": ["ALL"]},
    }
    assert [mount["mountPath"] for mount in container["volumeMounts"]] == ["/tmp"]


def test_the_port_is_the_image_s(container):
    (port,) = container["ports"]
    assert f"EXPOSE {port['containerPort']}\n" in (serving.ROOT / "Dockerfile").read_text()
