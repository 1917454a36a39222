import hashlib
import json
import sys

import embed_policy
import gguf
import numpy as np
import pytest
from vocabulary import CATEGORIES, RESPOND_TOKEN

POLICY = {
    "version": 1,
    "rule": "threshold",
    "respond": RESPOND_TOKEN,
    "categories": [{"id": category.id, "token": category.token, "threshold": 0.4} for category in CATEGORIES],
    "calibration": {"fingerprint": "sha256:0", "note": "ä"},
}


def content(path):
    reader = gguf.GGUFReader(path)
    fields = {
        name: (field.types, field.contents()) for name, field in reader.fields.items() if not name.startswith("GGUF.")
    }
    tensors = [(t.name, list(t.shape), t.tensor_type, np.array(t.data).tobytes()) for t in reader.tensors]
    return fields, tensors


def test_only_the_policy_is_added_and_the_rest_keeps_its_order(micro, tmp_path):
    out = tmp_path / "out.gguf"
    text = json.dumps(POLICY, ensure_ascii=False)
    embed_policy.embed(text, micro[0], out)
    before, tensors_before = content(micro[0])
    after, tensors_after = content(out)
    assert after.pop("demur.policy")[1] == text
    assert list(after.items()) == list(before.items())
    assert tensors_after == tensors_before
    assert not list(tmp_path.glob("*.partial"))


def test_a_policy_that_is_there_is_replaced_in_place(micro, tmp_path):
    out = tmp_path / "out.gguf"
    embed_policy.embed("first", micro[0], out)
    embed_policy.embed("second", out, out)
    assert content(out)[0]["demur.policy"][1] == "second"


def test_what_is_no_policy_for_the_model_is_not_written(micro, tmp_path, monkeypatch, capsys):
    out = tmp_path / "out.gguf"
    policy = tmp_path / "policy.json"
    for text, problem in [
        ("{}", "is no policy file of version 1"),
        ("nonsense", "Expecting value"),
        (json.dumps({**POLICY, "respond": "[other]"}), "names tokens that"),
    ]:
        policy.write_text(text, encoding="utf-8")
        monkeypatch.setattr(sys, "argv", ["embed_policy.py", str(policy), str(micro[0]), str(out)])
        assert embed_policy.main() == 1
        assert problem in capsys.readouterr().err
        assert not out.exists()


@pytest.mark.parametrize("written", ["models/demur-tiny.gguf"])
def test_the_published_model_survives(written, tmp_path):
    model = embed_policy.Path(__file__).parents[2] / written
    out = tmp_path / "out.gguf"
    embed_policy.embed(json.dumps(POLICY), model, out)
    before, tensors_before = content(model)
    after, tensors_after = content(out)
    del after["demur.policy"]
    assert after == before
    assert [hashlib.sha256(t[3]).digest() for t in tensors_after] == [hashlib.sha256(t[3]).digest() for t in tensors_before]
