"""Settings from a preset, a TOML file and single values, each over the one before.

A file holds any of the settings' names, what else the command can be told (`data`, `device`,
`start_from`, `preset`), and the network's sizes in a table of their own:

    preset = "people"
    epochs = 3
    schedule = "cosine"

    [network]
    routing_iterations = 1
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from capsviz.files import CapsvizError, one_line, read_bytes
from capsviz.network.config import CapsNetConfig
from capsviz.training.settings import TrainingSettings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_T = TypeVar("_T", bound=msgspec.Struct)
_LIMIT = 2**20  # bytes
_NETWORK = "network"
_WORDS = ("data", "device", "start_from", "preset")


@dataclass(frozen=True, slots=True)
class Choices:
    """What was chosen so far, not yet checked against bounds.

    Attributes:
        settings: of training, by name; what is not there takes its default.
        network: sizes, by name.
        words: what else a file says: data, device, start_from, preset.
    """

    settings: Mapping[str, Any]
    network: Mapping[str, Any]
    words: Mapping[str, str] = field(default_factory=dict)

    def over(self, settings: Mapping[str, Any], network: Mapping[str, Any]) -> Choices:
        """These, where the others say nothing."""
        return replace(
            self,
            settings={**self.settings, **settings},
            network={**self.network, **network},
        )

    def checked(
        self, config: CapsNetConfig | None = None
    ) -> tuple[TrainingSettings, CapsNetConfig]:
        """As settings and sizes; `config` overrules the sizes.

        Raises:
            CapsvizError: a value is of the wrong type or out of its bounds; names it.
        """
        settings = _converted(self.settings, TrainingSettings)
        check_margins(settings)
        return settings, config or _converted(self.network, CapsNetConfig)


def check_margins(settings: TrainingSettings) -> None:
    """Refuse margins between which no capsule could be.

    Raises:
        CapsvizError: m⁻ is not below m⁺ (eq. 4).
    """
    if settings.m_minus >= settings.m_plus:
        raise CapsvizError(
            f"Expected margin m⁻ below m⁺, found {settings.m_minus:g} and {settings.m_plus:g}; "
            "lower m⁻ or raise m⁺."
        )


def choices_of(settings: TrainingSettings, config: CapsNetConfig) -> Choices:
    """All of them, such as a preset's."""
    return Choices(msgspec.structs.asdict(settings), msgspec.structs.asdict(config))


def read_choices(path: Path) -> Choices:
    """What a TOML file chooses.

    Raises:
        CapsvizError: the file cannot be read, is no TOML, has a key that is no setting, or a
            value that no setting can have.
    """
    try:
        table = tomllib.loads(read_bytes(path, _LIMIT).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CapsvizError(
            f"Expected settings as TOML in {path}, found a fault: {one_line(error)}."
        ) from error
    network = table.pop(_NETWORK, {})
    if not isinstance(network, dict):
        raise CapsvizError(f"Expected a table [network] in {path}, found {network!r:.80}.")
    words = {name: table.pop(name) for name in _WORDS if name in table}
    found = Choices(table, network, words)
    try:
        _check_words(words)
        _check_keys(table, TrainingSettings, _WORDS)
        _check_keys(network, CapsNetConfig)
        found.checked()
    except CapsvizError as error:
        raise CapsvizError(f"{path}: {error}") from error
    return found


def _check_words(words: Mapping[str, object]) -> None:
    for key, word in words.items():
        if not isinstance(word, str):
            raise CapsvizError(f"Expected a text for {key}, found {word!r:.80}.")


def _check_keys(
    table: Mapping[str, Any], kind: type[msgspec.Struct], others: tuple[str, ...] = ()
) -> None:
    known = (*kind.__struct_fields__, *others)
    for key in table:
        if key not in known:
            near = get_close_matches(key, known, 1)
            meant = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}."
            raise CapsvizError(f"Expected the name of a setting, found {key!r:.80}; {meant}")


def _converted(values: Mapping[str, Any], kind: type[_T]) -> _T:
    try:
        return msgspec.convert(dict(values), kind)
    except msgspec.ValidationError as error:
        raise CapsvizError(f"{one_line(error)}.".replace(" - at `$.", ", at `")) from error
