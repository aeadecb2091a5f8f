"""How to read the window: what a capsule network does, and what each card shows of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Slot
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout

from capsviz.gui.look.screens import screen_under
from capsviz.gui.look.theme import BODY, GRID, Theme, font
from capsviz.places import resources_folder

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

_COLUMNS, _LINES = 96, 42  # letters across and lines down, of a page that is pleasant to read
_SHARE = 0.9  # of the screen, at most
_HEADING = re.compile(r'<h2><a name="([\w-]+)">([^<]+)</a></h2>')


class Guide(QDialog):
    """A page of short sections in the order of the window, with a row of links to them above.
    Nothing waits for it; closed and opened again, it is where one read.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("guide")
        self.setWindowTitle("How to read this window")
        self.setModal(False)
        self._text = (resources_folder() / "docs" / "how-to-read.html").read_text("utf-8")
        self.page = QTextBrowser()
        self.page.setAccessibleName("How to read this window")
        self.page.document().setDocumentMargin(2 * GRID)
        self._read = 0.0  # how much of the page has been scrolled past
        self.page.verticalScrollBar().valueChanged.connect(self._keep_place)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.page)
        layout.addWidget(buttons)
        self.resize(_pleasant().boundedTo(screen_under(parent).availableSize() * _SHARE))

    def set_theme(self, theme: Theme) -> None:
        """Take these colours, and the size that text has now."""
        bar, document = self.page.verticalScrollBar(), self.page.document()
        share = self._read  # before the page is written anew, which begins at its top
        document.setDefaultFont(font(BODY))
        document.setDefaultStyleSheet(_style(theme))
        self.page.setHtml(_links(self._text) + self._text)
        document.size()  # laid out to its end
        bar.setValue(round(share * bar.maximum()))

    @Slot(int)
    def _keep_place(self, value: int) -> None:
        """Larger letters make the page longer, and what was read would be further down."""
        self._read = value / max(self.page.verticalScrollBar().maximum(), 1)


def _pleasant() -> QSize:
    letters = QFontMetrics(font(BODY))
    return QSize(_COLUMNS * letters.averageCharWidth(), _LINES * letters.height())


def _links(text: str) -> str:
    """A row of all headings, each of which leads there."""
    links = (f'<a href="#{name}">{_unbroken(title)}</a>' for name, title in _HEADING.findall(text))
    return f'<p class="links">{"&nbsp; · ".join(links)}</p>'


def _unbroken(words: str) -> str:
    return words.replace(" ", "&nbsp;")


def _style(theme: Theme) -> str:
    return f"""
    h2 {{ color: {theme.text}; font-size: medium; font-weight: 600;
        margin-top: {3 * GRID}px; margin-bottom: {GRID // 2}px; }}
    p, li {{ color: {theme.text}; line-height: 125%; margin-top: 0;
        margin-bottom: {GRID}px; }}
    .links {{ color: {theme.quiet}; }}
    a {{ color: {theme.accent}; text-decoration: none; }}
    h2 a {{ color: {theme.text}; }}
    """
