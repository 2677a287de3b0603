"Kernel machines beside libsvm (scikit-learn) and scikit-learn-intelex, at the same tolerance."


def clouds(rows, columns=20, C=2.0, tol=1e-4):
    "Two classes of three clouds each, one label in twenty wrong; and rows to be asked about, at most 8,000."
    from sklearn.datasets import make_classification

    ask = min(rows, 8000)
    shape = {"n_samples": rows + ask, "n_features": columns, "n_informative": 12, "n_redundant": 0}
    X, y = make_classification(**shape, n_clusters_per_class=3, flip_y=0.05, random_state=0)
    return {"X": X[:rows], "y": y[:rows], "ask": X[rows:], "options": {"C": C, "tol": tol}}


def flights(rows):
    from mlbook.datasets import WEATHER, load_flights
    from mlbook.impute import SimpleImputer
    from mlbook.preprocessing import StandardScaler

    data = load_flights()
    data = data[data.late.notna()].sample(rows, random_state=0)
    X = SimpleImputer().fit_transform(data[["hour", *WEATHER]].astype(float).to_numpy())
    return {"X": StandardScaler().fit_transform(X), "y": data.late.astype(int).to_numpy(), "options": {"tol": 1e-3}}


def fitted(data):
    "The same data with libsvm's model, whose attributes all three have, so that prediction alone is timed."
    models = {"mlbook": ours(data), "scikit-learn": libsvm(data), "scikit-learn-intelex": intelex(data)}
    return data | {"models": models}


def ours(data):
    from mlbook.svm import SVC

    return SVC(**data["options"]).fit(data["X"], data["y"])


def libsvm(data):
    from sklearn.svm import SVC

    return SVC(**data["options"]).fit(data["X"], data["y"])


def intelex(data):
    from sklearnex.svm import SVC

    return SVC(**data["options"]).fit(data["X"], data["y"])


def score(name):
    return lambda data: data["models"][name].decision_function(data["ask"])


def bound(model, data):
    "The dual objective by the original kernel in float64 (the larger, the better), per row."
    import numpy as np
    from sklearn.metrics.pairwise import rbf_kernel

    X, s = data["X"][model.support_], np.where(data["y"][model.support_] == model.classes_[1], 1.0, -1.0)
    beta, gamma = np.asarray(model.dual_coef_)[0], 1 / (data["X"].shape[1] * data["X"].var())
    pull = np.concatenate([rbf_kernel(X[a : a + 1000], X, gamma=gamma) @ beta for a in range(0, len(X), 1000)])
    return float(s @ beta - 0.5 * beta @ pull) / len(data["y"])


def shift(values, data):
    "Largest distance of the scores from libsvm's."
    import numpy as np

    return float(np.abs(values - data["models"]["scikit-learn"].decision_function(data["ask"])).max())


def cell(what, peer, data, theirs, goal, ours=ours, judge=bound, quality="dual objective a row", tolerance=1e-6,
         higher=True):  # fmt: skip
    return {"id": f"54 SVC {what}, {peer}", "chapter": "54_kernels", "peer": peer, "goal": goal, "threads": 2,
            "quality": quality, "data": data, "ours": ours, "theirs": theirs, "judge": judge, "rounds": 3,
            "higher_is_better": higher, "tolerance": tolerance}  # fmt: skip


SIZES = {
    "20,000 x 20, C=2": (lambda: clouds(20_000), 6, 2.5),
    "6,000 x 20, C=100": (lambda: clouds(6000, C=100, tol=1e-3), 1.5, None),
    "4,000 x 500": (lambda: clouds(4000, 500, tol=1e-3), 1.5, 1),
    "2,000 x 20": (lambda: clouds(2000, tol=1e-3), 1.5, 1.5),
    "flights, 40,000": (lambda: flights(40_000), 4, None),
}
PEERS = {"scikit-learn": libsvm, "scikit-learn-intelex": intelex}
ASKED = {"judge": shift, "quality": "largest distance from libsvm's score", "tolerance": 3e-3, "higher": False}
CELLS = [
    cell(what, peer, data, fit, goal)
    for what, (data, *goals) in SIZES.items()
    for (peer, fit), goal in zip(PEERS.items(), goals, strict=True)
] + [
    cell(
        "scores of 8,000 rows",
        peer,
        lambda: fitted(clouds(8000, tol=1e-3)),
        score(peer),
        goal,
        score("mlbook"),
        **ASKED,
    )
    for peer, goal in (("scikit-learn", 20), ("scikit-learn-intelex", 2))
]
