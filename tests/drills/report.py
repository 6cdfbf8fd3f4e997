"""What a drill tells at its end."""

import msgspec

from tests.drills.checker import Verdict
from tests.support.server import ServerProcess


class Report(msgspec.Struct, kw_only=True):
    """``figures`` in the order in which they are printed; ``complaints`` are findings that are no anomaly of the history.

    ``broke_off`` is the traceback of a drill that could not go on: a finding too, and no sign of any broken promise.
    """

    drill: str
    verdict: Verdict
    figures: dict[str, object] = {}
    complaints: list[str] = []
    broke_off: str = ""

    @property
    def passed(self) -> bool:
        return self.verdict.is_clean and not self.complaints and not self.broke_off

    def __str__(self) -> str:
        head = f"{self.drill}: {'passed' if self.passed else 'FAILED'}"
        figures = ", ".join(f"{name} {value}" for name, value in self.figures.items())
        told = [f"  complaint: {text}" for text in self.complaints]
        return "\n".join([head, f"  {figures}", f"  {self.verdict}", *told, *self.broke_off.splitlines()])


def unclean_end(server: ServerProcess, code: int) -> list[str]:
    """What there is to complain of a server that ended with this exit code."""
    return [f"the server ended with {code}", *server.lines[-15:]] if code != 0 else []
