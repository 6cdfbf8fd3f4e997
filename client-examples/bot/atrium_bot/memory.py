"""What a bot that died left behind: one small file per room, so that the next start carries on where the last one stopped."""

import json
import os
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Left:
    """``lines`` of the run ``session`` were reported into the execution and acknowledged."""

    execution_id: str
    session: str
    lines: int


class _File:
    """The file of one room on one server, in ``folder``: one JSON object."""

    def __init__(self, folder: Path, server: str, room: str) -> None:
        self._path = folder / f"{sha256(f'{server} {room}'.encode()).hexdigest()[:16]}.json"

    def read(self) -> Any:
        """None where nothing is kept, or nothing that can be read."""
        try:
            return json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return None

    def write(self, kept: dict[str, Any]) -> None:
        """Replace the file at once: whoever reads it sees the old or the new one."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_suffix(".new")
        beside.write_text(json.dumps(kept), "utf-8")
        beside.replace(self._path)

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)


class Memory:
    """How far a run was reported into a workspace."""

    def __init__(self, folder: Path, server: str, room: str) -> None:
        self._file = _File(folder, server, room)

    def recall(self) -> Left | None:
        try:
            return Left(**self._file.read())
        except TypeError:
            return None

    def keep(self, left: Left) -> None:
        self._file.write(asdict(left))

    def forget(self) -> None:
        self._file.remove()


class ChatMemory:
    """What was answered in a conversation. The room knows the turns; this is for those that were stopped before a word was said."""

    def __init__(self, folder: Path, server: str, room: str) -> None:
        self._file = _File(folder, server, room)

    def answered(self) -> str:
        """The id of the message that was answered last, or ``""``."""
        kept = self._file.read()
        return str(kept.get("answered", "")) if isinstance(kept, dict) else ""

    def keep_answered(self, message_id: str) -> None:
        self._file.write({"answered": message_id})


def default_folder() -> Path:
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "atrium-bot"
