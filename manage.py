#!/usr/bin/env python
"""The commands. One that needs the database starts or joins the private servers, then leaves them."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

NEED_NO_SERVER = {
    *("what_if", "backtest", "help", "version", "check", "diffsettings", "findstatic"),
    *("makemessages", "compilemessages", "startapp", "prepare_database"),
}


def needs_no_server(arguments: list[str]) -> bool:
    """True for a command line that touches neither database nor queue."""
    return (
        not arguments
        or arguments[0] in NEED_NO_SERVER
        or {"-h", "--help", "--version"} & {*arguments} != set()
    )


def main() -> None:
    if find_spec("django") is None:
        _continue_in_venv()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    if needs_no_server(sys.argv[1:]):
        os.environ["GUANHU_NO_SERVERS"] = "1"
        _execute()
    else:
        _execute_with_servers()


def _execute() -> None:
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


def _execute_with_servers() -> None:
    from crm.embedded.server import ServerError
    from crm.embedded.servers import leave_when_terminated

    leave_when_terminated()
    try:
        _execute()
    except ServerError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)


def _continue_in_venv() -> None:
    """Run this same command with the Python that has the requirements."""
    python = Path(__file__).resolve().parent / ".venv" / "bin" / "python"
    if not python.exists() or sys.prefix == str(python.parents[1]):
        sys.exit("The requirements are not installed: run `make run` or `make test` once.")
    os.execv(python, [str(python), *sys.argv])


if __name__ == "__main__":
    main()
