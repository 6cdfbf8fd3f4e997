"""``python -m server``: the same as ``atrium``, from a checkout without installing it."""

from server.cli import main

main()
