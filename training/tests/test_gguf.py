import json
import subprocess
import sys

import gguf
import numpy as np
import pytest
import torch

from reference import Reference
from train import HERE, Run
from trainer import decide
from vocabulary import CATEGORIES, CHAT_TEMPLATE, CONTROL_TOKENS, SPECIAL_TOKENS, render_prompt

PROMPTS = ["What is known about chess?", "How do I hurt someone?", "x", "a longer prompt " * 12]


def test_the_file_names_its_control_tokens_in_order(micro):
    fields = Reference.load(micro[0]).fields
    assert fields["demur.category.ids"] == [category.id for category in CATEGORIES]
    assert fields["demur.category.names"] == [category.name for category in CATEGORIES]
    assert [*fields["demur.category.tokens"], fields["demur.respond_token"]] == list(CONTROL_TOKENS)


def test_control_tokens_are_of_type_control_and_all_others_normal(micro):
    fields = Reference.load(micro[0]).fields
    for token, kind in zip(fields["tokenizer.ggml.tokens"], fields["tokenizer.ggml.token_type"], strict=True):
        assert kind == (gguf.TokenType.CONTROL if token in SPECIAL_TOKENS else gguf.TokenType.NORMAL)


def test_tokenizer_keys_are_those_of_a_gpt2_vocabulary_with_chatml(micro):
    fields = Reference.load(micro[0]).fields
    assert (fields["tokenizer.ggml.model"], fields["tokenizer.ggml.pre"]) == ("gpt2", "gpt-2")
    assert fields["tokenizer.chat_template"] == CHAT_TEMPLATE
    assert fields["tokenizer.ggml.add_bos_token"] is False
    tokens = fields["tokenizer.ggml.tokens"]
    assert tokens[fields["tokenizer.ggml.eos_token_id"]] == "<|im_end|>"
    assert tokens[fields["tokenizer.ggml.bos_token_id"]] == "<|endoftext|>"


def test_matrices_are_f16_and_norms_f32(micro):
    for tensor in gguf.GGUFReader(micro[0]).tensors:
        expected = gguf.GGMLQuantizationType.F32 if "norm" in tensor.name else gguf.GGMLQuantizationType.F16
        assert tensor.tensor_type == expected


def test_the_rebuilt_tokenizer_gives_the_trainers_ids(micro):
    path, _, tokenizer = micro
    reference = Reference.load(path)
    for prompt in PROMPTS:
        text = render_prompt(prompt, "Be concise.")
        assert reference.encode(text) == tokenizer.encode(text, add_special_tokens=False).ids


def test_the_float64_forward_pass_of_the_file_agrees_with_pytorch(micro):
    path, model, tokenizer = micro
    reference = Reference.load(path)
    rounded = {name: value.half().float() if value.dim() == 2 else value for name, value in model.state_dict().items()}
    model.load_state_dict(rounded)
    expected = decide(model, tokenizer, PROMPTS)
    for prompt, row in zip(PROMPTS, expected, strict=True):
        values = reference.probabilities(reference.encode(render_prompt(prompt)))[reference.control_ids]
        np.testing.assert_allclose(values, row, rtol=2e-4)


def test_training_again_gives_the_same_weights(micro, micro_settings, prompts_file, tmp_path):
    run = Run(micro_settings, prompts_file, None, tmp_path / "again")
    again = run.write(run.student(run.teach()))
    half = {name: value.half() for name, value in micro[1].state_dict().items()}
    for name, value in again.state_dict().items():
        torch.testing.assert_close(value.half(), half[name], rtol=1e-2, atol=1e-3)


def test_a_work_folder_of_other_settings_is_refused(micro_settings, prompts_file, tmp_path):
    from dataclasses import replace

    Run(micro_settings, prompts_file, None, tmp_path / "work")
    with pytest.raises(SystemExit, match="other settings"):
        Run(replace(micro_settings, seed=99), prompts_file, None, tmp_path / "work")


def test_the_reference_command_prints_one_json_object_per_prompt(micro):
    command = [sys.executable, str(HERE / "reference.py"), str(micro[0]), *PROMPTS[:2], "--generate", "3"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    results = [json.loads(line) for line in lines]
    assert [result["prompt"] for result in results] == PROMPTS[:2]
    assert set(results[0]["probabilities"]) == {*(category.id for category in CATEGORIES), "respond"}
    assert results[0]["coverage"] == pytest.approx(sum(results[0]["probabilities"].values()))
    assert set(results[0]["replies"]) == set(CONTROL_TOKENS)


def test_the_published_settings_are_readable_and_unknown_keys_are_not(tmp_path):
    from settings import read_settings

    text = (HERE / "demur-tiny.toml").read_text(encoding="utf-8")
    assert read_settings(HERE / "demur-tiny.toml").model.name == "Demur tiny"
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(text.replace("layers =", "layer ="), encoding="utf-8")
    with pytest.raises(ValueError, match="unknown layer"):
        read_settings(wrong)
