"""Writes a result as files: states.json and drawings into reports/, JUnit into junit/."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from stepfunctions_local_test.reporting.document import document
from stepfunctions_local_test.reporting.junit import junit
from stepfunctions_local_test.reporting.pictures import pictures
from stepfunctions_local_test.result import Result

JSON, JUNIT = Path("reports", "states.json"), Path("junit", "states.xml")


def write(result: Result, out: Path) -> tuple[Path, ...]:
    """Write all files below `out`; returns their paths."""
    report, xml = out / JSON, out / JUNIT
    for file in (report, xml):
        file.parent.mkdir(parents=True, exist_ok=True)
    write_json(report, document(result))
    tree = ElementTree.ElementTree(junit(result))
    ElementTree.indent(tree)
    tree.write(xml, encoding="utf-8", xml_declaration=True)
    return (report, xml, *pictures(result, report.parent))


def forget(out: Path) -> None:
    """Remove the result of an earlier run, so that none is left when this run ends with an error."""
    for file in (out / JSON, out / JUNIT):
        file.unlink(missing_ok=True)


def write_json(file: Path, content: Mapping[str, Any]) -> None:
    """Write indented JSON."""
    file.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
