"""The networks that scripts/affnist.py compares, and how each of them learns.

Letters at line ends: B images · H side of a digit's image · S side of the ground
"""

import math
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, one_hot

from capsviz.data.affnist import SIDE, placed_at, random_places
from capsviz.network import (
    CapsNetConfig,
    FastCapsNet,
    has_fast_bf16,
    lengths_of,
    margin_loss,
    reconstruction_loss,
)
from capsviz.training.learner import learning_rate, step_generator
from capsviz.training.settings import TrainingSettings

AT_ONCE = 500  # images answered together
SMALL = CapsNetConfig(
    image_size=SIDE, conv_channels=8, primary_types=2, digit_dim=8, decoder_hidden=(16, 24)
)

Labelled = tuple[Tensor, Tensor]  # (n, 1, H, H) uint8 and (n,) int64 on the device


class PaperCNN(nn.Module):
    """The baseline of section 4: three convolutions of 5×5, two layers, dropout, ten classes.

    Returns (B, 10) logits of (B, 1, S, S) images in [0, 1].
    """

    def __init__(
        self,
        channels: tuple[int, int, int] = (256, 256, 128),
        hidden: tuple[int, int] = (328, 192),
        size: int = SIDE,
    ) -> None:
        super().__init__()
        first, second, third = channels
        self.layers = nn.Sequential(
            nn.Conv2d(1, first, 5),
            nn.ReLU(),
            nn.Conv2d(first, second, 5),
            nn.ReLU(),
            nn.Conv2d(second, third, 5),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(third * (size - 12) ** 2, hidden[0]),
            nn.ReLU(),
            nn.Linear(hidden[0], hidden[1]),
            nn.ReLU(),
            nn.Dropout(0.5),  # the paper gives no rate
            nn.Linear(hidden[1], 10),
        )

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.layers(images)
        return logits


def name_of(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def made(kind: str, seed: int, device: torch.device, small: bool) -> nn.Module:
    """A new network; the seed is also dropout's."""
    torch.manual_seed(seed)
    if kind == "capsnet":
        return FastCapsNet(SMALL if small else CapsNetConfig(image_size=SIDE)).to(device)
    network = PaperCNN((8, 8, 4), (16, 12)) if small else PaperCNN()
    layout = torch.channels_last if device.type == "cuda" else torch.preserve_format
    return network.to(device, memory_format=layout)


def bf16(device: torch.device) -> AbstractContextManager[object]:
    return torch.autocast(device.type, torch.bfloat16) if has_fast_bf16(device) else nullcontext()


def scores(network: nn.Module, images: Tensor) -> Tensor:
    """(B, 10) lengths of capsules, or logits: the largest is the answer."""
    answer = network(images)
    return lengths_of(answer) if answer.dim() == 3 else answer


def loss_of(
    network: nn.Module, images: Tensor, labels: Tensor, chosen: TrainingSettings
) -> Tensor:
    """Margin loss and reconstruction for capsules; cross entropy for the baseline."""
    with bf16(images.device):
        answer = network(images)
    if not isinstance(network, FastCapsNet):
        return cross_entropy(answer.float(), labels)
    margin = margin_loss(lengths_of(answer), one_hot(labels, answer.shape[1]))
    redrawn = network.decode(answer, labels)
    return margin + chosen.reconstruction_weight * reconstruction_loss(redrawn, images)


@torch.inference_mode()
def accuracy(network: nn.Module, tested: Labelled) -> float:
    """Part of the images read rightly; without bf16, in which near logits would be equal."""
    network.eval()
    right = torch.zeros((), dtype=torch.int64, device=tested[1].device)
    for images, labels in zip(*(part.split(AT_ONCE) for part in tested), strict=True):
        right += (scores(network, images.float() / 255).argmax(1) == labels).sum()
    return int(right) / len(tested[1])


def batches(train: Labelled, chosen: TrainingSettings) -> Iterator[Labelled]:
    """All epochs' batches, placed anywhere; what is drawn goes to the device once an epoch."""
    images, labels = train
    for epoch in range(chosen.epochs):
        generator = step_generator(chosen, 1, epoch)
        order = torch.randperm(len(labels), generator=generator).to(images.device)
        places = random_places(len(labels), generator, SIDE - images.shape[-1]).to(images.device)
        parts = (order.split(chosen.batch_size), places.split(chosen.batch_size, dim=1))
        for which, where in zip(*parts, strict=True):
            yield placed_at(images[which], where), labels[which]


def steps(network: nn.Module, train: Labelled, chosen: TrainingSettings) -> Iterator[int]:
    """Learn from one batch after another, never waiting for the device: how many images it had."""
    is_fused = train[0].device.type != "mps"
    optimizer = torch.optim.Adam(network.parameters(), fused=is_fused)
    total = chosen.epochs * math.ceil(len(train[1]) / chosen.batch_size)
    for number, (images, labels) in enumerate(batches(train, chosen)):
        network.train()
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(chosen, number, total)
        optimizer.zero_grad(set_to_none=True)
        loss_of(network, images.float() / 255, labels, chosen).backward()
        optimizer.step()
        yield len(labels)
