"""``atrium``, and ``python -m server``: the same from a checkout without installing it."""

import gc


def main() -> None:
    # Speed: what modules make stays for good; looking through it again and again while they load took a quarter of a start.
    gc.disable()
    from server.cli import main as command_line

    gc.enable()
    command_line()


if __name__ == "__main__":
    main()
