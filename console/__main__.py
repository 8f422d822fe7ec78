"""``frontdesk serve | work | migrate | seed | backup FILE | restore FILE | evaluate``.

What can be wrong with the settings ends in one line on stderr that names the setting, and exit code 2.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from engine.settings import Misconfigured, Settings, load

Command: TypeAlias = Callable[[Settings, argparse.Namespace], None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    chosen = _parser().parse_args(arguments)
    command: Command = chosen.command
    try:
        command(load(), chosen)
    except Misconfigured as wrong:
        for line in str(wrong).splitlines():
            print(f"frontdesk: {line}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


# The commands import what they need themselves: `--help` and a wrong setting answer at once.


def serve(settings: Settings, chosen: argparse.Namespace) -> None:
    from console import commands

    commands.serve(settings, demo=chosen.demo, migrate=not chosen.no_migrate)


def work(settings: Settings, chosen: argparse.Namespace) -> None:
    from console import commands

    commands.work(settings)


def migrate(settings: Settings, chosen: argparse.Namespace) -> None:
    from console import commands

    commands.migrate(settings)


def seed(settings: Settings, chosen: argparse.Namespace) -> None:
    from console import commands

    commands.seed(settings, new_passwords=chosen.new_passwords)


def backup(settings: Settings, chosen: argparse.Namespace) -> None:
    from console import commands

    commands.backup(settings, chosen.file)


def restore(settings: Settings, chosen: argparse.Namespace) -> None:
    from console import commands

    commands.restore(settings, chosen.file)


def evaluate(settings: Settings, chosen: argparse.Namespace) -> None:
    from console.evaluation import command

    make = None
    if chosen.embeddings != "off":
        from console.assembly import makers

        make = makers(settings).get(chosen.embeddings)
        if make is None:
            needed = (
                "EMBEDDINGS_DIR, or the package of the local model"
                if chosen.embeddings == "local"
                else "EMBEDDINGS_MODEL"
            )
            raise Misconfigured(f"--embeddings {chosen.embeddings} needs {needed}.")
    command.run(
        chosen.entries,
        chosen.questions,
        as_json=chosen.json,
        locale=chosen.locale,
        caution=chosen.caution,
        make=make,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="frontdesk", description="A chat widget for your site, and its desk.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serving = _command(commands, "serve", serve, "answer visitors and agents")
    serving.add_argument("--demo", action="store_true", help="make the demo shop first, and print how to sign in")
    serving.add_argument("--no-migrate", action="store_true", help="leave the database's schema as it is")
    _command(commands, "work", work, "run jobs and sweeps beside the serving processes, without serving")
    _command(commands, "migrate", migrate, "bring the database to this version's schema")
    seeding = _command(commands, "seed", seed, "make the demo shop, or what is missing of it")
    seeding.add_argument("--new-passwords", action="store_true", help="give its people new passwords and print them")
    for name, command, does in (
        ("backup", backup, "write everything to FILE, while the server runs"),
        ("restore", restore, "read FILE into an empty, migrated database"),
    ):
        _command(commands, name, command, does).add_argument("file", type=Path, metavar="FILE")
    _evaluating(commands)
    return parser


def _evaluating(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from knowledge.meanings import MEANINGS

    measuring = _command(commands, "evaluate", evaluate, "measure entries with labelled questions, without a database")
    measuring.formatter_class = argparse.RawDescriptionHelpFormatter
    measuring.epilog = "\n".join(["figures:", *(f"  {name:<18}{means}" for name, means in MEANINGS.items())])
    for name, holds in (
        ("--entries", "JSON lines or CSV: id, question, alternatives, answer"),
        ("--questions", "JSON lines or CSV: text, and entries: the ids of the right ones, none if out of scope"),
    ):
        measuring.add_argument(name, type=Path, metavar="FILE", required=True, help=holds)
    measuring.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    measuring.add_argument(
        "--embeddings", choices=("off", "local", "endpoint"), default="off", help="count meaning too"
    )
    measuring.add_argument("--locale", default="en", help="language of the entries, as a tag such as en or pt-BR")
    measuring.add_argument("--caution", type=_caution, default=50, metavar="0-100", help="50: as calibrated")


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, command: Command, does: str
) -> argparse.ArgumentParser:
    added = commands.add_parser(name, help=does, description=f"{does[0].upper()}{does[1:]}.")
    added.set_defaults(command=command)
    return added


def _caution(typed: str) -> int:
    if not typed.isdecimal() or int(typed) > 100:
        raise argparse.ArgumentTypeError("must be a whole number from 0 to 100")
    return int(typed)


if __name__ == "__main__":
    sys.exit(main())
