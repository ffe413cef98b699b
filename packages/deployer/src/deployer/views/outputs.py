"""Names and ARNs of a deployed environment as JSON, for scripts."""

from typing import Any

from deployer.blueprint.specs import SPECS
from deployer.environment_file import Environment
from deployer.model.names import Names


def outputs(environment: Environment, names: Names) -> dict[str, Any]:
    """Names and ARNs that follow from the environment; nothing is read from AWS."""
    functions = {spec.suffix: names.function(spec.suffix) for spec in SPECS}
    strparams, route = environment.config.strparams, environment.release_route
    return {
        "environment": environment.name,
        "env": environment.env,
        "deployEnv": environment.config.deploy_env,
        "account": names.place.account,
        "region": names.place.region,
        "functions": {
            suffix: {
                "name": name,
                "arn": names.function_arn(name),
                "logGroup": names.function_log_group(name),
            }
            for suffix, name in functions.items()
        },
        "glueJob": {"name": names.glue_job, "arn": names.glue_job_arn()},
        "stateMachines": {
            word: {
                "name": machine,
                "arn": names.machine_arn(machine),
                "logGroup": names.machine_log_group(machine),
            }
            for word, machine in (("landing", names.landing_pipeline), ("edv", names.edv_pipeline))
        },
        "buckets": {
            "artifacts": environment.config.artifacts.bucket,
            "landing": strparams.landing_bucket,
            "clean": strparams.clean_bucket,
            "final": strparams.final_bucket,
        },
        "configRoot": route.root,
    }
