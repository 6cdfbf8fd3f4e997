"""``python -m tests.fuzz.guided TARGET MODULES [libFuzzer's flags] CORPUS``: one target under atheris. It never returns.

The modules under test are instrumented as they are imported (others would only cost time), so nothing of them is imported before.
"""

import hashlib
import sys
from pathlib import Path

import atheris


def main() -> None:
    name, modules, *flags = sys.argv[1:]
    with atheris.instrument_imports(include=modules.split(",")):
        from tests.fuzz.everything import target_named
    from tests.fuzz.engines import be_quiet

    be_quiet()
    target = target_named(name)
    corpus = Path(flags[-1])
    for seed in target.seeds:
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    if target.words:
        words = corpus.with_suffix(".words")
        words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.words))
        flags = [f"-dict={words}", *flags]
    atheris.Setup([sys.argv[0], *flags], target.run)
    atheris.Fuzz()


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


if __name__ == "__main__":
    main()
