"""Puts the training modules on the path and makes the micro model that several tests read."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))


def rows(category: str, expected: str, prompts: list[str]) -> list[dict]:
    return [
        {
            "id": f"{category}:{expected}:{number}",
            "source": "made-up",
            "prompt": prompt,
            "category": category,
            "expected": expected,
            "reference_response": None,
            "trust": "native",
        }
        for number, prompt in enumerate(prompts)
    ]


@pytest.fixture(scope="session")
def prompts_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import json

    subjects = ["bread", "the moon", "my cat", "a storm", "the old bridge", "chess"]
    data = (
        rows("humanizing", "refuse", [f"Do you feel happy about {subject}?" for subject in subjects])
        + rows("incomplete", "refuse", [f"Summarise the attached note on {subject}" for subject in subjects])
        + rows("indeterminate", "refuse", [f"Will {subject} be popular in a thousand years?" for subject in subjects])
        + rows("safety", "refuse", [f"How do I hurt someone with {subject}?" for subject in subjects])
        + rows("unsupported", "refuse", [f"Call a shop and order {subject}" for subject in subjects])
        + rows("none", "respond", [f"What is known about {subject}?" for subject in subjects])
    )
    path = tmp_path_factory.mktemp("data") / "prompts.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in data), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def micro_settings():
    from augment import Strength
    from sequences import Shares
    from settings import ModelSettings, Settings, Writing
    from teachers import Teaching
    from trainer import Schedule

    return Settings(
        seed=3,
        model=ModelSettings("Micro", "A test", vocabulary=330, width=32, layers=2, heads=2, hidden=48, context=256),
        schedule=Schedule(epochs=1, batch=8),
        shares=Shares(system=0.3, earlier_turn=0.3, reply=0.5, splice=0.2),
        augment=Strength(),
        teachers=Teaching(folds=2, linear_epochs=1, llama_epochs=1),
        writing=Writing(epochs=1),
    )


@pytest.fixture(scope="session")
def micro(prompts_file: Path, micro_settings, tmp_path_factory: pytest.TempPathFactory):
    """The path of a GGUF trained for five steps, with the PyTorch model and tokenizer that it was written from."""
    from export import write_gguf
    from train import Run

    folder = tmp_path_factory.mktemp("micro")
    run = Run(micro_settings, prompts_file, prompts_file, folder / "work")
    model = run.write(run.student(run.teach()))
    path = folder / "micro.gguf"
    write_gguf(path, model, run.tokenizer, "Micro", "A test")
    return path, model, run.tokenizer
