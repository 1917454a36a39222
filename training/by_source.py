"""Measures scores by the sources of their prompts, which score files do not keep.

    python training/by_source.py scores.jsonl data.jsonl [--out rows.jsonl]

The data are those that `demur score` read. Rows of the score file that are not in the data are left out, so that one file may hold the scores
of several; --out keeps the others as a score file of their own, for `demur calibrate` and `eval`. A table goes to standard output.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path

import numpy as np

RESPOND = "respond"


def read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def auc(refuse: np.ndarray, answer: np.ndarray) -> float:
    """The share of pairs that are in order; half a pair where both are equal."""
    both = np.concatenate([refuse, answer])
    _, place, count = np.unique(both, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]
    return (ranks[: len(refuse)].sum() - len(refuse) * (len(refuse) + 1) / 2) / (len(refuse) * len(answer))


def refused_at(refuse: np.ndarray, answer: np.ndarray, share: float) -> float:
    """The share of `refuse` above the threshold that at most this share of `answer` reaches."""
    most = int(share * len(answer))
    threshold = np.sort(answer)[::-1][most]
    return float((refuse > threshold).mean())


def calibration_error(p: np.ndarray, truth: np.ndarray, bins: int = 15) -> float:
    place = np.minimum((p * bins).astype(int), bins - 1)
    return float(sum(abs(p[place == b].sum() - truth[place == b].sum()) for b in range(bins)) / len(p))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scores", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    sources = {row["id"]: row.get("source", "none") for row in read(arguments.data)}
    rows = [row for row in read(arguments.scores) if row["id"] in sources]
    if arguments.out:
        arguments.out.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        meta = Path(f"{arguments.scores}.meta.json").read_text(encoding="utf-8")
        Path(f"{arguments.out}.meta.json").write_text(meta, encoding="utf-8")
    p = np.array([1 - row["probabilities"][RESPOND] for row in rows])
    truth = np.array([row["expected"] == "refuse" for row in rows])
    label = [row["category"] if refuse else RESPOND for row, refuse in zip(rows, truth)]
    right = np.array([max(row["probabilities"], key=row["probabilities"].get) == l for row, l in zip(rows, label)])
    print(f"{len(rows)} rows, {truth.sum()} to be refused: AUC {auc(p[truth], p[~truth]):.4f}, all labels right {right.mean():.4f}, refused at")
    print(
        f"1 % false refusals {refused_at(p[truth], p[~truth], 0.01):.4f}, at 5 % {refused_at(p[truth], p[~truth], 0.05):.4f}, "
        f"calibration error {calibration_error(p, truth):.4f}"
    )
    for name in sorted(set(label)):
        own = np.array([l == name for l in label])
        score = np.array([row["probabilities"].get(name, 0.0) for row in rows])
        print(f"  {name}: AUC {auc(score[own], score[~own]):.4f}, recall {right[own].mean():.4f}, {own.sum()} rows")
    places = defaultdict(list)
    for i, row in enumerate(rows):
        places[sources[row["id"]]].append(i)
    for source, at in sorted(places.items(), key=lambda item: -right[item[1]].mean()):
        print(f"  {source}: {right[at].mean():.3f} ({len(at)})")


if __name__ == "__main__":
    main()
