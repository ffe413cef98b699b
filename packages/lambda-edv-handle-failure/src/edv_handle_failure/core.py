"""The text of the notification for the engineer on call. Pure."""

from edv_handle_failure.events import Failure
from process_control.causes import shorten

SUBJECT_LIMIT = 100  # characters, printable ASCII, no line break: Amazon SNS, API reference, Publish
REASON_BYTES = 4_000


def subject(failure: Failure, env: str) -> str:
    """The subject: one line with environment, run and error."""
    text = f"{_pipeline(failure)} failed ({env or 'no env'}): {failure.run}: {failure.error}"
    line = "".join(char if " " <= char <= "~" else "?" for char in " ".join(text.split()))
    return line if len(line) <= SUBJECT_LIMIT else line[: SUBJECT_LIMIT - 3] + "..."


def message(failure: Failure, env: str) -> str:
    """The message: the run, the error, its reason, and the next steps."""
    facts = [
        ("environment", env or "not set (CARS_ENV)"),
        ("run", failure.run),
        *([("execution", failure.execution)] if failure.execution else []),
        ("error", failure.error),
        ("reason", shorten(failure.reason, REASON_BYTES)),
        *(("note", problem) for problem in failure.problems),
    ]
    lines = [
        f"The {_pipeline(failure)} failed.",
        "",
        *(f"{name + ':':13}{value}" for name, value in facts),
        "",
        "Every table was committed as a whole or left as it was; nothing has to be cleaned up.",
        "",
        "How to go on:",
    ]
    return "\n".join(lines + _steps(failure, env)) + "\n"


def _pipeline(failure: Failure) -> str:
    return "CARS landing pipeline" if failure.layer else "CARS EDV pipeline"


def _steps(failure: Failure, env: str) -> list[str]:
    if failure.problems:
        return ["1. Correct the input of the run (see the notes above).", "2. Start the run again."]
    options = " --landing" if failure.layer else ""
    options += " --initial" if failure.run_type == "initial" else ""
    return [
        "1. See which tables failed, and which were skipped because of them:",
        "   SELECT layer_nm, data_obj_nm, data_ppln_oper_stat_nm, err_msg_txt, oper_end_dt",
        "   FROM dart_process_control.data_ppln_oper",
        f"   WHERE data_src_nm = {_quoted(failure.data_src_nm.upper())} AND run_type = {_quoted(failure.run_type)}",
        f"     AND start_date = {_quoted(failure.start_date)} AND data_ppln_oper_stat_nm <> 'Complete'",
        "   ORDER BY data_ppln_oper_id;",
        "2. Remove the cause.",
        f"3. Run the same day again: nox -s run -- {env or 'ENV'} --date {failure.start_date}{options}",
        "   Tables that were loaded are recognised and left alone; the others are loaded.",
    ]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
