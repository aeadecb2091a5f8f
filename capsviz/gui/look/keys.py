"""Keys and focus, where a picture is used by keyboard."""

from __future__ import annotations

from PySide6.QtCore import Qt

CHOOSE = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
"""Keys that take what the keyboard is on."""

NUMERALS = tuple("0123456789")
"""What keys that name a digit type."""

UNMODIFIED = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
"""Modifiers of a key that is pressed alone."""

BY_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
"""Reasons for which the focus comes when the keyboard is in use."""
