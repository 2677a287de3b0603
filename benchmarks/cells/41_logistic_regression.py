"Logistic regression beside newton-cholesky and scikit-learn-intelex: seconds to an equally good optimum."


def normal_rows(rows, columns):
    import numpy as np

    rng = np.random.default_rng(0)
    X = rng.normal(size=(rows, columns))
    score = X @ rng.normal(size=columns) / columns**0.5
    return {"X": X, "y": (rng.random(rows) < 1 / (1 + np.exp(-score))).astype(int)}


def flights():
    from mlbook.datasets import FEATURES, load_flights
    from mlbook.preprocessing import TablePreprocessor

    data = load_flights()
    data = data[data.late.notna()]
    return {"X": TablePreprocessor().fit_transform(data[FEATURES]), "y": data.late.astype(int).to_numpy()}


def slope(model, data):
    "Largest slope left, of the penalised mean log loss: how far from the optimum the fit stopped."
    import numpy as np

    X, y, w = data["X"], data["y"], model.coef_[0]
    r = 0.5 * (1 + np.tanh(0.5 * (X @ w + model.intercept_[0]))) - y
    return float(max(np.abs(X.T @ r + w).max(), abs(r.sum())) / len(y))


def ours(data):
    from mlbook.linear_model import LogisticRegression

    return LogisticRegression(tol=1e-6).fit(data["X"], data["y"])


def newton_cholesky(data):
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(solver="newton-cholesky", tol=1e-6).fit(data["X"], data["y"])


def intelex(data):
    from sklearnex.linear_model import LogisticRegression

    return LogisticRegression(tol=1e-6).fit(data["X"], data["y"])


SIZES = {
    "200,000 x 50": lambda: normal_rows(200_000, 50),
    "flights": flights,
    "1,000 x 10": lambda: normal_rows(1000, 10),
}
PEERS = {"scikit-learn": newton_cholesky, "scikit-learn-intelex": intelex}
CELLS = [
    {"id": f"41 logistic {size}, {peer}", "chapter": "41_logistic_regression", "peer": peer, "goal": 2.5, "threads": 2,
     "quality": "largest slope left", "data": data, "ours": ours, "theirs": theirs, "judge": slope,
     "higher_is_better": False, "tolerance": 1e-6}
    for size, data in SIZES.items() for peer, theirs in PEERS.items()
]  # fmt: skip
