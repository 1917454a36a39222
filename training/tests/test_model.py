import pytest
import torch

from model import Llama, Shape

SHAPE = Shape(vocabulary=50, width=32, layers=3, heads=4, hidden=40, context=64)


def test_one_position_alone_is_what_the_whole_pass_gives_there():
    torch.manual_seed(1)
    model = Llama(SHAPE).eval()
    ids, at = torch.randint(0, 50, (5, 20)), torch.tensor([19, 0, 7, 12, 3])
    torch.testing.assert_close(model(ids, at), model(ids)[torch.arange(5), at])


def test_padding_on_the_right_changes_nothing_before_it():
    torch.manual_seed(1)
    model = Llama(SHAPE).eval()
    ids = torch.randint(0, 50, (1, 9))
    padded = torch.cat((ids, torch.zeros(1, 6, dtype=torch.long)), dim=1)
    torch.testing.assert_close(model(padded)[:, :9], model(ids))


def test_a_width_that_heads_do_not_divide_is_refused():
    with pytest.raises(ValueError, match="does not split"):
        Shape(vocabulary=50, width=30, layers=1, heads=4, hidden=40)
