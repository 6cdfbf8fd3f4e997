"""A real Chromium, and what has to be there before pages can be tested."""

import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, async_playwright

PAGE = Path(__file__).parents[3] / "client-examples" / "browser"

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",  # tests also run as root, in containers
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
BUILD_S = 180


def chromium_path() -> str:
    """Where Chromium is, or ""."""
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), "")


def lacking() -> str:
    """What is missing on this machine, by name; "" where pages can be tested. Builds the page where it is out of date."""
    if not chromium_path():
        return "lacking: chromium (apt-get install chromium)"
    if _is_built():
        return ""
    npm = shutil.which("npm")
    if npm is None:
        return "lacking: npm (the browser app is not built; install Node.js 20 or newer)"
    for step in (["ci", "--silent"], ["run", "--silent", "build"]):
        done = subprocess.run([npm, *step], cwd=PAGE, check=False, timeout=BUILD_S, capture_output=True, text=True)
        if done.returncode != 0:
            return f"lacking: a built browser app (npm {step[0]} failed: {done.stderr.strip()[-300:]})"
    return ""


def _is_built() -> bool:
    built = PAGE / "dist" / "index.html"
    sources = [PAGE / "index.html", PAGE / "package-lock.json", PAGE / "vite.config.ts", *(PAGE / "src").rglob("*.*")]
    return built.is_file() and built.stat().st_mtime >= max(source.stat().st_mtime for source in sources)


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            await browser.close()
