"""The arguments of a job run: those that Glue reads, and those that reach the script."""

from collections.abc import Mapping
from dataclasses import dataclass

# https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-arguments.html
MODULES = "--additional-python-modules"
PY_FILES = "--extra-py-files"
FILES = "--extra-files"
SCRIPT = "--scriptLocation"
METRICS = ("--enable-metrics", "--enable-observability-metrics")
CONTINUOUS = "--enable-continuous-cloudwatch-log"
KEPT_BY_GLUE = frozenset({MODULES, PY_FILES, FILES, SCRIPT, "--python-modules-installer-option", "--class"})


@dataclass(frozen=True, slots=True)
class JobArguments:
    """The arguments of a run by reader: Glue or the script. A script location overrides the job's."""

    argv: tuple[str, ...]
    modules: tuple[str, ...]
    py_files: tuple[str, ...]
    files: tuple[str, ...]
    script_location: str | None = None
    metrics: bool = False
    continuous_log_group: str | None = None


def job_arguments(job_name: str, run_id: str, *layers: Mapping[str, str] | None) -> JobArguments:
    """Merge argument maps in the order default, run, non-overridable; later ones win."""
    merged: dict[str, str] = {}
    for layer in layers:
        merged.update(layer or {})
    own = {"--JOB_NAME": job_name, "--JOB_RUN_ID": run_id}
    passed = {**{key: value for key, value in merged.items() if key not in KEPT_BY_GLUE}, **own}
    return JobArguments(
        argv=tuple(part for item in passed.items() for part in item),
        modules=_list(merged.get(MODULES)),
        py_files=_list(merged.get(PY_FILES)),
        files=_list(merged.get(FILES)),
        script_location=merged.get(SCRIPT) or None,
        metrics=any(merged.get(name, "false") != "false" for name in METRICS),
        continuous_log_group=_continuous(merged),
    )


def _continuous(merged: Mapping[str, str]) -> str | None:
    if merged.get(CONTINUOUS, "false") == "false":
        return None
    return merged.get("--continuous-log-logGroup") or "/aws-glue/jobs/logs-v2"


def _list(value: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (value or "").split(",") if part.strip())
