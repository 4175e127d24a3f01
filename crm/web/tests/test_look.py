"""The files of the look: contrast, weight, nothing inline, every icon and word there is."""

import gzip
import hashlib
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management.base import CommandError
from django.template.loader import get_template
from django.utils.translation.template import templatize

from crm.management.commands.icons import NAMES, sprite

BASE = Path(settings.BASE_DIR)
STATIC = BASE / "static"
TEMPLATES = sorted((BASE / "templates").rglob("*.html"))
OURS = [path for path in TEMPLATES if path.parent.name in {"components", "errors", "elements", "layouts"}]
OURS += [BASE / "templates" / name for name in ("base.html", "account/login.html", "403_csrf.html")]
THEMES = ("light", "dark")

GROUNDS = ("canvas", "surface", "sunken", "hover", "accent-soft")
TEXT = [(ink, ground) for ink in ("ink", "ink-2", "ink-3", "accent") for ground in GROUNDS]
TEXT += [(f"{tone}-ink", ground) for tone in ("red", "amber") for ground in (*GROUNDS, f"{tone}-soft")]
TEXT += [("green-ink", "surface"), ("green-ink", "green-soft"), ("ink", "red-soft"), ("ink-2", "red-soft")]
TEXT += [
    ("ink", "amber-soft"),
    ("ink-2", "amber-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
]
TEXT += [("on-accent", "red"), ("on-accent", "red-ink"), ("on-inverse", "inverse")]
TEXT += [(f"{tier}-ink", tier) for tier in ("company", "key", "major", "general")]
MARKS = [(name, "surface") for name in ("c1", "c2", "c3", "c4", "c5", "c6", "t1", "t2", "t3", "t4")]
MARKS += [(name, ground) for name in ("red", "amber", "green") for ground in ("surface", "accent-soft")]
MARKS += [("accent", "canvas"), ("edge", "canvas"), ("edge", "surface")]


def colours(theme: str) -> dict[str, str]:
    names = ["tokens.css"] if theme == "light" else ["tokens.css", "dark.css"]
    text = "".join((STATIC / "css" / name).read_text() for name in names)
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", text))


def luminance(colour: str) -> float:
    shares = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def too_pale(pairs: list[tuple[str, str]], theme: str, least: float) -> dict[tuple[str, str], float]:
    tokens = colours(theme)
    found = {pair: round(contrast(tokens[pair[0]], tokens[pair[1]]), 2) for pair in pairs}
    return {pair: ratio for pair, ratio in found.items() if ratio < least}


@pytest.mark.parametrize("theme", THEMES)
def test_every_text_can_be_read_on_its_ground(theme):
    assert too_pale(TEXT, theme, 4.5) == {}


@pytest.mark.parametrize("theme", THEMES)
def test_every_mark_can_be_told_from_its_ground(theme):
    assert too_pale(MARKS, theme, 3.0) == {}


def test_the_dark_theme_declares_every_colour_again_and_nothing_else():
    names = {
        theme: set(re.findall(r"(--[\w-]+): (?:#|rgb)", (STATIC / "css" / file).read_text()))
        for theme, file in (("light", "tokens.css"), ("dark", "dark.css"))
    }
    assert names["dark"] == names["light"]


def test_style_sheets_use_only_names_that_exist():
    sheets = "".join(path.read_text() for path in (STATIC / "css").glob("*.css"))
    assert set(re.findall(r"var\((--[\w-]+)", sheets)) - set(re.findall(r"(--[\w-]+):", sheets)) == set()


def test_colours_are_named_in_the_tokens_only():
    strays = {
        path.name: re.findall(r"#[0-9a-f]{3,8}\b", path.read_text())
        for path in (STATIC / "css").glob("*.css")
        if path.name not in {"tokens.css", "dark.css"}
    }
    assert {name: found for name, found in strays.items() if found} == {"controls.css": ["#ffffff"]}


def weight(paths) -> int:
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in paths)


def test_the_files_stay_within_their_budgets():
    assert weight((STATIC / "css").glob("*.css")) <= 16 * 1024
    assert weight((STATIC / "js").glob("*.js")) <= 14 * 1024
    assert weight([STATIC / "vendor" / "htmx-4.0.1.min.js"]) <= 14 * 1024
    assert weight([STATIC / "icons.svg"]) <= 6 * 1024


def test_files_from_elsewhere_are_unchanged_and_licensed():
    rows = re.findall(
        r"^\| (\S+) \| (\S+) \| (\S+) \| \S+ \| \S+ \| ([0-9a-f]{64}) \|$", vendored(), re.MULTILINE
    )
    assert len(rows) == 3
    for file, _package, version, digest in rows:
        path = BASE / file
        assert hashlib.sha256(path.read_bytes()).hexdigest() == digest
        assert any(version in other.name and "LICENSE" in other.name for other in path.parent.iterdir())


def vendored() -> str:
    return (STATIC / "vendor" / "VENDOR.md").read_text()


def test_no_file_from_elsewhere_is_missing_from_the_list():
    files = [
        path for path in (STATIC / "vendor").iterdir() if path.suffix != ".md" and "LICENSE" not in path.name
    ]
    assert [path.name for path in files if f"static/vendor/{path.name} " not in vendored()] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(BASE / "templates")))
def test_a_template_holds_nothing_that_the_policy_forbids(path):
    text = path.read_text()
    assert (
        re.findall(r"\sstyle=|<style|\shx-on|\son[a-z]+=\"|hx-boost|=[\"']js:|hx-trigger=\"[^\"]*\[", text)
        == []
    )
    assert [
        tag
        for tag in re.findall(r"<script[^>]*>", text)
        if "src=" not in tag and "application/json" not in tag
    ] == []
    assert re.findall(r"(?:href|src)=\"(?:https?:)?//", text) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(BASE / "templates")))
def test_every_button_does_something(path):
    """One that is neither primary nor a link is sent only if it says so."""
    acts = ("href=", 'kind="primary"', "type=", "data_", "popovertarget=")
    buttons = re.findall(r"{% button .*?%}", path.read_text())
    assert [one for one in buttons if not any(act in one for act in acts)] == []


def test_every_icon_in_use_is_in_the_sprite():
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text()))
    sources = [*TEMPLATES, *(BASE / "crm" / "web").rglob("*.py")]
    text = "".join(path.read_text() for path in sources if "tests" not in path.parts)
    used = set(re.findall(r'(?:{% icon |icon_button |icon=|draw_icon\()"([\w-]+)"', text))
    assert used - drawn == set()


def test_the_sprite_holds_exactly_the_listed_icons():
    drawn = re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text())
    assert drawn == NAMES.split()


def test_the_sprite_is_drawn_from_a_package_and_refuses_a_poor_one(tmp_path):
    with pytest.raises(CommandError, match=f"no icon {NAMES.split()[0]} in"):
        sprite(tmp_path)
    folder = tmp_path / "icons" / "outline"
    folder.mkdir(parents=True)
    canvas = '<path stroke="none" d="M0 0h24v24H0z" fill="none" />'
    for name in NAMES.split():
        (folder / f"{name}.svg").write_text(f'<svg stroke-width="2">{canvas}<path d="M5 4h4" /></svg>')
    first = f'<symbol id="{NAMES.split()[0]}" viewBox="0 0 24 24"><path d="M5 4h4"/></symbol>'
    assert sprite(tmp_path).startswith(f'<svg xmlns="http://www.w3.org/2000/svg">{first}')


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(BASE / "templates")))
def test_a_component_loads(path):
    assert get_template(str(path.relative_to(BASE / "templates"))).template.name


def test_every_word_of_the_shell_is_in_the_chinese_catalogue():
    with (BASE / "crm/web/locale/zh_Hans/LC_MESSAGES/django.po").open("rb") as file:
        catalogue = read_po(file)
    empty = [entry.id for entry in catalogue if entry.id and (entry.fuzzy or not all(entry.string))]
    known = {(entry.id[0] if isinstance(entry.id, tuple) else entry.id, entry.context) for entry in catalogue}
    assert empty == []
    assert [word for path in OURS for word in words(path.read_text()) if word not in known] == []


def words(template: str) -> set[tuple[str, str | None]]:
    """What a template asks to be translated, as (text, context)."""
    calls = templatize(template)
    plain = re.findall(r"(?<![p\w])gettext\(u?(['\"])(.*?)\1\)", calls)
    plural = re.findall(r"ngettext\(u?(['\"])(.*?)\1,", calls)
    placed = re.findall(r"pgettext\(u?(['\"])(.*?)\1, u?(['\"])(.*?)\3\)", calls)
    return {(text, None) for _, text in [*plain, *plural]} | {(text, place) for _, place, _, text in placed}
