import json
import random
import subprocess
import sys
from dataclasses import replace

import gguf
import numpy as np
import pytest
import torch
from torch.nn import functional as F

import features
import textcost
import tuning
from answers import Answer, BaseAnswers, reads_as_refusal
from base import Base
from conftest import BASE_SPECIALS, BASE_TEMPLATE, write_base
from data import read_examples, read_texts
from llamacpp import LlamaCpp, Piece
from probe import Probing, cross_fitted, fit_probe
from reference import Reference
from rounded import ROUNDING, Rounded
from rows import fit_rows, probabilities
from textcost import Text
from tokensets import TOKEN_SETS, Vocabulary
from train import HERE
from tune import TuneRun
from trainer import decide_ids
from tune_settings import Writing, read_tune_settings
from tuned import FILE_TYPES, write_copy, write_tuned
from vocabulary import LABELS, RESPOND_LABEL, render_prompt

PROMPTS = ["What is known about chess?", "How do I hurt someone?"]


@pytest.fixture
def run(base_file, library, prompts_file, tune_settings, tmp_path):
    made = []

    def make(work="work", base=base_file, tuned=None, **changes):
        made.append(TuneRun(tune_settings(**changes), base, library, prompts_file, prompts_file, tmp_path / work, 1, tuned))
        return made[-1]

    yield make
    for one in made:
        one.close()


def written(path, base_file, kind, rename=BASE_SPECIALS):
    base, tokens = Base.read(base_file), TOKEN_SETS["categories"]
    vocabulary = Vocabulary.place(base, tokens.tokens, rename)
    rows = torch.linspace(-1, 1, 6 * 64).reshape(6, 64)
    model = base.model(rows, vocabulary.control_ids).eval()
    tensors = {name: value.numpy() for name, value in model.state_dict().items()}
    write_tuned(path, base, tokens, vocabulary, tensors, {"token_embd*": "F32" if kind == "F32" else "Q8_0", "*": kind}, "Tuned", "A test")
    return path, model


@pytest.mark.parametrize("kind", FILE_TYPES)
def test_a_tuned_file_of_each_type_loads_in_both_llama_cpp_generations(base_file, either_library, tmp_path, kind):
    path, model = written(tmp_path / "tuned.gguf", base_file, kind)
    reference = Reference.load(path)
    ids = reference.encode(render_prompt(PROMPTS[0]))
    with LlamaCpp(either_library, path, 1) as engine:
        assert np.corrcoef(engine.logits(ids), reference.logits(ids))[0, 1] > 0.999
        assert engine.tokenize("[respond]") == [8]
    with torch.no_grad():
        expected = model.logits(model(torch.tensor([ids])))[0, -1].numpy()
    assert np.corrcoef(reference.logits(ids), expected)[0, 1] > (0.9 if kind == "Q4_0" else 0.999)
    kinds = {tensor.name: tensor.tensor_type.name for tensor in gguf.GGUFReader(path).tensors}
    assert kinds["blk.0.attn_k.weight"] == kind and kinds["output_norm.weight"] == "F32"


def test_the_bases_metadata_is_carried_over_as_it_is(base_file, tmp_path):
    path, _ = written(tmp_path / "tuned.gguf", base_file, "Q8_0")
    base, tuned = Base.read(base_file).fields, Reference.load(path).fields
    own = {"general.name", "general.file_type", "tokenizer.ggml.tokens", "GGUF.kv_count", "GGUF.tensor_count"}
    assert {key: tuned[key] for key in base if key not in own} == {key: base[key] for key in base if key not in own}
    assert tuned["tokenizer.chat_template"] == BASE_TEMPLATE
    assert tuned["general.base_model.0.name"] == "Random base"
    assert tuned["demur.category.ids"] == TOKEN_SETS["categories"].labels[:-1]
    assert tuned["demur.respond_token"] == "[respond]"


def test_a_copy_of_the_base_is_the_same_model_in_another_type(base_file, either_library, tmp_path):
    path, base = tmp_path / "copy.gguf", Base.read(base_file)
    write_copy(path, base, "Q8_0")
    copy, own = Base.read(path), {"general.file_type", "general.quantization_version", "GGUF.kv_count"}
    assert {key: copy.fields[key] for key in copy.fields if key not in own} == {key: base.fields[key] for key in base.fields if key not in own}
    with LlamaCpp(either_library, path, 1) as engine:
        ids = list(range(20, 40))
        assert np.corrcoef(engine.logits(ids), Reference.load(base_file).logits(ids))[0, 1] > 0.999


@pytest.mark.parametrize("tied", [True, False])
def test_appended_control_tokens_enlarge_the_vocabulary(micro, either_library, tmp_path, tied):
    base_file = write_base(tmp_path / "base.gguf", micro[2], tied)
    path, model = written(tmp_path / "tuned.gguf", base_file, "Q8_0", ())
    size = len(Base.read(base_file).tokens) + 6
    ids = Reference.load(path).encode(render_prompt(PROMPTS[0]) + "[respond]")
    assert ids[-1] == size - 1 and Reference.load(path).fields["llama.vocab_size"] == size
    with LlamaCpp(either_library, path, 1) as engine, torch.no_grad():
        assert engine.tokenize(render_prompt(PROMPTS[0]) + "[respond]") == ids
        expected = model.logits(model(torch.tensor([ids])))[0, -1].numpy()
        assert np.corrcoef(engine.logits(ids), expected)[0, 1] > 0.999


def test_a_matrix_whose_rows_are_no_multiple_of_a_block_is_named(base_file, tmp_path):
    base, tokens = Base.read(base_file), TOKEN_SETS["single"]
    vocabulary = Vocabulary.place(base, tokens.tokens, ())
    with pytest.raises(ValueError, match="blk.0.x.weight cannot be Q8_0"):
        write_tuned(tmp_path / "x.gguf", base, tokens, vocabulary, {"blk.0.x.weight": np.ones((4, 40))}, {"*": "Q8_0"}, "x", "x")


def test_fitted_rows_outweigh_the_bases_vocabulary_and_separate_the_labels():
    torch.manual_seed(1)
    labels = torch.randint(0, 3, (600,))
    hidden = torch.randn(600, 8, dtype=torch.float64)
    hidden[:, 0] += 4.0
    hidden[torch.arange(600), labels + 1] += 5.0
    known = features.Features(hidden, torch.full((600,), 12.0, dtype=torch.float64), torch.zeros(600, 0))
    found = probabilities(known, torch.zeros(0, 8), fit_rows(known, torch.zeros(0, 8), labels, 3, 1e-6))
    assert found.sum(dim=1).mean() > 0.98
    assert (found.argmax(dim=1) == labels).double().mean() > 0.95


def test_the_rest_of_the_vocabulary_leaves_the_replaced_rows_out():
    torch.manual_seed(2)
    rows, hidden = torch.randn(20, 8, dtype=torch.float64), torch.randn(5, 8, dtype=torch.float64)
    known = features.Features(hidden, torch.logsumexp(hidden @ rows.T, dim=1), torch.zeros(5, 0))
    torch.testing.assert_close(known.rest(rows[3:7]), torch.logsumexp(hidden @ torch.cat((rows[:3], rows[7:])).T, dim=1))


def test_features_are_kept_in_shards_and_only_missing_ones_are_made(base_file, tmp_path, monkeypatch):
    monkeypatch.setattr(features, "SHARD", 4)
    ids = [list(range(20, 24 + 3 * number)) for number in range(10)]
    lines = []
    base = Base.read(base_file)
    first = features.FrozenBase(base_file, base.model, (1, 3), tmp_path, lines.append).features("rows", ids)
    assert len(lines) == 3
    next(tmp_path.glob("features-*/0001.npz")).unlink()
    again = features.FrozenBase(base_file, base.model, (1, 3), tmp_path, lines.append).features("rows", ids)
    assert len(lines) == 4
    torch.testing.assert_close(again.hidden, first.hidden)
    model = base.model().eval()
    with torch.no_grad():
        for sequence, row, total, states in zip(ids, first.hidden, first.total, first.states, strict=True):
            state = model(torch.tensor([sequence]))[0, -1]
            torch.testing.assert_close(row.float(), state, rtol=0.05, atol=0.1)
            # The norm before the output is a norm of what leaves the last block.
            torch.testing.assert_close(states[64:].float() * model.output_norm.weight, state, rtol=0.05, atol=0.1)
            torch.testing.assert_close(total.float(), torch.logsumexp(model.logits(state), dim=0), rtol=0.02, atol=0.05)


def test_a_row_is_judged_by_a_probe_that_did_not_see_it(prompts_file):
    examples = read_examples(prompts_file) * 4
    torch.manual_seed(6)
    labels, states = torch.randint(0, 2, (len(examples),)), torch.randn(len(examples), 200)
    # Labels by chance: who saw a row knows them all, who did not knows nothing.
    seen = fit_probe(states, labels, 2, 1e-4).probabilities(states).argmax(dim=1)
    unseen = cross_fitted(states, labels, examples, 2, Probing(folds=3, decay=1e-4))
    assert (seen == labels).all()
    assert 0.3 < (unseen.argmax(dim=1) == labels).float().mean() < 0.7
    torch.testing.assert_close(unseen.sum(dim=1), torch.ones(len(examples)))


@pytest.mark.parametrize("kind", ROUNDING)
def test_rounding_is_that_of_the_file(kind):
    torch.manual_seed(7)
    weight = torch.randn(64, 96) * torch.logspace(-4, 1, 64)[:, None]
    weight[3] = 0.0
    quantised = gguf.GGMLQuantizationType[kind]
    expected = gguf.quants.dequantize(gguf.quants.quantize(weight.numpy(), quantised), quantised)
    np.testing.assert_array_equal(ROUNDING[kind](weight).numpy(), expected)


@pytest.mark.parametrize("kind", ROUNDING)
def test_a_matrix_on_the_grid_starts_anywhere_within_its_cells(kind):
    torch.manual_seed(8)
    weight = torch.randn(64, 96)
    weight[3] = 0.0
    rounding = Rounded(kind)
    assert torch.equal(rounding.right_inverse(weight), weight)
    weight = ROUNDING[kind](weight)
    start = rounding.right_inverse(weight)
    assert torch.equal(ROUNDING[kind](start), weight)
    assert (start != weight).float().mean() > 0.9


@pytest.mark.parametrize("rank", [0, 2])
def test_rounded_tuning_ends_on_weights_that_the_file_holds(run, tune_settings, rank):
    one = run(tuning=replace(tune_settings().tuning, rounded=True, rank=rank, layers=1))
    rows = one.rows()
    before, changed = one._model(rows).state_dict(), one.tune(rows, {})
    matrices = {name for name in changed if name.startswith("blk") and "norm" not in name}
    assert len(matrices) == 7
    for name in matrices:
        torch.testing.assert_close(ROUNDING["Q4_0"](changed[name]), changed[name], rtol=0, atol=0)
        assert (ROUNDING["Q4_0"](before[name]) != changed[name]).any()


def test_bits_are_those_of_the_reference(base_file, micro, library):
    texts = [Text(list(range(20, 24 + number)), 2 + number % 2) for number in range(20)]
    with LlamaCpp(library, micro[0], 1, 64, textcost.SEQUENCES) as engine:
        found = textcost.bits(engine, texts)
    reference = Reference.load(micro[0])
    for text, value in zip(texts, found, strict=True):
        expected = -sum(np.log2(reference.probabilities(text.ids[:at])[text.ids[at]]) for at in range(text.first, len(text.ids)))
        assert value == pytest.approx(expected, rel=2e-3)


def test_answers_decoded_together_are_those_decoded_alone_and_are_kept(base_file, library, tmp_path):
    heads = [list(range(20, 25 + number)) for number in range(7)]
    base = BaseAnswers(library, base_file, tmp_path, 6, 3, 1, lambda line: None)
    together = base.answers(heads)
    with LlamaCpp(library, base_file, 1) as engine:
        for head, answer in zip(heads, together, strict=True):
            ids = [int(engine.logits(head).argmax())]
            while len(ids) < 6 and not engine.ends(ids[-1]):
                ids.append(int(engine.decode([Piece(0, len(head) + len(ids) - 1, ids[-1:])])[0].argmax()))
            assert answer.ids == ids[: len(answer.ids)] and (len(answer.ids) == 6 or answer.ended)
    base.path.write_bytes(base.path.read_bytes()[:-9])
    again = BaseAnswers(library, base_file, tmp_path, 6, 3, 1, lambda line: None)
    assert again.answers(heads) == together
    assert len(base.path.read_text().splitlines()) == 7


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("I'm sorry, but I can't assist with that.", True),
        ("As an AI, I have no feelings.", True),
        ("Unfortunately, this is not possible.", True),
        ("I cannot help you.", True),
        ("Sorting is done with a list.", False),
        ("The capital of France is Paris.", False),
        ("I can help you with that.", False),
    ],
)
def test_a_refusal_is_known_by_how_it_begins(text, refusal):
    assert reads_as_refusal(text) == refusal


def test_refusals_and_text_that_runs_in_circles_do_not_teach():
    assert Answer(list(range(30)), "The capital of France is Paris.", True).teaches
    assert not Answer([], "", True).teaches
    assert not Answer(list(range(30)), "I'm sorry, but I can't.", True).teaches
    assert not Answer([5, *list(range(9)) * 3], "one two one two", False).teaches


def test_tuning_changes_the_chosen_layers_and_the_control_rows_alone(run):
    one = run()
    rows = one.rows()
    before, changed = one._model(rows).state_dict(), one.tune(rows, one.answers())
    assert {name for name in changed if name.startswith("blk")} == {
        name for name in before if name.startswith(("blk.1", "blk.2"))
    }
    moved = (changed["token_embd.weight"] != before["token_embd.weight"]).any(dim=1)
    assert moved.nonzero().flatten().tolist() == one.vocabulary.control_ids


@pytest.mark.parametrize("stage", [TuneRun.tune, lambda one, rows, answers: one.write_replies(rows, {}, answers)])
def test_a_stage_that_was_killed_goes_on_to_the_same_weights(run, monkeypatch, stage):
    monkeypatch.setattr(tuning, "SAVE_EVERY", -1)
    monkeypatch.setattr(tuning, "LOG_EVERY", 1)
    one = run("whole")
    rows, answers = one.rows(), one.answers()
    expected = stage(one, rows, answers)
    two = run("killed")
    log, lines = two.log, []

    def die(line):
        log(line)
        lines.append(line)
        if len(lines) == 5:
            raise KeyboardInterrupt

    two.log = die
    with pytest.raises(KeyboardInterrupt):
        stage(two, rows, answers)
    two.log = log
    found = stage(two, rows, answers)
    assert "continues at epoch 1, step 4" in (two.folder / "log.txt").read_text()
    for name, value in found.items():
        torch.testing.assert_close(value, expected[name])


def decided(one, rows, changed):
    heads = [one.control.head(example.prompt) for example in one.examples]
    return decide_ids(one._model(rows, changed), heads, one.vocabulary.control_ids)


@torch.no_grad()
def reply_loss(model, sequences):
    logits = [model.logits(model(torch.tensor([one.head + one.tail])))[0, len(one.head) : -1] for one in sequences]
    return F.cross_entropy(torch.cat(logits), torch.tensor([token for one in sequences for token in one.tail[1:]])).item()


def test_the_last_stage_teaches_text_and_holds_the_decisions(run, tune_settings):
    """Against the same stage with the decisions to be held mixed up, which does move them."""
    one = run(writing=Writing(epochs=4, rows=40, batch=8, rate=2e-3, row_rate=2e-3, reply=1.0, forced=1.0))
    rows, answers = one.rows(), one.answers()
    before, changed = decided(one, rows, {}), one.write_replies(rows, {}, answers)
    moved = np.abs(decided(one, rows, changed) - before).mean()
    other = run("other", writing=one.settings.writing)
    held = other._held
    other._held = lambda model, chosen: held(model, chosen).roll(1, dims=1)
    assert moved < 0.5 * np.abs(decided(one, rows, other.write_replies(rows, {}, answers)) - before).mean()
    maker = one.maker(answers, replace(one.settings.mixture, reply=1.0, forced=1.0), range(len(one.examples)))
    with_reply = [sequence for sequence in maker.epoch(random.Random(9)) if sequence.tail]
    assert reply_loss(one._model(rows, changed), with_reply) < reply_loss(one._model(rows), with_reply) - 0.2


def test_the_last_stage_on_a_written_file_is_that_of_the_whole_run(run, tmp_path):
    exact = {"*": "F32"}
    whole = run(types=exact)
    rows, answers = whole.rows(), whole.answers()
    changed = whole.tune(rows, answers)
    whole.write(tmp_path / "tuned.gguf", rows, changed)
    expected = whole.write_replies(rows, changed, answers)
    later = run("later", tuned=tmp_path / "tuned.gguf", types=exact)
    assert later.folder.name != whole.folder.name
    rows, tensors = later.read()
    found = later.write_replies(rows, tensors, answers)
    for name, value in expected.items():
        assert not torch.equal(value, changed[name])
        torch.testing.assert_close(found[name], value)


def test_only_a_file_that_was_tuned_from_the_base_is_gone_on_from(run, base_file):
    with pytest.raises(ValueError, match="with the control tokens of these settings"):
        run(tuned=base_file).read()


def test_low_rank_tuning_is_merged_into_the_matrices(run, tune_settings):
    one = run(tuning=replace(tune_settings().tuning, rank=2, layers=1, recompute=True))
    rows = one.rows()
    before, changed = one._model(rows).state_dict(), one.tune(rows, {})
    matrices = {name for name in changed if name.startswith("blk")}
    assert matrices == {name for name in before if name.startswith("blk.2") and "norm" not in name}
    for name in matrices:
        assert 0 < torch.linalg.matrix_rank(changed[name] - before[name], rtol=1e-3) <= 2


def test_recomputing_gives_the_same_gradients(base_file):
    gradients = []
    for recompute in (False, True):
        model = Base.read(base_file).model().train()
        model.recompute = recompute
        model.logits(model(torch.tensor([[20, 30, 40]])))[0, -1, 5].backward()
        gradients.append(model.blk[0].attn_q.weight.grad)
    torch.testing.assert_close(*gradients)


def test_forced_replies_teach_no_decision_and_answers_follow_respond_alone(run):
    one = run()
    answers = one.answers()
    maker = one.maker(answers)
    sequences = [sequence for seed in range(8) for sequence in maker.epoch(random.Random(seed))]
    assert sequences == [sequence for seed in range(8) for sequence in maker.epoch(random.Random(seed))]
    kinds = set()
    for sequence in sequences:
        if sequence.tail:
            answerable = one.examples[sequence.example].label == RESPOND_LABEL
            respond = sequence.tail[0] == one.vocabulary.control_ids[-1]
            assert sequence.forced == (answerable != respond)
            if respond:
                assert sequence.tail[1 : 1 + len(answers[sequence.example].ids)] == answers[sequence.example].ids
            kinds.add((answerable, respond))
    assert kinds == {(True, True), (True, False), (False, False), (False, True)}
    assert all(one.examples[index].label not in one.texts.answers for index in answers)


def test_held_decisions_are_those_of_the_chosen_rows_whatever_the_reply(run):
    one = run()
    answers = one.answers()
    chosen = list(range(4, len(one.examples)))
    maker = one.maker(answers, replace(one.settings.mixture, forced=1.0, general=1.0), chosen)
    sequences = maker.epoch(random.Random(3))
    assert [sequence.example for sequence in sequences] == chosen
    assert not any(sequence.forced for sequence in sequences)
    labels = [one.examples[sequence.example].label for sequence in sequences]
    starts = [sequence.tail[0] if sequence.tail else None for sequence in sequences]
    kinds = {(label == RESPOND_LABEL, start == one.vocabulary.control_ids[-1]) for label, start in zip(labels, starts, strict=True) if start}
    assert kinds == {(True, True), (True, False), (False, False), (False, True)}
    general = [(label, sequence.tail[1:-1]) for sequence, label in zip(sequences, labels, strict=True) if label in one.texts.answers]
    assert general and all(one.dialogue.engine.text(text) in one.texts.answers[label] for label, text in general)


@pytest.mark.parametrize("tokens", ["categories", "single"])
def test_the_command_writes_a_file_that_decides_as_it_reports(base_file, library, prompts_file, tmp_path, tokens):
    text = (HERE / "demur-small.toml").read_text(encoding="utf-8")
    text = text.replace('tokens = "categories"', f'tokens = "{tokens}"').replace("layers = 0", "layers = 1").replace("layers = 15", "layers = 1").replace("epochs = 2", "epochs = 1").replace("rows = 1250", "rows = 3").replace("[5, 10, 15, 20, 25, 30]", "[2]")
    start = text.index("rename =")
    text = text[:start] + f"rename = {json.dumps(BASE_SPECIALS)}" + text[text.index("\n", start) :]
    settings, out = tmp_path / "micro.toml", tmp_path / "out.gguf"
    settings.write_text(text, encoding="utf-8")
    options = ["--settings", settings, "--base", base_file, "--llama", library, "--train", prompts_file, "--validation", prompts_file]
    command = [sys.executable, HERE / "tune.py", *options, "--out", out, "--work", tmp_path / "work", "--threads", "1"]
    result = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert list(result["category_auc"]) == TOKEN_SETS[tokens].labels[:-1]
    assert result["coverage_mean"] > 0.5
    command = [sys.executable, HERE / "evaluate.py", out, "--data", prompts_file, "--engine", "numpy", "--variants", "plain"]
    again = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)["variants"]["plain"]
    assert again["log_loss"] == pytest.approx(result["log_loss"], rel=0.05)


def test_held_out_groups_are_measured_without_their_rows(run, tune_settings, prompts_file):
    one = run(groups={"none of them": ["elsewhere"], "all": ["made-up"]})
    with pytest.raises(ValueError, match="no rows"):
        one.held_out()
    assert len(read_examples(prompts_file)) == len(one.examples)


def test_the_published_settings_are_readable_and_wrong_ones_are_not(tmp_path):
    for name, tokens in (("demur-small.toml", 6), ("demur-small-single.toml", 2)):
        settings = read_tune_settings(HERE / name)
        assert len(settings.model.rename) == tokens == len(TOKEN_SETS[settings.model.tokens].tokens)
        texts = read_texts(HERE / settings.mixture.replies)
        assert all(len(set(refusals)) >= 20 for refusals in texts.refusals)
        assert LABELS.index("safety") in texts.answers, "what the base would write might do harm"
    text = (HERE / "demur-small.toml").read_text(encoding="utf-8")
    wrong = tmp_path / "wrong.toml"
    for old, new, message in (
        ("row_rate =", "rowrate =", "unknown rowrate"),
        ('"*" = "Q4_0"', '"*" = "Q4_K"', "knows F32"),
        ("without = []", 'without = ["x"]', "no group"),
    ):
        wrong.write_text(text.replace(old, new), encoding="utf-8")
        with pytest.raises(ValueError, match=message):
            read_tune_settings(wrong)
