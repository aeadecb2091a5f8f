"""Palette and style sheet of every control, in the theme's colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QColor, QPalette

from capsviz.gui.look.contrast import mixed

if TYPE_CHECKING:
    from capsviz.gui.look.theme import Theme

_ROUND = 6  # pixels, the corners of whatever can be pressed
_ON = 0.3  # how much of the accent is in the ground of what is switched on


def palette(theme: Theme) -> QPalette:
    """What Fusion draws with."""
    made = QPalette()
    role = QPalette.ColorRole
    for name, colour in {
        role.Window: theme.ground,
        role.WindowText: theme.text,
        role.Base: theme.card,
        role.AlternateBase: theme.raised,
        role.Text: theme.text,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.text,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.PlaceholderText: theme.quiet,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.card,
        role.Link: theme.accent,
    }.items():
        made.setColor(name, QColor(colour))
    disabled = QPalette.ColorGroup.Disabled
    for name in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(disabled, name, QColor(theme.faint))
    return made


def style_sheet(theme: Theme, grid: int) -> str:
    """What Fusion's palette alone does not say; `grid` is the unit of every gap, in pixels."""
    parts = (_surfaces, _bars, _buttons, _menus, _fields, _tabs, _sliders, _lists, _ticks)
    return "".join(part(theme, grid // 2, grid) for part in parts)


def _surfaces(theme: Theme, half: int, one: int) -> str:
    return f"""
    QMainWindow::separator {{ width: {one}px; height: {one}px; background: transparent; }}
    QMainWindow::separator:hover {{ background: {theme.line}; }}
    #card-header, #card-body {{ background: {theme.card}; border: 1px solid {theme.edge}; }}
    #card-header {{ border-bottom: 0; border-top-left-radius: {one}px;
        border-top-right-radius: {one}px; }}
    #card-body {{ border-top: 0; border-bottom-left-radius: {one}px;
        border-bottom-right-radius: {one}px; }}
    [quiet="true"] {{ color: {theme.quiet}; }}
    [quiet="true"]:disabled {{ color: {theme.faint}; }}
    QToolTip {{ background: {theme.raised}; color: {theme.text};
        border: 1px solid {theme.line}; padding: {half}px; }}
    #notice {{ background: {theme.raised}; border: 1px solid {theme.edge};
        border-radius: {one}px; border-left: 3px solid {theme.warning}; }}
    #hints {{ background: {theme.card}; border: 1px solid {theme.edge};
        border-radius: {one}px; }}
    #sheet {{ background: {theme.card}; border: 1px solid {theme.edge};
        border-radius: {one}px; }}
    #guide QTextBrowser {{ background: {theme.card}; border: 1px solid {theme.edge};
        border-radius: {one}px; }}
    #guide QTextBrowser:focus {{ border-color: {theme.accent}; }}
    #palette {{ background: {theme.card}; border: 1px solid {theme.line};
        border-radius: {one}px; }}
    """


def _bars(theme: Theme, half: int, one: int) -> str:
    return f"""
    QToolBar {{ border: 0; padding: {half}px 0; spacing: {half}px; }}
    #qt_toolbar_ext_button {{ padding: 0; qproperty-icon: url(icons:arrow-right.svg); }}
    QToolBar::separator {{ width: {one + half}px; background: transparent; }}
    QStatusBar {{ color: {theme.quiet}; }}
    QStatusBar::item {{ border: 0; }}
    QStatusBar QLabel {{ color: {theme.quiet}; padding: 0 {one}px;
        border: 1px solid transparent; border-radius: {half}px; }}
    QStatusBar QLabel:focus {{ border-color: {theme.accent}; }}
    QProgressBar {{ background: {theme.raised}; border: 1px solid {theme.edge};
        border-radius: 3px; max-height: 6px; color: transparent; }}
    QProgressBar::chunk {{ background: {theme.accent}; border-radius: 3px; }}
    """


def _buttons(theme: Theme, half: int, one: int) -> str:
    return f"""
    QToolButton {{ border: 1px solid transparent; border-radius: {_ROUND}px;
        padding: {half}px {one}px; }}
    QToolButton:hover {{ background: {theme.raised}; }}
    QToolBar QToolButton:hover {{ background: {_on_ground(theme)}; }}
    QToolButton:pressed {{ background: {theme.ground}; }}
    QToolButton:checked, QToolBar QToolButton:checked {{ background: {switched_on(theme)};
        border-color: {theme.accent}; }}
    QToolButton:disabled {{ color: {theme.faint}; }}
    QToolButton:checked:disabled {{ background: {theme.raised}; border-color: {theme.faint}; }}
    QToolButton::menu-indicator {{ image: none; }}
    QToolButton[segment="true"] {{ color: {theme.quiet}; border-color: {theme.edge}; }}
    QToolButton[segment="true"]:hover {{ color: {theme.text}; }}
    QToolButton[segment="true"]:checked {{ background: {theme.raised}; color: {theme.text};
        border-color: {theme.quiet}; }}
    QToolButton[segment="true"]:disabled {{ color: {theme.faint}; }}
    QToolButton:focus, QToolButton[segment="true"]:focus {{ border-color: {theme.accent}; }}
    QToolButton:checked:focus {{ border-color: {theme.text}; }}
    QPushButton {{ background: {theme.raised}; border: 1px solid {theme.edge};
        border-radius: {_ROUND}px; padding: {half + 1}px {2 * one}px; }}
    QPushButton[compact="true"] {{ padding: {half + 1}px {one}px; }}
    QPushButton:hover {{ border-color: {theme.quiet}; }}
    QPushButton:pressed {{ background: {theme.ground}; }}
    QPushButton:checked {{ background: {switched_on(theme)}; border-color: {theme.accent}; }}
    QPushButton:default {{ background: {theme.accent}; color: {theme.card}; }}
    QPushButton:focus {{ border-color: {theme.accent}; }}
    QPushButton:default:focus, QPushButton:checked:focus {{ border-color: {theme.text}; }}
    QPushButton:disabled {{ background: transparent; color: {theme.faint};
        border-color: {theme.line}; }}
    """


def _menus(theme: Theme, half: int, one: int) -> str:
    return f"""
    QMenuBar {{ background: {theme.ground}; padding: 2px 0; }}
    QMenuBar::item {{ padding: {half}px {one}px; border-radius: {half}px; }}
    QMenuBar::item:selected {{ background: {theme.raised}; }}
    QMenu {{ background: {theme.card}; border: 1px solid {theme.line}; padding: {half}px; }}
    QMenu::item {{ padding: {half + 1}px {3 * one}px; border-radius: {half}px; }}
    QMenu::item:selected {{ background: {theme.raised}; color: {theme.text}; }}
    QMenu::item:disabled {{ color: {theme.faint}; }}
    QMenu::icon {{ padding-left: {half}px; }}
    QMenu::indicator {{ width: 12px; height: 12px; left: {half + 2}px; }}
    QMenu::indicator:checked {{ image: url(icons:{_tick(theme, on_accent=False)}); }}
    QMenu::right-arrow {{ image: url(icons:arrow-right.svg); width: 12px; height: 12px; }}
    QMenu::separator {{ height: 1px; margin: {half}px {one}px; background: {theme.line}; }}
    """


def _fields(theme: Theme, half: int, one: int) -> str:
    fields = ("QLineEdit", "QComboBox", "QSpinBox", "QDoubleSpinBox")
    return f"""
    {", ".join(fields)} {{ background: {theme.raised}; color: {theme.text};
        border: 1px solid {theme.edge}; border-radius: {_ROUND}px;
        padding: {half - 1}px {one}px; selection-background-color: {theme.accent};
        selection-color: {theme.card}; }}
    {", ".join(f"{field}:hover" for field in fields)} {{ border-color: {theme.line}; }}
    {", ".join(f"{field}:focus" for field in fields)} {{ border-color: {theme.accent}; }}
    {", ".join(f"{field}:disabled" for field in fields)} {{ color: {theme.faint}; }}
    QComboBox::drop-down {{ border: 0; width: {3 * one}px; }}
    QComboBox::down-arrow {{ image: url(icons:arrow-down.svg); width: 12px; height: 12px; }}
    QComboBox QAbstractItemView {{ background: {theme.card}; border: 1px solid {theme.line};
        padding: {half}px; outline: 0; }}
    QToolBar QComboBox, QToolBar QSpinBox {{ background: {_on_ground(theme)}; }}
    QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ border: 0;
        width: {2 * one}px; subcontrol-origin: border; margin-right: 2px; }}
    QAbstractSpinBox::up-button {{ subcontrol-position: top right; margin-top: 3px; }}
    QAbstractSpinBox::down-button {{ subcontrol-position: bottom right; margin-bottom: 3px; }}
    QAbstractSpinBox::up-arrow {{ image: url(icons:arrow-up.svg); width: 10px; height: 10px; }}
    QAbstractSpinBox::down-arrow {{ image: url(icons:arrow-down.svg);
        width: 10px; height: 10px; }}
    """


def _tabs(theme: Theme, half: int, one: int) -> str:
    return f"""
    QTabWidget::pane {{ border: 0; }}
    QTabBar {{ qproperty-drawBase: 0; background: transparent; }}
    QTabBar::tab {{ background: transparent; color: {theme.quiet};
        padding: {half - 1}px {one + half - 1}px; border: 1px solid transparent;
        border-bottom: 2px solid transparent; }}
    QTabBar[compact="true"]::tab {{ padding: {half - 1}px {one - 1}px; }}
    QTabBar::tab:hover {{ color: {theme.text}; }}
    QTabBar::tab:selected {{ color: {theme.text}; border-bottom-color: {theme.accent}; }}
    QTabBar::tab:focus {{ background: {theme.raised}; border-color: {theme.text}; }}
    QTabBar::tab:disabled {{ color: {theme.faint}; }}
    """


def _sliders(theme: Theme, half: int, one: int) -> str:
    return f"""
    QSlider {{ border: 1px solid transparent; border-radius: {_ROUND}px; }}
    QSlider:focus {{ border-color: {theme.accent}; }}
    QSlider:horizontal {{ min-height: {2 * one + half}px; }}
    QSlider:vertical {{ min-width: {2 * one + half}px; }}
    QSlider::groove {{ background: {theme.line}; border-radius: 2px; }}
    QSlider::groove:horizontal {{ height: 4px; margin: 0 {half}px; }}
    QSlider::groove:vertical {{ width: 4px; margin: {half}px 0; }}
    QSlider::sub-page:horizontal {{ background: {theme.quiet}; border-radius: 2px;
        height: 4px; margin: 0 {half}px; }}
    QSlider::handle {{ background: {theme.text}; border-radius: {_ROUND}px;
        width: 12px; height: 12px; }}
    QSlider::handle:horizontal {{ margin: -4px 0; }}
    QSlider::handle:vertical {{ margin: 0 -4px; }}
    QSlider::handle:hover, QSlider::handle:pressed {{ background: {theme.accent}; }}
    QSlider::handle:disabled, QSlider::sub-page:disabled {{ background: {theme.faint}; }}
    QScrollBar {{ background: transparent; border: 0; margin: 0; }}
    QScrollBar:vertical {{ width: {one}px; }}
    QScrollBar:horizontal {{ height: {one}px; }}
    QScrollBar::handle {{ background: {theme.faint}; border-radius: 3px; margin: 1px; }}
    QScrollBar::handle:vertical {{ min-height: {4 * one}px; }}
    QScrollBar::handle:horizontal {{ min-width: {4 * one}px; }}
    QScrollBar::handle:hover {{ background: {theme.quiet}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    """


def _lists(theme: Theme, half: int, one: int) -> str:
    views = ("QListView", "QTreeView", "QTableView")
    return f"""
    {", ".join(views)} {{ background: {theme.card}; border: 1px solid {theme.edge};
        border-radius: {_ROUND}px; outline: 0; }}
    {", ".join(f"{view}:focus" for view in views)} {{ border-color: {theme.accent}; }}
    QHeaderView {{ background: {theme.card}; }}
    QHeaderView::section {{ background: {theme.card}; color: {theme.quiet}; border: 0;
        border-bottom: 1px solid {theme.line}; padding: {half}px {one}px; }}
    QAbstractItemView::item {{ padding: {half}px {one}px; border: 0; }}
    QAbstractItemView::item:hover {{ background: {theme.raised}; }}
    QAbstractItemView::item:selected {{ background: {theme.raised}; color: {theme.text}; }}
    QAbstractItemView::item:disabled {{ color: {theme.faint}; }}
    """


def _ticks(theme: Theme, half: int, one: int) -> str:
    boxes = ("QCheckBox", "QRadioButton")
    return f"""
    {", ".join(boxes)} {{ spacing: {one}px; padding: 2px {half}px; border: 1px solid transparent;
        border-radius: {half}px; }}
    {", ".join(f"{box}:focus" for box in boxes)} {{ border-color: {theme.accent}; }}
    {", ".join(f"{box}:disabled" for box in boxes)} {{ color: {theme.faint}; }}
    {", ".join(f"{box}::indicator" for box in boxes)} {{ width: 14px; height: 14px;
        border: 1px solid {theme.quiet}; border-radius: 4px; background: transparent; }}
    QRadioButton::indicator {{ border-radius: 8px; }}
    {", ".join(f"{box}::indicator:hover" for box in boxes)} {{ border-color: {theme.text}; }}
    QCheckBox::indicator:checked {{ background: {theme.accent}; border-color: {theme.accent};
        image: url(icons:{_tick(theme, on_accent=True)}); }}
    QRadioButton::indicator:checked {{ background: {theme.card};
        border: 5px solid {theme.accent}; width: 6px; height: 6px; }}
    {", ".join(f"{box}::indicator:disabled" for box in boxes)} {{ border-color: {theme.faint}; }}
    QCheckBox::indicator:checked:disabled {{ background: {theme.faint}; }}
    """


def switched_on(theme: Theme) -> str:
    """The ground of a button that is on: a ring alone would say that it has the focus."""
    return mixed(theme.raised, theme.accent, _ON)


def _on_ground(theme: Theme) -> str:
    """What stands out from the window's ground, which in a light theme is nearly `raised`."""
    return theme.raised if theme.is_dark else theme.card


def _tick(theme: Theme, on_accent: bool) -> str:
    """The file of a tick that stands out on a card, or on the accent."""
    return "tick-light.svg" if theme.is_dark != on_accent else "tick-dark.svg"
