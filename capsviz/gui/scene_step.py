"""Replacing what stands on the canvas, as a step that can be undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capsviz.gui.steps import Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from capsviz.gui.pose_edit import Edit
    from capsviz.gui.scene import Scene


class SceneStep(Step):
    """From a scene, and an edit of its pose, to another scene.

    Args:
        put: shows a scene and an edit of its pose.
        before: what is shown now.
        after: the scene to show.
        what: what the step is called.
    """

    def __init__(
        self,
        put: Callable[[Scene, Edit | None], None],
        before: tuple[Scene, Edit | None],
        after: Scene,
        what: str,
    ) -> None:
        super().__init__(what)
        self._put, self._before, self._after = put, before, after

    def take_back(self) -> None:
        self._put(*self._before)

    def take(self) -> None:
        self._put(self._after, None)
