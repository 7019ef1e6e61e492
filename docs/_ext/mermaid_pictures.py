"""The `mermaid` directive: a picture drawn when the docs are built, so that it shows without a network.

Mermaid itself draws it, in an interpreter that mermaidx brings along; the page gets an SVG and no script. A
picture that can't be drawn is a warning with its place in the page. Outside HTML its source stands in for it.
"""

import hashlib
import re
from html import escape
from pathlib import Path
from typing import Any, ClassVar

import mermaidx
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata, OptionSpec
from sphinx.writers.html5 import HTML5Translator

_log = logging.getLogger(__name__)

# Labels as SVG text: browsers show it in an <img> where they may leave out embedded HTML.
_CONFIG = {
    "htmlLabels": False,
    "flowchart": {"htmlLabels": False, "subGraphTitleMargin": {"top": 4, "bottom": 16}},
}
_THEME = "neutral"
_DESCRIPTION = re.compile(r"^\s*accDescr: (?P<text>.+)$", re.MULTILINE)
_VIEW_BOX = re.compile(r'viewBox="\S+ \S+ (?P<width>[\d.]+) (?P<height>[\d.]+)"')


class MermaidPicture(nodes.General, nodes.Element):
    """A picture in the document: `code` is the Mermaid source, `alt` what a screen reader says."""


class MermaidDirective(SphinxDirective):
    """A fence named `mermaid`; `:alt:`, or `accDescr:` in the source, describes it to who can't see it."""

    has_content = True
    option_spec: ClassVar[OptionSpec] = {"alt": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        """Put the picture into the document."""
        code = "\n".join(self.content)
        described = _DESCRIPTION.search(code)
        alt = self.options.get("alt") or (described["text"] if described else "diagram")
        picture = MermaidPicture("", code=code, alt=alt)
        self.set_source_info(picture)
        return [picture]


def _draw(translator: HTML5Translator, picture: MermaidPicture) -> None:
    code: str = picture["code"]
    name = f"mermaid-{hashlib.sha256(f'{_THEME}{_CONFIG}{code}'.encode()).hexdigest()[:16]}.svg"
    builder = translator.builder
    drawn = Path(builder.outdir, builder.imagedir, name)
    if not drawn.exists():
        try:
            svg = mermaidx.render(code, theme=_THEME, config=_CONFIG).svg()
        except RuntimeError as fault:
            _log.warning(
                "this Mermaid picture can't be drawn: %s", fault, location=picture
            )
            raise nodes.SkipNode from fault
        drawn.parent.mkdir(parents=True, exist_ok=True)
        drawn.write_text(svg, encoding="utf-8")
    box = _VIEW_BOX.search(drawn.read_text(encoding="utf-8"))
    size = (
        f' width="{float(box["width"]):.0f}" height="{float(box["height"]):.0f}"'
        if box
        else ""
    )
    image = f'<img src="{builder.imgpath}/{name}" alt="{escape(picture["alt"])}"{size}>'
    translator.body.append(f'<figure class="mermaid-picture">{image}</figure>\n')
    raise nodes.SkipNode


def _spell_out(translator: Any, picture: MermaidPicture) -> None:  # noqa: ANN401 - any writer of Sphinx
    block = nodes.literal_block(picture["code"], picture["code"])
    block.walkabout(translator)
    raise nodes.SkipNode


def setup(app: Sphinx) -> ExtensionMetadata:
    """Tell Sphinx of the directive."""
    app.add_node(
        MermaidPicture,
        html=(_draw, None),
        latex=(_spell_out, None),
        man=(_spell_out, None),
        texinfo=(_spell_out, None),
        text=(_spell_out, None),
    )
    app.add_directive("mermaid", MermaidDirective)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
