import random

import pytest
import torch

from augment import Strength
from data import read_examples, read_replies
from sequences import SequenceMaker, Shares, batches
from train import HERE
from vocabulary import RESPOND_LABEL


@pytest.fixture
def maker(micro, prompts_file):
    _, _, tokenizer = micro

    def make(**shares: float) -> SequenceMaker:
        replies = read_replies(HERE / "replies.json")
        return SequenceMaker(tokenizer, read_examples(prompts_file), replies, Strength(), Shares(**shares))

    return make


def test_the_same_seed_gives_the_same_epoch(maker):
    assert maker().epoch(random.Random(4)) == maker().epoch(random.Random(4))


def test_a_head_ends_with_the_generation_prompt_and_a_tail_starts_with_a_control_token(maker):
    made = maker(reply=1.0)
    generation = made.tokenizer.encode("<|im_start|>assistant\n", add_special_tokens=False).ids
    for sequence in made.epoch(random.Random(1)):
        assert sequence.head[-len(generation) :] == generation
        assert sequence.tail[0] in made.controls and sequence.tail[-1] == made.end


def test_a_forced_token_contradicts_the_label_and_its_decision_has_no_loss(maker):
    made = maker(reply=1.0, forced=1.0)
    for batch in batches(made.epoch(random.Random(1)), 8, random.Random(1)):
        assert not batch.decide.any()
        for row, example in enumerate(batch.examples):
            forced = batch.ids[row, batch.decide_at[row] + 1].item()
            respond = made.examples[example].label == RESPOND_LABEL
            assert (forced == made.controls[RESPOND_LABEL]) != respond


def test_reply_targets_start_after_the_control_token_and_end_with_the_end_token(maker):
    made = maker(reply=1.0, earlier_turn=0.0)
    batch = batches(made.epoch(random.Random(2)), 8, random.Random(2))[0]
    for row in range(8):
        mine = batch.reply_rows == row
        assert batch.reply_positions[mine][0] == batch.decide_at[row] + 1
        assert batch.reply_targets[mine][-1] == made.end
        following = batch.ids[row, batch.reply_positions[mine][:-1] + 1]
        assert torch.equal(batch.reply_targets[mine][:-1], following)


def test_a_spliced_prompt_has_no_reply(maker):
    assert all(sequence.spliced and not sequence.tail for sequence in maker(splice=1.0, reply=1.0).epoch(random.Random(1)))
