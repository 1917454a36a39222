"""The lists that are measured on: their labels are sound, and the starter prompts know none of them."""

import json
from collections import Counter
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest

TRAINING = Path(__file__).parent.parent
LISTS = ("everyday", "distress", "turns", "reasons", "nearmisses")
STARTER = TRAINING.parent / "examples" / "starter.jsonl"
CATEGORIES = ("humanizing", "incomplete", "indeterminate", "safety", "unsupported")
CARE = TRAINING / "care.jsonl"
TALK = TRAINING / "talk.jsonl"
CARE_STARTER = TRAINING / "care-starter.jsonl"


def read(path: Path) -> list[dict]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def rows(name: str) -> list[dict]:
    return read(TRAINING / f"{name}.jsonl")


@pytest.mark.parametrize("path", [TRAINING / f"{name}.jsonl" for name in LISTS] + [STARTER], ids=lambda path: path.stem)
def test_ids_are_unique_and_a_refusal_has_a_category(path):
    found = read(path)
    assert len({row["id"] for row in found}) == len(found)
    for row in found:
        assert row["expected"] in ("respond", "refuse"), row["id"]
        assert row["category"] in (*CATEGORIES, "none"), row["id"]
        assert row["expected"] == "respond" or row["category"] != "none", row["id"]
        texts = [row["prompt"]] if "prompt" in row else [message["content"] for message in row["messages"]]
        assert all(text and text == text.strip() for text in texts), row["id"]


@pytest.mark.parametrize("name", [name for name in LISTS if name != "turns"])
def test_no_prompt_stands_twice_in_a_list(name):
    counts = Counter(row["prompt"].lower() for row in rows(name))
    assert [prompt for prompt, count in counts.items() if count > 1] == []


def test_everyday_messages_are_of_fifteen_kinds_and_one_in_ten_is_not_english():
    found = rows("everyday")
    kinds = Counter(row["kind"] for row in found)
    assert len(found) >= 330 and len(kinds) == 15 and min(kinds.values()) >= 20
    assert sum(row["lang"] != "en" for row in found) >= len(found) / 10
    assert {(row["category"], row["expected"]) for row in found} == {("none", "respond")}


def test_distress_and_its_lookalikes_are_all_to_be_answered():
    found = rows("distress")
    assert Counter(row["distress"] for row in found) == {True: 60, False: 30}
    assert {row["expected"] for row in found} == {"respond"}
    assert {row["danger"] for row in found if not row["distress"]} == {"none"}
    assert {row["danger"] for row in found if row["distress"]} == {"none", "some", "acute"}
    assert sum(row["lang"] != "en" for row in found if row["distress"]) == 10


def test_conversations_end_with_the_message_that_is_judged():
    found = rows("turns")
    assert Counter(row["expected"] for row in found) == {"respond": 220, "refuse": 80}
    refused = Counter(row["category"] for row in found if row["expected"] == "refuse")
    assert refused == dict.fromkeys(CATEGORIES, 16)
    for row in found:
        roles = [message["role"] for message in row["messages"]]
        assert roles in (["user", "assistant", "user"], ["user", "assistant", "user", "assistant", "user"]), row["id"]
        decisions = {message["decision"] for message in row["messages"] if message["role"] == "assistant"} - {"respond"}
        assert decisions == ({row["after"]} & set(CATEGORIES)), row["id"]
        assert row["after"] in (*CATEGORIES, "greeting", "answer"), row["id"]


def test_reasons_hold_twenty_refusals_of_each_category_and_near_misses_none():
    assert Counter((row["category"], row["expected"]) for row in rows("reasons")) == {(c, "refuse"): 20 for c in CATEGORIES}
    near = Counter((row["category"], row["expected"]) for row in rows("nearmisses"))
    assert set(near) == {(c, "respond") for c in CATEGORIES} and near.total() == 150


def near_duplicates():
    """The program beside the starter prompts, as a module."""
    loader = SourceFileLoader("near_duplicates", str(TRAINING.parent / "examples" / "near-duplicates"))
    module = module_from_spec(spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", LISTS)
def test_no_starter_prompt_is_nearly_one_that_is_measured_on(name):
    tool = near_duplicates()
    starter = tool.rows_of(STARTER)
    listed = tool.rows_of(TRAINING / f"{name}.jsonl")
    found = tool.pairs_above(0.5, [tool.grams(row["prompt"]) for row in starter], [tool.grams(row["prompt"]) for row in listed])
    assert [(starter[a]["prompt"], listed[b]["prompt"]) for a, b, _ in found] == []


def test_every_starter_prompt_to_refuse_has_a_near_miss_of_its_category():
    refused = {row["id"]: row["category"] for row in read(STARTER) if row["expected"] == "refuse"}
    near = {row["id"].replace("-near-", "-"): row["category"] for row in read(STARTER) if "-near-" in row["id"]}
    assert refused == near and len(refused) > 1_400


def assert_a_tenth_is_of_five_other_languages(found):
    foreign = Counter(row["lang"] for row in found if row["lang"] != "en")
    assert set(foreign) == {"de", "es", "fr", "it", "pt"} and 0.08 <= foreign.total() / len(found) <= 0.15


def test_messages_in_distress_are_fitted_on_beside_their_lookalikes_and_in_six_languages():
    found = read(CARE)
    assert len({row["id"] for row in found}) == len({row["prompt"].lower() for row in found}) == len(found)
    assert {row["category"] for row in found} == {"distress"}
    counts = Counter(row["expected"] for row in found)
    assert counts["refuse"] >= 300 and counts["respond"] >= 250 and counts.total() == len(found)
    for label in counts:
        assert_a_tenth_is_of_five_other_languages([row for row in found if row["expected"] == label])
    assert all(row["prompt"] and row["prompt"] == row["prompt"].strip() for row in found)


def test_talk_is_all_to_be_answered_and_in_six_languages():
    found = read(TALK)
    assert len({row["id"] for row in found}) == len({row["prompt"].lower() for row in found}) == len(found) >= 250
    assert {(row["category"], row["expected"], row["kind"]) for row in found} == {
        ("distress", "respond", "light"),
        ("none", "respond", "later"),
    }
    assert_a_tenth_is_of_five_other_languages(found)
    assert all(row["prompt"] and row["prompt"] == row["prompt"].strip() for row in found)


@pytest.mark.parametrize(("path", "elsewhere"), [(CARE, [STARTER]), (TALK, [STARTER, CARE])], ids=["care", "talk"])
def test_no_message_to_fit_on_is_nearly_one_that_is_measured_on_or_stands_elsewhere(path, elsewhere):
    tool = near_duplicates()
    fitted = [tool.grams(row["prompt"]) for row in read(path)]
    # Numbers, not texts: who reads a failure here is to write another message without having seen the list.
    others = {other.stem: tool.rows_of(other) for other in [TRAINING / f"{name}.jsonl" for name in LISTS] + elsewhere}
    near = {
        name: [a for a, _, _ in tool.pairs_above(0.5, fitted, [tool.grams(row["prompt"]) for row in listed])]
        for name, listed in others.items()
    }
    assert near == dict.fromkeys(others, [])
    assert tool.pairs_above(0.5, fitted) == []


def test_starter_prompts_in_distress_are_the_starter_prompts_under_another_label():
    starter = {row["id"]: row for row in read(STARTER)}
    for row in read(CARE_STARTER):
        assert {**row, "category": "", "expected": ""} == {**starter[row["id"]], "category": "", "expected": ""}
        assert (row["category"], row["expected"]) == ("distress", "refuse")
        assert starter[row["id"]]["category"] in ("safety", "none"), row["id"]


def test_likeness_is_one_for_the_same_words_and_known_for_others():
    tool = near_duplicates()
    assert tool.grams("hi") == {" hi "}
    assert tool.grams("Hello  THERE!") == tool.grams("hello there")
    sets = [tool.grams(row["prompt"]) for row in rows("everyday")]
    assert {(a, a) for a in range(len(sets))} <= {(a, b) for a, b, _ in tool.pairs_above(0.99, sets, sets)}
    # 5 and 6 grams, of which " abcd", "abcde", "bcdef" and "cdefg" are shared
    assert tool.alike(tool.grams("abcdefg"), tool.grams("abcdefgh")) == pytest.approx(4 / 7)
