"""The list of releases, as a person reads it."""

from deployer.code_release.manifest import Activation, Manifest, Package
from deployer.views.releases import release_lines


def release(name: str, at: str, *packages: Package) -> Manifest:
    activations = (Activation(at, "deploy", "user anna (ci on agent-3, process 7)"),) if at else ()
    return Manifest(name, "CERT", "2026-06-01T00:00:00.000Z", packages, (), "c0ffee", activations)


def test_each_release_shows_when_how_by_whom_and_its_changes() -> None:
    glue, plan = Package("glue", "0.1.0", "a", {}), Package("plan", "0.1.0", "a", {})
    newer = Package("glue", "0.2.0", "b", {})
    manifests = [
        release("333333333333", "2026-06-03T07:00:00.000Z", newer, Package("plan", "0.1.0", "b", {})),
        release("222222222222", "2026-06-02T07:00:00.000Z", newer, plan),
        release("111111111111", "", glue, plan),
    ]
    assert [line.plain for line in release_lines(manifests, "222222222222")] == [
        "333333333333        2026-06-03 07:00:00  deploy  by user anna (ci on agent-3, process 7)",
        "              plan 0.1.0 (other content); configs c0ffee",
        "222222222222  live  2026-06-02 07:00:00  deploy  by user anna (ci on agent-3, process 7)",
        "              glue 0.1.0 -> 0.2.0; configs c0ffee",
        "111111111111        never finished",
        "              2 packages; configs c0ffee",
    ]


def test_an_empty_list_shows_how_to_make_a_release() -> None:
    assert [line.plain for line in release_lines([], None)] == [
        "no release yet; nox -s deploy makes the first"
    ]


def test_release_without_other_code_shows_only_settings() -> None:
    same = Package("glue", "0.1.0", "a", {})
    lines = release_lines(
        [release("2" * 12, "2026-06-02T07:00:00.000Z", same), release("1" * 12, "", same)], None
    )
    assert lines[1].plain.strip() == "no other code, only settings; configs c0ffee"
