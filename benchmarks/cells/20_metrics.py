"Metrics of a million rows beside scikit-learn, checks of the input included."

ROWS = 1_000_000


def labels(classes):
    import numpy as np

    rng = np.random.default_rng(0)
    return {"y": rng.integers(0, classes, ROWS), "p": rng.integers(0, classes, ROWS)}


def words():
    "Three labels as text, as they come out of a table: Python objects."
    import numpy as np

    names = np.array(["cancelled", "late", "on time"], object)
    return {side: names[code] for side, code in labels(3).items()}


def scores():
    import numpy as np

    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, ROWS)
    return {"y": y, "p": rng.normal(size=ROWS) + y}


def probabilities():
    import numpy as np

    rng = np.random.default_rng(0)
    p = rng.random(ROWS)
    return {"y": (rng.random(ROWS) < p).astype(int), "p": p}


def numbers():
    import numpy as np

    rng = np.random.default_rng(0)
    y = rng.normal(size=ROWS)
    return {"y": y, "p": y + rng.normal(size=ROWS)}


def one_number(value):
    "The figure itself; of a confusion matrix the share on its diagonal, of a report its F1."
    if isinstance(value, dict):
        return value["macro avg"]["f1-score"]
    if isinstance(value, tuple):  # a ROC curve: the area below it
        fpr, tpr = value[:2]
        return float(((fpr[1:] - fpr[:-1]) * (tpr[1:] + tpr[:-1])).sum() / 2)
    return float(value.trace() / value.sum()) if getattr(value, "ndim", 0) == 2 else float(value)


def call(package, name, options):
    def run(data):
        from importlib import import_module

        return one_number(getattr(import_module(package), name)(data["y"], data["p"], **options))

    return run


def cell(name, words, data, goal, chapter="20_metrics", **options):
    return {
        "id": f"{chapter[:2]} {words}", "chapter": chapter, "peer": "scikit-learn", "goal": goal,
        "threads": 2, "quality": "same value", "data": data, "ours": call("mlbook.metrics", name, options),
        "theirs": call("sklearn.metrics", name, options), "higher_is_better": True, "tolerance": 1e-12,
    }  # fmt: skip


CELLS = [
    cell("precision_score", "precision", lambda: labels(2), 20.0),
    cell("recall_score", "recall", lambda: labels(2), 20.0),
    cell("f1_score", "F1", lambda: labels(2), 20.0),
    cell("f1_score", "F1, macro of 10 labels", lambda: labels(10), 20.0, average="macro"),
    cell("confusion_matrix", "confusion matrix, 2 labels", lambda: labels(2), 20.0),
    cell("confusion_matrix", "confusion matrix, 10 labels", lambda: labels(10), 20.0),
    cell("confusion_matrix", "confusion matrix, 3 words", words, 5.0),
    cell("classification_report", "classification report", lambda: labels(2), 20.0, output_dict=True),
    cell("mean_squared_error", "mean squared error", numbers, 2.0),
    cell("mean_absolute_error", "mean absolute error", numbers, 2.0),
    cell("mean_absolute_percentage_error", "mean absolute percentage error", numbers, 2.0),
    cell("median_absolute_error", "median absolute error", numbers, 2.0),
    cell("r2_score", "R2", numbers, 2.0),
    cell("roc_auc_score", "ROC AUC", scores, 5.0, "21_ranking"),
    cell("roc_curve", "ROC curve", scores, 1.0, "21_ranking"),
    cell("average_precision_score", "average precision", scores, 5.0, "21_ranking"),
    cell("log_loss", "log loss", probabilities, 2.0, "21_ranking"),
    cell("brier_score_loss", "Brier score", probabilities, 2.0, "21_ranking"),
]
