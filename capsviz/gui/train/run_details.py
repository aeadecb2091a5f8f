"""What one run was asked to do, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capsviz.gui.train.fields import Field, all_fields
from capsviz.network.config import CapsNetConfig
from capsviz.training.settings import TrainingSettings

if TYPE_CHECKING:
    from capsviz.training.plan import RunPlan
    from capsviz.training.runs import RunSummary


def told(run: RunSummary) -> str:
    """Its data, and every setting that is not the paper's."""
    if run.plan is None:
        return run.problem
    start = f", begun with {run.plan.start}" if run.plan.start else ""
    others = ", ".join(_differences(run.plan)) or "all as in the paper"
    return f"{run.plan.data}{start}; {others}"


def _differences(plan: RunPlan) -> list[str]:
    usual = {True: CapsNetConfig(), False: TrainingSettings()}
    found = []
    for field in all_fields():
        own: object = plan.config if field.of_network else plan.settings
        value = getattr(own, field.name)
        if value != getattr(usual[field.of_network], field.name):
            found.append(f"{field.label.lower()} {_words(field, value)}")
    return found


def _words(field: Field, value: object) -> str:
    if field.kind == "tick":
        return "yes" if value else "no"
    if field.kind == "choice":
        return dict(field.choices).get(str(value), str(value)).lower()
    return f"{value:,}".replace(",", " ")
