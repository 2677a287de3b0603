"The errors of numbers beside scikit-learn, on a million rows; and sums of a hundred blocks."

ROWS = 1_000_000


def numbers():
    import numpy as np

    rng = np.random.default_rng(0)
    y = rng.exponential(size=ROWS)
    return {"y": y, "p": y + rng.exponential(size=ROWS)}


def probabilities():
    import numpy as np

    rng = np.random.default_rng(0)
    p = rng.random(ROWS)
    return {"y": (rng.random(ROWS) < p).astype(int), "p": p}


def call(package, name, options):
    def run(data):
        from importlib import import_module

        return float(getattr(import_module(package), name)(data["y"], data["p"], **options))

    return run


def in_blocks(data):
    from mlbook.metrics import ErrorSums

    blocks = range(0, ROWS, ROWS // 100)
    parts = [ErrorSums.of(data["y"][k : k + ROWS // 100], data["p"][k : k + ROWS // 100]) for k in blocks]
    return sum(parts[1:], parts[0]).finish("r2_score")


def cell(words, data, goal, ours, theirs):
    return {
        "id": f"24 {words}", "chapter": "24_batches", "peer": "scikit-learn", "goal": goal, "threads": 2,
        "quality": "same value", "data": data, "ours": ours, "theirs": theirs, "higher_is_better": True,
        "tolerance": 1e-12,
    }  # fmt: skip


def same(name, words, goal, data=numbers, **options):
    return cell(words, data, goal, *(call(p, name, options) for p in ("mlbook.metrics", "sklearn.metrics")))


CELLS = [
    same("mean_pinball_loss", "pinball loss", 2.0, alpha=0.9),
    same("mean_squared_log_error", "squared log error", 1.0),
    same("explained_variance_score", "explained variance", 2.0),
    same("max_error", "largest error", 2.0),
    same("d2_absolute_error_score", "D2 of absolute errors", 1.0),
    same("d2_log_loss_score", "D2 of log loss", 2.0, probabilities),
    cell("R2 from 100 blocks", numbers, None, in_blocks, call("sklearn.metrics", "r2_score", {})),
]
