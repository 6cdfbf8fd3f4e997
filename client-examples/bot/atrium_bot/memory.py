"""What a bot that died left behind: one small file per room, so that the next start carries on where the last one stopped."""

import json
import os
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path


@dataclass(frozen=True)
class Left:
    """``lines`` of the run ``session`` were reported into the execution and acknowledged."""

    execution_id: str
    session: str
    lines: int


class Memory:
    """The file of one room on one server, in ``folder``."""

    def __init__(self, folder: Path, server: str, room: str) -> None:
        self._path = folder / f"{sha256(f'{server} {room}'.encode()).hexdigest()[:16]}.json"

    def recall(self) -> Left | None:
        try:
            return Left(**json.loads(self._path.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def keep(self, left: Left) -> None:
        """Replace the file at once: whoever reads it sees the old or the new one."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_suffix(".new")
        beside.write_text(json.dumps(asdict(left)), "utf-8")
        beside.replace(self._path)

    def forget(self) -> None:
        self._path.unlink(missing_ok=True)


def default_folder() -> Path:
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "atrium-bot"
