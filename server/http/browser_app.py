"""The browser app as it was built, answered from memory: only what is in the folder at the start can be asked for."""

import gzip
import hashlib
import mimetypes
from pathlib import Path
from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

FILES_MOST: Final = 500
FILE_BYTES_MOST: Final = 8 * 1024 * 1024
"""A built page has a few dozen files and a megabyte; a folder beyond this is not a built page."""

PAGE_HEADERS: Final = {
    # connect-src 'self' covers the WebSocket of the same origin; pictures and videos come from anywhere
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob: https:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
        "media-src 'self' blob: https:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
FOR_EVER: Final = "public, max-age=31536000, immutable"
ASK_EACH_TIME: Final = "no-cache"

NOT_BUILT: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Atrium</title>
<style>
  :root { color-scheme: light dark; }
  body { font: 16px/1.6 system-ui, sans-serif; max-width: 40rem; margin: 12vh auto; padding: 0 1rem; }
  code { background: color-mix(in srgb, currentColor 10%, transparent); padding: .1em .35em; border-radius: .3em; }
</style>
<h1>Atrium is running</h1>
<p>The page itself has not been built. With Node.js 20 or newer installed, stop the server and run <code>make run</code> again,
or build it by hand:</p>
<p><code>cd client-examples/browser &amp;&amp; npm ci &amp;&amp; npm run build</code></p>
<p>Everything else works: the <a href="/schema">HTTP API</a>, its <a href="/health/ready">health</a>, and the WebSocket at
<code>/connection/websocket</code>.</p>
</html>
"""


class BuiltFile(msgspec.Struct, frozen=True):
    """``zipped`` is the same gzipped, or None where that does not pay."""

    content: bytes
    zipped: bytes | None
    media_type: str
    etag: str
    cache: str


class BrowserApp:
    """All files of a built page by their path; without a folder, one page that says how to build it."""

    def __init__(self, folder: Path) -> None:
        self._files = {name: _built(name, path) for name, path in _listed(folder)}
        self._index = self._files.get("index.html") or _file("index.html", NOT_BUILT.encode())

    def answer(self, request: Request[Any, Any, Any], name: str) -> Response[bytes]:
        """The file, or for a page's own addresses (``/workspaces/…``) the index. Raises ``NotFoundException``."""
        found = self._files.get(name) if name else self._index
        if found is None:
            # the page's router owns what looks like a page; a missing script must not be answered with HTML
            if "." in name.rsplit("/", 1)[-1] or "text/html" not in request.headers.get("accept", ""):
                raise NotFoundException
            found = self._index
        headers = {**PAGE_HEADERS, "Cache-Control": found.cache, "ETag": found.etag, "Vary": "Accept-Encoding"}
        if request.headers.get("if-none-match") == found.etag:
            return Response(b"", status_code=304, headers=headers, media_type=found.media_type)
        if found.zipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(found.zipped, headers={**headers, "Content-Encoding": "gzip"}, media_type=found.media_type)
        return Response(found.content, headers=headers, media_type=found.media_type)


def handlers(app: BrowserApp) -> list[HTTPRouteHandler]:
    """The routes of the page: the root, and every address that nothing else has."""

    @get("/", include_in_schema=False, sync_to_thread=False)
    def index(request: Request[Any, Any, Any]) -> Response[bytes]:
        return app.answer(request, "")

    @get("/{name:path}", include_in_schema=False, sync_to_thread=False)
    def file(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        return app.answer(request, name.strip("/"))

    return [index, file]


def _listed(folder: Path) -> list[tuple[str, Path]]:
    if not (folder / "index.html").is_file():
        return []
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size <= FILE_BYTES_MOST)
    return [(path.relative_to(folder).as_posix(), path) for path in files[:FILES_MOST]]


def _built(name: str, path: Path) -> BuiltFile:
    return _file(name, path.read_bytes())


def _file(name: str, content: bytes) -> BuiltFile:
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    is_text = media_type.startswith("text/") or media_type in ("application/javascript", "application/json", "image/svg+xml")
    zipped = gzip.compress(content, compresslevel=6, mtime=0) if is_text and len(content) > 1_000 else None
    digest = hashlib.sha256(content).hexdigest()[:16]
    # the bundler puts a hash of the content into the names below assets/
    cache = FOR_EVER if name.startswith("assets/") else ASK_EACH_TIME
    return BuiltFile(content, zipped, media_type, f'"{digest}"', cache)
