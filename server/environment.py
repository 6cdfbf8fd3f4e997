"""Settings out of environment variables, derived from the types of the settings structs themselves.

A field ``ring_events`` of the group ``hub`` is read from ``ATRIUM_HUB_RING_EVENTS``; what a field is for stands in the string under
it, so that code, ``atrium settings`` and the error for a bad value all say the same.
"""

import ast
import difflib
import inspect
import math
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeAlias, TypeVar, get_args, get_origin
from urllib.parse import urlsplit, urlunsplit

import msgspec

PREFIX = "ATRIUM_"

Secret: TypeAlias = Annotated[str, msgspec.Meta(extra={"secret": True})]
"""A text that is never printed."""

T = TypeVar("T", bound=msgspec.Struct)

_SWITCHES = {"on": True, "yes": True, "true": True, "1": True, "off": False, "no": False, "false": False, "0": False}


class SettingRefused(Exception):
    """A variable has a value that cannot be; the message names the variable and what is wrong."""


class Setting(NamedTuple):
    """One line of ``atrium settings``."""

    variable: str
    value: str
    default: str
    reason: str
    is_default: bool


def read_struct(struct: type[T], group: str, environ: Mapping[str, str], derived: Mapping[str, Any] | None = None) -> T:
    """The struct with what the environment says; ``derived`` gives values that follow from other settings, and loses against it.

    Raises ``SettingRefused``.
    """
    values: dict[str, Any] = dict(derived or {})
    for field in msgspec.structs.fields(struct):
        variable = variable_of(group, field.name)
        text = text_of(variable, environ)
        if text:
            values[field.name] = _parsed(said_as(variable, environ), field.type, text, _is_secret(field.type))
    try:
        return struct(**values)
    except (TypeError, ValueError) as error:
        raise SettingRefused(f"the settings {PREFIX}{group.upper()}_… do not fit together: {error}") from error


def variable_of(group: str, field: str) -> str:
    return f"{PREFIX}{group.upper()}_{field.upper()}" if group else f"{PREFIX}{field.upper()}"


PLAIN_NAMES = {"ATRIUM_PORT": "PORT", "ATRIUM_DATA": "DATA", "ATRIUM_DATABASE_URL": "DATABASE_URL"}
"""Three settings answer to the names that hosting platforms and people use anyway; the longer name wins."""


def text_of(variable: str, environ: Mapping[str, str]) -> str:
    """What the environment says; empty counts as not said, since make exports variables that nobody set."""
    return environ.get(said_as(variable, environ), "").strip()


def said_as(variable: str, environ: Mapping[str, str]) -> str:
    """The name under which the environment has it: the plain one where only that is set."""
    plain = PLAIN_NAMES.get(variable, variable)
    return plain if environ.get(plain, "").strip() and not environ.get(variable, "").strip() else variable


def describe(struct: msgspec.Struct, group: str) -> list[Setting]:
    """Every field with its value, its default and its reason, in the order of the source."""
    reasons = _reasons_of(type(struct))
    lines = []
    for field in msgspec.structs.fields(type(struct)):
        value = getattr(struct, field.name)
        default = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
        shown = _shown(value, _is_secret(field.type))
        usual = "" if default is msgspec.NODEFAULT else _shown(default, _is_secret(field.type))
        reason = reasons.get(field.name, "")
        lines.append(Setting(variable_of(group, field.name), shown, usual, reason, shown == usual))
    return lines


def strangers(environ: Mapping[str, str], known: Iterable[str]) -> list[str]:
    """A sentence for every ``ATRIUM_…`` variable that is no setting: mostly a slip of the finger."""
    names = sorted(known)
    sentences = []
    for variable in sorted(environ):
        if variable.startswith(PREFIX) and variable not in names:
            near = difflib.get_close_matches(variable, names, n=1)
            sentences.append(f"{variable} is no setting of the server" + (f"; did you mean {near[0]}?" if near else ""))
    return sentences


def _parsed(variable: str, wanted: Any, text: str, is_secret: bool) -> Any:
    try:
        value = msgspec.convert(_prepared(wanted, text), wanted, strict=False, dec_hook=_path_of)
    except (msgspec.ValidationError, ValueError) as error:
        shown = "" if is_secret else f"={text!r}"
        raise SettingRefused(f"{variable}{shown}: {_range_of(wanted) or str(error).rstrip('.')}") from error
    if isinstance(value, int | float) and (value < 0 or not math.isfinite(value)):
        raise SettingRefused(f"{variable}={text!r}: expected a number from 0 upwards")
    return value


def _range_of(wanted: Any) -> str:
    """What a number between two bounds has to be, in words; empty for anything else."""
    for meta in getattr(wanted, "__metadata__", ()):
        if isinstance(meta, msgspec.Meta) and meta.ge is not None and meta.le is not None:
            return f"a number from {meta.ge} to {meta.le}"
    return ""


def _prepared(wanted: Any, text: str) -> Any:
    """Lists are written with commas, pairs with ``=`` between them, switches as on and off."""
    inner = get_args(wanted)[0] if get_origin(wanted) is Annotated else wanted
    if get_origin(inner) in (tuple, list):
        return [part.strip() for part in text.split(",") if part.strip()]
    if isinstance(origin := get_origin(inner), type) and issubclass(origin, Mapping):
        return dict(part.strip().partition("=")[::2] for part in text.split(",") if part.strip())
    if inner is bool or bool in get_args(inner):
        if text.lower() not in _SWITCHES:
            raise ValueError("expected on or off")
        return _SWITCHES[text.lower()]
    return text


def _path_of(wanted: type[Any], value: Any) -> Any:
    if wanted is Path:
        return Path(value).expanduser()
    raise NotImplementedError(f"cannot read a {wanted.__name__}")


def _is_secret(wanted: Any) -> bool:
    return any(isinstance(meta, msgspec.Meta) and (meta.extra or {}).get("secret") for meta in getattr(wanted, "__metadata__", ()))


def _shown(value: Any, is_secret: bool) -> str:
    if is_secret:
        return "(set)" if value else ""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, Mapping):
        return ",".join(f"{name}={part}" for name, part in value.items())
    if isinstance(value, tuple | list | frozenset):
        return ",".join(_shown(part, is_secret=False) for part in value)
    if isinstance(value, float):
        return f"{value:g}"
    return without_password(str(value)) if value is not None else ""


def without_password(url: str) -> str:
    """``postgresql://ada:secret@host/db`` -> ``postgresql://ada:***@host/db``; any other text as it is."""
    try:
        parts = urlsplit(url)
        if not parts.password:
            return url
    except ValueError:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", ":***@", 1)))


def _reasons_of(struct: type[msgspec.Struct]) -> dict[str, str]:
    """The string under a field; it also speaks for the optional fields above it that have none of their own."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(struct))).body[0]
    except OSError:  # no sources beside the bytecode: values are still shown
        return {}
    if not isinstance(tree, ast.ClassDef):
        return {}
    reasons: dict[str, str] = {}
    waiting: list[tuple[str, bool]] = []
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            waiting = [(name, is_optional) for name, is_optional in waiting if is_optional]
            waiting.append((node.target.id, node.value is not None))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            reasons.update((name, " ".join(node.value.value.split())) for name, _ in waiting)
            waiting = []
    return reasons
