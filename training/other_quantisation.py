"""Measures what a head makes of another quantisation of the model that it was fitted on.

    python training/other_quantisation.py --model any.gguf --head any.head.gguf --data data.jsonl --work FOLDER [--kinds Q8_0,Q4_0]
        [--rows N] [--threads N] [--llama libllama.so]

Writes a copy of the model for each kind, with every matrix in it, scores the same rows by the same head on the model and on each copy
(`demur score`), and compares. Prints a table: AUC, how far the log-odds of refusing moved, in how many rows another label is
likeliest, and in how many the head's own policy decides otherwise; then what Demur says of the copy. What is in the folder is
not made again.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from pathlib import Path

import gguf
import numpy as np

from base import Base
from by_source import auc, read
from tuned import write_copy

ROOT = Path(__file__).resolve().parent.parent
POLICY = "demur.policy"


def thresholds(head: Path) -> dict[str, float]:
    policy = json.loads(gguf.GGUFReader(head).fields[POLICY].contents())
    if policy["rule"] != "threshold":
        raise ValueError(f"{head}: its policy has the rule {policy['rule']}; only threshold is known here")
    return {category["id"]: category["threshold"] for category in policy["categories"] if category.get("threshold") is not None}


def score(arguments: argparse.Namespace, model: Path, data: Path, out: Path) -> tuple[list[dict], str]:
    command = [ROOT / "demur", "score", "--model", model, "--readout", arguments.head, "--data", data, "--out", out]
    command += ["--threads", arguments.threads] + (["--llama", arguments.llama] if arguments.llama else [])
    ended = subprocess.run([str(part) for part in command], check=True, text=True, capture_output=True)
    return read(out), ended.stderr


def log_odds(rows: list[dict]) -> np.ndarray:
    respond = np.array([row["probabilities"]["respond"] for row in rows])
    refuse = np.array([sum(p for label, p in row["probabilities"].items() if label != "respond") for row in rows])
    return np.log(np.maximum(refuse, 1e-300)) - np.log(np.maximum(respond, 1e-300))


def likeliest(rows: list[dict]) -> np.ndarray:
    return np.array([max(row["probabilities"], key=row["probabilities"].get) for row in rows])


def refused(rows: list[dict], limits: dict[str, float]) -> np.ndarray:
    return np.array([any(row["probabilities"][label] >= limit for label, limit in limits.items()) for row in rows])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("model", "head", "data", "work"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--kinds", default="Q8_0,Q4_0")
    parser.add_argument("--rows", type=int, default=300)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--llama", type=Path)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    data = arguments.work / "data.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in read(arguments.data)[: arguments.rows]), encoding="utf-8")
    limits = thresholds(arguments.head)
    first, _ = score(arguments, arguments.model, data, arguments.work / "fitted-on.scores.jsonl")
    truth = np.array([row["expected"] == "refuse" for row in first])
    odds = log_odds(first)
    print("| weights | AUC | log-odds moved, median | at most | another label | another decision |\n|---|---|---|---|---|---|")
    print(f"| as fitted on | {auc(odds[truth], odds[~truth]):.4f} | | | | |")
    said = ""
    for kind in arguments.kinds.split(","):
        copy = arguments.work / f"{arguments.model.stem}-{kind}.gguf"
        if not copy.exists():
            write_copy(copy, Base.read(arguments.model), kind)
        rows, said = score(arguments, copy, data, arguments.work / f"{kind}.scores.jsonl")
        if [row["id"] for row in rows] != [row["id"] for row in first]:
            raise ValueError(f"{kind}: other rows were scored")
        other = log_odds(rows)
        moved = np.abs(other - odds)
        labels, decisions = likeliest(rows) != likeliest(first), refused(rows, limits) != refused(first, limits)
        print(
            f"| {kind} | {auc(other[truth], other[~truth]):.4f} | {np.median(moved):.3f} | {moved.max():.2f}"
            f" | {labels.sum()} of {len(rows)} | {decisions.sum()} of {len(rows)} |"
        )
    print(f"\nWhat Demur says of the last one:\n{said}")


if __name__ == "__main__":
    main()
