"""The lists that are measured on: their labels are sound, and the starter prompts know none of them."""

import json
from collections import Counter
from pathlib import Path

import pytest

from similar import grams, pairs, read_prompts

TRAINING = Path(__file__).parent.parent
LISTS = ("everyday", "distress", "turns", "reasons", "nearmisses")
STARTERS = sorted((TRAINING.parent / "examples").glob("starter*.jsonl"))
CATEGORIES = ("humanizing", "incomplete", "indeterminate", "safety", "unsupported")


def read(path: Path) -> list[dict]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def rows(name: str) -> list[dict]:
    return read(TRAINING / f"{name}.jsonl")


@pytest.mark.parametrize("path", [TRAINING / f"{name}.jsonl" for name in LISTS] + STARTERS, ids=lambda path: path.stem)
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


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("starter", STARTERS, ids=lambda path: path.stem)
def test_no_starter_prompt_is_nearly_one_that_is_measured_on(starter, name):
    found = pairs(read_prompts(starter), read_prompts(TRAINING / f"{name}.jsonl"), 0.5)
    assert [(pair.first.text, pair.second.text) for pair in found] == []


def test_similarity_is_one_for_the_same_words_and_known_for_others():
    assert grams("hi") == {" hi "}
    assert grams("Hello  THERE") == grams("hello there")
    path = TRAINING / "everyday.jsonl"
    prompts = read_prompts(path)
    assert len(list(pairs(prompts, read_prompts(path), 0.99))) == len(prompts)
    assert not list(pairs(prompts, prompts, 0.99))
    ab, abc = grams("abcdefg"), grams("abcdefgh")  # 5 and 6 grams, of which " abcd", "abcde", "bcdef" and "cdefg" are shared
    assert len(ab & abc) / len(ab | abc) == pytest.approx(4 / 7)
