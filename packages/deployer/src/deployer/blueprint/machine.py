"""The wanted state machines with their role."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from deployer.blueprint.glue import release_arguments
from deployer.blueprint.policies import ANYWHERE, statement, trust
from deployer.blueprint.specs import BUILD_PLAN, CHECK_RESULTS, FINALIZE, HANDLE_FAILURE, SPECS, Spec
from deployer.blueprint.tags import tags_of
from deployer.environment_file import Environment
from deployer.model.digests import content_digest
from deployer.model.names import Names
from deployer.model.resources import Document, Function, GlueJob, Role, StateMachine, Statement
from statemachine import (
    EdvSettings,
    LandingSettings,
    PipelineNames,
    edv_pipeline,
    landing_pipeline,
    permissions,
)

_STAGE, _VAULT, _LANDING = 20, 10, 12
_GLUE_GRACE_SECONDS = 600


@dataclass(frozen=True)
class Code:
    """What the definition pins: function ARNs with versions, by name, and the arguments of job runs."""

    functions: Mapping[str, str]
    glue_arguments: Mapping[str, str]


def code_of(functions: Mapping[str, Function], job: GlueJob, names: Names) -> Code:
    """The code of one release; versions are named by digest, because AWS numbers them only when they are published."""
    arns = {
        name: f"{names.function_arn(name)}:v-{content_digest(function)}"
        for name, function in functions.items()
    }
    return Code(arns, release_arguments(job))


def definitions(environment: Environment, names: Names, code: Code) -> dict[str, dict[str, object]]:
    """Amazon States Language of all machines, by name; none starts more Glue runs at once than the job allows."""
    called = pipeline_names(environment, names, code)
    landing = LandingSettings(
        batches=environment.config.landing.batches,
        concurrency=min(_LANDING, environment.config.glue.max_concurrency),
        glue_timeout_seconds=_glue_timeout(environment),
    )
    return {
        names.edv_pipeline: edv_pipeline(called, _edv_settings(environment)),
        names.landing_pipeline: landing_pipeline(called, landing),
    }


def longest_run(environment: Environment) -> int:
    """Seconds after which an execution of the EDV pipeline is ended."""
    return _edv_settings(environment).machine_timeout


def _edv_settings(environment: Environment) -> EdvSettings:
    limit = environment.config.glue.max_concurrency
    return EdvSettings(
        stage_concurrency=min(_STAGE, limit),
        vault_concurrency=min(_VAULT, limit),
        glue_timeout_seconds=_glue_timeout(environment),
    )


def _glue_timeout(environment: Environment) -> int:
    """Seconds to wait for a run of the job."""
    return environment.config.glue.timeout_minutes * 60 + _GLUE_GRACE_SECONDS


def pipeline_names(environment: Environment, names: Names, code: Code) -> PipelineNames:
    """Functions and job that the pipelines call, and the defaults of their input."""

    def arn(spec: Spec) -> str:
        return code.functions[names.function(spec.suffix)]

    return PipelineNames(
        build_processing_plan=arn(BUILD_PLAN),
        check_results=arn(CHECK_RESULTS),
        finalize_pipeline=arn(FINALIZE),
        handle_failure=arn(HANDLE_FAILURE),
        glue_job=names.glue_job,
        data_src_nm=environment.config.project.upper(),
        env=environment.env,
        glue_arguments=code.glue_arguments,
    )


def machines(environment: Environment, names: Names, code: Code) -> list[StateMachine]:
    """All machines; logging is always explicit because an update keeps what is left out."""
    return [
        StateMachine(
            name=name,
            role=role_arn(environment, names),
            definition=Document(json.dumps(definition, indent=2)),
            log_group=names.machine_log_group(name),
            log_level="ERROR",
            log_data=False,
            tracing=True,
            tags=tags_of(environment),
        )
        for name, definition in definitions(environment, names, code).items()
    ]


def role_is_managed(environment: Environment) -> bool:
    """True when the file says so or names no role."""
    settings = environment.config.step_functions
    return settings.create_role_if_missing or settings.role_arn is None


def role_name(environment: Environment, names: Names) -> str:
    """Name of the managed role: `roleName`, the end of `roleArn`, or the derived name."""
    settings = environment.config.step_functions
    from_arn = settings.role_arn.rpartition("/")[2] if settings.role_arn else None
    return settings.role_name or from_arn or names.machine_role


def role_arn(environment: Environment, names: Names) -> str:
    return environment.config.step_functions.role_arn or names.role_arn(role_name(environment, names))


def role(environment: Environment, names: Names) -> Role:
    """Role of the state machines: what their definitions call, their log delivery and tracing."""
    arn = role_arn(environment, names)
    return Role(
        name=role_name(environment, names),
        path=arn.partition(":role")[2].rpartition("/")[0] + "/",
        trust=trust("states.amazonaws.com"),
        policy=_policy(environment, names),
        tags=tags_of(environment),
    )


def _policy(environment: Environment, names: Names) -> Mapping[str, Statement]:
    functions = {name: names.function_arn(name) for name in (names.function(spec.suffix) for spec in SPECS)}
    calls = [permissions(one) for one in definitions(environment, names, Code(functions, {})).values()]
    jobs = [names.arn("glue", f"job/{name}") for call in calls for name in call.glue_jobs]
    return {
        "InvokeFunctions": statement(
            "lambda:InvokeFunction",
            *(f"{arn}:*" for call in calls for arn in call.functions),
            reason="calls the functions of its steps, each execution in the versions of its release",
        ),
        "RunJobs": statement(
            "glue:BatchStopJobRun glue:GetJobRun glue:GetJobRuns glue:StartJobRun",
            *jobs,
            reason="runs a job per table or batch, waits for it, and stops it when the execution is stopped",
        ),
        "LogDelivery": statement(
            "logs:CreateLogDelivery logs:DeleteLogDelivery logs:DescribeLogGroups logs:DescribeResourcePolicies "
            "logs:GetLogDelivery logs:ListLogDeliveries logs:PutResourcePolicy logs:UpdateLogDelivery",
            *ANYWHERE,
            reason="delivers its log; AWS knows log delivery on all resources only",
        ),
        "Tracing": statement(
            "xray:GetSamplingRules xray:GetSamplingTargets xray:PutTelemetryRecords xray:PutTraceSegments",
            *ANYWHERE,
            reason="sends its traces; X-Ray knows no resource for them",
        ),
    }
