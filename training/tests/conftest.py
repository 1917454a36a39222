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


BASE_SPECIALS = ("<repo_name>", "<file_sep>", "<gh_stars>", "<issue_start>", "<issue_closed>", "<empty_output>")
BASE_TEMPLATE = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\nYou are a base.<|im_end|>\n' }}{% endif %}"
    "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def write_base(path: Path, tokenizer, tied: bool = True) -> Path:
    """A random model as it comes from elsewhere: grouped queries, another rotary base, digits one by one, special tokens of its own."""
    import gguf
    import torch

    from model import Llama, Shape
    from vocabulary import SPECIAL_TOKENS, tokens_and_merges

    tokens, merges = tokens_and_merges(tokenizer)
    tokens[3:9] = BASE_SPECIALS
    shape = Shape(len(tokens), 64, 3, 4, 96, context=512, rope_base=100000.0, epsilon=1e-5, kv_heads=2, tied=tied)
    torch.manual_seed(11)
    model = Llama(shape)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("Random base")
    writer.add_license("apache-2.0")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_context_length(512)
    writer.add_embedding_length(64)
    writer.add_block_count(3)
    writer.add_feed_forward_length(96)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(100000.0)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    control, normal = gguf.TokenType.CONTROL, gguf.TokenType.NORMAL
    writer.add_token_types([control if at < len(SPECIAL_TOKENS) else normal for at in range(len(tokens))])
    writer.add_token_merges(merges)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(False)
    writer.add_chat_template(BASE_TEMPLATE)
    for name, parameter in model.named_parameters():
        values = parameter.detach().numpy()
        writer.add_tensor(name, values.astype("float16") if values.ndim == 2 else values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture(scope="session")
def base_file(micro, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_base(tmp_path_factory.mktemp("base") / "base.gguf", micro[2])


def _libraries() -> dict[str, Path]:
    """java-llama.cpp's jar, and a current llama.cpp where there is one."""
    import os

    old, new = os.environ.get("DEMUR_LLAMA"), os.environ.get("DEMUR_LLAMA_NEW")
    jars = sorted(Path.home().glob(".m2/repository/de/kherud/llama/*/llama-*.jar"))
    current = sorted(Path.home().glob(".cache/demur/llama/*/libllama.v*.so"))
    found = {"old": Path(old) if old else jars[-1] if jars else None, "new": Path(new) if new else current[-1] if current else None}
    return {name: path for name, path in found.items() if path}


@pytest.fixture(scope="session")
def library() -> Path:
    libraries = _libraries()
    if not libraries:
        pytest.fail("no llama.cpp library: let DEMUR_LLAMA name one, or java-llama.cpp's jar")
    return next(iter(libraries.values()))


@pytest.fixture(scope="session", params=["old", "new"])
def either_library(request: pytest.FixtureRequest) -> Path:
    """Each generation of llama.cpp."""
    libraries = _libraries()
    if request.param not in libraries:
        pytest.skip(f"no {request.param} llama.cpp: let DEMUR_LLAMA{'_NEW' if request.param == 'new' else ''} name it")
    return libraries[request.param]


@pytest.fixture(scope="session")
def tune_settings():
    from dataclasses import replace

    from probe import Probing
    from settings import Strength
    from tune_settings import Answers, Mixture, RowFit, Selection, TunedModel, TuneSettings, Tuning, Writing

    settings = TuneSettings(
        seed=5,
        types={"token_embd.weight": "Q8_0", "*": "Q4_0"},
        groups={"all": ["made-up"]},
        model=TunedModel("Micro tuned", "A test", "categories", BASE_SPECIALS),
        data=Selection(),
        rows=RowFit(decay=1e-5, copies=2),
        probe=Probing(blocks=(1, 3), folds=2),
        answers=Answers(rows=4, forced=3, tokens=5, sequences=3),
        mixture=Mixture(augment=0.5, system=0.3, reply=0.7, forced=0.3),
        augment=Strength(),
        tuning=Tuning(batch=8, rate=1e-3, row_rate=1e-3, layers=2, length=200, average=0.5),
        writing=Writing(epochs=1, rows=40, batch=8, layers=2, rate=1e-3, row_rate=1e-3),
    )
    return lambda **changes: replace(settings, **changes)
