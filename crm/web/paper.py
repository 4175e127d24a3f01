"""What is printed: a template of typst and the words that stand on it, set with the fonts of `print`.

Typst comes as a wheel and reads no font of the system, so that paper looks the same on every machine.
"""

from pathlib import Path
from typing import Any

import orjson
import typst

FONTS = Path(__file__).parent / "print"


def pdf(template: Path, words: dict[str, Any]) -> bytes:
    """The template with these words as PDF."""
    return typst.compile(  # type: ignore[return-value]  # one file, so bytes
        str(template),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"data": orjson.dumps(words).decode()},
    )
