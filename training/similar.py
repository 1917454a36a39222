"""Which prompts of two files are nearly the same: Jaccard similarity of their sets of five characters.

    python training/similar.py examples/starter-everyday.jsonl training/everyday.jsonl --above 0.5
    python training/similar.py examples/starter-everyday.jsonl

Each pair above the bound is printed, the most similar first, and then the share of the first file's rows that are in one. With one file its
rows are compared with each other. Of a conversation every message of the user counts. Case and runs of blanks make no difference.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

LENGTH = 5


@dataclass(frozen=True)
class Prompt:
    """A text that a user wrote; `row` is the id of the row that it is in."""

    row: str
    text: str
    grams: frozenset[str]


@dataclass(frozen=True)
class Pair:
    similarity: float
    first: Prompt
    second: Prompt


def grams(text: str) -> frozenset[str]:
    """A blank before and after lets short texts such as "hi" have one as well."""
    padded = f" {' '.join(text.lower().split())} "
    return frozenset(padded[start : start + LENGTH] for start in range(max(1, len(padded) - LENGTH + 1)))


def read_prompts(path: Path) -> list[Prompt]:
    prompts = []
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            texts = [row["prompt"]] if "prompt" in row else [m["content"] for m in row["messages"] if m["role"] == "user"]
            prompts += [Prompt(row["id"], text, grams(text)) for text in texts]
    return prompts


def pairs(first: Sequence[Prompt], second: Sequence[Prompt], above: float) -> Iterator[Pair]:
    """The pairs of unlike rows; of the same list twice each pair comes once."""
    holders = defaultdict(list)
    for index, prompt in enumerate(second):
        for gram in prompt.grams:
            holders[gram].append(index)
    same = first is second
    for index, prompt in enumerate(first):
        shared = Counter(other for gram in prompt.grams for other in holders[gram])
        for other, count in shared.items():
            similarity = count / (len(prompt.grams) + len(second[other].grams) - count)
            if similarity > above and not (same and (other <= index or second[other].row == prompt.row)):
                yield Pair(similarity, prompt, second[other])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path, nargs="?")
    parser.add_argument("--above", type=float, default=0.5)
    arguments = parser.parse_args()
    first = read_prompts(arguments.first)
    second = read_prompts(arguments.second) if arguments.second else first
    found = sorted(pairs(first, second, arguments.above), key=lambda pair: -pair.similarity)
    for pair in found:
        print(f"{pair.similarity:.2f}\t{pair.first.row}\t{pair.first.text!r}\t{pair.second.row}\t{pair.second.text!r}")
    near = {pair.first.row for pair in found}
    if second is first:
        near |= {pair.second.row for pair in found}
    rows = len({prompt.row for prompt in first})
    print(f"{len(near)} of {rows} rows ({len(near) / rows:.2%}) are in a pair above {arguments.above}")


if __name__ == "__main__":
    main()
