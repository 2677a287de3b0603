"Cleaning a million rows beside pandas, SciPy and difflib used by hand."

ROWS = 1_000_000


def table():
    "20 columns of numbers, 1 % missing, one value in a thousand far outside."
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(0)
    X = rng.normal(size=(ROWS, 20))
    X[rng.random(X.shape) < 0.001] *= 1000
    X[rng.random(X.shape) < 0.01] = np.nan
    return pd.DataFrame({f"x{k}": column.copy() for k, column in enumerate(X.T)})


def prices():
    "A million prices as text, thousands set apart, one in a hundred a word."
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(0)
    texts = np.array([f"{v:,}" for v in range(20_000)], object)[rng.integers(0, 20_000, ROWS)]
    texts[rng.random(ROWS) < 0.01] = "on request"
    return pd.DataFrame({"price": texts})


def names():
    "2,000 names, a tenth of them with one letter wrong."
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(0)
    whole = ["".join(rng.choice(list("abcdefghijklmnoprstuvw"), 12)) for _ in range(1800)]
    return pd.DataFrame({"name": whole + [name[:5] + "x" + name[6:] for name in whole[:200]]})


def our_ranges(frame):
    from mlbook.preprocessing import Valid, clean

    tidy, report = clean(frame, {tuple(frame): Valid(-4, 4)}, duplicates="keep")
    return float(tidy.sum().sum() + report.rows.sum())


def their_ranges(frame):
    wrong = (frame < -4) | (frame > 4)
    return float(frame.mask(wrong).sum().sum() + wrong.sum().sum())


def our_limits(frame):
    from mlbook.preprocessing import Outlier, clean

    tidy, report = clean(frame, {tuple(frame): Outlier(action="clip")}, duplicates="keep")
    return float(tidy.sum().sum() + report.rows.sum())


def their_limits(frame):
    from scipy.stats import median_abs_deviation

    spread = 3.5 * median_abs_deviation(frame, scale="normal", nan_policy="omit")
    low, high = frame.median() - spread, frame.median() + spread
    wrong = (frame < low) | (frame > high)
    return float(frame.clip(low, high, axis=1).sum().sum() + wrong.sum().sum())


def our_numbers(frame):
    from mlbook.preprocessing import Number, clean

    tidy, report = clean(frame, {"price": Number()}, duplicates="keep")
    return float(tidy.price.sum() + report.rows.iloc[-1])


def their_numbers(frame):
    import pandas as pd

    found = pd.to_numeric(frame.price.str.replace(",", ""), errors="coerce")
    return float(found.sum() + found.isna().sum())


def our_copies(frame):
    from mlbook.preprocessing import Alike, clean

    return float(clean(frame, {"name": Alike()}, duplicates="keep")[1].rows.sum())


def their_copies(frame):
    from difflib import get_close_matches

    earlier, found = [], 0
    for name in frame.name:
        found += bool(get_close_matches(name, earlier, n=1, cutoff=0.9))
        earlier.append(name)
    return float(found)


def cell(words, peer, data, ours, theirs, goal):
    return {
        "id": f"10 {words}", "chapter": "10_cleaning", "peer": peer, "goal": goal, "threads": 2,
        "quality": "checksum", "data": data, "ours": ours, "theirs": theirs, "higher_is_better": True,
        "tolerance": 1e-9, "same": True,
    }  # fmt: skip


CELLS = [
    cell("ranges of 20 columns", "pandas", table, our_ranges, their_ranges, 1.0),
    cell("robust limits of 20 columns", "SciPy", table, our_limits, their_limits, 1.0),
    cell("texts read as numbers", "pandas", prices, our_numbers, their_numbers, 1.0),
    cell("near copies among 2,000 names", "difflib", names, our_copies, their_copies, 5.0),
]
