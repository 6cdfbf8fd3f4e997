"""The command line: ``atrium``, or ``python -m server``.

Imports stand inside the commands: loading the server takes half a second, which ``atrium token`` shall not wait for.
"""

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

import click
from msgspec.structs import replace

from domain.ids import id_of, kind_of

if TYPE_CHECKING:
    from server.settings import Settings

REFUSED = 2
"""Exit code for what the operator has to put right: a setting, a port, a folder."""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="atrium-server", prog_name="atrium")
def main() -> None:
    """Atrium: rooms that people, bots and phones sit in together.

    Settings are environment variables; `atrium settings` lists them with their reasons.
    """


@main.command()
@click.option(
    "--accept-loss",
    is_flag=True,
    help="Start although the database's journal is gone, and say what may be missing.",
)
@click.option("--workers", default=1, show_default=True, help="Server processes that share the port; more than one need a broker.")
def serve(accept_loss: bool, workers: int) -> None:
    """Start the server. Prints the page's address and `ready`; Ctrl-C or SIGTERM stops it cleanly."""
    if workers != 1:
        _refuse(
            f"--workers {workers}: rooms live in one process until there is a broker between several. "
            "One worker uses further cores for what it writes behind and for Postgres; leave the option out"
        )
    settings = _settings()
    if accept_loss:
        settings = replace(settings, server=replace(settings.server, accept_loss=True))
    from server.serving import run

    sys.exit(run(settings))


@main.command()
@click.option("--rooms", default=3, show_default=True, type=click.IntRange(1, 20), help="How many workspaces are acted in.")
@click.option("--speed", default=1.0, show_default=True, type=click.FloatRange(0.1, 100), help="2 is twice as fast.")
def demo(rooms: int, speed: float) -> None:
    """Start the server with bots acting in a few rooms: open the page and watch."""
    settings = _settings()
    from server.demo import Demo
    from server.serving import run

    sys.exit(run(settings, Demo(rooms=rooms, speed=speed).act))


@main.command()
@click.option("--user", required=True, help="Who it is for: a name, or a uuid.")
@click.option("--role", "roles", multiple=True, help="admin, member, viewer or bot; may be given more than once.")
@click.option(
    "--room", "rooms", multiple=True, help="The role holds in this room alone (workspace:…); may be given more than once."
)
@click.option("--name", default="", help="The name that others see; without it the user's.")
@click.option("--ttl", default="24h", show_default=True, help="How long it is good for: 90s, 15m, 24h, 30d; 0 for ever.")
@click.option("--bot", is_flag=True, help="The same as --role bot.")
def token(user: str, roles: tuple[str, ...], rooms: tuple[str, ...], name: str, ttl: str, bot: bool) -> None:
    """Print a token, for trying things out and for bots.

    Signed with the secret of this installation (ATRIUM_AUTH_TOKEN_SECRET, or the one in the data folder), so it is good for the
    server that runs here.
    """
    settings = _settings()
    from server.auth.minting import TOKEN_ROLES, TokenOrder, mint

    for room in rooms:
        _check_room(room)
    words = (*roles, *(("bot",) if bot else ()))
    if unknown := [word for word in words if word not in TOKEN_ROLES]:
        raise click.BadParameter(f"{unknown[0]!r} is none of {', '.join(TOKEN_ROLES)}", param_hint="--role")
    if rooms and len(words) != 1:
        raise click.BadParameter("say with one --role what the user is in these rooms", param_hint="--room")
    order = TokenOrder(
        user=user,
        roles=() if rooms else words,
        rooms=dict.fromkeys(rooms, words[0]) if rooms else {},
        name=name,
        ttl_s=_seconds(ttl),
        issuer=settings.auth.issuer,
        audience=settings.auth.audience,
    )
    click.echo(mint(_secret(settings), order))


@main.command("new-id")
def new_id() -> None:
    """Print a fresh command id: choose one for each thing that you mean, and repeat it with the same one."""
    from server.demo import new_command_id

    click.echo(new_command_id())


@main.command()
@click.option("--changed", is_flag=True, help="Only those that are not at their default.")
@click.option("--plain", is_flag=True, help="VARIABLE=value lines, for an env file.")
def settings(changed: bool, plain: bool) -> None:
    """Print every setting: its variable, its value, its default and the reason for it. Secrets are masked."""
    chosen = _settings()
    from server.settings import described

    for group, lines in described(chosen):
        shown = [line for line in lines if not (changed and line.is_default)]
        if shown and not plain:
            click.secho(f"\n{group}", bold=True)
        for line in shown:
            if plain:
                click.echo(f"{line.variable}={line.value}")
                continue
            default = "" if line.is_default else click.style(f"  (default: {line.default or 'none'})", dim=True)
            click.echo(f"  {click.style(line.variable, fg='cyan')} = {line.value or click.style('not set', dim=True)}{default}")
            if line.reason:
                click.echo(click.style(click.wrap_text(line.reason, 110, "      ", "      "), dim=True))


@main.group(invoke_without_command=True)
@click.pass_context
def migrate(context: click.Context) -> None:
    """The database's schema: bring it up (also without a command), take it down, say where it is."""
    if context.invoked_subcommand is None:
        context.invoke(up, target="head")


@migrate.command()
@click.argument("target", default="head")
def up(target: str) -> None:
    """Apply what is missing, all in one transaction."""
    from server.maintenance import migrate_up

    _run(lambda chosen: migrate_up(chosen, target))


@migrate.command()
@click.argument("target")
@click.confirmation_option(prompt="This drops tables with their rows. Go on?")
def down(target: str) -> None:
    """Take revisions back, down to TARGET ("base" is all of them). The rows of their tables go with them."""
    from server.maintenance import migrate_down

    _run(lambda chosen: migrate_down(chosen, target))


@migrate.command()
def current() -> None:
    """What is applied, what is missing, and whether the files are still those that were applied."""
    from server.maintenance import migrate_current

    _run(migrate_current)


@main.command()
@click.option("--room", required=True, help="The room whose rows are written again: workspace:…")
@click.option("--from", "first", type=click.IntRange(1), help="From this offset on; without it from where they stand still.")
@click.option("--skip", is_flag=True, help="Pass over the record at which the projection stands still.")
def project(room: str, first: int | None, skip: bool) -> None:
    """Write a room's rows again out of its log: after a repair, or for a new table.

    The server may run meanwhile. /health/ready counts the rooms whose rows stand still.
    """
    _check_room(room)
    from server.maintenance import project_room

    _run(lambda chosen: project_room(chosen, room, first, skip=skip))


def _check_room(room: str) -> None:
    from domain.kinds import KINDS

    if kind_of(room) not in KINDS or not id_of(room):
        raise click.BadParameter(f"{room!r} is no room's address: workspace:…", param_hint="--room")


def _settings() -> "Settings":
    from server.environment import SettingRefused
    from server.settings import read_settings, warnings_of

    try:
        chosen = read_settings(os.environ)
    except SettingRefused as error:
        _refuse(str(error))
    for sentence in warnings_of(chosen, os.environ):
        _note(sentence)
    return chosen


def _secret(settings: "Settings") -> str:
    from server.auth.minting import SECRET_FILE, secret_in

    if settings.auth.token_secret:
        return settings.auth.token_secret
    if not settings.is_embedded or settings.auth.jwks:
        _refuse("this installation has no secret of its own to sign with: set ATRIUM_AUTH_TOKEN_SECRET")
    try:
        folder = settings.server.data
        folder.mkdir(parents=True, exist_ok=True)
        is_new = not (folder / SECRET_FILE).exists()
        secret = secret_in(folder)
    except (OSError, ValueError) as error:
        _refuse(f"the secret in the data folder cannot be read: {error}")
    if is_new:
        _note(f"made a new secret in {folder.resolve()}; a running server with another DATA will refuse this token")
    return secret


def _seconds(text: str) -> float:
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    number, unit = (text[:-1], units[text[-1]]) if text[-1:] in units else (text, 1)
    try:
        seconds = float(number) * unit
    except ValueError:
        seconds = -1
    if not 0 <= seconds < 1e10:
        raise click.BadParameter(f"{text!r} is no time: 90s, 15m, 24h, 30d, or 0 for ever", param_hint="--ttl")
    return seconds


def _run(job: "Callable[[Settings], Any]") -> None:
    """A job of ``server.maintenance``; what its operator has to put right is one sentence, not a traceback."""
    settings = _settings()
    from server.maintenance import Refused

    try:
        job(settings)
    except Refused as error:
        _refuse(str(error))


def _note(sentence: str) -> None:
    click.secho(f"note: {sentence}", fg="yellow", err=True)


def _refuse(sentence: str) -> NoReturn:
    click.secho(f"atrium: {sentence}", fg="red", err=True)
    sys.exit(REFUSED)
