"""`python -m lossviz diagnose train.py [arguments]`: runs a script and tells what its losses do."""

import argparse
import sys

from lossviz.diagnose.script import run_script


def main(arguments: list[str]) -> int:
    """Runs the command with these arguments; returns its exit code, which is the script's."""
    parser = argparse.ArgumentParser(prog="python -m lossviz", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    diagnose = commands.add_parser(
        "diagnose",
        help="run a script and report what is suspicious about its losses",
        description="Runs a script as Python would, with its arguments and its exit code, and reports to the "
        "standard error stream what is suspicious about its losses: at its end, and at the first nan.",
    )
    diagnose.add_argument("script", help="the script, such as train.py")
    diagnose.add_argument("arguments", nargs=argparse.REMAINDER, help="what the script is given")
    given = parser.parse_args(arguments)
    try:
        return run_script(given.script, given.arguments)
    except ValueError as error:
        if "the script must be a file" not in str(error):
            raise
        diagnose.error(str(error))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
