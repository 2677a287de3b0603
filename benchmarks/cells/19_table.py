"The flights as a matrix: beside a ColumnTransformer written by hand, and beside a vectorizer that needs no settings."

TEXT = ["carrier", "origin", "dest"]


def flights():
    from mlbook.datasets import FEATURES, load_flights

    return load_flights()[FEATURES]


def ours():
    from mlbook.preprocessing import TablePreprocessor

    return TablePreprocessor()


def by_hand():
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    from mlbook.datasets import FEATURES

    numbers = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    names = OneHotEncoder(min_frequency=20, handle_unknown="ignore", sparse_output=False)
    return ColumnTransformer([("numbers", numbers, [c for c in FEATURES if c not in TEXT]), ("names", names, TEXT)])


def vectorizer():
    from skrub import TableVectorizer

    return TableVectorizer(cardinality_threshold=200)


def fit_transform(make):
    return lambda X: make().fit_transform(X)


def transform(make):
    fitted = {}

    def run(X):  # the first call, which is warm-up, fits
        if not fitted:
            fitted["model"] = make().fit(X)
        return fitted["model"].transform(X)

    return run


def error_of_distance(M, X):
    "The fourth column of both sides is the distance: its largest deviation from NumPy's own z-score."
    import numpy as np

    found, truth = np.asarray(M, dtype=np.float64)[:, 3], X.distance.to_numpy(float)
    return float(abs((found - found.mean()) / found.std() - (truth - truth.mean()) / truth.std()).max())


def cell(words, way, peer, make):
    return {
        "id": f"19 {words}", "chapter": "19_table", "peer": peer, "goal": 3.0, "threads": 2,
        "quality": "error of a scaled column", "data": flights, "ours": way(ours), "theirs": way(make),
        "judge": error_of_distance, "higher_is_better": False, "tolerance": 1e-6,
    }  # fmt: skip


CELLS = [
    cell("flights, fit and transform", fit_transform, "scikit-learn", by_hand),
    cell("flights, transform", transform, "scikit-learn", by_hand),
    cell("flights, fit and transform, no settings", fit_transform, "skrub", vectorizer),
    cell("flights, transform, no settings", transform, "skrub", vectorizer),
]
