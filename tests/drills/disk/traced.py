"""``python -m tests.drills.disk.traced -m server serve``: become that process, under strace if there are options for it."""

import os
import sys

from tests.drills.disk.strace import OPTIONS


def main() -> None:
    command = [sys.executable, *sys.argv[1:]]
    options = os.environ.pop(OPTIONS, "")
    if options:
        os.execvp("strace", ["strace", "-DDD", "-f", *options.split("\n"), "--", *command])
    os.execv(sys.executable, command)


if __name__ == "__main__":
    main()
