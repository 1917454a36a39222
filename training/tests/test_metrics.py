import numpy as np
import pytest

from metrics import auc, calibration_error


def test_auc_counts_ties_half():
    positive = np.array([False, False, True, True])
    assert auc(np.array([0.1, 0.2, 0.3, 0.4]), positive) == 1.0
    assert auc(np.array([0.5, 0.5, 0.5, 0.5]), positive) == 0.5
    assert auc(np.array([0.1, 0.3, 0.3, 0.4]), positive) == pytest.approx(0.875)
    assert auc(np.array([0.1]), np.array([True])) is None


def test_calibration_error_is_the_gap_between_confidence_and_frequency():
    assert calibration_error(np.array([0.75] * 4), np.array([1, 1, 1, 0])) == pytest.approx(0.0)
    assert calibration_error(np.array([1.0, 1.0]), np.array([1, 0])) == pytest.approx(0.5)
