"""Makes models/demur-small.gguf: an untouched SmolLM2-135M-Instruct with a fitted head and calibrated policies inside.

    python training/small.py --base SmolLM2-135M-Instruct-Q4_1.gguf --train train.jsonl --validation validation.jsonl \\
        --everyday everyday.jsonl --work build/small --out models/demur-small.gguf [--llama libllama.so]

Every step is a command of Demur (`./demur fit`, `score`, `calibrate`) and leaves a file in the work folder; a step whose file is there
is not done again, and `fit` and `score` go on where they were ended. The policies are calibrated with the llama.cpp that `./demur` runs by
itself; --llama names another, faster one for `fit`, by which 400 of the prompts are scored too, so that the policies know what it changes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import subprocess
from pathlib import Path

import gguf

from embed_policy import KEY, PERMISSIVE_KEY, STRICT_KEY, embed, with_replies

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = "tokenizer.chat_template"
BASE_SYSTEM = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
SYSTEM = "You are a helpful AI assistant."

# What each policy promises: at most this share of prompts that should be answered is refused.
PRESETS = {KEY: 0.02, STRICT_KEY: 0.05, PERMISSIVE_KEY: 0.005}
ROWS = 13_000
COMPARED = 400


def demur(*arguments: object) -> None:
    subprocess.run([str(ROOT / "demur"), *map(str, arguments)], check=True)


def read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def write(path: Path, rows: list[dict]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def with_template(base: Path, out: Path) -> Path:
    """The base with the system message of its template replaced."""
    if not out.exists():
        template = gguf.GGUFReader(base).fields[TEMPLATE].contents()
        if BASE_SYSTEM not in template:
            raise ValueError(f"{base}: its chat template does not have the system message that is to be replaced")
        embed({TEMPLATE: template.replace(BASE_SYSTEM, SYSTEM)}, base, out)
    return out


def is_left_out(row: dict) -> bool:
    """Whole sources of everyday prompts: six of sixteen by the first digit of a hash of their names."""
    return hashlib.sha256(row["source"].encode()).hexdigest()[0] < "6"


def fitted_on(arguments: argparse.Namespace, work: Path) -> list[Path]:
    """All that the head is fitted on. Rows of care-starter.jsonl come before those of the starter prompts that they stand for."""
    everyday = [row for row in read(arguments.everyday) if not is_left_out(row)]
    return [
        arguments.train,
        write(work / "everyday-fit.jsonl", everyday),
        ROOT / "training/care-starter.jsonl",
        ROOT / "examples/starter.jsonl",
        ROOT / "training/care.jsonl",
        *arguments.also,
    ]


def mixture(scores: Path, validation: list[dict], out: Path) -> Path:
    """Scores to calibrate on: as many everyday prompts as others that should be answered, and all that should be refused."""
    ids = {row["id"] for row in validation}
    rows = [row for row in read(scores) if not row.get("fitted")]  # one everyday prompt is in two sources
    refuse = [row for row in rows if row["expected"] == "refuse"]
    answer = [row for row in rows if row["expected"] == "respond"]
    others = [row for row in answer if row["id"] in ids]
    everyday = [row for row in answer if row["id"] not in ids]
    chosen = random.Random(1)
    count = min(len(others), len(everyday))
    write(out, refuse + chosen.sample(others, count) + chosen.sample(everyday, count))
    meta = Path(f"{scores}.meta.json").read_text(encoding="utf-8")
    Path(f"{out}.meta.json").write_text(meta, encoding="utf-8")
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("base", "train", "validation", "everyday", "work", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--llama", type=Path)
    parser.add_argument("--also", type=Path, action="append", default=[], help="more prompts to fit on, such as training/talk.jsonl")
    arguments = parser.parse_args()
    work = arguments.work
    work.mkdir(parents=True, exist_ok=True)
    model = with_template(arguments.base, work / "base.gguf")
    head, headed = work / "base.head.gguf", work / "headed.gguf"
    if not headed.exists():
        data = [part for path in fitted_on(arguments, work) for part in ("--data", path)]
        llama = ["--llama", arguments.llama] if arguments.llama else []
        demur("fit", "--model", model, "--out", head, "--embed", headed, "--rows", ROWS, "--ctx", 2048, *data, *llama)
    validation = read(arguments.validation)
    left_out = [row for row in read(arguments.everyday) if is_left_out(row)]
    data = write(work / "calibration.jsonl", validation + left_out)
    scores = work / "scores.jsonl"
    demur("score", "--model", headed, "--data", data, "--out", scores)
    mixed = mixture(scores, validation, work / "mixture.jsonl")
    compare: list[object] = []
    if arguments.llama:
        other = work / "other.scores.jsonl"
        some = write(work / "some.jsonl", random.Random(2).sample(read(data), COMPARED))
        demur("score", "--model", headed, "--llama", arguments.llama, "--data", some, "--out", other)
        compare = ["--compare", other]
    replies = json.loads((ROOT / "models/replies.json").read_text(encoding="utf-8"))
    policies = {}
    for key, target in PRESETS.items():
        policy = work / f"{key}.json"
        demur("calibrate", "--scores", mixed, "--target-false-refusal", target, "--joint", "--out", policy, *compare)
        policies[key] = with_replies(policy.read_text(encoding="utf-8"), replies)
    embed(policies, headed, arguments.out)


if __name__ == "__main__":
    main()
