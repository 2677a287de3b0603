"Target encoding beside scikit-learn: 200,000 rows, ten columns, a hundred names each, five folds of a fixed seed."

import runpy
from pathlib import Path

TABLES = runpy.run_path(str(Path(__file__).with_name("14_categories.py")))


def data(kind, target, names):
    import numpy as np

    rng = np.random.default_rng(1)
    y = rng.normal(size=TABLES["ROWS"]) if target == "numbers" else rng.integers(0, int(target), TABLES["ROWS"])
    return {"X": TABLES["table"](kind, names), "y": y, "numbers": target == "numbers"}


def fit_transform(package):
    def run(data):
        from importlib import import_module

        from sklearn.model_selection import KFold, StratifiedKFold

        folds = (KFold if data["numbers"] else StratifiedKFold)(5, shuffle=True, random_state=0)
        encoder = import_module(f"{package}.preprocessing").TargetEncoder(cv=folds)
        return encoder.fit_transform(data["X"], data["y"])

    return run


def checksum(result, data):
    return TABLES["checksum"](result, data)


def cell(words, kind, target, goal, names=100):
    return {
        "id": f"15 {words}", "chapter": "15_target_encoding", "peer": "scikit-learn", "goal": goal, "threads": 2,
        "quality": "same cells", "data": lambda: data(kind, target, names), "ours": fit_transform("mlbook"),
        "theirs": fit_transform("sklearn"), "judge": checksum, "higher_is_better": True, "tolerance": 1e-9,
    }  # fmt: skip


CELLS = [
    cell("target encoding, text of pandas", "text", "2", 4.0),
    cell("target encoding, text of NumPy", "numpy", "2", 4.0),
    cell("target encoding, objects", "object", "2", 4.0),
    cell("target encoding, objects all different", "own objects", "2", 4.0),
    cell("target encoding, a target of numbers", "text", "numbers", 4.0),
    cell("target encoding, five classes", "text", "5", 1.0),
    cell("target encoding, objects of 10,000 names", "object", "2", 1.0, 10_000),
    cell("target encoding, whole numbers", "numbers", "2", 1.0),
]
