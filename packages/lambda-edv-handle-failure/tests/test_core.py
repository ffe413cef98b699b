from hypothesis import given
from hypothesis import strategies as st

from edv_handle_failure.core import message, subject
from edv_handle_failure.events import Failure, parse

FAILURE = Failure(
    "CARS", "initial", "2026-05-03", "States.TaskFailed", "ACRSI_FARM: decimal too large", "nightly-1"
)


def test_subject_tells_environment_run_and_error() -> None:
    expected = "CARS EDV pipeline failed (cert): CARS initial 2026-05-03: States.TaskFailed"
    assert subject(FAILURE, "cert") == expected


@given(st.text(), st.text(), st.text())
def test_subject_is_one_short_line_of_printable_ascii(source: str, error: str, env: str) -> None:
    line = subject(Failure(source, "initial", "2026-05-03", error, "x"), env)
    assert 0 < len(line) <= 100
    assert line.isascii()
    assert line.isprintable()


def test_message_tells_what_failed_why_and_how_to_go_on() -> None:
    assert message(FAILURE, "cert") == (
        "The CARS EDV pipeline failed.\n"
        "\n"
        "environment: cert\n"
        "run:         CARS initial 2026-05-03\n"
        "execution:   nightly-1\n"
        "error:       States.TaskFailed\n"
        "reason:      ACRSI_FARM: decimal too large\n"
        "\n"
        "Every table was committed as a whole or left as it was; nothing has to be cleaned up.\n"
        "\n"
        "How to go on:\n"
        "1. See which tables failed, and which were skipped because of them:\n"
        "   SELECT layer_nm, data_obj_nm, data_ppln_oper_stat_nm, err_msg_txt, oper_end_dt\n"
        "   FROM dart_process_control.data_ppln_oper\n"
        "   WHERE data_src_nm = 'CARS' AND run_type = 'initial'\n"
        "     AND start_date = '2026-05-03' AND data_ppln_oper_stat_nm <> 'Complete'\n"
        "   ORDER BY data_ppln_oper_id;\n"
        "2. Remove the cause.\n"
        "3. Run the same day again: nox -s run -- cert --date 2026-05-03 --initial\n"
        "   Tables that were loaded are recognised and left alone; the others are loaded.\n"
    )


def test_message_of_a_broken_run_key_asks_for_the_input() -> None:
    problem = "event['start_date'] must be YYYY-MM-DD, got '2025-13-01'"
    text = message(Failure("CARS", "initial", "2025-13-01", "BadEvent", problem, problems=(problem,)), "")
    assert f"note:        {problem}\n" in text
    assert "environment: not set (CARS_ENV)\n" in text
    assert "1. Correct the input of the run" in text
    assert "SELECT" not in text


@given(st.text(max_size=2000))
def test_message_fits_into_a_notification(text: str) -> None:
    whole = message(Failure("CARS", "initial", "2026-05-03", "E", text * 50), "cert")
    assert len(whole.encode("utf-8", "replace")) < 256 * 1024  # Amazon SNS, quotas


def test_a_quote_does_not_end_the_shown_statement() -> None:
    assert "data_src_nm = 'CA''RS'" in message(Failure("Ca'rs", "initial", "2026-05-03", "E", "x"), "cert")


def test_a_failed_landing_is_told_as_one_and_repeated_as_one() -> None:
    event = {
        "error": {"Error": "States.TaskFailed", "Cause": "no key"},
        "data_src_nm": "CARS",
        "run_type": "incremental",
        "start_date": "2026-06-01",
        "layer": "LANDING",
    }
    failure = parse(event)
    assert subject(failure, "dev").startswith("CARS landing pipeline failed (dev): CARS incremental")
    assert "nox -s run -- dev --date 2026-06-01 --landing\n" in message(failure, "dev")
    other = parse({**event, "layer": "STG"})
    assert "--landing" not in message(other, "dev")
    assert subject(other, "dev").startswith("CARS EDV pipeline failed")
