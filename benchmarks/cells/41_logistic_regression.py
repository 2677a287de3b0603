"Logistic regression beside scikit-learn's fastest solver and scikit-learn-intelex: seconds to an equally good optimum."


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


def digits():
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    return {"X": X / 16, "y": y}


def words(rows=20_000, columns=50_000):
    "Rows of about 100 words, drawn with falling frequency, weighted and of length 1, as a vectorizer makes them."
    import numpy as np
    import scipy.sparse

    rng = np.random.default_rng(0)
    share = np.arange(1, columns + 1) ** -0.8
    word = rng.choice(columns, (rows, 110), p=share / share.sum()).ravel().astype(np.int32)
    X = scipy.sparse.csr_array((np.ones(word.size), word, np.arange(0, word.size + 1, 110, np.int32)), (rows, columns))
    X.sum_duplicates()
    X = X * np.log(rows / (1 + np.bincount(X.indices, minlength=columns)))
    X = scipy.sparse.csr_array(X.multiply(X.multiply(X).sum(1)[:, None] ** -0.5))
    score = X @ (5 * rng.normal(size=columns) * (rng.random(columns) < 0.1))
    return {"X": X, "y": (rng.random(rows) < 1 / (1 + np.exp(-score))).astype(int)}


def slope(model, data):
    "Largest slope left, of the penalised mean log loss: how far from the optimum the fit stopped."
    import numpy as np

    X, y, W = data["X"], data["y"], model.coef_
    R = model.predict_proba(X) - (y[:, None] == model.classes_)
    R = R[:, 1:] if len(W) == 1 else R
    return float(max(np.abs((X.T @ R).T + W).max(), np.abs(R.sum(0)).max()) / len(y))


def objective(model, data):
    "The penalised loss itself, of two classes with an L1 penalty (the slope has a jump at zero)."
    import numpy as np

    z = data["X"] @ model.coef_[0] + model.intercept_[0]
    return float((np.logaddexp(0, z) - data["y"] * z).sum() + np.abs(model.coef_).sum() / model.C) / len(z)


def ours(data, **options):
    from mlbook.linear_model import LogisticRegression

    return LogisticRegression(tol=1e-6, **options).fit(data["X"], data["y"])


def theirs(data, **options):
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(**{"tol": 1e-6, "max_iter": 1000} | options).fit(data["X"], data["y"])


def newton_cholesky(data):
    return theirs(data, solver="newton-cholesky")


def newton_cg(data):
    return theirs(data, solver="newton-cg")


def sparse_ours(data):
    return ours(data, l1_ratio=1, C=0.01)


def liblinear(data):  # several times as fast as saga; its price on the intercept costs 6e-7 of the loss
    return theirs(data, solver="liblinear", l1_ratio=1, C=0.01, tol=1e-4, random_state=0)


def intelex(data):
    from sklearnex.linear_model import LogisticRegression

    return LogisticRegression(tol=1e-6).fit(data["X"], data["y"])


def cell(size, peer, data, theirs, goal=2.5, ours=ours, judge=slope, quality="largest slope left", tolerance=1e-6):
    return {"id": f"41 logistic {size}, {peer}", "chapter": "41_logistic_regression", "peer": peer, "goal": goal,
            "threads": 2, "quality": quality, "data": data, "ours": ours, "theirs": theirs, "judge": judge,
            "higher_is_better": False, "tolerance": tolerance}  # fmt: skip


SIZES = {
    "200,000 x 50": lambda: normal_rows(200_000, 50),
    "flights": flights,
    "1,000 x 10": lambda: normal_rows(1000, 10),
}
PEERS = {"scikit-learn": newton_cholesky, "scikit-learn-intelex": intelex}
CELLS = [cell(size, peer, data, fit) for size, data in SIZES.items() for peer, fit in PEERS.items()] + [
    cell("digits, ten classes", "scikit-learn", digits, newton_cg, goal=2),
    cell("20,000 x 50,000 sparse", "scikit-learn", words, newton_cg, goal=2),
    cell("L1, 200,000 x 50", "scikit-learn", SIZES["200,000 x 50"], liblinear, goal=2, ours=sparse_ours,
         judge=objective, quality="loss and penalty", tolerance=1e-8),
]  # fmt: skip
