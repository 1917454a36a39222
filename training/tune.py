"""Tunes a base model of the Llama family to refusal tokens and writes it as a GGUF.

    python training/tune.py --settings training/demur-small.toml --base SmolLM2-135M-Instruct.Q4_1.gguf --llama llama-4.2.0.jar \\
        --train train.jsonl --validation validation.jsonl --out demur-small.gguf

First the control tokens' rows are fitted over the frozen base, then the base is tuned gently from there, and last the text alone, with the
decisions held; `--tuned` does the last on a file that was written before. Only the training file reaches the weights. What is made on the
way lies in the work folder, and the same command continues a run that was interrupted.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import sys
import time
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType

# Before torch: on a machine with other work a thread that waits must not spin.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import torch
from torch import Tensor

from answers import Answer, BaseAnswers
from base import Base
from control import ControlRows
from data import read_examples, read_texts, sha256
from dialogue import Dialogue
from features import FrozenBase
from huggingface import base_of_folder
from llamacpp import LlamaCpp
from metrics import as_table, measure
from mixture import MixtureMaker
from model import Llama
from precision import autocast
from probe import cross_fitted
from sequences import LONGEST_PROMPT
from tokensets import TOKEN_SETS, Vocabulary
from trainer import decide_ids
from tune_settings import Mixture, TuneSettings, Tuning, read_tune_settings
from tuned import read_tuned, type_of, write_copy, write_tuned
from tuning import Tuner
from vocabulary import CONTROL_TOKENS, LABELS, RESPOND

HERE = Path(__file__).parent


class TuneRun:
    """One run: its base, its prompts, and where it keeps what it made. Close it when done."""

    def __init__(
        self,
        settings: TuneSettings,
        base: Path,
        library: Path,
        train: Path,
        validation: Path | None,
        work: Path,
        threads: int,
        tuned: Path | None = None,
    ) -> None:
        if base.is_dir():
            base = base_of_folder(base, work, library)
        self.settings = settings
        self.tuned = tuned
        self.base = Base.read(base)
        self.library = library
        self.threads = threads
        self.work = work
        self.begun = time.monotonic()
        self.tokens = TOKEN_SETS[settings.model.tokens]
        self.vocabulary = Vocabulary.place(self.base, self.tokens.tokens, settings.model.rename)
        inputs = {"base": base, "train": train, "replies": HERE / settings.mixture.replies} | ({"tuned": tuned} if tuned else {})
        self.folder = self._folder({"settings": asdict(settings)} | {name: sha256(path) for name, path in inputs.items()})
        self.texts = read_texts(inputs["replies"])
        left_out = {source for group in settings.data.without for source in settings.groups[group]}
        self.examples = [example for example in read_examples(train) if example.source not in left_out]
        self.validation = read_examples(validation) if validation else []
        self.dialogue = Dialogue(library, self.base, [*CONTROL_TOKENS, *self.tokens.tokens])
        frozen = FrozenBase(base, self.base.model, settings.probe.blocks, work, self.log)
        self.control = ControlRows(settings, self.base, self.dialogue, frozen, self.vocabulary, self.examples, self.validation)
        self.log(f"{self.folder.name}: {len(self.examples)} training rows, {len(self.validation)} validation rows, {threads} threads")

    def log(self, text: str) -> None:
        line = f"[{time.monotonic() - self.begun:6.0f} s] {text}"
        print(line, file=sys.stderr, flush=True)
        with (self.folder / "log.txt").open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def rows(self) -> Tensor:
        """The control rows over the frozen base, [controls, width]."""
        found = self.control.fit()
        self.log(f"control rows are fitted, of mean length {found.norm(dim=1).mean():.2f}; the base's have {self.control.mean_length():.2f}")
        if self.validation:
            self._report("control rows over the frozen base", self.control.probabilities(found))
        return found

    def held_out(self) -> dict:
        """Per group of sources: rows fitted without it, measured on its validation rows, beside rows fitted with it."""
        everything = self.control.probabilities(self.control.fit())
        result = {}
        for group, sources in self.settings.groups.items():
            places = [index for index, example in enumerate(self.validation) if example.source in sources]
            if not places:
                continue
            without = self.control.probabilities(self.control.fit(lambda example: example.source not in sources))
            rows = [self.validation[index] for index in places]
            result[group] = {
                "held_out": measure(without[places], rows, self.tokens.labels),
                "trained_on": measure(everything[places], rows, self.tokens.labels),
            }
            for kind, values in result[group].items():
                self.log(f"{group} ({len(rows)} rows), {kind.replace('_', ' ')}: {_summary(values)}")
        return result

    def answers(self) -> dict[int, Answer]:
        """The base's own answers to some rows, by row, as far as they teach."""
        settings = self.settings.answers
        forced = {category for label, category in enumerate(LABELS) if category != RESPOND and label not in self.texts.answers}
        wanted = self._some(settings.rows, {RESPOND}) + self._some(settings.forced, forced)
        heads = [self.control.head(self.examples[index].prompt[:LONGEST_PROMPT]) for index in wanted]
        # llama.cpp repacks Q8_0 for the CPU and computes with it faster than with most types that a base comes in.
        quick = self.work / f"base-{sha256(self.base.path)[:16]}-Q8_0.gguf"
        if not quick.exists():
            write_copy(quick, self.base, "Q8_0")
        base = BaseAnswers(self.library, quick, self.work, settings.tokens, settings.sequences, self.threads, self.log)
        written = dict(zip(wanted, base.answers(heads), strict=True))
        kept = {index: answer for index, answer in written.items() if answer and answer.teaches}
        self.log(f"{len(kept)} of the base's {len(wanted)} answers are kept")
        return kept

    def _some(self, count: int, labels: set[str], without: Container[int] = ()) -> list[int]:
        """Rows of these labels; more are the same ones and others."""
        rows = [index for index, example in enumerate(self.examples) if LABELS[example.label] in labels and index not in without]
        random.Random(self.settings.seed).shuffle(rows)
        return rows[:count]

    def tune(self, rows: Tensor, answers: dict[int, Answer]) -> dict[str, Tensor]:
        """The tensors that tuning changed."""
        tuner = self._tuner(self._model(rows), self.maker(answers), self._targets(), self.settings.tuning, "checkpoint.pt", self.log)
        return tuner.fit(self._look)

    def read(self) -> tuple[Tensor, dict[str, Tensor]]:
        """The control rows of the file that was tuned before, and all its tensors."""
        tensors = read_tuned(self.tuned, self.base, self.vocabulary)
        outputs = tensors["token_embd.weight" if self.base.shape.tied else "output.weight"]
        return outputs[self.vocabulary.control_ids], tensors

    def write_replies(self, rows: Tensor, changed: dict[str, Tensor], answers: dict[int, Answer]) -> dict[str, Tensor]:
        """The same tensors after the last stage: what is tuned is the text; what a decision is tuned to is what it was before."""
        settings, writing = self.settings, self.settings.writing
        chosen = list(answers)
        for label in LABELS:
            chosen += self._some(writing.rows, {label}, answers)
        chosen.sort()
        model = self._model(rows, changed)
        targets = self._held(model, chosen)
        maker = self.maker(answers, replace(settings.mixture, reply=writing.reply, forced=writing.forced, general=writing.general), chosen)
        tuning = replace(
            settings.tuning,
            epochs=writing.epochs,
            restart=0.0,
            batch=writing.batch,
            layers=writing.layers,
            rate=writing.rate,
            row_rate=writing.row_rate,
            smoothing=0.0,
            reply_weight=writing.reply_weight,
        )
        tuner = self._tuner(model, maker, targets, tuning, "writing.pt", lambda text: self.log(f"writing, {text}"))
        return changed | tuner.fit(self._look)

    def _tuner(self, model: Llama, maker: MixtureMaker, targets: Tensor, tuning: Tuning, checkpoint: str, log: Callable[[str], None]) -> Tuner:
        torch.manual_seed(self.settings.seed)
        kind = partial(type_of, types=self.settings.types)
        return Tuner(model, maker, targets, tuning, kind, self.settings.seed, self.folder / checkpoint, log)

    def _held(self, model: Llama, chosen: Sequence[int]) -> Tensor:
        """What the model decides on the chosen rows, [rows, controls]; nothing on the others."""
        heads = [self.control.head(self.examples[index].prompt[:LONGEST_PROMPT]) for index in chosen]
        with autocast():
            found = torch.tensor(decide_ids(model, heads, self.vocabulary.control_ids, 32), dtype=torch.float32)
        targets = torch.zeros(len(self.examples), found.shape[1])
        targets[chosen] = found / found.sum(dim=1, keepdim=True)
        self.log(f"the decisions on {len(chosen)} rows are held")
        return targets

    def _targets(self) -> Tensor:
        """What each row's decision is tuned to, [rows, controls]: its label, and what a probe that did not see it makes of it."""
        probing, controls = self.settings.probe, len(self.tokens.tokens)
        labels = torch.tensor([self.tokens.label(example) for example in self.examples])
        hard = torch.nn.functional.one_hot(labels, controls).float()
        if not probing.blocks:
            return hard
        soft = cross_fitted(self.control.training.states[: len(labels)], labels, self.examples, controls, probing)
        self.log(f"probes that did not see their rows are right on {(soft.argmax(dim=1) == labels).float().mean():.4f} of them")
        return (1 - probing.share) * hard + probing.share * soft

    def maker(self, answers: dict[int, Answer], mixture: Mixture | None = None, held: Sequence[int] | None = None) -> MixtureMaker:
        """Of the sequences to tune on; with another mixture, or of the rows alone whose decisions are held."""
        settings = replace(self.settings, mixture=mixture or self.settings.mixture)
        ids, end = self.vocabulary.control_ids, self.base.end
        return MixtureMaker(self.dialogue, self.examples, self.texts, answers, self.tokens, ids, settings, end, held)

    def write(self, path: Path, rows: Tensor, changed: dict[str, Tensor]) -> None:
        """The base with the control rows and then the changed tensors, in the types of the settings."""
        tensors = {name: value.float().numpy() for name, value in self._model(rows, changed).state_dict().items()}
        path.parent.mkdir(parents=True, exist_ok=True)
        model = self.settings.model
        write_tuned(path, self.base, self.tokens, self.vocabulary, tensors, self.settings.types, model.name, model.description)
        self.log(f"wrote {path.name}, {path.stat().st_size} bytes, SHA-256 {sha256(path)}")

    def measure_file(self, path: Path) -> dict:
        """What the written file does to the validation rows, by llama.cpp."""
        with LlamaCpp(self.library, path, self.threads) as engine:
            heads = [self.control.head(example.prompt) for example in self.validation]
            found = np.array([engine.probabilities(head)[self.vocabulary.control_ids] for head in heads])
        return self._report(path.name, found)

    def close(self) -> None:
        self.dialogue.close()

    def _folder(self, inputs: dict) -> Path:
        """Named after what reaches the weights, so that a run only ever continues its own checkpoint."""
        text = json.dumps(inputs, indent=2)
        folder = self.work / f"run-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "inputs.json").write_text(text, encoding="utf-8")
        return folder

    def _model(self, rows: Tensor, changed: Mapping[str, Tensor] = MappingProxyType({})) -> Llama:
        model = self.base.model(rows, self.vocabulary.control_ids)
        model.load_state_dict(changed, strict=False)
        return model

    def _look(self, model: Llama) -> None:
        if self.validation:
            with autocast():
                heads = [self.control.head(example.prompt) for example in self.validation]
                self._report("tuned, averaged weights", decide_ids(model, heads, self.vocabulary.control_ids, 32))

    def _report(self, what: str, found: np.ndarray) -> dict:
        result = measure(found, self.validation, self.tokens.labels)
        self.log(f"{what}: {_summary(result)}")
        return result


def _summary(result: dict) -> str:
    ranked = "-" if result["auc"] is None else f"{result['auc']:.4f}"
    return (
        f"AUC {ranked}, accuracy {result['accuracy']:.4f}, coverage {result['coverage_mean']:.4f} (lowest {result['coverage_min']:.4f}), "
        f"calibration error {result['ece_refuse']:.4f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--settings", type=Path, default=HERE / "demur-small.toml")
    parser.add_argument("--base", type=Path, required=True, help="a GGUF or a Hugging Face folder of the Llama family")
    parser.add_argument("--llama", type=Path, required=True, help="a llama.cpp library, or java-llama.cpp's jar with one inside")
    parser.add_argument("--train", type=Path, required=True, help="prompts file that the weights come from (JSONL)")
    parser.add_argument("--validation", type=Path, help="prompts file to measure on; never trained on")
    parser.add_argument("--out", type=Path, help="the GGUF to write")
    parser.add_argument("--work", type=Path, default=Path("build/tuning"), help="folder for what is kept (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rows-only", action="store_true", help="leave the base as it is and write it with the control rows")
    parser.add_argument("--tuned", type=Path, help="a GGUF that was tuned from this base before: go on from there with the last stage")
    parser.add_argument("--held-out", action="store_true", help="measure the control rows on groups of sources left out, and stop")
    arguments = parser.parse_args()
    if not arguments.held_out and not arguments.out:
        parser.error("--out is missing")
    if arguments.held_out and not arguments.validation:
        parser.error("--held-out needs --validation")
    if arguments.tuned and (arguments.held_out or arguments.rows_only):
        parser.error("--tuned goes on after what --held-out and --rows-only stop at")

    torch.set_num_threads(arguments.threads)
    settings = read_tune_settings(arguments.settings)
    if arguments.tuned and not settings.writing.epochs:
        parser.error(f"{arguments.settings.name} has no last stage: give [writing] epochs")
    files = (arguments.base, arguments.llama, arguments.train, arguments.validation)
    run = TuneRun(settings, *files, arguments.work, arguments.threads, arguments.tuned)
    try:
        if arguments.held_out:
            print(json.dumps(run.held_out(), indent=2))
            return
        rows, changed = run.read() if arguments.tuned else (run.rows(), {})
        if not arguments.rows_only:
            answers = run.answers()
            if not arguments.tuned:
                changed = run.tune(rows, answers)
            if settings.writing.epochs:
                changed = run.write_replies(rows, changed, answers)
        run.write(arguments.out, rows, changed)
        if run.validation:
            result = run.measure_file(arguments.out)
            print(as_table(result), file=sys.stderr)
            print(json.dumps(result, indent=2))
        run.log("done")
    finally:
        run.close()


if __name__ == "__main__":
    main()
