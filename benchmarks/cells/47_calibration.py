"Curves from a million scores to probabilities: the staircase, Platt's sigmoid, and a temperature for ten classes."

ROWS = 1_000_000


def two_classes(rows=ROWS):
    "Scores whose truth is a sigmoid, bent a little, so that neither curve fits them for nothing."
    import numpy as np

    rng = np.random.default_rng(0)
    scores = rng.normal(size=rows) * 2 - 1
    chance = 1 / (1 + np.exp(-0.8 * scores - 0.3 * np.sin(3 * scores)))
    return {"scores": scores, "y": (rng.random(rows) < chance).astype(float), "weight": rng.random(rows)}


def ten_classes(rows=ROWS // 5):
    import numpy as np

    rng = np.random.default_rng(0)
    scores = rng.normal(size=(rows, 10)) * 3
    code = (0.4 * scores + rng.gumbel(size=scores.shape)).argmax(1)
    return {"scores": scores, "y": code}


def fit(module, name, weighted=False, **options):
    def run(data):
        from importlib import import_module

        kind = getattr(import_module(module), name)
        more = {"sample_weight": data["weight"]} if weighted else {}
        return kind(**options).fit(data["scores"], data["y"], **more)

    return run


def loss(model, data):
    "What the fit is judged by: mean squared error of the staircase, log loss of the others."
    import numpy as np

    scores, y = data["scores"], data["y"]
    p = model.predict(scores)
    if p.ndim == 2:
        return float(-np.log(p[np.arange(len(y)), y]).mean())
    if hasattr(model, "X_thresholds_"):
        return float(((p - y) ** 2).mean())
    return float(-np.log(np.where(y == 1, p, 1 - p)).mean())


def cell(words, data, ours, theirs):
    return {
        "id": f"47 {words}", "chapter": "47_calibration", "peer": "scikit-learn", "goal": 1.0, "threads": 2,
        "quality": "loss of the fitted curve", "data": data, "ours": ours, "theirs": theirs, "judge": loss,
        "higher_is_better": False, "tolerance": 1e-8,
    }  # fmt: skip


MINE, THEIRS = "mlbook.calibration", "sklearn.calibration"
CELLS = [
    cell("isotonic, a million scores", two_classes, fit(MINE, "IsotonicRegression"),
         fit("sklearn.isotonic", "IsotonicRegression")),
    cell("isotonic, a million scores, weighted", two_classes, fit(MINE, "IsotonicRegression", True),
         fit("sklearn.isotonic", "IsotonicRegression", True)),
    cell("Platt, a million scores", two_classes, fit(MINE, "SigmoidCalibration"), fit(THEIRS, "_SigmoidCalibration")),
    cell("Platt, a million scores, weighted", two_classes, fit(MINE, "SigmoidCalibration", True),
         fit(THEIRS, "_SigmoidCalibration", True)),
    cell("temperature, 200,000 x 10", ten_classes, fit(MINE, "TemperatureScaling"),
         fit(THEIRS, "_TemperatureScaling")),
]  # fmt: skip
