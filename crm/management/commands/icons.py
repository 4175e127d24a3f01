"""Rebuild static/icons.svg: one sprite of the icons the product uses."""

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

NAMES = """
adjustments-horizontal alert-circle alert-triangle arrow-back-up arrow-right arrows-exchange bell
brand-wechat briefcase building calendar cash chart-bar check checklist chevron-down chevron-left
chevron-right chevron-up circle-check clipboard-check clock coin-yuan columns-3 copy device-desktop
dots download eye eye-off external-link file-import file-text filter flag headset help-circle
history home hourglass info-circle key language lock logout mail map-pin menu-2 message moon
moon-stars mood-empty paperclip pencil phone plus printer receipt refresh ripple search settings
shield-lock speakerphone star sun tag target-arrow transfer trash upload user user-plus users
users-group x
"""
_SHAPES = re.compile(r"<(?:path|circle|line|rect|polyline|ellipse)\b[^>]*/>")
_CANVAS = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none" ?/>')


class Command(BaseCommand):
    help = "Rebuild static/icons.svg from an unpacked icon package (its folder holds icons/outline/*.svg)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("package", type=Path, help="folder of the unpacked package")

    def handle(self, *_args: Any, package: Path, **_options: Any) -> None:
        target = settings.BASE_DIR / "static" / "icons.svg"
        target.write_text(sprite(package), encoding="utf-8")
        self.stdout.write(f"{len(NAMES.split())} icons, {target.stat().st_size} bytes: {target}")


def sprite(package: Path) -> str:
    """All icons of NAMES as symbols of one SVG; raises CommandError when the package lacks one."""
    symbols = "".join(_symbol(package, name) for name in NAMES.split())
    return f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>\n'


def _symbol(package: Path, name: str) -> str:
    source = package / "icons" / "outline" / f"{name}.svg"
    if not source.is_file():
        raise CommandError(f"no icon {name} in {package}")
    drawing = _CANVAS.sub("", source.read_text(encoding="utf-8"))
    shapes = "".join(shape.replace(" />", "/>") for shape in _SHAPES.findall(drawing))
    return f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>'
