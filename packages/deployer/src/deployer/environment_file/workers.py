"""Checks of Glue worker types and counts.

Source: AWS Glue API reference, CreateJob, `WorkerType`. G.4X and G.8X came with Glue 3.0, as auto scaling did, G.12X,
G.16X and the R types with 4.0, so every version that the file may name has them all. Counts were documented for G.1X
and G.2X only and are a matter of quotas today, hence a warning.
"""

from collections.abc import Iterable, Mapping

from deployer.environment_file.glue import GlueJobParameters

_REFUSED: Mapping[str, str] = {
    "G.025X": "only for streaming jobs, which this one is not",
    "Standard": "only for Glue 1.0 and older",
}
_CHOICE = "G.1X, G.2X, G.4X, G.8X, G.12X, G.16X, R.1X, R.2X, R.4X or R.8X"
_DOCUMENTED_MOST: Mapping[str, int] = {"G.1X": 299, "G.2X": 149}


def worker_problems(glue: GlueJobParameters) -> Iterable[str]:
    """A line when CreateJob would refuse the type."""
    reason = _REFUSED.get(glue.worker_type)
    if reason:
        yield (
            f"GlueJobParameters.WorkerType is '{glue.worker_type}' with GlueVersion {glue.glue_version} "
            f"({reason}; use {_CHOICE})"
        )


def worker_notes(glue: GlueJobParameters) -> Iterable[str]:
    """A warning about more workers than AWS ever documented for the type."""
    most = _DOCUMENTED_MOST.get(glue.worker_type)
    if most and glue.number_of_workers > most:
        yield (
            f"warning: GlueJobParameters.NumberOfWorkers is {glue.number_of_workers}: AWS documented {most} as the "
            f"most for {glue.worker_type}; a larger worker type needs fewer"
        )
