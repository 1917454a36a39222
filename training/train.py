"""Trains the bundled model from a prompts file and writes it as a GGUF.

    python training/train.py --train train.jsonl --validation validation.jsonl --out models/demur-tiny.gguf

Only the training file reaches the weights; the validation file, if given, is measured after every epoch and at the end. Everything made
on the way lies in the work folder, and a run that was interrupted continues there.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

# Before torch: on a machine with other work a thread that waits must not spin.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from data import Example, read_examples, read_replies, sha256
from embeddings import cooccurrence_embeddings
from export import write_gguf
from linear import Committee, LinearModel, fit_linear
from metrics import as_table, measure
from model import Llama, Shape
from reference import Reference
from sequences import SYSTEM_MESSAGES, SequenceMaker, Shares
from settings import Settings, read_settings
from teachers import Teachers, blended_targets, fold_of
from trainer import decide, decision_probabilities, fit, hard_targets
from vocabulary import control_ids, load_tokenizer, render_prompt, train_tokenizer, with_dropout

HERE = Path(__file__).parent
REPORT_EVERY = 1  # epochs between two looks at the validation file


class Run:
    """One training run: its settings, its data, its work folder and its log."""

    def __init__(self, settings: Settings, train: Path, validation: Path | None, work: Path) -> None:
        work.mkdir(parents=True, exist_ok=True)
        self.settings = settings
        self.work = work
        self.begun = time.monotonic()
        self._claim_folder({"settings": asdict(settings), "train": sha256(train), "replies": sha256(HERE / "replies.json")})
        self.examples = read_examples(train)
        self.validation = read_examples(validation) if validation else []
        self.replies = read_replies(HERE / "replies.json")
        self.log(f"{len(self.examples)} training rows, {len(self.validation)} validation rows, {torch.get_num_threads()} threads")
        self.tokenizer = self._tokenizer()

    def log(self, text: str) -> None:
        line = f"[{time.monotonic() - self.begun:6.0f} s] {text}"
        print(line, file=sys.stderr, flush=True)
        with (self.work / "log.txt").open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def teach(self) -> list[Teachers]:
        """The kinds of teachers, none of which saw the rows of its fold."""
        teaching = self.settings.teachers
        if teaching.share == 0:
            return []
        committee = Committee([self._linear_teacher(fold) for fold in range(teaching.folds)])
        kinds: list[Teachers] = [lambda batch: committee.probabilities(batch.texts)]
        if teaching.llama_epochs:
            models = [self._llama_teacher(fold) for fold in range(teaching.folds)]
            controls = control_ids(self.tokenizer)
            kinds.append(lambda batch: torch.stack([decision_probabilities(model, batch, controls) for model in models]))
        return kinds

    def student(self, teachers: list[Teachers]) -> Llama:
        settings = self.settings
        if teachers:
            targets = blended_targets(self.examples, teachers, settings.teachers)
        else:
            targets = hard_targets(self.examples, settings.schedule.smoothing)
        maker = self._maker(self.examples, settings.shares)
        return fit(
            self._fresh_model(settings.seed),
            maker,
            targets,
            settings.schedule,
            settings.seed,
            lambda text: self.log(f"student, {text}"),
            self.work / "student.pt",
            self._report,
        )

    def write(self, decider: Llama) -> Llama:
        """Teaches the decider to write replies; its own decisions are the targets here, so that they stay as they are."""
        settings, writing = self.settings, self.settings.writing
        if writing.epochs == 0:
            return decider
        controls = control_ids(self.tokenizer)
        return fit(
            copy.deepcopy(decider),
            self._maker(self.examples, replace(settings.shares, reply=writing.reply)),
            lambda batch: decision_probabilities(decider, batch, controls),
            replace(
                settings.schedule,
                epochs=writing.epochs,
                rate=writing.rate,
                embedding_rate=writing.embedding_rate,
                reply_weight=writing.reply_weight,
            ),
            settings.seed + 1,
            lambda text: self.log(f"writing, {text}"),
            self.work / "writing.pt",
        )

    def _claim_folder(self, identity: dict) -> None:
        """A work folder belongs to one set of inputs: continuing with others would mix them silently."""
        path = self.work / "inputs.json"
        text = json.dumps(identity, indent=2)
        if path.exists() and path.read_text(encoding="utf-8") != text:
            raise SystemExit(f"{self.work} holds a run with other settings or data: choose another --work or delete it")
        path.write_text(text, encoding="utf-8")

    def _tokenizer(self) -> Tokenizer:
        path = self.work / "tokenizer.json"
        if not path.exists():
            train_tokenizer(_corpus(self.examples, self.replies), self.settings.model.vocabulary).save(str(path))
        return load_tokenizer(path)

    def _others(self, fold: int) -> list[Example]:
        return [example for example in self.examples if fold_of(example, self.settings.teachers.folds) != fold]

    def _linear_teacher(self, fold: int) -> LinearModel:
        path = self.work / f"linear-{fold}.pt"
        model = LinearModel()
        if path.exists():
            model.load_state_dict(torch.load(path, weights_only=True))
        else:
            model = fit_linear(self._others(fold), self.settings.teachers.linear_epochs, fold)
            torch.save(model.state_dict(), path)
        self.log(f"linear teacher {fold + 1}/{self.settings.teachers.folds} is ready")
        return model

    def _llama_teacher(self, fold: int) -> Llama:
        settings = self.settings
        others = self._others(fold)
        schedule = replace(settings.schedule, epochs=settings.teachers.llama_epochs, reply_weight=0.0)
        return fit(
            self._fresh_model(settings.seed + 100 + fold),
            self._maker(others, replace(settings.shares, reply=0.0, splice=0.0)),
            hard_targets(others, schedule.smoothing),
            schedule,
            settings.seed + 100 + fold,
            lambda text: self.log(f"llama teacher {fold + 1}/{settings.teachers.folds}, {text}"),
            self.work / f"llama-{fold}.pt",
        )

    def _maker(self, examples: Sequence[Example], shares: Shares) -> SequenceMaker:
        tokenizer = with_dropout(self.tokenizer, self.settings.model.bpe_dropout)
        folds = self.settings.teachers.folds
        return SequenceMaker(
            tokenizer, examples, self.replies, self.settings.augment, shares, lambda example: fold_of(example, folds)
        )

    def _fresh_model(self, seed: int) -> Llama:
        model = self.settings.model
        shape = Shape(self.tokenizer.get_vocab_size(), model.width, model.layers, model.heads, model.hidden, model.context)
        torch.manual_seed(seed)
        fresh = Llama(shape, model.dropout, model.token_dropout)
        if model.cooccurrence:
            with torch.no_grad():
                fresh.token_embd.weight.copy_(self._embeddings())
        return fresh

    def _embeddings(self) -> Tensor:
        path = self.work / "embeddings.pt"
        if not path.exists():
            prompts = [text for example in self.examples for text in (example.prompt, example.prompt.lower())]
            torch.save(cooccurrence_embeddings(self.tokenizer, prompts, self.settings.model.width, self.settings.seed), path)
            self.log("co-occurrence embeddings are ready")
        return torch.load(path, weights_only=True)

    def _report(self, epoch: int, model: Llama) -> None:
        if self.validation and (epoch % REPORT_EVERY == 0 or epoch == self.settings.schedule.epochs):
            result = measure(decide(model, self.tokenizer, [example.prompt for example in self.validation]), self.validation)
            self.log(
                f"student after epoch {epoch}: validation AUC {result['auc']:.4f}, accuracy {result['accuracy']:.4f}, "
                f"coverage {result['coverage_mean']:.4f}, calibration error {result['ece_refuse']:.4f}"
            )


def _corpus(examples: Sequence[Example], replies: Sequence[Sequence[str]]) -> list[str]:
    """What the vocabulary is learned from: prompts as they are and in lower case, replies, and the words of the template."""
    prompts = [example.prompt for example in examples]
    texts = [text for texts in replies for text in texts] + list(SYSTEM_MESSAGES)
    return [*prompts, *(prompt.lower() for prompt in prompts), *texts * 20, *("user\n", "system\n", "assistant\n") * 2000]


def _measure_file(path: Path, examples: Sequence[Example]) -> dict:
    """What the written file does, by the independent float64 implementation."""
    reference = Reference.load(path)
    rows = [reference.probabilities(reference.encode(render_prompt(example.prompt))) for example in examples]
    return measure(np.array(rows)[:, reference.control_ids], examples)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", type=Path, required=True, help="prompts file that the weights come from (JSONL)")
    parser.add_argument("--validation", type=Path, help="prompts file to measure on; never trained on")
    parser.add_argument("--out", type=Path, required=True, help="the GGUF to write")
    parser.add_argument("--settings", type=Path, default=HERE / "demur-tiny.toml")
    parser.add_argument("--work", type=Path, default=Path("build/training"), help="folder for checkpoints and the log (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    settings = read_settings(arguments.settings)
    run = Run(settings, arguments.train, arguments.validation, arguments.work)
    model = run.write(run.student(run.teach()))
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    write_gguf(arguments.out, model, run.tokenizer, settings.model.name, settings.model.description)
    run.log(f"wrote {arguments.out.name}, {arguments.out.stat().st_size} bytes, SHA-256 {sha256(arguments.out)}")
    if run.validation:
        result = _measure_file(arguments.out, run.validation)
        print(as_table(result), file=sys.stderr)
        print(json.dumps(result, indent=2))
    run.log("done")


if __name__ == "__main__":
    main()
