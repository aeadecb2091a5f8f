"""The CapsNet of Sabour, Frosst & Hinton, "Dynamic Routing Between Capsules" (NeurIPS 2017,
arXiv 1710.09829), read bottom-up: squash, routing, primary capsules, digit capsules, decoder.

Letters at line ends:  B images · C channels · T primary types · G grid side · I primary capsules
(T·G·G, type-major) · P units of one · J digit capsules · D dimensions of one · R iterations
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from capsviz.network.config import CapsNetConfig
from capsviz.network.limits import MAX_ITERATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

# Votes of 16 images are 12 MB in fp32 and stay in the last-level cache between the iterations;
# forward and backward of 128 images: 179 ms so, 611 ms at once in (B, I, J, D) order (two cores).
_IMAGES_PER_CHUNK = 16


def squash(s: Tensor) -> Tensor:
    """Shrink a vector's length into [0, 1), keep its direction (equation 1).

    v = ‖s‖² / (1 + ‖s‖²) · s / ‖s‖, written as s · ‖s‖ / (1 + ‖s‖²), which is 0 with gradient 0
    at s = 0. With q = r s it is q · ‖q‖ / (r² + ‖q‖²) for any r; the r taken keeps a very long
    vector's square from overflowing and is 1 for all others.

    Args:
        s: (..., D), any floating type.

    Returns:
        (..., D), lengths in [0, 1).
    """
    r = s.detach().abs().amax(dim=-1, keepdim=True).clamp(min=1).reciprocal()
    q = r * s
    length = lengths_of(q).unsqueeze(-1)
    return q * (length / (r.square() + length.square()))


def lengths_of(poses: Tensor) -> Tensor:
    """Lengths ‖v_j‖: the probability that the capsule's entity is present (section 2).

    (..., J, D) → (..., J)
    """
    lengths: Tensor = torch.linalg.vector_norm(poses, dim=-1)
    return lengths


@dataclass(frozen=True, slots=True, eq=False)
class RoutingTrace:
    """Every number of one routing of B images, in iterations 1 … R.

    Attributes:
        primary: (B, I, P) primary capsules u_i, lengths in [0, 1).
        votes: (B, I, J, D) prediction vectors û_{j|i}.
        logits: (R, B, I, J) b_ij as each iteration begins; 0 in the first.
        couplings: (R, B, I, J) c_ij = softmax_j(b_ij); each row over j sums to 1.
        poses: (R, B, J, D) digit capsules v_j, lengths in [0, 1).
    """

    primary: Tensor
    votes: Tensor
    logits: Tensor
    couplings: Tensor
    poses: Tensor

    @property
    def lengths(self) -> Tensor:
        """(R, B, J) ‖v_j‖ after each iteration."""
        return lengths_of(self.poses)


def route(votes: Tensor, iterations: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Routing by agreement: procedure 1 of the paper, one step per iteration.

    The softmax runs over the digit capsules j, so each primary capsule i divides itself among
    its possible parents: Σ_j c_ij = 1.

    Args:
        votes: (B, J, I, D) prediction vectors û_{j|i}, the digit capsule first: so both
            contractions are plain matrix products and no tiled copy is made.
        iterations: 1 … 10.

    Yields:
        logits b (B, J, I), couplings c (B, J, I), poses v (B, J, D) of each iteration.

    Raises:
        ValueError: iterations out of range.
    """
    check_iterations(iterations)
    logits = votes.new_zeros(votes.shape[:-1])  # B J I
    for iteration in range(iterations):
        couplings = logits.softmax(dim=1)  # B J I
        s = (couplings.unsqueeze(2) @ votes).squeeze(2)  # B J D   Σ_i c_ij û_{j|i}, equation 2
        poses = squash(s)  # B J D
        yield logits, couplings, poses
        if iteration < iterations - 1:
            logits = logits + agreement(votes, poses)  # B J I


def agreement(votes: Tensor, poses: Tensor) -> Tensor:
    """û_{j|i}·v_j, by which b_ij grows: (B, J, I, D), (B, J, D) → (B, J, I).

    The pose as a row from the left: as a column from the right it takes several times as long.
    """
    return (poses.unsqueeze(2) @ votes.transpose(2, 3)).squeeze(2)


def check_iterations(iterations: int) -> None:
    """Refuse a number of routing iterations that is not offered.

    Raises:
        ValueError: not in 1 … 10.
    """
    if not 1 <= iterations <= MAX_ITERATIONS:
        raise ValueError(f"routing iterations must be 1 to {MAX_ITERATIONS}, not {iterations}")


class PrimaryCapsules(nn.Module):
    """T types of P-unit capsules on a G×G grid (section 4); no ReLU, only squash."""

    def __init__(self, config: CapsNetConfig) -> None:
        super().__init__()
        self.types, self.dim = config.primary_types, config.primary_dim
        self.conv = nn.Conv2d(
            config.conv_channels, self.types * self.dim, config.kernel_size, stride=2
        )

    def forward(self, features: Tensor) -> Tensor:
        maps = self.conv(features)  # B T·P G G
        maps = maps.to(torch.promote_types(maps.dtype, torch.float32))  # half only under autocast
        units = maps.unflatten(1, (self.types, self.dim))  # B T P G G
        # the P numbers of one capsule share type and place, so the units go last
        return squash(units.permute(0, 1, 3, 4, 2).flatten(1, 3))  # B I P


class DigitCapsules(nn.Module):
    """J capsules of D dimensions, each with its own matrix W_ij for every primary capsule."""

    def __init__(self, config: CapsNetConfig) -> None:
        super().__init__()
        self.classes, self.dim = config.classes, config.digit_dim
        shape = (config.primary_capsules, config.primary_dim, self.classes * self.dim)
        # standard deviation 0.1; uniform, as torch draws normal numbers through its compiler's
        # libraries where a checkpoint is laid out without memory, and they take seconds to import
        self.weight = nn.Parameter(torch.empty(shape).uniform_(-(0.03**0.5), 0.03**0.5))  # I P J·D

    def votes(self, primary: Tensor) -> Tensor:
        """Prediction vectors û_{j|i} = W_ij u_i (equation 2): (B, I, P) → (B, J, I, D)."""
        products = torch.bmm(primary.transpose(0, 1), self.weight)  # I B J·D
        votes = products.view(*products.shape[:2], self.classes, self.dim)  # I B J D
        return votes.permute(1, 2, 0, 3).contiguous()  # B J I D

    def forward(self, primary: Tensor, iterations: int) -> Tensor:
        # agreement adds up over 1152 capsules and three iterations: bf16 would lose it
        with torch.autocast(primary.device.type, enabled=False):
            return self._poses(primary, iterations)

    def _poses(self, primary: Tensor, iterations: int) -> Tensor:
        chunks = torch.split(primary, _IMAGES_PER_CHUNK)
        return torch.cat([self._last_pose(chunk, iterations) for chunk in chunks])  # B J D

    def _last_pose(self, primary: Tensor, iterations: int) -> Tensor:
        *_, (_, _, poses) = route(self.votes(primary), iterations)
        return poses  # B J D


class Decoder(nn.Module):
    """Redraws the image from the one capsule that is not masked (section 4.1)."""

    def __init__(self, config: CapsNetConfig) -> None:
        super().__init__()
        first, second = config.decoder_hidden
        self.image_size = config.image_size
        self.layers = nn.Sequential(
            nn.Linear(config.classes * config.digit_dim, first),
            nn.ReLU(),
            nn.Linear(first, second),
            nn.ReLU(),
            nn.Linear(second, config.image_size**2),
            nn.Sigmoid(),
        )

    def forward(self, poses: Tensor, digits: Tensor) -> Tensor:
        keep = torch.nn.functional.one_hot(digits, poses.shape[1]).to(poses.dtype)  # B J
        masked = poses * keep.unsqueeze(-1)  # B J D
        pixels: Tensor = self.layers(masked.flatten(1))  # B H·W
        return pixels.view(-1, 1, self.image_size, self.image_size)  # B 1 H W


class CapsNet(nn.Module):
    """Conv1 → primary capsules → routing → digit capsules (→ decoder).

    Args:
        config: the sizes; the defaults give the paper's network of 8 215 568 parameters.
    """

    def __init__(self, config: CapsNetConfig | None = None) -> None:
        super().__init__()
        self.config = config or CapsNetConfig()
        self.conv1 = nn.Conv2d(1, self.config.conv_channels, self.config.kernel_size)
        self.primary_capsules = PrimaryCapsules(self.config)
        self.digit_capsules = DigitCapsules(self.config)
        self.decoder = Decoder(self.config) if self.config.reconstruction else None

    def primary(self, images: Tensor) -> Tensor:
        """Primary capsules u_i: (B, 1, H, W) in [0, 1] → (B, I, P), fp32 under autocast too."""
        features = self.conv1(images).relu()  # B C H' W'
        result: Tensor = self.primary_capsules(features)
        return result

    def forward(self, images: Tensor, iterations: int | None = None) -> Tensor:
        """Digit capsules v_j: (B, 1, H, W) in [0, 1] → (B, J, D).

        Args:
            images: float, grey, 0 = ground.
            iterations: routing iterations, 1 … 10; the trained number if None.

        Raises:
            ValueError: iterations out of range.
        """
        return self.poses(self.primary(images), self._iterations(iterations))

    def poses(self, primary: Tensor, iterations: int) -> Tensor:
        """Digit capsules of primary capsules: (B, I, P) → (B, J, D)."""
        result: Tensor = self.digit_capsules(primary, iterations)
        return result

    def trace(self, images: Tensor, iterations: int | None = None) -> RoutingTrace:
        """As `forward`, with every number of the routing kept."""
        primary = self.primary(images)  # B I P
        with torch.autocast(primary.device.type, enabled=False):  # as in `forward`
            votes = self.digit_capsules.votes(primary)  # B J I D
            steps = list(route(votes, self._iterations(iterations)))
        logits, couplings, poses = (torch.stack(part) for part in zip(*steps, strict=True))
        return RoutingTrace(
            primary,
            votes.transpose(1, 2),  # B I J D
            logits.transpose(2, 3),  # R B I J
            couplings.transpose(2, 3),  # R B I J
            poses,  # R B J D
        )

    def decode(self, poses: Tensor, digits: Tensor) -> Tensor:
        """Redraw from one capsule each: (B, J, D), (B,) int64 → (B, 1, H, W) in [0, 1].

        Raises:
            ValueError: the network was made without a decoder.
        """
        if self.decoder is None:
            raise ValueError("this network has no decoder: it was made with reconstruction off")
        images: Tensor = self.decoder(poses, digits)
        return images

    def _iterations(self, asked: int | None) -> int:
        return self.config.routing_iterations if asked is None else asked
