"Words counted and hashed, beside scikit-learn."


def texts():
    "40,000 texts of 20 words out of 20,000; frequent words are frequent, as in a language."
    import numpy as np

    rng = np.random.default_rng(0)
    words = np.array([f"w{k:x}" for k in range(20_000)])
    number = np.minimum(rng.zipf(1.3, (40_000, 20)) - 1, 19_999)
    return [" ".join(row) for row in words[number].tolist()]


def names():
    "200,000 names of 4,000 aircraft."
    import numpy as np

    number = np.random.default_rng(0).integers(0, 4_000, 200_000)
    return [f"N{k}UA" for k in number.tolist()]


def call(package, name, options):
    def run(data):
        from importlib import import_module

        return getattr(import_module(f"{package}.feature_extraction.text"), name)(**options).fit_transform(data)

    return run


def judge(X, _):
    import numpy as np

    return float(X.nnz + np.abs(X).sum())


def cell(name, words, data, **options):
    return {
        "id": f"16 {words}", "chapter": "16_text", "peer": "scikit-learn", "goal": 1.0, "threads": 2,
        "quality": "entries and sum", "data": data, "ours": call("mlbook", name, options),
        "theirs": call("sklearn", name, options), "judge": judge, "higher_is_better": True, "tolerance": 1e-6,
    }  # fmt: skip


CELLS = [
    cell("CountVectorizer", "words counted, 40,000 texts", texts),
    cell("CountVectorizer", "words and pairs, the 1,000 most frequent", texts, ngram_range=(1, 2), max_features=1000),
    cell("HashingVectorizer", "words hashed, 40,000 texts", texts),
    cell("HashingVectorizer", "200,000 names hashed", names, n_features=4096, norm=None),
]
