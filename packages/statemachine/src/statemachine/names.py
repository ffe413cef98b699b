"""The parameters of the pipelines: names, ARNs and settings, frozen and checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from statemachine.errors import StateMachineError

_LAMBDA_ARN = re.compile(
    r"arn:(aws[a-z-]*):lambda:([a-z0-9-]+):(\d{12}):function:([A-Za-z0-9_-]{1,64})(:[\w$-]+)?"
)
# Glue allows more characters in a job name; these need no quoting anywhere.
_JOB_NAME = re.compile(r"[A-Za-z0-9_.-]{1,255}")
# Defaults are written into the string of an intrinsic, where quotes, braces and backslashes are special.
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,64}")
RUN_FIELDS = ("data_src_nm", "run_type", "start_date", "env", "release")
JOB_ARGUMENTS = frozenset({"--table_name", "--layer", "--execution", *(f"--{name}" for name in RUN_FIELDS)})


@dataclass(frozen=True, slots=True)
class PipelineNames:
    """Function ARNs, the Glue job's name, and the defaults for an execution's input.

    Function ARNs may end in a version, and `glue_arguments` are sent with every job run, so that an execution uses
    one release from start to end.
    Raises StateMachineError for an ARN that is not a Lambda function's, for functions of different
    partitions, regions or accounts, and for defaults with other characters than letters, digits, - and _.
    """

    build_processing_plan: str
    check_results: str
    finalize_pipeline: str
    handle_failure: str
    glue_job: str
    data_src_nm: str
    env: str
    glue_arguments: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        places = {_place(name, getattr(self, name)) for name in self.functions()}
        if len(places) != 1:
            found = ", ".join(sorted(":".join(place) for place in places))
            raise StateMachineError(
                f"PipelineNames: the four functions must live in one partition, region and account, got {found}"
            )
        if not _JOB_NAME.fullmatch(self.glue_job):
            raise StateMachineError(
                f"PipelineNames.glue_job must be a job name of letters, digits, '-', '_' and '.', got '{self.glue_job}'"
            )
        for name in ("data_src_nm", "env"):
            value = getattr(self, name)
            if not _PLAIN.fullmatch(value):
                raise StateMachineError(
                    f"PipelineNames.{name} must be 1 to 64 letters, digits, '-' or '_', got '{value}'"
                )

        if clash := sorted(self.glue_arguments.keys() & JOB_ARGUMENTS):
            raise StateMachineError(
                f"PipelineNames.glue_arguments holds {', '.join(clash)}, which the pipeline sets for every table itself"
            )

    @staticmethod
    def functions() -> tuple[str, ...]:
        """The fields that hold a Lambda function's ARN."""
        return ("build_processing_plan", "check_results", "finalize_pipeline", "handle_failure")

    @property
    def partition(self) -> str:
        """The partition of the first function's ARN: `aws`, `aws-us-gov`, `aws-cn`."""
        return _place("build_processing_plan", self.build_processing_plan)[0]

    @property
    def glue_job_arn(self) -> str:
        """The job's ARN; the job is in the region and account of the functions."""
        partition, region, account = _place("build_processing_plan", self.build_processing_plan)
        return f"arn:{partition}:glue:{region}:{account}:job/{self.glue_job}"


@dataclass(frozen=True, slots=True)
class Limits:
    """Time limits in seconds. Raises StateMachineError for a setting below 1.

    `glue_timeout_seconds` should be longer than the Glue job's own timeout, so that Glue's error message is the
    reported one. `machine_timeout_seconds` limits the whole execution, and no state can catch it; None means 12
    hours, or twice `glue_timeout_seconds` when that is longer.
    """

    lambda_timeout_seconds: int = 120
    glue_timeout_seconds: int = 2 * 3600
    machine_timeout_seconds: int | None = None

    def __post_init__(self) -> None:
        for setting in fields(self):
            value = getattr(self, setting.name)
            if value is not None and value < 1:
                raise StateMachineError(
                    f"{type(self).__name__}.{setting.name} must be at least 1, got {value}"
                )

    @property
    def machine_timeout(self) -> int:
        """The time limit of the whole execution."""
        return self.machine_timeout_seconds or max(12 * 3600, 2 * self.glue_timeout_seconds)


@dataclass(frozen=True, slots=True)
class EdvSettings(Limits):
    """Settings of the EDV pipeline: how many tables are loaded at once."""

    stage_concurrency: int = 20
    vault_concurrency: int = 10


@dataclass(frozen=True, slots=True)
class LandingSettings(Limits):
    """Settings of the landing pipeline: into how many job runs the tables are dealt, and how many run at once."""

    batches: int = 4
    concurrency: int = 12


def _place(name: str, arn: str) -> tuple[str, str, str]:
    match = _LAMBDA_ARN.fullmatch(arn)
    if match is None:
        raise StateMachineError(
            f"PipelineNames.{name} must be the ARN of a Lambda function "
            f"(arn:<partition>:lambda:<region>:<account>:function:<name>), got '{arn}'"
        )
    return match.group(1), match.group(2), match.group(3)
