"""Which signal of the lab reaches which slot: intents up to the study, news down to the views."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from capsviz.explore.answers import SEEN
from capsviz.gui.look.theme import DARK, Theme
from capsviz.gui.playing import join_playhead
from capsviz.gui.stroke_undo import StrokeUndo

if TYPE_CHECKING:
    from capsviz.data.overlay import Overlay
    from capsviz.explore.models import LoadedModel
    from capsviz.explore.separation import Separation
    from capsviz.gui.labs.two_digits import TwoDigits
    from capsviz.gui.offer import Offer


class LabWiring(QObject):
    """Connects a study with the views of its window; they know nothing of each other."""

    def __init__(self, lab: TwoDigits) -> None:
        super().__init__(lab)
        self._lab, self._study = lab, lab.study
        self._theme = DARK
        self._offered = ""
        self._connect_input()
        self._connect_answers()
        self._connect_networks()
        self._connect_actions()
        self._show_overlay(self._study.composing.overlay)
        self._say_what_to_do()

    def _connect_input(self) -> None:
        lab, study, composing = self._lab, self._study, self._study.composing
        lab.canvas.mark_moved.connect(composing.preview_mark)
        lab.canvas.mark_made.connect(composing.add_mark)
        lab.canvas.mark_dropped.connect(composing.drop_preview)
        lab.slide.pad.gripped.connect(composing.begin_slide)
        lab.slide.pad.slid.connect(self._slide)
        lab.slide.try_all.clicked.connect(study.try_all)
        composing.overlay_changed.connect(self._show_overlay)
        composing.active_changed.connect(self._show_active)
        study.trying.changed.connect(lab.slide.show_tries)
        study.trying.busy_changed.connect(lab.slide.show_busy)
        lab.tools.pen_size.valueChanged.connect(self._set_pen)

    def _connect_answers(self) -> None:
        lab, study = self._lab, self._study
        study.separation_changed.connect(self._show_separation)
        lab.lengths.digit_chosen.connect(study.choose)
        lab.tools.iterations.valueChanged.connect(study.set_iterations)
        lab.tools.iterations.finished.connect(lab.canvas.setFocus)
        study.iterations_changed.connect(lab.tools.show_iterations)
        join_playhead(study.playhead, lab.control, lab.result, lab.lengths)

    def _connect_networks(self) -> None:
        lab, networks = self._lab, self._study.networks
        models = lab.tools.models
        models.about_to_list.connect(networks.look)
        models.chosen.connect(networks.load)
        models.open_asked.connect(lab.open_asked)
        networks.names_changed.connect(self._show_names)
        networks.loading_changed.connect(models.show_loading)
        networks.loading_changed.connect(self._say_what_to_do)
        networks.model_changed.connect(self._show_model)
        networks.offered.connect(self._show_offer)
        self._study.noticed.connect(lab.notice.show_sentence)
        self._study.outdated.connect(lab.notice.withdraw)

    def _connect_actions(self) -> None:
        study, composing, playhead = self._study, self._study.composing, self._study.playhead
        named = self._lab.tools.named
        strokes = StrokeUndo(self._lab.canvas, composing.undo_stack, self)
        for name, slot in (
            ("undo", strokes.undo),
            ("redo", composing.undo_stack.redo),
            ("clear", composing.clear),
            ("sample", composing.show_sample),
            ("longest", study.choose_longest),
            ("try-all", study.try_all),
            ("play", playhead.toggle),
            ("step-back", playhead.step_back),
            ("step-on", playhead.step_on),
            ("close", self._lab.close),
        ):
            named[name].triggered.connect(slot)
        for name in ("pen", "eraser"):
            named[name].triggered.connect(self._set_pen)
        for name in ("first", "second", "one"):
            named[name].triggered.connect(self._set_layer)
        stack = composing.undo_stack
        for name, can in (("undo", stack.canUndoChanged), ("redo", stack.canRedoChanged)):
            named[name].setEnabled(False)
            can.connect(named[name].setEnabled)  # by value: a stack tells of its end too
        strokes.enable(named["undo"])

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self._colour_pad()

    @Slot(int, int)
    def _slide(self, x: int, y: int) -> None:
        self._study.composing.slide((x, y))

    @Slot()
    def _set_pen(self) -> None:
        tools = self._lab.tools
        width, erases = tools.pen_size.value() / 10, tools.named["eraser"].isChecked()
        self._lab.canvas.set_pen(width, erases)

    @Slot()
    def _set_layer(self) -> None:
        named = self._lab.tools.named
        if named["one"].isChecked():
            self._study.composing.join_layers()
        else:
            self._study.composing.set_active(1 if named["second"].isChecked() else 0)

    @Slot(object)
    def _show_overlay(self, overlay: Overlay) -> None:
        lab, active = self._lab, self._study.composing.active
        lab.canvas.show_overlay(overlay)
        lab.slide.show_overlay(overlay, active)
        lab.tools.named["clear"].setEnabled(not overlay.is_empty)
        lab.tools.named["try-all"].setEnabled(overlay.is_pair)
        name = "one" if overlay.is_one else ("first", "second")[active]
        lab.tools.named[name].setChecked(True)

    @Slot(int)
    def _show_active(self, active: int) -> None:
        self._lab.canvas.show_active(active)
        self._show_overlay(self._study.composing.overlay)
        self._colour_pad()

    @Slot(object)
    def _show_separation(self, answer: Separation | None) -> None:
        lab = self._lab
        lab.result.show_separation(answer)
        lab.lengths.show_separation(answer)
        lab.tools.named["longest"].setEnabled(answer is not None and answer.is_chosen)
        if answer is None:
            self._say_what_to_do()
        else:
            lab.verdict.show_separation(answer)
        lab.canvas.show_digits(self._seen_as())
        self._colour_pad()

    def _seen_as(self) -> tuple[int | None, int | None]:
        """What each layer is seen as, if as anything."""
        answer, layers = self._study.separation, self._study.composing.overlay.layers
        if answer is None:
            return None, None
        lengths = answer.explanation.final_lengths
        found = answer.choosing(None).digits
        if answer.truth is None:  # one digit alone, in whichever layer
            found = (found[0], found[0])
        first, second = (
            digit if lengths[digit] >= SEEN and not layer.is_empty else None
            for digit, layer in zip(found, layers, strict=True)
        )
        return first, second

    def _colour_pad(self) -> None:
        colours = [
            "" if digit is None else self._theme.digits[digit % 10] for digit in self._seen_as()
        ]
        active = self._study.composing.active
        self._lab.slide.pad.show_colours(colours[active], colours[1 - active])

    @Slot(tuple)
    def _show_names(self, names: tuple[str, ...]) -> None:
        self._lab.tools.models.show_names(list(names))
        self._say_what_to_do()

    @Slot(object)
    def _show_model(self, model: LoadedModel) -> None:
        self._lab.tools.models.show_model(model)
        self._lab.notice.withdraw(self._offered)
        self._say_what_to_do()

    @Slot(object)
    def _show_offer(self, offer: Offer) -> None:
        self._offered = offer.sentence
        self._lab.notice.show_offer(offer.sentence, offer.words, offer.take)
        self._say_what_to_do()

    @Slot()
    def _say_what_to_do(self) -> None:
        """In a sentence and a detail, while there is no answer."""
        study = self._study
        if study.separation is not None:
            return
        if study.networks.model is None:
            is_coming = not study.networks.is_idle
            told = "Getting the network ready …" if is_coming else "No network to answer"
            self._lab.verdict.show_waiting(told, "draw already" if is_coming else "")
        else:
            self._lab.verdict.show_waiting(
                "Draw two digits over one another", "or take a sample (N)"
            )
