"""The wanted state machine with its role."""

import json
from collections.abc import Mapping

from deployer.blueprint.policies import ANYWHERE, statement, trust
from deployer.blueprint.specs import BUILD_PLAN, CHECK_RESULTS, FINALIZE, HANDLE_FAILURE, Spec
from deployer.config import Environment
from deployer.model import Document, Role, StateMachine, Statement, ownership
from deployer.names import Names
from statemachine import EdvNames, EdvSettings, edv_pipeline, permissions

_STAGE, _VAULT = 20, 10
_GLUE_GRACE_SECONDS = 600


def definition(environment: Environment, names: Names) -> dict[str, object]:
    """Amazon States Language of the EDV pipeline; it starts no more Glue runs at once than the job allows."""
    limit = environment.config.glue.max_concurrency
    settings = EdvSettings(
        stage_concurrency=min(_STAGE, limit),
        vault_concurrency=min(_VAULT, limit),
        glue_timeout_seconds=environment.config.glue.timeout_minutes * 60 + _GLUE_GRACE_SECONDS,
    )
    return edv_pipeline(edv_names(environment, names), settings)


def edv_names(environment: Environment, names: Names) -> EdvNames:
    """Functions and job the pipeline calls, and the defaults of its input."""

    def arn(spec: Spec) -> str:
        return names.function_arn(names.function(spec.suffix))

    return EdvNames(
        build_processing_plan=arn(BUILD_PLAN),
        check_results=arn(CHECK_RESULTS),
        finalize_pipeline=arn(FINALIZE),
        handle_failure=arn(HANDLE_FAILURE),
        glue_job=names.glue_job,
        data_src_nm=environment.config.project.upper(),
        env=environment.env,
    )


def machine(environment: Environment, names: Names) -> StateMachine:
    """The EDV pipeline; logging is always explicit because an update keeps what is left out."""
    return StateMachine(
        name=names.edv_pipeline,
        role=role_arn(environment, names),
        definition=Document(json.dumps(definition(environment, names), indent=2)),
        log_group=names.machine_log_group,
        log_level="ERROR",
        log_data=False,
        tracing=True,
        tags=ownership(environment.config.deploy_env),
    )


def role_is_managed(environment: Environment) -> bool:
    """Ours to make when the config says so or names no role."""
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
    """Role of the state machine: what its definition calls, its log delivery and tracing."""
    arn = role_arn(environment, names)
    return Role(
        name=role_name(environment, names),
        path=arn.partition(":role")[2].rpartition("/")[0] + "/",
        trust=trust("states.amazonaws.com"),
        policy=_policy(environment, names),
        tags=ownership(environment.config.deploy_env),
    )


def _policy(environment: Environment, names: Names) -> Mapping[str, Statement]:
    calls = permissions(definition(environment, names))
    jobs = [names.arn("glue", f"job/{name}") for name in calls.glue_jobs]
    return {
        "InvokeFunctions": statement("lambda:InvokeFunction", *calls.functions),
        "RunJobs": statement("glue:BatchStopJobRun glue:GetJobRun glue:GetJobRuns glue:StartJobRun", *jobs),
        # Log delivery actions know no resource: AWS documents them on "*" only.
        "LogDelivery": statement(
            "logs:CreateLogDelivery logs:DeleteLogDelivery logs:DescribeLogGroups logs:DescribeResourcePolicies "
            "logs:GetLogDelivery logs:ListLogDeliveries logs:PutResourcePolicy logs:UpdateLogDelivery",
            *ANYWHERE,
        ),
        "Tracing": statement(
            "xray:GetSamplingRules xray:GetSamplingTargets xray:PutTelemetryRecords xray:PutTraceSegments",
            *ANYWHERE,
        ),
    }
