import numpy as np
from sklearn.metrics import roc_auc_score

from by_source import auc, calibration_error, refused_at


def test_auc_is_that_of_scikit_learn_with_ties() -> None:
    random = np.random.default_rng(1)
    refuse, answer = random.integers(0, 9, 200) / 9, random.integers(0, 6, 300) / 9
    truth = np.concatenate([np.ones(200), np.zeros(300)])
    assert abs(auc(refuse, answer) - roc_auc_score(truth, np.concatenate([refuse, answer]))) < 1e-12


def test_no_more_than_the_share_of_answers_is_refused() -> None:
    answer = np.arange(100) / 100
    assert refused_at(np.array([0.2, 0.97, 0.99]), answer, 0.05) == 2 / 3


def test_a_forecast_that_is_right_on_average_has_no_error() -> None:
    assert calibration_error(np.full(10, 0.3), np.array([1] * 3 + [0] * 7)) < 1e-12
    assert abs(calibration_error(np.full(10, 0.3), np.zeros(10)) - 0.3) < 1e-12
