"""The settings of a training run, read from TOML: every key is a field of one of the dataclasses, and unknown keys are errors."""

from __future__ import annotations

import dataclasses
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from augment import Strength
from sequences import Shares
from teachers import Teaching
from trainer import Schedule


@dataclass(frozen=True)
class ModelSettings:
    name: str
    description: str
    vocabulary: int
    width: int
    layers: int
    heads: int
    hidden: int
    context: int = 1024
    dropout: float = 0.1
    token_dropout: float = 0.1
    bpe_dropout: float = 0.0
    cooccurrence: bool = True


@dataclass(frozen=True)
class Writing:
    """The last stage: replies on a larger share of the sequences, with the decisions held."""

    epochs: int = 1
    rate: float = 1e-3
    embedding_rate: float = 1.0
    reply: float = 0.5
    reply_weight: float = 1.0


@dataclass(frozen=True)
class Settings:
    seed: int
    model: ModelSettings
    schedule: Schedule
    shares: Shares
    augment: Strength
    teachers: Teaching
    writing: Writing


_T = TypeVar("_T")


def read_settings(path: Path) -> Settings:
    sections = {
        "model": ModelSettings,
        "schedule": Schedule,
        "shares": Shares,
        "augment": Strength,
        "teachers": Teaching,
        "writing": Writing,
    }
    table = read_table(path, {"seed", *sections})
    return Settings(seed=table.get("seed", 1), **read_sections(path, table, sections))


def read_table(path: Path, known: set[str]) -> dict:
    with path.open("rb") as file:
        table = tomllib.load(file)
    if set(table) - known:
        raise ValueError(f"{path.name}: unknown {', '.join(sorted(set(table) - known))}")
    return table


def read_sections(path: Path, table: dict, sections: dict[str, type]) -> dict:
    return {name: _section(kind, table.get(name, {}), f"{path.name}: [{name}]") for name, kind in sections.items()}


def _section(kind: type[_T], values: dict, where: str) -> _T:
    known = {field.name for field in dataclasses.fields(kind)}
    if set(values) - known:
        raise ValueError(f"{where}: unknown {', '.join(sorted(set(values) - known))}")
    try:
        return kind(**values)
    except TypeError as missing:
        raise ValueError(f"{where}: {missing}") from missing
