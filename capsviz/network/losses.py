"""The two terms of the training loss (Sabour et al. 2017, sections 3 and 4.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def margin_loss(
    lengths: Tensor, present: Tensor, m_plus: float = 0.9, m_minus: float = 0.1, down: float = 0.5
) -> Tensor:
    """Margin loss for digit existence (equation 4), summed over classes, averaged over images.

    L_k = T_k max(0, m⁺ − ‖v_k‖)² + λ (1 − T_k) max(0, ‖v_k‖ − m⁻)²

    Args:
        lengths: (B, J) ‖v_k‖ in [0, 1).
        present: (B, J) T_k, 1 for each class in the image (several may be), else 0.
        m_plus: m⁺, the length a present class should reach.
        m_minus: m⁻, the length an absent class should stay under.
        down: λ, the weight of absent classes.

    Returns:
        () scalar ≥ 0.
    """
    present = present.to(lengths.dtype)
    missed = (m_plus - lengths).clamp(min=0).square()
    false_alarm = (lengths - m_minus).clamp(min=0).square()
    return (present * missed + down * (1 - present) * false_alarm).sum(dim=-1).mean()


def reconstruction_loss(decoded: Tensor, images: Tensor) -> Tensor:
    """Sum of squared differences over pixels, averaged over images (section 4.1, unscaled).

    The paper adds 0.0005 times this to the margin loss.  (B, 1, H, W), (B, 1, H, W) → ()
    """
    return (decoded - images).square().flatten(1).sum(dim=1).mean()
