"""The description of the API as a page: plain HTML from the OpenAPI, without a script and without anything from elsewhere."""

import base64
import hashlib
import re
from collections.abc import Iterable
from html import escape
from typing import Any, Final, TypeAlias

import msgspec

Json: TypeAlias = dict[str, Any]

OPENAPI_PATH: Final = "/schema/openapi.json"

STYLE: Final = """
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent);
  --soft: color-mix(in srgb, currentColor 7%, transparent); --quiet: color-mix(in srgb, currentColor 68%, transparent); }
* { box-sizing: border-box; }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 2rem 1rem 6rem; }
h1 small { font-size: .5em; font-weight: 400; color: var(--quiet); }
h2 { margin-top: 3rem; text-transform: capitalize; }
h4 { margin: 1.2rem 0 .3rem; }
code { font: .9em ui-monospace, monospace; background: var(--soft); padding: .1em .3em; border-radius: .3em; }
code, td small { overflow-wrap: anywhere; }
nav { display: flex; flex-wrap: wrap; gap: .2rem 1rem; }
nav a { text-transform: capitalize; white-space: nowrap; }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .5rem 0; }
details[open] > summary { border-bottom: 1px solid var(--line); }
summary { padding: .55rem .8rem; cursor: pointer; display: flex; gap: .2rem .8rem; flex-wrap: wrap; align-items: baseline; }
summary:focus-visible, a:focus-visible { outline: 2px solid; outline-offset: 2px; }
summary b { font: 700 .8em ui-monospace, monospace; min-width: 3.8em; }
summary span { color: var(--quiet); }
.inside { padding: .2rem .8rem 1rem; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .93em; }
th, td { text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0; border-top: 1px solid var(--line); }
th { font-weight: 600; }
thead th, thead td { border-top: 0; }
td:first-child { white-space: nowrap; }
td small { color: var(--quiet); }
"""

_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

HEADERS: Final = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
"""The page needs its one style and nothing else."""

_LIMITS: Final = {
    "minimum": "at least",
    "maximum": "at most",
    "minLength": "characters, at least",
    "maxLength": "characters, at most",
    "minItems": "entries, at least",
    "maxItems": "entries, at most",
    "pattern": "pattern",
    "default": "without it",
}


def page(openapi: Json) -> bytes:
    """The whole page, UTF-8. ``openapi`` is as plain JSON, with ``$ref`` into its own components only."""
    info = openapi["info"]
    by_tag = _by_tag(openapi)
    tags = "".join(f'<a href="#{escape(tag)}">{escape(tag)}</a>' for tag in [*by_tag, "forms"])
    sections = "".join(
        f'<section><h2 id="{escape(tag)}">{escape(tag)}</h2>{"".join(operations)}</section>' for tag, operations in by_tag.items()
    )
    forms = "".join(_form(name, schema) for name, schema in sorted(openapi["components"]["schemas"].items()))
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(info["title"])}: the HTTP API</title>
<style>{STYLE}</style>
<h1>{escape(info["title"])}: the HTTP API <small>{escape(info["version"])}</small></h1>
{_prose(info.get("description", ""))}
<p>For programs: <a href="{OPENAPI_PATH}">{OPENAPI_PATH}</a></p>
<nav aria-label="Sections">{tags}</nav>
<main>{sections}
<section><h2 id="forms">Forms</h2>{forms}</section></main>
</html>
""".encode()


def _by_tag(openapi: Json) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path, operations in openapi["paths"].items():
        for method, operation in operations.items():
            tag = (operation.get("tags") or ["other"])[0]
            found.setdefault(tag, []).append(_operation(openapi, path, method, operation))
    return found


def _operation(openapi: Json, path: str, method: str, operation: Json) -> str:
    is_public = operation.get("security", openapi.get("security")) in ([], [{}])
    summary = _inline(operation.get("summary", ""))
    parts = [
        _prose(operation.get("description", "")),
        "<p>Needs no token.</p>" if is_public else "",
        _table("Parameters", ("Name", "Form", ""), map(_parameter, operation.get("parameters", ()))),
        _body(openapi, operation.get("requestBody")),
        _table(
            "Answers",
            ("Status", "Form", ""),
            (_answer(openapi, code, told) for code, told in sorted(operation["responses"].items())),
        ),
    ]
    name = escape(f"{method}-{path.strip('/')}".replace("/", "-"))
    return (
        f'<details id="{name}"><summary><b>{escape(method.upper())}</b><code>{escape(path)}</code><span>{summary}</span></summary>'
        f'<div class="inside">{"".join(parts)}</div></details>'
    )


def _body(openapi: Json, body: Json | None) -> str:
    if body is None:
        return ""
    schema = next(iter(body["content"].values()))["schema"]
    form = _resolved(openapi, schema)
    return _fields("Body", form) or f"<h4>Body</h4><p>{_type(schema)}</p>"


def _form(name: str, schema: Json) -> str:
    title = escape(str(schema.get("title", name)))
    inside = _prose(schema.get("description", "")) + (_fields("", schema) or f"<p>{_type(schema)}</p>")
    return f'<details id="form-{escape(name)}"><summary><code>{title}</code></summary><div class="inside">{inside}</div></details>'


def _fields(heading: str, schema: Json) -> str:
    required = schema.get("required", ())
    rows = ((_name(name, name in required), *_told(field)) for name, field in schema.get("properties", {}).items())
    return _table(heading, ("Field", "Form", ""), rows)


def _parameter(parameter: Json) -> tuple[str, str, str]:
    form, told = _told(parameter.get("schema", {}))
    where = f"in the {parameter['in']}"
    description = _inline(parameter.get("description", "")) or told
    return _name(parameter["name"], parameter.get("required", False)), f"{form} <small>{escape(where)}</small>", description


def _answer(openapi: Json, code: str, response: Json) -> tuple[str, str, str]:
    whole = _resolved(openapi, response)
    forms = [_type(content.get("schema", {})) for content in whole.get("content", {}).values()]
    return f"<code>{escape(code)}</code>", " or ".join(forms), _inline(whole.get("description", ""))


def _name(name: str, is_required: bool) -> str:
    return f"<code>{escape(name)}</code>" + (" <small>required</small>" if is_required else "")


def _told(schema: Json) -> tuple[str, str]:
    """(form with its limits, description) of a field."""
    limits = [f"{said} {msgspec.json.encode(schema[key]).decode()}" for key, said in _LIMITS.items() if schema.get(key, "") != ""]
    small = f" <small>{escape('; '.join(limits))}</small>" if limits else ""
    return _type(schema) + small, _inline(schema.get("description", ""))


def _type(schema: Json) -> str:
    """The form in words, with links to named ones."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return f'<a href="#form-{escape(name)}">{escape(_short(name))}</a>'
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(dict.fromkeys(map(_type, choices)))
    if "enum" in schema or "const" in schema:
        return " | ".join(f"<code>{escape(str(value))}</code>" for value in schema.get("enum", [schema.get("const")]))
    kind = schema.get("type", "any JSON")
    if kind == "array":
        return f"list of {_type(schema.get('items') or {})}"
    return escape(" or ".join(kind) if isinstance(kind, list) else kind) + (
        f" ({escape(schema['format'])})" if "format" in schema else ""
    )


def _short(name: str) -> str:
    """``Listed_some.module.Session_`` -> ``Listed[Session]``: a generic form is named after whole paths."""
    found = re.fullmatch(r"(\w+?)_(?:[\w.]+\.)?(\w+?)_", name)
    return f"{found[1]}[{found[2]}]" if found else name


def _resolved(openapi: Json, given: Json) -> Json:
    if "$ref" not in given:
        return given
    found: Any = openapi
    for step in given["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return _resolved(openapi, found)


def _table(heading: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Empty without rows. Cells are HTML already."""
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    if not body:
        return ""
    head = "".join(f'<th scope="col">{escape(column)}</th>' if column else "<td></td>" for column in columns)
    return (
        f"<h4>{escape(heading)}</h4>" if heading else ""
    ) + f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _prose(text: str) -> str:
    return "".join(f"<p>{_inline(part)}</p>" for part in re.split(r"\n\s*\n", text.strip()) if part)


def _inline(text: str) -> str:
    """Text with its `code` and ``code`` set as such."""
    return re.sub(r"(`{1,2})([^`]+)\1", r"<code>\2</code>", escape(text, quote=False))
