"""The declarative model of staging and vault (`car_configs/metadata/model/*.yaml`), read into frozen data.

`load_model` reads and checks, and reports every problem at once. `lineage` works out what follows from the model.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from sql_tree.model.checks import model_problems
from sql_tree.model.tables import ColumnRef, Model, ModelError, Source, StagingTable, VaultTable

MODEL_FILES = ("sources.yaml", "staging.yaml", "vault.yaml")


def load_model(folder: Path) -> Model:
    """Read the three files of `folder`; raises `ModelError` naming every problem."""
    documents = {name: _document(folder / name) for name in MODEL_FILES}
    try:
        model = _model(documents)
    except ModelError as error:
        raise ModelError(f"{folder}: {error}") from None
    except (KeyError, TypeError, AttributeError) as error:
        raise ModelError(
            f"{folder}: the model does not have its shape: {error!r}; see the head of each file"
        ) from error
    problems = model_problems(model)
    if problems:
        count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
        raise ModelError(f"{folder}: {count}: " + "; ".join(problems))
    return model


class _Loader(yaml.SafeLoader):
    """YAML in which a repeated key is an error; plain YAML keeps the last one without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key.value} comes twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _document(path: Path) -> Mapping[str, Any]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a safe loader
    except FileNotFoundError as error:
        raise ModelError(f"{path} is missing; the model is {', '.join(MODEL_FILES)}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ModelError(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise ModelError(f"{path} must hold a mapping, got {type(content).__name__}")
    return content


def _model(documents: Mapping[str, Mapping[str, Any]]) -> Model:
    sources, staging, vault = (documents[name] for name in MODEL_FILES)
    problems: list[str] = []

    def tables(name: str, build: Callable[[_Entry], Any]) -> dict[str, Any]:
        found = {}
        for table, fields in documents[name]["tables"].items():
            try:
                found[table] = _Entry(f"{name} {table}", table, fields).read(build)
            except ModelError as error:
                problems.append(str(error))
        return found

    every = sources["every_table"]
    model = Model(
        sources=tables("sources.yaml", lambda entry: _source(entry, every)),
        staging=tables("staging.yaml", _staging_table),
        vault=tables("vault.yaml", _vault_table),
        staging_technical=dict(staging["every_table"]),
        vault_technical=dict(vault["technical"]),
        renamed=dict(vault["renamed"]),
    )
    if problems:
        raise ModelError("; ".join(problems))
    return model


class _Entry:
    """The fields of one table, each taken once; a field that is left over or has another type is an error."""

    def __init__(self, place: str, name: str, fields: Any) -> None:
        self.place, self.name = place, name
        self.fields = dict(self._is(dict, "the table", fields))

    def read(self, build: Callable[["_Entry"], Any]) -> Any:
        table = build(self)
        if self.fields:
            raise ModelError(f"{self.place} has unknown fields {', '.join(map(str, self.fields))}")
        return table

    def take(self, kind: type, field: str, default: Any = None) -> Any:
        value = self.fields.pop(field, default)
        if value is None:
            raise ModelError(f"{self.place} has no {field}")
        return self._is(kind, field, value)

    def names(self, field: str) -> tuple[Any, ...]:
        return tuple(self.take(list, field, []))

    def lists(self, field: str) -> dict[str, tuple[Any, ...]]:
        found = self.take(dict, field, {})
        return {key: tuple(self._is(list, f"{field}.{key}", value)) for key, value in found.items()}

    def _is(self, kind: type, field: str, value: Any) -> Any:
        if not isinstance(value, kind):
            wanted = {dict: "a mapping", list: "a list", int: "a whole number", str: "a text"}[kind]
            raise ModelError(f"{self.place}: {field} must be {wanted}, got {value!r}")
        return value


def _source(entry: _Entry, every_table: Mapping[str, str]) -> Source:
    return Source(entry.name, entry.take(str, "key"), {**entry.take(dict, "columns"), **every_table})


def _staging_table(entry: _Entry) -> StagingTable:
    source = entry.take(str, "source")
    return StagingTable(
        name=entry.name,
        source=source,
        parents={
            parent: tuple(_reference(text, source) for text in texts)
            for parent, texts in entry.lists("parents").items()
        },
        columns={column: _reference(text, source) for column, text in entry.take(dict, "columns").items()},
    )


def _reference(text: str, source: str) -> ColumnRef:
    table, _, column = text.rpartition(".")
    return ColumnRef(table or source, column)


def _vault_table(entry: _Entry) -> VaultTable:
    return VaultTable(
        name=entry.name,
        kind=entry.take(str, "kind"),
        etl_id=entry.take(int, "id"),
        staging=entry.names("staging"),
        columns=entry.names("columns"),
        requires=entry.names("requires"),
        requires_outside=entry.names("requires_outside"),
        also_reads=entry.names("also_reads"),
        keys=entry.lists("keys"),
        natural_key=entry.names("natural_key"),
        refers=entry.lists("refers"),
        not_from=entry.names("not_from"),
        also_as=tuple(tuple(columns) for columns in entry.names("also_as")),
        entity=entry.take(str, "entity", ""),
    )
