"""What is kept of a network: a copy to look at, or a file that says where it comes from."""

from __future__ import annotations

import copy
from datetime import date
from typing import TYPE_CHECKING

from capsviz import __version__
from capsviz.network import Provenance
from capsviz.training.learner import Learner

if TYPE_CHECKING:
    from capsviz.network import CapsNet
    from capsviz.training.plan import Position, RunPlan
    from capsviz.training.run import RunFolder
    from capsviz.training.validation import Validator

_QUICK = 20  # images: a person who stops a run, or closes the window, waits for them


def copy_of(network: CapsNet) -> CapsNet:
    """The same weights on the CPU, in evaluation mode, shared with nobody."""
    twin = copy.deepcopy(network).to("cpu")
    twin.zero_grad(set_to_none=True)
    return twin.eval().requires_grad_(False)


def provenance_of(
    plan: RunPlan, epochs: float, found: tuple[float, float] | None, device: str, purpose: str = ""
) -> Provenance:
    """Where the weights come from; `found` are validation error and loss, if measured."""
    return Provenance(
        data=plan.data,
        purpose=purpose,
        seed=plan.settings.seed,
        held_out=plan.held_out,
        epochs=epochs,
        validation_error=found[0] if found else None,
        date=date.today().isoformat(),
        version=__version__,
        device=device,
    )


def keep_last(
    folder: RunFolder,
    learner: Learner,
    validator: Validator,
    plan: RunPlan,
    epoch_steps: int,
    position: Position | None = None,
) -> None:
    """See to it that a run which ends early leaves a network and its report.

    Does nothing if a validation left them already. The report is of a few held-out images, and
    the provenance says that the network was not chosen but is the last.

    Args:
        folder: of the run.
        learner: whose weights are kept.
        validator: of the run's held-out images.
        plan: of the run.
        epoch_steps: steps of one epoch.
        position: of the learner's weights; None if they are spoilt, and the last saved ones are
            to be taken, or else those that the run began with.
    """
    if folder.model_file.exists():
        return
    if position is None:
        if not folder.has_state:  # others than random ones are saved before the first step
            learner.start_from(Learner(plan.settings, plan.config, learner.device).model)
        position = folder.load_state(learner)
    network = learner.best_weights
    report = validator.measure(network, position.step, _QUICK) if len(validator) else None
    purpose = f"the last weights of a run that ended at step {position.step}, before a validation"
    about = provenance_of(plan, position.step / epoch_steps, None, learner.device.type, purpose)
    folder.save_model(network, about, report)
