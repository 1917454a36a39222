"""How well probabilities over (the categories, respond) rank and name the labelled prompts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from data import Example
from vocabulary import LABELS, RESPOND


def auc(scores: np.ndarray, positive: np.ndarray) -> float | None:
    """Area under the ROC curve, ties counted half; None where one class is missing."""
    count = int(positive.sum())
    others = len(positive) - count
    if not count or not others:
        return None
    values, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((ranks[positive].sum() - count * (count + 1) / 2) / (count * others))


def calibration_error(confidence: np.ndarray, correct: np.ndarray, bins: int = 15) -> float:
    """Expected calibration error over bins of equal width."""
    places = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        (places == place).mean() * abs(confidence[places == place].mean() - correct[places == place].mean())
        for place in np.unique(places)
    ]
    return float(np.sum(gaps))


def measure(probabilities: np.ndarray, examples: Sequence[Example], names: Sequence[str] = LABELS) -> dict:
    """`probabilities` is [rows, names] over the full vocabulary, so a row sums to its coverage; the last name is `respond`.

    With a single refusal category every refusal is labelled with it.
    """
    respond = len(names) - 1
    labels = np.array([respond if LABELS[example.label] == RESPOND else 0 if respond == 1 else example.label for example in examples])
    sources = np.array([example.source for example in examples])
    refuse = labels != respond
    coverage = probabilities.sum(axis=1)
    named = probabilities.argmax(axis=1)
    score = 1.0 - probabilities[:, respond]
    right = named == labels
    likelihood = probabilities[np.arange(len(labels)), labels]
    return {
        "rows": len(labels),
        "auc": auc(score, refuse),
        "accuracy": float(right.mean()),
        "coverage_mean": float(coverage.mean()),
        "coverage_min": float(coverage.min()),
        "ece_refuse": calibration_error(score, refuse),
        "ece_top": calibration_error(probabilities.max(axis=1), right),
        "log_loss": float(-np.log(np.maximum(likelihood, 1e-12)).mean()),
        "category_auc": {
            category: auc(probabilities[:, index], labels == index) for index, category in enumerate(names[:-1])
        },
        "label_recall": {
            label: float(right[labels == index].mean()) for index, label in enumerate(names) if (labels == index).any()
        },
        "sources": {
            str(source): {
                "rows": int((sources == source).sum()),
                "accuracy": float(right[sources == source].mean()),
                "auc": auc(score[sources == source], refuse[sources == source]),
            }
            for source in np.unique(sources)
        },
    }


def as_table(result: dict) -> str:
    def number(value: float | None) -> str:
        return "-" if value is None else f"{value:.4f}"

    lines = [f"{key:<16} {result[key] if key == 'rows' else number(result[key])}" for key in result if not isinstance(result[key], dict)]
    lines += ["", f"{'label':<24} {'AUC':>8} {'recall':>8}"]
    for label in (*result["category_auc"], RESPOND):
        lines.append(f"{label:<24} {number(result['category_auc'].get(label)):>8} {number(result['label_recall'].get(label)):>8}")
    lines += ["", f"{'source':<24} {'rows':>8} {'accuracy':>8} {'AUC':>8}"]
    for source, row in result["sources"].items():
        lines.append(f"{source:<24} {row['rows']:>8} {number(row['accuracy']):>8} {number(row['auc']):>8}")
    return "\n".join(lines)
