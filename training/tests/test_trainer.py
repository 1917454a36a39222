"""An interrupted training goes on as if nothing had happened, and weights say what counts."""

from dataclasses import replace

import pytest
import torch

from data import Example
from teachers import Teaching
from trainer import Schedule, row_weights
from vocabulary import RESPOND_LABEL


class Interrupted(Exception):
    pass


def student(settings, prompts_file, work, stop_after=None):
    from train import Run

    run = Run(settings, prompts_file, None, work)

    def report(epoch, model):
        if epoch == stop_after:
            raise Interrupted

    run._report = report
    return run.student(run.teach())


def test_a_run_continued_after_a_kill_ends_with_the_same_weights(micro_settings, prompts_file, tmp_path):
    settings = replace(micro_settings, schedule=Schedule(epochs=2, batch=8), teachers=Teaching(share=0.0))
    whole = student(settings, prompts_file, tmp_path / "whole")
    with pytest.raises(Interrupted):
        student(settings, prompts_file, tmp_path / "cut", stop_after=1)
    continued = student(settings, prompts_file, tmp_path / "cut")
    for name, weight in whole.state_dict().items():
        assert torch.equal(weight, continued.state_dict()[name]), name


def test_rows_to_refuse_count_as_often_as_asked():
    rows = [Example("a", RESPOND_LABEL, "s", "native", None, None), Example("b", 0, "s", "native", None, None)]
    respond, refuse = row_weights(rows, Schedule(refusal_weight=1.5)).tolist()
    assert refuse / respond == pytest.approx(1.5)
    assert respond + refuse == pytest.approx(2.0)
