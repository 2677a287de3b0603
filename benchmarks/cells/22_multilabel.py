"Several labels a row, agreement beyond chance and the first few suggestions, beside scikit-learn."

ROWS = 1_000_000


def tables(kind="array"):
    import numpy as np

    rng = np.random.default_rng(0)
    y, p = (rng.random((2, ROWS // 5, 5)) < 0.3).astype(int)
    if kind == "csr":
        from scipy.sparse import csr_array

        y, p = csr_array(y), csr_array(p)
    return {"y": y, "p": p}


def labels(classes):
    import numpy as np

    rng = np.random.default_rng(0)
    return {"y": rng.integers(0, classes, ROWS), "p": rng.integers(0, classes, ROWS)}


def suggestions():
    import numpy as np

    rng = np.random.default_rng(0)
    return {"y": rng.integers(0, 10, ROWS // 10), "p": rng.random((ROWS // 10, 10))}


def scores():
    import numpy as np

    rng = np.random.default_rng(0)
    y = (rng.random((ROWS // 5, 5)) < 0.3).astype(int)
    return {"y": y, "p": rng.normal(size=y.shape) + y}


def call(package, name, options):
    def run(data):
        from importlib import import_module

        value = getattr(import_module(package), name)(data["y"], data["p"], **options)
        return float(value) if getattr(value, "ndim", 0) == 0 else float(value[:, 1, 1].sum() / value.sum())

    return run


def cell(name, words, data, goal, **options):
    return {
        "id": f"22 {words}", "chapter": "22_multilabel", "peer": "scikit-learn", "goal": goal,
        "threads": 2, "quality": "same value", "data": data, "ours": call("mlbook.metrics", name, options),
        "theirs": call("sklearn.metrics", name, options), "higher_is_better": True, "tolerance": 1e-12,
    }  # fmt: skip


CELLS = [
    cell("accuracy_score", "whole rows right, 5 labels", tables, 2.0),
    cell("hamming_loss", "Hamming loss, 5 labels", tables, 2.0),
    cell("f1_score", "F1, macro of 5 labels a row", tables, 2.0, average="macro"),
    cell("f1_score", "F1, samples of 5 labels a row", tables, 2.0, average="samples", zero_division=0.0),
    cell("jaccard_score", "Jaccard, macro of sparse labels", lambda: tables("csr"), 1.0, average="macro"),
    cell("multilabel_confusion_matrix", "confusion matrix of each of 5 labels", tables, 2.0),
    cell("roc_auc_score", "ROC AUC of 5 labels", scores, 5.0),
    cell("cohen_kappa_score", "Cohen's kappa, 10 labels", lambda: labels(10), 20.0),
    cell("top_k_accuracy_score", "top 3 of 10 classes", suggestions, 2.0, k=3),
]
