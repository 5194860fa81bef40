"""Make a software bill of materials in CycloneDX JSON from a lock."""

from __future__ import annotations

import tomllib
import uuid
from importlib import metadata
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import License, LicenseAcknowledgement
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from tests.locks.lock_file import Pin, read
from tests.serving import ROOT

BILLS = {
    ROOT / "requirements" / f"{name}.cdx.json": ROOT / "requirements" / f"{name}.txt"
    for name in ("serve", "score", "production", "train")
}
"""Each bill and its lock. The environment of the tests has the packages of all of them, and so their licences."""
LONGEST = 60
"""Characters of a licence's name; some packages give the whole text in its place."""


def text(lock: Path) -> str:
    """Return the bill of a lock: the same for the same lock, so that a difference always has a cause.

    Args:
        lock: the file; its packages are looked up in the environment for their licences.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    root = Component(
        type=ComponentType.APPLICATION,
        name=project["name"],
        version=project["version"],
        bom_ref=project["name"],
        licenses=[LicenseFactory().make_from_string(project["license"])],
    )
    pins = read(lock)
    components = {pin: _component(pin) for pin in pins}
    bom = Bom(components=components.values(), serial_number=uuid.uuid5(uuid.NAMESPACE_OID, lock.read_text()))
    bom.metadata.component = root
    bom.metadata.timestamp = None  # type: ignore[assignment]
    for name, component in [(root.name, root), *((pin.name, component) for pin, component in components.items())]:
        bom.register_dependency(component, [components[pin] for pin in pins if name in pin.required_by])
    return JsonV1Dot6(bom).output_as_string(indent=1) + "\n"


def _component(pin: Pin) -> Component:
    return Component(
        name=pin.name,
        version=pin.version,
        bom_ref=f"{pin.name}=={pin.version}",
        purl=PackageURL("pypi", name=pin.name, version=pin.version),
        scope=ComponentScope.OPTIONAL if pin.marker else ComponentScope.REQUIRED,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=content) for content in pin.hashes],
        licenses=_licenses(pin),
    )


def _licenses(pin: Pin) -> list[License]:
    """Return the licence that the package declares; none if the package is not installed or does not say."""
    try:
        package = metadata.distribution(pin.name)
    except metadata.PackageNotFoundError:
        return []
    if package.version != pin.version:
        return []
    told = package.metadata
    classifiers = [
        line.rsplit(" :: ", 1)[1]
        for line in told.get_all("Classifier", [])
        if line.startswith("License :: ") and line != "License :: OSI Approved"
    ]
    short = [name for name in (told.get("License"), *classifiers) if len(name or "") <= LONGEST]
    name = next(filter(None, [told.get("License-Expression"), *short]), None)
    make = LicenseFactory().make_from_string
    return [make(name, license_acknowledgement=LicenseAcknowledgement.DECLARED)] if name else []
