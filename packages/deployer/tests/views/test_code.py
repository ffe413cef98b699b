"""What a build changes in packages: files, wheels and what they bring along."""

from support.prepared_plans import NAMES

from deployer.code_release.manifest import Package
from deployer.model.resources import Key
from deployer.views import phrases
from deployer.views.code import Dependency, PackageChange, change, package_changes

CHECK = "lambda-edv-check-results"
FUNCTION = Key("function", "FSA-CERT-edv-check-results")
JOB = Key("glue job", "FSA-CERT-DATAMART-EXEC-DB-SQL")


def package(name: str = CHECK, version: str = "0.1.0", **files: str) -> Package:
    return Package(
        name, version, str(sorted(files.items())), {k.replace("__", "/"): v for k, v in files.items()}
    )


def test_files_added_removed_and_changed_belong_to_the_function_that_runs_them() -> None:
    old = package(a="1", b="1", c="1")
    new = package(version="0.2.0", b="1", c="2", d="1")
    found = package_changes([new], [old], NAMES, {FUNCTION})
    assert found == {FUNCTION: PackageChange(CHECK, "0.1.0", "0.2.0", True, ("d",), ("a",), ("c",))}


def test_the_same_content_is_no_change() -> None:
    assert package_changes([package(a="1")], [package(a="1")], NAMES, {FUNCTION}) == {}


def test_without_a_manifest_the_files_of_what_exists_are_not_known() -> None:
    (found,) = package_changes([package(a="1")], None, NAMES, {FUNCTION}).values()
    assert (found.known, found.old, found.added) == (False, None, ())
    (found,) = package_changes([package(a="1")], None, NAMES, set()).values()
    assert (found.known, found.old, found.added) == (True, None, ("a",))


def test_wheels_of_the_glue_bundle_are_compared_by_name() -> None:
    def bundle(version: str, pyarrow: str, digest: str, *more: str) -> Package:
        files = {
            "script.py": "s",
            f"wheels/pyarrow-{pyarrow}-cp311-cp311-manylinux_2_28_x86_64.whl": digest,
            "wheels/process_control-0.1.0-py3-none-any.whl": digest,
            **{f"wheels/{name}-1.0-py3-none-any.whl": "x" for name in more},
        }
        return Package("glue-datamart-exec", version, version, files)

    old, new = bundle("0.1.0", "20.0.0", "d1", "gone"), bundle("0.1.1", "21.0.0", "d2", "came")
    found = package_changes([new], [old], NAMES, {JOB})[JOB]
    assert found.dependencies == (
        Dependency("came", None, "1.0"),
        Dependency("gone", "1.0", None),
        Dependency("process_control", "0.1.0", "0.1.0"),
        Dependency("pyarrow", "20.0.0", "21.0.0"),
    )
    assert found.files == ()
    assert [phrases.dependency(item) for item in found.dependencies] == [
        "+ came 1.0",
        "- gone 1.0",
        "~ process_control 0.1.0 (other content, same version)",
        "~ pyarrow 20.0.0 -> 21.0.0",
    ]


def test_dependencies_of_a_zip_are_shown_by_version() -> None:
    old = Package(
        CHECK, "0.1.0", "1", {"msgspec-0.1.dist-info/METADATA": "a", "msgspec/x.py": "a", "own.py": "a"}
    )
    new = Package(
        CHECK, "0.1.0", "2", {"msgspec-0.2.dist-info/METADATA": "b", "msgspec/x.py": "b", "own.py": "a"}
    )
    found = change(old, new, known=True)
    assert found.dependencies == (Dependency("msgspec", "0.1", "0.2"),)
    assert found.files == (("~", "msgspec/x.py"),)


def test_many_files_are_grouped_by_folder() -> None:
    new = Package(CHECK, "0.1.0", "2", {**{f"lib/{n}.py": "b" for n in range(20)}, "own.py": "b"})
    old = Package(CHECK, "0.1.0", "1", {f"lib/{n}.py": "a" for n in range(10, 30)})
    found = change(old, new, known=True)
    assert phrases.folders(found, 12) == [
        ("~", "lib/ (10 added, 10 removed, 10 changed)"),
        ("+", "own.py (1 added)"),
    ]
    assert len(phrases.folders(found, 100)) == 31
