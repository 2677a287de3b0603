"""L-BFGS beside SciPy's L-BFGS-B: seconds to an equally low loss, for ten classes of digits and a long banana.

One thread: the matrix libraries of NumPy and SciPy have pools of their own, and two threads of each get in each
other's way, in SciPy's L-BFGS-B most of all.
"""


def digits():
    import numpy as np
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    X, Y = np.c_[X / 16, np.ones(len(X))], np.eye(10)[y]

    def loss_slope(w):  # mean log loss of ten classes with a penalty, (650,) -> number, (650,)
        Z = X @ w.reshape(10, -1).T
        top = Z.max(1, keepdims=True)
        P = np.exp(Z - top)
        total = P.sum(1, keepdims=True)
        loss = np.mean(np.log(total[:, 0]) + top[:, 0] - (Z * Y).sum(1)) + 0.5e-3 * w @ w
        return loss, ((P / total - Y).T @ X / len(X)).ravel() + 1e-3 * w

    return {"f": loss_slope, "start": np.zeros(650)}


def banana():
    import numpy as np
    from scipy.optimize import rosen, rosen_der

    return {"f": lambda w: (rosen(w), rosen_der(w)), "start": np.tile([-1.2, 1.0], 500)}


def ours(data):
    from mlbook.optimizers import lbfgs

    return lbfgs(data["f"], data["start"], 1e-6, 10_000)[0]


def theirs(data):
    from scipy.optimize import minimize

    options = {"gtol": 1e-6, "ftol": 0, "maxiter": 10_000, "maxfun": 100_000}
    return minimize(data["f"], data["start"], jac=True, method="L-BFGS-B", options=options).x


def final_loss(w, data):
    return float(data["f"](w)[0])


CELLS = [
    {"id": f"33 L-BFGS, {name}", "chapter": "33_second_order", "peer": "SciPy", "goal": 1.0, "threads": 1,
     "quality": "final loss", "data": data, "ours": ours, "theirs": theirs, "judge": final_loss,
     "higher_is_better": False, "tolerance": 1e-8}
    for name, data in {"digits, 650 weights": digits, "banana, 1,000 weights": banana}.items()
]  # fmt: skip
