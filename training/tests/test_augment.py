import random

import pytest

from augment import Strength, augment, splice

PROMPTS = ["What is the capital of France?", "hi", '"Quoted, already."', "one two three four five six", "?", "\u4f60\u597d"]


@pytest.mark.parametrize("prompt", PROMPTS)
def test_the_same_seed_gives_the_same_variant(prompt):
    first = [augment(prompt, random.Random(seed), Strength()) for seed in range(50)]
    assert first == [augment(prompt, random.Random(seed), Strength()) for seed in range(50)]


@pytest.mark.parametrize("prompt", PROMPTS)
def test_no_variant_is_empty(prompt):
    assert all(augment(prompt, random.Random(seed), Strength()).strip() for seed in range(300))


def test_without_strength_the_prompt_stays_as_it_is():
    off = Strength(**dict.fromkeys(Strength.__dataclass_fields__, 0.0))
    assert all(augment(prompt, random.Random(1), off) == prompt for prompt in PROMPTS)


def test_variants_take_quotation_marks_lower_case_and_other_endings():
    variants = {augment(PROMPTS[0], random.Random(seed), Strength()) for seed in range(400)}
    assert any(variant.startswith('"') for variant in variants)
    assert any(variant.islower() for variant in variants)
    assert any(variant.endswith("France") for variant in variants)


def test_a_splice_begins_with_one_prompt_and_ends_with_the_other():
    spliced = splice("a b c d e f", "u v w x y z", random.Random(5))
    assert spliced.startswith("a") and spliced.endswith("z")
