import hashlib
import json
import sys
from pathlib import Path

import embed_policy
import gguf
import numpy as np
import pytest
from vocabulary import CATEGORIES, RESPOND_TOKEN

ROOT = Path(__file__).resolve().parents[2]
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
    embed_policy.embed({embed_policy.KEY: text}, micro[0], out)
    before, tensors_before = content(micro[0])
    after, tensors_after = content(out)
    assert after.pop("demur.policy")[1] == text
    assert list(after.items()) == list(before.items())
    assert tensors_after == tensors_before
    assert not list(tmp_path.glob("*.partial"))


def test_a_policy_that_is_there_is_replaced_in_place(micro, tmp_path):
    out = tmp_path / "out.gguf"
    embed_policy.embed({embed_policy.KEY: "first", embed_policy.STRICT_KEY: "old"}, micro[0], out)
    embed_policy.embed({embed_policy.KEY: "second"}, out, out)
    assert content(out)[0]["demur.policy"][1] == "second"
    assert "demur.policy.strict" not in content(out)[0]


def test_what_is_no_policy_for_the_model_is_not_written(micro, tmp_path, monkeypatch, capsys):
    out = tmp_path / "out.gguf"
    policy = tmp_path / "policy.json"
    for text, problem in [
        ("{}", "is no policy file of version 1 or 2"),
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
    embed_policy.embed({embed_policy.KEY: json.dumps(POLICY)}, model, out)
    before, tensors_before = content(model)
    after, tensors_after = content(out)
    del after["demur.policy"]
    assert after == before
    assert [hashlib.sha256(t[3]).digest() for t in tensors_after] == [hashlib.sha256(t[3]).digest() for t in tensors_before]


def test_all_presets_are_written_with_replies_where_they_have_none(micro, tmp_path, monkeypatch):
    out, replies = tmp_path / "out.gguf", tmp_path / "replies.json"
    replies.write_text(json.dumps({"safety": "No, and that is all.", "other": "?"}), encoding="utf-8")
    tokens = {category.id: category.token for category in CATEGORIES} | {"respond": RESPOND_TOKEN}
    arguments = []
    for name, threshold in (("balanced", 0.4), ("strict", 0.2), ("permissive", 0.8)):
        policy = {
            "version": 2,
            "rule": "threshold",
            "readout": {"kind": "tokens", "checksum": None, "tokens": tokens},
            "categories": [
                {"id": "safety", "threshold": threshold},
                {"id": "incomplete", "threshold": threshold, "reply": "Mine."},
            ],
        }
        file = tmp_path / f"{name}.json"
        file.write_text(json.dumps(policy), encoding="utf-8")
        arguments += [str(file)] if name == "balanced" else [f"--{name}", str(file)]
    positional, options = arguments[:1], arguments[1:]
    command = ["embed_policy.py", *positional, str(micro[0]), str(out), *options, "--replies", str(replies)]
    monkeypatch.setattr(sys, "argv", command)
    assert embed_policy.main() == 0
    fields = content(out)[0]
    for key, threshold in (("", 0.4), (".strict", 0.2), (".permissive", 0.8)):
        safety, incomplete = json.loads(fields[f"demur.policy{key}"][1])["categories"]
        assert (safety["threshold"], safety["reply"]) == (threshold, "No, and that is all.")
        assert incomplete["reply"] == "Mine."


def test_the_replies_that_ship_are_for_persons():
    replies = embed_policy.read_replies((ROOT / "models/replies.json").read_text(encoding="utf-8"))
    assert set(replies) == {category.id for category in CATEGORIES} | {"distress"}
    for category, reply in replies.items():
        assert reply.count(". ") <= (2 if category == "distress" else 1), reply
        assert len(reply) <= 300, reply
        assert reply.endswith("."), reply
    assert "can't" not in replies["distress"] and "emergency number" in replies["distress"]
