"""Measures a network on a run's held-out images: answers, a fixed batch, capsules' health.

Letters at line ends as in `network/capsnet.py`; L places of one primary type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from capsviz.network import lengths_of, margin_loss
from capsviz.training.answered import are_found, present_of
from capsviz.training.report import Health, Report

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from torch import Tensor

    from capsviz.network import CapsNet, RoutingTrace
    from capsviz.training.settings import TrainingSettings

    Beat = Callable[[], None]
    Floats = NDArray[np.float32]

_BATCH = 256
_SHOWN = 20  # images of the fixed batch: two of each of ten classes
_TRACED = 160  # images whose whole routing is looked at; a second on two cores
_TRACE_BATCH = 16  # votes of 16 images are 12 MB
_SILENT = 0.01  # mean length of a dead primary type
_UNHEARD = 0.1  # of an even split: the share of a starved primary type
_UNFED = 0.5  # of an even split: the mean coupling of a starved digit capsule


def _go_on() -> None:
    """Where nobody breaks off."""


class Validator:
    """The held-out images of one run.

    Args:
        settings: margins of the loss.
        images: (n, 1, H, W) uint8, on the device where networks are measured.
        labels: (n,) int64, beside them; (n, 2) where an image shows two digits.
        own: the same of the person's own drawings, if some are held out.
        beat: called between the batches of a whole measurement; raises to break off.
    """

    def __init__(
        self,
        settings: TrainingSettings,
        images: Tensor,
        labels: Tensor,
        own: tuple[Tensor, Tensor] | None = None,
        beat: Beat = _go_on,
    ) -> None:
        labels = labels.view(len(labels), max(1, labels[:1].numel()))  # n k
        shown = _two_of_each(labels[:, 0])
        order = torch.cat((shown, _others(len(labels), shown))).to(labels.device)
        self._settings, self._own, self._beat = settings, own, beat
        self._images, self._labels, self._shown = images[order], labels[order], len(shown)

    def __len__(self) -> int:
        return len(self._labels)

    @torch.inference_mode()
    def measure(self, network: CapsNet, step: int, limit: int | None = None) -> Report:
        """All that can be told of the network, which is put into evaluation mode.

        Args:
            network: on the images' device.
            step: steps of training behind it.
            limit: measure on so many images only, when there is little time; None for all.
        """
        network.eval()
        beat = self._beat if limit is None else _go_on
        images, labels = self._images[:limit], self._labels[:limit]
        poses, loss = self._poses(network, images, labels, beat)
        shown, shown_poses = slice(self._shown), poses[: self._shown]
        first = labels[shown, 0]
        wrong = int((~are_found(lengths_of(poses), labels)).sum())
        return Report(
            step=step,
            margin_loss=loss,
            confusion=_confusion(poses, labels),
            images=(images[shown, 0].float() / 255).cpu().numpy(),
            labels=first.cpu().numpy(),
            answers=_answers(lengths_of(shown_poses), labels[shown])[:, 0].cpu().numpy(),
            reconstructions=_decoded(network, shown_poses, first),
            health=self._health(network, images, labels, _mean_lengths(poses, labels), beat),
            own_confusion=self._own_confusion(network, beat),
            wrong_pairs=wrong if labels.shape[1] == 2 else None,
        )

    def _poses(
        self, network: CapsNet, images: Tensor, labels: Tensor, beat: Beat
    ) -> tuple[Tensor, float]:
        """(n, J, D) digit capsules and the mean margin loss."""
        chosen, loss = self._settings, 0.0
        found = []
        margins = (chosen.m_plus, chosen.m_minus, chosen.down_weight)
        for batch, batch_labels in zip(images.split(_BATCH), labels.split(_BATCH), strict=True):
            beat()
            poses = network(batch.float() / 255)
            lengths = lengths_of(poses)
            present = present_of(batch_labels, lengths.shape[1]).to(lengths.dtype)
            loss += float(margin_loss(lengths, present, *margins)) * len(batch)
            found.append(poses)
        return torch.cat(found), loss / len(images)

    def _own_confusion(self, network: CapsNet, beat: Beat) -> NDArray[np.int64] | None:
        if self._own is None:
            return None
        images, labels = self._own[0], self._own[1].unsqueeze(1)
        poses, _ = self._poses(network, images, labels, beat)
        return _confusion(poses, labels)

    def _health(
        self, network: CapsNet, images: Tensor, labels: Tensor, digit_length: Floats, beat: Beat
    ) -> Health:
        images, labels = images[:_TRACED], labels[:_TRACED, 0]
        digits, types = network.config.classes, network.config.primary_types
        fed, seen = torch.zeros(digits), torch.zeros(digits)
        totals = torch.zeros(3, types)
        chunks = zip(images.split(_TRACE_BATCH), labels.split(_TRACE_BATCH), strict=True)
        for batch, present in chunks:
            beat()
            parts = _by_type(network.trace(batch.float() / 255), present, types).cpu()  # 3 B T
            totals += parts.sum(1)
            fed.index_add_(0, present.cpu(), parts[0].mean(1))
            seen.index_add_(0, present.cpu(), torch.ones(len(present)))
        digit_coupling = (fed / seen).numpy()
        means = (totals / len(images)).numpy()
        return _judged(digit_length, digit_coupling, means, self._settings.m_minus)


def _by_type(trace: RoutingTrace, present: Tensor, types: int) -> Tensor:
    """Per primary type, the means over its places: (3, B, T).

    First the coupling to the capsule of the class present, then the length, then what flows to
    that capsule.
    """
    row = torch.arange(len(present), device=present.device)
    coupling = trace.couplings[-1][row, :, present]  # B I
    strength = lengths_of(trace.votes[row, :, present])  # B I
    flow = coupling * strength  # B I
    parts = torch.stack((coupling, lengths_of(trace.primary), flow))  # 3 B I
    means: Tensor = parts.unflatten(2, (types, -1)).mean(-1)  # 3 B T
    return means


def _judged(digit_length: Floats, digit_coupling: Floats, means: Floats, m_minus: float) -> Health:
    """The flags of the measured means; those of types are (3, T) as `_by_type` orders them.

    Those of digits are NaN where none was seen.
    """
    coupling, activity, flow = means
    share = (flow / max(float(flow.sum()), 1e-30)).astype(np.float32)
    silent = activity < _SILENT
    return Health(
        digit_length=np.nan_to_num(digit_length),
        digit_coupling=np.nan_to_num(digit_coupling),
        digit_dead=digit_length < m_minus,
        digit_starved=digit_coupling < _UNFED / len(digit_coupling),
        type_activity=activity,
        type_coupling=coupling,
        type_share=share,
        type_dead=silent,
        type_starved=~silent & (share < _UNHEARD / len(share)),
    )


def _mean_lengths(poses: Tensor, labels: Tensor) -> Floats:
    """(J,) mean length of each class's own capsule; NaN where none was seen."""
    lengths = lengths_of(poses)
    own = lengths.gather(1, labels).flatten().cpu()
    known = labels.flatten().cpu()
    total = torch.zeros(lengths.shape[1]).index_add_(0, known, own)
    means: Floats = (total / known.bincount(minlength=lengths.shape[1])).numpy()
    return means


def _answers(lengths: Tensor, labels: Tensor) -> Tensor:
    """What each digit of an image was taken for: (n, J), (n, k) → (n, k) int64.

    Itself if its capsule is among the k longest, else the longest that is none of the image's.
    """
    longest = lengths.topk(labels.shape[1]).indices  # n k
    is_found = (labels.unsqueeze(2) == longest.unsqueeze(1)).any(2)
    strangers = lengths.scatter(1, labels, -1.0).argmax(1, keepdim=True)
    return torch.where(is_found, labels, strangers)


def _confusion(poses: Tensor, labels: Tensor) -> NDArray[np.int64]:
    classes = poses.shape[1]
    cells = labels * classes + _answers(lengths_of(poses), labels)
    counts: NDArray[np.int64] = cells.flatten().bincount(minlength=classes**2).cpu().numpy()
    return counts.reshape(classes, classes)


def _decoded(network: CapsNet, poses: Tensor, labels: Tensor) -> Floats | None:
    if network.decoder is None:
        return None
    images: Floats = network.decode(poses, labels)[:, 0].cpu().numpy()
    return images


def _two_of_each(labels: Tensor) -> Tensor:
    """Places of the first two images of each class, class by class."""
    known = labels.cpu()
    places = [torch.nonzero(known == label)[:2, 0] for label in known.unique()[: _SHOWN // 2]]
    return torch.cat(places) if places else torch.zeros(0, dtype=torch.int64)


def _others(count: int, places: Tensor) -> Tensor:
    rest = torch.ones(count, dtype=torch.bool)
    rest[places] = False
    return torch.nonzero(rest)[:, 0]
