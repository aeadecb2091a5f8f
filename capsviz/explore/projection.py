"""The plane in which the votes for one digit capsule are looked at."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from capsviz.explore.answers import Explanation

    Floats = NDArray[np.float32]

_ROUND = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """Two directions through the origin of a digit capsule's space.

    Attributes:
        basis: (D, 2) float32, orthonormal columns; x, then y. The second is 0 where D = 1.
        points: (I, 2) float32, the votes û_{j|i} in it.
        share: of the votes' variance about the origin, Σ_i ‖û_{j|i}‖², that the plane keeps, 0–1.
    """

    basis: Floats
    points: Floats
    share: float

    def at(self, vector: Floats) -> Floats:
        """(2,) where a (D,) vector, such as v_j or s_j, lies in the plane."""
        place: Floats = vector @ self.basis
        return place


def plane_of(explanation: Explanation, digit: int, previous: Plane | None = None) -> Plane:
    """The plane that keeps most of the votes û_{j|i} for digit capsule j.

    Principal components about the origin (uncentred: eigenvectors of Σ_i û û^T), because routing
    adds arrows from the origin, s_j = Σ_i c_ij û_{j|i} (Sabour et al. 2017, eq. 2), and v_j points
    along s_j: a centred plane would pass by the origin, and no arrow in it could be read. A
    principal component has no sign, and two of like variance no angle. So the plane is turned
    until v_j after the last iteration points right, and y keeps the side it had in the picture
    before.

    Args:
        explanation: whose votes.
        digit: j, 0 … J-1.
        previous: the plane of the last picture of the same digit, so that this one does not flip.
    """
    votes = explanation.votes[:, digit]
    moments = votes.T.astype(np.float64) @ votes
    _, vectors = np.linalg.eigh(moments)
    basis = np.zeros((votes.shape[1], 2))
    basis[:, : vectors.shape[1]] = vectors[:, ::-1][:, :2]
    basis = basis @ _turn(explanation.poses[-1, digit] @ basis)
    if _points_down(basis, previous):
        basis[:, 1] = -basis[:, 1]
    kept = float(np.einsum("dk,de,ek->", basis, moments, basis))
    total = float(np.trace(moments))
    return Plane(
        basis.astype(np.float32),
        votes @ basis.astype(np.float32),
        min(kept / total, 1.0) if total > 0 else 1.0,
    )


def steady_limit(value: float, previous: float | None = None) -> float:
    """The end of an axis that must hold `value`: at least that much, and a round number.

    The previous limit stays as long as it holds the value and does not waste more than half of
    its room, so that an axis does not twitch while somebody draws. 1 where there is no value.
    """
    if not math.isfinite(value) or value <= 0:
        return previous or 1.0
    if previous is not None and previous / 2 <= value <= previous:
        return previous
    power = 10.0 ** math.floor(math.log10(value))
    return next((n * power for n in _ROUND if n * power >= value), 10 * power)


def _turn(pose: NDArray[np.float64]) -> NDArray[np.float64]:
    """(2, 2) by which a basis is turned until this (2,) vector lies on its x axis."""
    angle = math.atan2(pose[1], pose[0])
    cosine, sine = math.cos(angle), math.sin(angle)
    return np.array([[cosine, -sine], [sine, cosine]])


def _points_down(basis: NDArray[np.float64], previous: Plane | None) -> bool:
    """Whether y must be turned over: against the plane before, or, at first, by convention."""
    y = basis[:, 1]
    if previous is not None and previous.basis.shape == basis.shape:
        return float(y @ previous.basis[:, 1]) < 0
    return float(y[np.abs(y).argmax()]) < 0
