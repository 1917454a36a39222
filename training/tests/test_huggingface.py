import json

import pytest
import torch
from tokenizers import Tokenizer
from tokenizers.pre_tokenizers import ByteLevel

from base import Base
from huggingface import base_of_folder
from model import Llama, Shape
from vocabulary import CHAT_TEMPLATE, PRE_TOKENIZERS, train_tokenizer

_NAMES = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
}


def folders_weights(tensors, config):
    """The names and, for queries and keys, the order of a Hugging Face folder: a pair's halves lie half a head apart."""
    for name, value in tensors.items():
        if name.startswith("blk."):
            _, layer, part, _ = name.split(".")
            if part in ("attn_q", "attn_k"):
                heads = config["num_attention_heads" if part == "attn_q" else "num_key_value_heads"]
                rows = [head * 16 + 2 * pair + side for head in range(heads) for side in (0, 1) for pair in range(8)]
                value = value[rows]
            yield f"model.layers.{layer}.{_NAMES[part]}.weight", value
        else:
            renamed = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
            yield f"{renamed[name.split('.')[0]]}.weight", value


@pytest.fixture
def folder(tmp_path):
    def make(pre="smollm", tied=False, **changes):
        path = tmp_path / "random-llama"
        path.mkdir()
        tokenizer: Tokenizer = train_tokenizer(["what is the time of 1234 days"] * 4, 300)
        tokenizer.pre_tokenizer = PRE_TOKENIZERS.get(pre) or ByteLevel(add_prefix_space=True)
        tokenizer.save(str(path / "tokenizer.json"))
        config = {
            "model_type": "llama",
            "vocab_size": tokenizer.get_vocab_size() + 3,
            "hidden_size": 64,
            "intermediate_size": 96,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "max_position_embeddings": 128,
            "rms_norm_eps": 1e-5,
            "rope_theta": 50000.0,
            "tie_word_embeddings": tied,
            **changes,
        }
        (path / "config.json").write_text(json.dumps(config), encoding="utf-8")
        special = {"bos_token": "<|endoftext|>", "eos_token": "<|im_end|>", "chat_template": CHAT_TEMPLATE}
        (path / "tokenizer_config.json").write_text(json.dumps(special), encoding="utf-8")
        torch.manual_seed(4)
        model = Llama(Shape(config["vocab_size"], 64, 2, 4, 96, 128, 50000.0, 1e-5, kv_heads=2, tied=tied)).bfloat16().eval()
        header, data = {}, b""
        for name, value in folders_weights(model.state_dict(), config):
            raw = value.contiguous().view(torch.uint8).numpy().tobytes()
            header[name] = {"dtype": "BF16", "shape": list(value.shape), "data_offsets": [len(data), len(data) + len(raw)]}
            data += raw
        text = json.dumps(header).encode()
        (path / "model.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + data)
        return path, model

    return make


@pytest.mark.parametrize(("pre", "tied"), [("smollm", False), ("gpt-2", True)])
def test_a_folder_becomes_the_same_model(folder, library, tmp_path, pre, tied):
    path, model = folder(pre, tied)
    base = Base.read(base_of_folder(path, tmp_path / "work", library))
    assert base.fields["tokenizer.ggml.pre"] == pre and base.fields["tokenizer.chat_template"] == CHAT_TEMPLATE
    assert base.tokens[-1].startswith("[PAD") and base.shape.tied == tied
    found = base.model().state_dict()
    for name, value in model.state_dict().items():
        assert torch.equal(found[name], value.float()), name
    assert base_of_folder(path, tmp_path / "work", library) == base.path


@pytest.mark.parametrize(
    ("pre", "changes", "message"),
    [
        ("prefix space", {}, "tokenizer is not known"),
        ("smollm", {"model_type": "qwen2"}, "no Llama"),
        ("smollm", {"rope_scaling": {"rope_type": "llama3", "factor": 8.0}}, "scaled rotary"),
    ],
)
def test_a_folder_that_cannot_be_tuned_is_refused_with_the_reason(folder, library, tmp_path, pre, changes, message):
    path, _ = folder(pre, **changes)
    with pytest.raises(ValueError, match=message):
        base_of_folder(path, tmp_path / "work", library)


def test_a_tokenizer_that_llama_cpp_reads_differently_is_refused(folder, library, tmp_path):
    path, _ = folder("smollm")
    tokenizer = json.loads((path / "tokenizer.json").read_text())
    word = {**tokenizer["added_tokens"][0], "id": len(tokenizer["model"]["vocab"]), "content": "ell", "special": False, "single_word": True}
    tokenizer["added_tokens"].append(word)
    (path / "tokenizer.json").write_text(json.dumps(tokenizer))
    with pytest.raises(ValueError, match="tokenises"):
        base_of_folder(path, tmp_path / "work", library)
    assert not list((tmp_path / "work").glob("*.gguf"))
