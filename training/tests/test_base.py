import gguf
import numpy as np
import pytest
import torch

from base import Base
from conftest import BASE_SPECIALS, write_base
from dialogue import Dialogue
from llamacpp import LlamaCpp, Piece
from reference import Reference
from tokensets import TOKEN_SETS, Vocabulary
from vocabulary import render_prompt

TEXTS = (
    "What is known about chess?",
    "12345 and 3.14",
    "  two  spaces\n\n",
    "d\u00e9j\u00e0 vu \U0001f600 I'll 'LL 42nd",
    "<|im_end|> <repo_name> [respond]",
)


@pytest.mark.parametrize("tied", [True, False])
def test_pytorch_computes_a_base_as_the_float64_forward_pass_does(micro, tmp_path, tied):
    path = write_base(tmp_path / "base.gguf", micro[2], tied)
    model, reference = Base.read(path).model().eval(), Reference.load(path)
    ids = list(range(20, 60))
    with torch.no_grad():
        found = model.logits(model(torch.tensor([ids])))[0, -1].numpy()
    np.testing.assert_allclose(found, reference.logits(ids), atol=2e-4)


def test_both_llama_cpp_generations_compute_the_same_logits_alone_and_together(base_file, either_library):
    reference = Reference.load(base_file)
    first, second = list(range(20, 50)), list(range(60, 40, -1))
    with LlamaCpp(either_library, base_file, 1, 128, 3) as engine:
        alone = engine.logits(first)
        np.testing.assert_allclose(alone, reference.logits(first), atol=0.05)
        together = engine.decode([Piece(1, 0, first[:10]), Piece(2, 0, second)])
        np.testing.assert_allclose(together[1], reference.logits(second), atol=0.05)
        rest = engine.decode([Piece(1, 10, first[10:])])
        np.testing.assert_allclose(rest[0], alone, atol=0.05)


def test_conversations_have_the_ids_of_the_whole_rendered_text(base_file, either_library):
    base, reference = Base.read(base_file), Reference.load(base_file)
    with Dialogue(either_library, base) as dialogue:
        for text in map(dialogue.clean, TEXTS):
            assert dialogue.head([("user", text)]) == reference.encode(render_prompt(text))
            assert dialogue.head([("system", "Be."), ("user", text)]) == reference.encode(render_prompt(text, "Be."))
            ids = dialogue.reply(text)
            assert ids == reference.encode(text) and not set(ids) & set(range(9))
            assert dialogue.engine.text(ids) == text


def test_control_tokens_take_the_places_of_special_tokens_or_follow_the_vocabulary(base_file):
    base, tokens = Base.read(base_file), TOKEN_SETS["categories"].tokens
    renamed = Vocabulary.place(base, tokens, BASE_SPECIALS)
    assert renamed.control_ids == [3, 4, 5, 6, 7, 8] and renamed.tokens[3:9] == tokens
    assert renamed.tokens[9:] == base.tokens[9:] and renamed.types == base.types
    appended = Vocabulary.place(base, tokens, ())
    assert appended.tokens == [*base.tokens, *tokens]
    assert all(appended.types[at] == gguf.TokenType.CONTROL for at in appended.control_ids)


@pytest.mark.parametrize("needed", ["<|endoftext|>", "<|im_start|>", "!", "<none>"])
def test_a_token_that_the_base_needs_is_not_renamed(base_file, needed):
    with pytest.raises(ValueError, match="rename"):
        Vocabulary.place(Base.read(base_file), TOKEN_SETS["single"].tokens, [needed, "<repo_name>"])


def test_a_model_that_has_control_tokens_is_no_base(micro):
    with pytest.raises(ValueError, match="tune its base"):
        Base.read(micro[0])
