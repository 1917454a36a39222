#!/usr/bin/env python3
"""Writes softmax-regression.txt: small random rows, and what scikit-learn makes of them, for SoftmaxRegressionTest.

    src/test/resources/dev/demur/fit/softmax-regression.py > src/test/resources/dev/demur/fit/softmax-regression.txt

scikit-learn minimises C * sum(weight * cross entropy) + |W|^2 / 2, Demur sum(weight * cross entropy) / sum(weight) + c * |W|^2, on
features that are divided by their deviation and by the square root of their number. Lines: rows, features, labels, penalties; then
for each row its features, label and weight; then for each penalty and row the probabilities of the labels.
"""

import numpy as np
from sklearn.linear_model import LogisticRegression

ROWS, FEATURES, LABELS = 90, 8, 4
PENALTIES = (1e-2, 1e-3, 1e-4)

random = np.random.default_rng(7)
labels = random.integers(0, LABELS, ROWS)
labels[:LABELS] = range(LABELS)
means = random.normal(size=(LABELS, FEATURES))
features = np.round(means[labels] * 0.7 + random.normal(size=(ROWS, FEATURES)) * (1 + np.arange(FEATURES)) + 5, 3)
weights = np.round(random.uniform(0.3, 3, ROWS), 2)

print(ROWS, FEATURES, LABELS, *PENALTIES)
for x, label, weight in zip(features, labels, weights):
    print(*x, label, weight)
x = (features - features.mean(0)) / features.std(0) / FEATURES**0.5
for penalty in PENALTIES:
    model = LogisticRegression(C=1 / (2 * penalty * weights.sum()), tol=1e-10, max_iter=10_000)
    model.fit(x, labels, sample_weight=weights)
    for p in model.predict_proba(x):
        print(*(f"{v:.8f}" for v in p))
