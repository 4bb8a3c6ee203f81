"""The command `paycite`: one module a command, imported when that command runs."""

from importlib import import_module
from typing import TYPE_CHECKING

import click

from paycite import __version__

if TYPE_CHECKING:
    from paycite.settings import Settings

# Each with the line of `paycite --help`, so that help imports none of them.
COMMANDS = {
    "annotate": ("annotate:annotate", "Answer each row of a CSV file."),
    "backtest": ("backtest:backtest_command", "Test how well observations predict pay."),
    "build": ("build:build", "Build the dataset and make it current."),
    "diff": ("diff:diff", "Say what changed between two datasets, and why."),
    "doctor": ("doctor:doctor", "Check this installation, and say what to fix."),
    "fetch": ("fetch:fetch", "Fetch an official release, and import it."),
    "forget": ("forget:forget", "Delete a dataset, or all that is kept of a private source."),
    "import": ("imports:import_", "Import a release, or observations of your own."),
    "keys": ("keys:keys", "Say who may see private sources."),
    "match-report": (
        "match_report:match_report",
        "Measure how well titles and places are matched.",
    ),
    "mcp": ("mcp:mcp", "Answer agents over standard input and output."),
    "openapi": ("openapi:openapi", "Print the OpenAPI document."),
    "publish": ("publish:publish", "Publish the dataset to object storage."),
    "remove": ("sources:remove", "Remove an imported source."),
    "rollback": ("rollback:rollback", "Make an earlier dataset the current one."),
    "serve": ("serve:serve", "Serve the current dataset over HTTP."),
    "sources": ("sources:list_sources", "List the sources of the next build."),
    "verify": ("verify:verify", "Recompute a saved answer."),
}


class LazyGroup(click.Group):
    """A group that imports DuckDB, the web framework and the rest only for the command that runs:
    `paycite --help` would take three seconds otherwise."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(f"paycite.cli.{module}"), name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run a command. What the system refuses it (a full disk, a missing right) ends it with a
        sentence, wherever it happens, and so does what Paycite refuses."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:
            from paycite.cli.failures import explain

            if not (explained := explain(error)):
                raise
            raise click.ClickException(explained) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=LazyGroup)
@click.version_option(__version__)
@click.pass_context
def main(context: click.Context) -> None:
    """Salary benchmarks in which every figure carries its source."""
    context.obj = read_settings()


def read_settings() -> "Settings":
    """ClickException with every environment variable that is unknown or bad."""
    from paycite.settings import Settings  # half of what `--help` would take

    try:
        return Settings.from_environment()
    except ValueError as error:
        raise click.ClickException(str(error)) from None
