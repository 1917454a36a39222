"""Measures a GGUF on a labelled prompts file, through an engine that shares no code with the trainer.

    python training/evaluate.py models/demur-tiny.gguf --data validation.jsonl
    python training/evaluate.py models/demur-tiny.gguf --data validation.jsonl --engine llama.cpp --llama llama-4.2.0.jar

A table goes to standard error, one JSON object to standard output.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from data import read_examples, sha256
from llamacpp import LlamaCpp
from metrics import as_table, measure
from reference import Reference, control_ids, read_fields
from vocabulary import RESPOND, render_chat

SYSTEM = "You are a helpful assistant."

# The same prompts in another form: a good model's numbers hardly move.
VARIANTS: dict[str, Callable[[str], list[tuple[str, str]]]] = {
    "plain": lambda prompt: [("user", prompt)],
    "system": lambda prompt: [("system", SYSTEM), ("user", prompt)],
    "lower": lambda prompt: [("user", prompt.lower())],
    "bare": lambda prompt: [("user", prompt.lower().rstrip(".?! "))],
    "quoted": lambda prompt: [("user", f'"{prompt}"')],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="prompts file (JSONL)")
    parser.add_argument("--engine", choices=("numpy", "llama.cpp"), default="numpy")
    parser.add_argument("--llama", type=Path, help="a llama.cpp library, or java-llama.cpp's jar with one inside")
    parser.add_argument("--threads", type=int, default=1, help="of llama.cpp; a tiny model gains nothing from more (default: %(default)s)")
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=list(VARIANTS), metavar="V", help=f"of {', '.join(VARIANTS)}")
    arguments = parser.parse_args()
    if arguments.engine == "llama.cpp" and not arguments.llama:
        parser.error("--engine llama.cpp needs --llama")

    examples = read_examples(arguments.data)
    fields = read_fields(arguments.model)
    controls, names = control_ids(fields), [*fields["demur.category.ids"], RESPOND]
    with contextlib.ExitStack() as stack:
        if arguments.engine == "numpy":
            reference = Reference.load(arguments.model)
            encode, probabilities = lambda chat: reference.encode(render_chat(chat)), reference.probabilities
        else:
            engine = stack.enter_context(LlamaCpp(arguments.llama, arguments.model, arguments.threads))
            template = fields["tokenizer.chat_template"]
            encode, probabilities = lambda chat: engine.tokenize(engine.render(template, chat)), engine.probabilities
        results = {}
        for variant in arguments.variants:
            rows = [probabilities(encode(VARIANTS[variant](example.prompt)))[controls] for example in examples]
            results[variant] = measure(np.array(rows), examples, names)
            print(f"\n== {variant}\n{as_table(results[variant])}", file=sys.stderr)
    output = {
        "model": arguments.model.name,
        "model_sha256": sha256(arguments.model),
        "data": arguments.data.name,
        "data_sha256": sha256(arguments.data),
        "engine": arguments.engine,
        "variants": results,
    }
    print(json.dumps(output, indent=2))


if __name__ == "__main__":
    main()
