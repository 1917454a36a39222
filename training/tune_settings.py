"""The settings of a tuning run, read from TOML; unknown keys are errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from augment import Strength
from probe import Probing
from settings import read_sections, read_table
from tokensets import TOKEN_SETS
from tuned import check_types


@dataclass(frozen=True)
class TunedModel:
    """What is published: `tokens` names the token set, `rename` the base's special tokens whose places its control tokens take."""

    name: str
    description: str
    tokens: str = "categories"
    rename: Sequence[str] = ()


@dataclass(frozen=True)
class Selection:
    """Which rows teach: each contrast row (a near miss) on average `contrast` times an epoch, none of the groups `without`."""

    contrast: float = 1.0
    without: Sequence[str] = ()


@dataclass(frozen=True)
class RowFit:
    """The regression on the frozen base; `copies` counts the prompts as they are and their rewritten variants."""

    decay: float = 3e-4
    copies: int = 1


@dataclass(frozen=True)
class Answers:
    """The base's own greedy answers: for how many should-answer rows, for how many that should be refused and for whose category the
    replies file has no answers, of up to how many tokens, how many decoded together."""

    rows: int = 1000
    forced: int = 200
    tokens: int = 96
    sequences: int = 16


@dataclass(frozen=True)
class Mixture:
    """Shares of the sequences: rewritten prompts, a system message; of those to refuse, a reply. Where the base's answer is known, it is the reply.

    `forced` is the share of the should-answer ones that get a refusal all the same, as a threshold may decide; its decision teaches nothing.
    `general` is the share of those to refuse that get a general answer all the same, where the file `replies` beside the programs has answers for
    their category; the refusals come from there as well.
    """

    augment: float = 0.5
    system: float = 0.15
    reply: float = 0.3
    forced: float = 0.05
    general: float = 0.0
    replies: str = "replies-small.json"


@dataclass(frozen=True)
class Tuning:
    """`layers`: how many of the last blocks, 0 for all; `rank` 0 tunes their weights themselves, else low-rank additions of that rank.

    The top block's rate is `rate`, each one below it has `layer_decay` times the rate of the one above; the control rows have `row_rate`.
    With a `restart` every epoch warms up and ends anew, with that share of the rates of the one before; without, all epochs do together.
    `length` is the longest sequence in tokens. With `rounded` the tuned matrices learn as they will be written, if that is as Q4_0 or Q8_0.
    """

    epochs: int = 1
    restart: float = 0.0
    batch: int = 32
    length: int = 320
    rate: float = 2e-5
    row_rate: float = 2e-4
    layer_decay: float = 1.0
    layers: int = 0
    rank: int = 0
    alpha: float = 16.0
    warmup: float = 0.05
    decay: float = 0.01
    smoothing: float = 0.02
    reply_weight: float = 0.5
    average: float = 0.995
    rounded: bool = False
    recompute: bool = False


@dataclass(frozen=True)
class Writing:
    """A last, short stage that teaches the text, the decisions held as they are: `epochs` over the rows with known answers and `rows` of each label.

    Its own are the shares of refusals, forced refusals and forced general answers, the layers, rates and batches, and the weight of the
    replies; all else is as in the tuning.
    """

    epochs: int = 0
    rows: int = 500
    batch: int = 16
    layers: int = 0
    rate: float = 1e-4
    row_rate: float = 1e-4
    reply: float = 0.9
    forced: float = 0.9
    general: float = 0.5
    reply_weight: float = 1.0


@dataclass(frozen=True)
class TuneSettings:
    seed: int
    types: dict[str, str]
    groups: dict[str, list[str]]
    model: TunedModel
    data: Selection
    rows: RowFit
    probe: Probing
    answers: Answers
    mixture: Mixture
    augment: Strength
    tuning: Tuning
    writing: Writing


def read_tune_settings(path: Path) -> TuneSettings:
    sections = {
        "model": TunedModel,
        "data": Selection,
        "rows": RowFit,
        "probe": Probing,
        "answers": Answers,
        "mixture": Mixture,
        "augment": Strength,
        "tuning": Tuning,
        "writing": Writing,
    }
    table = read_table(path, {"seed", "types", "groups", *sections})
    settings = TuneSettings(table.get("seed", 1), table.get("types", {}), table.get("groups", {}), **read_sections(path, table, sections))
    check_types(settings.types)
    if settings.model.tokens not in TOKEN_SETS:
        raise ValueError(f"{path.name}: [model] tokens must be one of {', '.join(TOKEN_SETS)}")
    missing = set(settings.data.without) - set(settings.groups)
    if missing:
        raise ValueError(f"{path.name}: [data] without names no group: {', '.join(sorted(missing))}")
    return settings
