"""The manifests against the published schemas of Kubernetes and KServe, and against the service.

kubernetes-validate has Kubernetes' schemas; inference-service.json names its own source.
"""

from __future__ import annotations

import copy
import json
from dataclasses import fields
from pathlib import Path

import jsonschema
import kubernetes_validate
import pytest
import requests
import yaml
from gunicorn.config import GracefulTimeout
from kubernetes_validate.utils import schema_contents
from referencing import Registry, Resource

from service.config import Config, variable
from tests import serving

DEPLOY = serving.ROOT / "deploy"
FOLDER = DEPLOY / "kubernetes"
VERSION = "1.37"
KUSTOMIZATION = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())


def labelled(manifest):
    """Add labels to a manifest, its selector and its pods, like kustomize."""
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


def test_kubernetes_accepts_each_manifest(resource):
    kubernetes_validate.validate(resource, VERSION, strict=True)


def test_a_misspelt_key_is_rejected(resource):
    resource["spec"]["replicsa"] = 1
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(resource, VERSION, strict=True)


def test_every_manifest_is_listed():
    assert {path.name for path in FOLDER.glob("*.yaml")} == {"kustomization.yaml", *KUSTOMIZATION["resources"]}


@pytest.fixture(scope="module")
def kserve():
    types = schema_contents(f"kubernetes-json-schema/v{VERSION}.0-local-strict/_definitions.json", VERSION)
    schema = json.loads(Path(__file__).with_name("inference-service.json").read_bytes())
    return jsonschema.Draft202012Validator(schema, registry=Resource.from_contents(types) @ Registry())


def test_kserve_accepts_the_inference_service(kserve):
    kserve.validate(inference_service())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["spec", "predictors"], {}),
        (["spec", "predictor", "minReplica"], 1),
        (["spec", "predictor", "minReplicas"], "1"),
        (["spec", "predictor", "scaleMetric"], "queue"),
        (["spec", "predictor", "containers", 0, "readinesProbe"], {}),
        (["spec", "predictor", "containers", 0, "ports", 0, "containerPort"], "8000"),
        (["spec", "predictor", "volumes", 0, "emptyDir", "size"], "64Mi"),
    ],
)
def test_the_schema_rejects_mistakes_in_the_inference_service(kserve, path, value):
    service = inference_service()
    place = service
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        kserve.validate(service)


def test_the_container_has_the_name_that_kserve_expects():
    (predictor,) = inference_service()["spec"]["predictor"]["containers"]
    assert predictor["name"] == "kserve-container"


def test_the_service_accepts_every_setting(container):
    settings = {variable(field.name) for field in fields(Config)}
    (predictor,) = inference_service()["spec"]["predictor"]["containers"]
    for described in (container, predictor):
        environment = {one["name"]: one.get("value", "") for one in described["env"]}
        assert environment.keys() <= settings
        Config.from_environment(environment)


def test_corrections_go_to_a_database_that_the_replicas_share(container):
    (predictor,) = inference_service()["spec"]["predictor"]["containers"]
    for described, file in (
        (container, FOLDER / "kustomization.yaml"),
        (predictor, DEPLOY / "kserve" / "inferenceservice.yaml"),
    ):
        (url,) = (one for one in described["env"] if one["name"] == "DIGITS_DATABASE_URL")
        secret = url["valueFrom"]["secretKeyRef"]
        command = f"kubectl create secret generic {secret['name']} --from-literal={secret['key']}=postgresql://"
        assert command in file.read_text()


def merged(manifest, patch):
    """Apply a strategic merge patch, like kustomize: objects of a list are told apart by their names."""
    if isinstance(patch, dict):
        return manifest | {key: merged(manifest[key], part) if key in manifest else part for key, part in patch.items()}
    if isinstance(patch, list):
        named = {one["name"]: one for one in manifest}
        return list((named | {one["name"]: merged(named.get(one["name"], {}), one) for one in patch}).values())
    return patch


def test_keys_are_mounted_where_the_service_reads_them():
    component = yaml.safe_load((FOLDER / "keys" / "kustomization.yaml").read_text())
    assert component["kind"] == "Component"
    ((path,),) = (patch.values() for patch in component["patches"])
    patched = merged(manifest("deployment.yaml"), yaml.safe_load((FOLDER / "keys" / path).read_text()))
    kubernetes_validate.validate(patched, VERSION, strict=True)
    pod = patched["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    keys = Config.from_environment({one["name"]: one.get("value", "") for one in container["env"]}).keys
    mount = next(mount for mount in container["volumeMounts"] if mount["mountPath"] == str(keys.parent))
    secret = next(volume["secret"] for volume in pod["volumes"] if volume["name"] == mount["name"])
    usage = (FOLDER / "keys" / "kustomization.yaml").read_text()
    assert f"kubectl create secret generic {secret['secretName']} --from-file={keys.name}\n" in usage
    assert (
        len(container["env"])
        == len(manifest("deployment.yaml")["spec"]["template"]["spec"]["containers"][0]["env"]) + 1
    )


def test_the_service_answers_every_probe(url, container):
    (predictor,) = inference_service()["spec"]["predictor"]["containers"]
    for described in (container, predictor):
        probes = [probe for name, probe in described.items() if name.endswith("Probe")]
        assert len(probes) >= 2
        for probe in probes:
            assert requests.get(url + probe["httpGet"]["path"], timeout=5).status_code == 200


def test_active_requests_have_the_time_that_gunicorn_gives_them(container):
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


def test_the_port_is_that_of_the_image(container):
    (port,) = container["ports"]
    assert f"EXPOSE {port['containerPort']}\n" in (serving.ROOT / "Dockerfile").read_text()
