import subprocess
import sys


def run(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


def test_interpreter_of_step_functions_does_not_import_ec2() -> None:
    program = (
        "import sys; from local_aws.emulator import settings; import moto.stepfunctions.parser.models\n"
        "print('moto.batch.utils' in sys.modules, 'moto.ec2.models' in sys.modules)"
    )
    assert run(program) == "True False\n"


def test_deferred_package_is_whole_once_it_is_used() -> None:
    program = (
        "from local_aws.emulator import settings; import moto.batch; from moto.batch import batch_backends\n"
        "import moto.batch.models; print(batch_backends is moto.batch.models.batch_backends)\n"
        "print(hasattr(moto.batch, 'nothing_of_that_name'))"
    )
    assert run(program) == "True\nFalse\n"
