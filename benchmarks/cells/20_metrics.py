"Counting metrics and ROC AUC of a million rows beside scikit-learn, checks of the input included."

ROWS = 1_000_000


def labels(classes):
    import numpy as np

    rng = np.random.default_rng(0)
    return {"y": rng.integers(0, classes, ROWS), "p": rng.integers(0, classes, ROWS)}


def scores():
    import numpy as np

    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, ROWS)
    return {"y": y, "p": rng.normal(size=ROWS) + y}


def call(package, name):
    "The figure itself is the quality; of a confusion matrix, the share on its diagonal."

    def run(data):
        from importlib import import_module

        value = getattr(import_module(package), name)(data["y"], data["p"])
        return float(value.trace() / value.sum()) if name == "confusion_matrix" else float(value)

    return run


def cell(name, words, data, goal):
    return {
        "id": f"20 {words}", "chapter": "20_metrics", "peer": "scikit-learn", "goal": goal,
        "threads": 2, "quality": "same value", "data": data, "ours": call("mlbook.metrics", name),
        "theirs": call("sklearn.metrics", name), "higher_is_better": True, "tolerance": 1e-12,
    }  # fmt: skip


CELLS = [
    cell("precision_score", "precision", lambda: labels(2), 20.0),
    cell("recall_score", "recall", lambda: labels(2), 20.0),
    cell("f1_score", "F1", lambda: labels(2), 20.0),
    cell("confusion_matrix", "confusion matrix, 2 labels", lambda: labels(2), 20.0),
    cell("confusion_matrix", "confusion matrix, 10 labels", lambda: labels(10), 20.0),
    cell("roc_auc_score", "ROC AUC", scores, 3.0),
]
