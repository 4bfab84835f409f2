"""Static files: named after their content, kept for ever."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from web.assets import STATIC, STYLESHEET, URL_PREFIX, asset_url, brand_url, serve


def field(headers: tuple[tuple[bytes, bytes], ...], name: str) -> str:
    return dict(headers)[name.encode()].decode()


def path_of(name: str) -> str:
    return asset_url(name).removeprefix(URL_PREFIX)


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        (STYLESHEET, "text/css; charset=utf-8"),
        ("js/reveal-password.js", "text/javascript; charset=utf-8"),
        ("images/latchkey.svg", "image/svg+xml"),
    ],
)
def test_a_file_is_served_as_what_it_is_and_kept(name: str, media_type: str) -> None:
    answer = serve(path_of(name), None)
    assert answer is not None
    assert field(answer.headers, "content-type") == media_type
    assert "immutable" in field(answer.headers, "cache-control")
    assert answer.body


def test_a_known_file_is_not_sent_again() -> None:
    first = serve(path_of(STYLESHEET), None)
    assert first is not None
    again = serve(path_of(STYLESHEET), field(first.headers, "etag"))
    assert again is not None
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize("path", ["latchkey.css", "0000000000000000/latchkey.css", "../server/app.py", "brand/red.css"])
def test_nothing_else_is_served(path: str) -> None:
    assert serve(path, None) is None


def test_a_brand_colour_is_a_style_sheet() -> None:
    answer = serve(brand_url("0f7b6c").removeprefix(URL_PREFIX), None)
    assert answer is not None
    assert b"--accent: #0f7b6c" in answer.body


def test_code_of_others_is_what_its_readme_says() -> None:
    readme = (STATIC / "vendor" / "README.md").read_text(encoding="utf-8")
    scripts = sorted((STATIC / "vendor").glob("*.js"))
    assert scripts
    for script in scripts:
        assert f"`{script.name}`" in readme
        assert hashlib.sha256(script.read_bytes()).hexdigest() in readme


def blocks() -> list[Path]:
    css = STATIC / "css"
    return sorted([*(css / "components").glob("*.css"), *(css / "console").glob("*.css")])


@pytest.mark.parametrize("block", blocks(), ids=lambda path: path.stem)
def test_a_block_styles_itself_with_values_of_tokens_only(block: Path) -> None:
    css = re.sub(r"/\*.*?\*/", "", block.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert re.search(r"#[0-9a-fA-F]{3,8}\b", css) is None, "colours come from tokens.css"
    assert "!important" not in css
    classes = set(re.findall(r"\.([a-z][a-z0-9_-]*)", css))
    own = {name for name in classes if name.split("__")[0].split("--")[0] == block.stem}
    assert own, "a block has its file's name"
    assert len(own) >= len(classes) - 2, "a block is not another block's affair"


def test_every_class_of_a_template_has_its_style() -> None:
    css = "".join(file.read_text(encoding="utf-8") for file in blocks())
    templates = "".join(file.read_text(encoding="utf-8") for file in (STATIC.parent / "templates").rglob("*.html"))
    used = {name for value in re.findall(r'class="([^"{]+)"', templates) for name in value.split()}
    unknown = sorted(name for name in used if f".{name}" not in css)
    assert unknown == []
