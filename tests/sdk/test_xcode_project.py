"""The Xcode project of the benchmark app: read by two independent parsers, whole, and beside what it names."""

from __future__ import annotations

import plistlib
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kin.kin import check_errors
from openstep_parser import OpenStepDecoder

from tests.sdk.refresh_template import TEMPLATE

_PROJECT = TEMPLATE / "EdgeVitBench.xcodeproj"
_TEXT = (_PROJECT / "project.pbxproj").read_text(encoding="utf-8")
_ID = re.compile(r"[0-9A-F]{24}")
_REQUIRED = {
    "PBXBuildFile": {"productRef"},
    "PBXContainerItemProxy": {"containerPortal", "proxyType", "remoteGlobalIDString"},
    "PBXFileReference": {"path", "sourceTree"},
    "PBXFileSystemSynchronizedRootGroup": {"path", "sourceTree"},
    "PBXFrameworksBuildPhase": {"buildActionMask", "files"},
    "PBXGroup": {"children", "sourceTree"},
    "PBXNativeTarget": {"buildConfigurationList", "buildPhases", "name", "productReference", "productType"},
    "PBXProject": {"buildConfigurationList", "mainGroup", "packageReferences", "targets"},
    "PBXResourcesBuildPhase": {"buildActionMask", "files"},
    "PBXSourcesBuildPhase": {"buildActionMask", "files"},
    "PBXTargetDependency": {"target", "targetProxy"},
    "XCBuildConfiguration": {"buildSettings", "name"},
    "XCConfigurationList": {"buildConfigurations", "defaultConfigurationName"},
    "XCLocalSwiftPackageReference": {"relativePath"},
    "XCSwiftPackageProductDependency": {"productName"},
}
"""Kind of object -> the keys that Xcode needs."""


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    """The whole file."""
    value: dict[str, Any] = OpenStepDecoder.ParseFromString(_TEXT)
    return value


@pytest.fixture(scope="module")
def objects(project: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Identifier -> object."""
    value: dict[str, dict[str, Any]] = project["objects"]
    return value


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _references(key)
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)
    elif isinstance(value, str) and _ID.fullmatch(value):
        yield value


def _reached(objects: dict[str, dict[str, Any]], root: str) -> set[str]:
    seen: set[str] = set()
    waiting = [root]
    while waiting:
        identifier = waiting.pop()
        if identifier not in seen:
            seen.add(identifier)
            waiting += _references(objects[identifier])
    return seen


def _of(objects: dict[str, dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [value for value in objects.values() if value["isa"] == kind]


def test_a_grammar_of_project_files_accepts_it() -> None:
    assert check_errors(str(_PROJECT / "project.pbxproj")) == []


def test_that_grammar_refuses_a_broken_one(tmp_path: Path) -> None:
    broken = tmp_path / "project.pbxproj"
    broken.write_text(_TEXT.replace("isa = PBXProject;", "isa = PBXProject", 1), encoding="utf-8")
    assert check_errors(str(broken))


def test_its_version_knows_synchronized_folders(project: dict[str, Any]) -> None:
    assert _TEXT.startswith("// !$*UTF8*$!\n")
    assert (project["archiveVersion"], project["objectVersion"]) == ("1", "77")


def test_every_object_is_defined_once_and_reached(project: dict[str, Any], objects: dict[str, Any]) -> None:
    defined = re.findall(r"(?m)^\t\t([0-9A-F]{24})\b.* = \{", _TEXT)
    assert len(defined) == len(set(defined))
    assert set(defined) == set(objects)
    assert _reached(objects, project["rootObject"]) == set(objects)


def test_every_object_has_what_its_kind_needs(objects: dict[str, dict[str, Any]]) -> None:
    lacking = {
        identifier: missing
        for identifier, value in objects.items()
        if (missing := _REQUIRED[value["isa"]] - set(value))
    }
    assert not lacking


def test_comments_name_what_they_stand_beside(objects: dict[str, dict[str, Any]]) -> None:
    for identifier, comment in re.findall(r"([0-9A-F]{24}) /\* (.*?) \*/", _TEXT):
        value = objects[identifier]
        name = value.get("name") or value.get("path") or value.get("productName")
        if name is not None:
            assert comment == name, identifier


def test_sections_hold_the_kind_they_say(objects: dict[str, dict[str, Any]]) -> None:
    sections = re.findall(r"/\* Begin (\w+) section \*/\n(.*?)/\* End (\w+) section \*/", _TEXT, re.DOTALL)
    for kind, body, end in sections:
        assert kind == end
        assert {objects[i]["isa"] for i in re.findall(r"(?m)^\t\t([0-9A-F]{24})", body)} == {kind}
    assert {kind for kind, _, _ in sections} == {value["isa"] for value in objects.values()}


def test_its_folders_files_and_package_exist(objects: dict[str, dict[str, Any]]) -> None:
    for folder in _of(objects, "PBXFileSystemSynchronizedRootGroup"):
        assert list((TEMPLATE / folder["path"]).glob("*.swift")), folder["path"]
    for group in _of(objects, "PBXGroup"):
        for child in map(objects.__getitem__, group["children"]):
            if child["isa"] == "PBXFileReference" and child["sourceTree"] == "<group>":
                assert (TEMPLATE / group.get("path", "") / child["path"]).is_file(), child["path"]
    assert [r["relativePath"] for r in _of(objects, "XCLocalSwiftPackageReference")] == ["."]
    manifest = (TEMPLATE / "Package.swift").read_text(encoding="utf-8")
    for product in _of(objects, "XCSwiftPackageProductDependency"):
        assert f'.library(name: "{product["productName"]}"' in manifest


def test_the_app_links_the_package_and_its_tests_run_inside_it(objects: dict[str, dict[str, Any]]) -> None:
    app, tests = _of(objects, "PBXNativeTarget")
    assert app["productType"] == "com.apple.product-type.application"
    assert tests["productType"] == "com.apple.product-type.bundle.unit-test"
    assert [objects[i]["productName"] for i in app["packageProductDependencies"]] == ["EdgeVitKit"]
    # A second copy of a static library inside the app would have types of its own.
    assert tests["packageProductDependencies"] == []
    assert [objects[objects[i]["target"]]["name"] for i in tests["dependencies"]] == [app["name"]]
    for settings in _settings(objects, tests):
        assert settings["BUNDLE_LOADER"] == "$(TEST_HOST)"
        assert settings["TEST_HOST"].endswith(f"/{app['name']}")


def test_settings(objects: dict[str, dict[str, Any]]) -> None:
    root = _of(objects, "PBXProject")[0]
    for settings in _settings(objects, root):
        assert settings["SWIFT_VERSION"] == "6.0"
        assert settings["ENABLE_TESTABILITY"] == "YES"
        # The oldest system is in the one file that differs from model to model.
        assert "IPHONEOS_DEPLOYMENT_TARGET" not in settings
    for identifier in objects[root["buildConfigurationList"]]["buildConfigurations"]:
        assert objects[objects[identifier]["baseConfigurationReference"]]["path"] == "Bench.xcconfig"
    for settings in _settings(objects, _of(objects, "PBXNativeTarget")[0]):
        assert (TEMPLATE / settings["INFOPLIST_FILE"]).is_file()
        # Two teams cannot register the same identifier.
        assert settings["PRODUCT_BUNDLE_IDENTIFIER"] == "dev.edgevit.bench$(DEVELOPMENT_TEAM)"


def _settings(objects: dict[str, dict[str, Any]], owner: dict[str, Any]) -> Iterator[dict[str, str]]:
    configurations = objects[owner["buildConfigurationList"]]["buildConfigurations"]
    assert [objects[identifier]["name"] for identifier in configurations] == ["Debug", "Release"]
    for identifier in configurations:
        yield objects[identifier]["buildSettings"]


def test_the_scheme_names_the_projects_targets_and_measures_optimized_code(
    objects: dict[str, dict[str, Any]],
) -> None:
    scheme = ET.parse(_PROJECT / "xcshareddata/xcschemes/EdgeVitBench.xcscheme").getroot()  # noqa: S314 - our own file
    references = list(scheme.iter("BuildableReference"))
    assert {reference.get("BlueprintName") for reference in references} == {"EdgeVitBench", "EdgeVitBenchTests"}
    for reference in references:
        target = objects[reference.get("BlueprintIdentifier", "")]
        assert target["name"] == reference.get("BlueprintName")
        assert objects[target["productReference"]]["path"] == reference.get("BuildableName")
        assert reference.get("ReferencedContainer") == f"container:{_PROJECT.name}"
    for action in ("LaunchAction", "TestAction"):
        assert scheme.findall(action)[0].get("buildConfiguration") == "Release"


def test_the_app_says_why_it_uses_the_camera_and_shares_its_documents() -> None:
    with (TEMPLATE / "BenchConfig/Info.plist").open("rb") as stream:
        info = plistlib.load(stream)
    assert info["NSCameraUsageDescription"]
    assert info["UIFileSharingEnabled"]
    assert info["LSSupportsOpeningDocumentsInPlace"]
