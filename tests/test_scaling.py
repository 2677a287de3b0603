"The scalers against scikit-learn's: weights, gaps, single precision, sparse tables, frames, streams, bad input."

import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import sklearn.preprocessing as reference
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

import mlbook.preprocessing as OURS
from mlbook.preprocessing import MaxAbsScaler, MinMaxScaler, Normalizer, StandardScaler

SCALERS = ["StandardScaler", "MinMaxScaler", "MaxAbsScaler"]
ESTIMATORS = [
    StandardScaler(), StandardScaler(with_mean=False), StandardScaler(with_std=False), MinMaxScaler(),
    MinMaxScaler(clip=True), MaxAbsScaler(), MaxAbsScaler(clip=True), Normalizer(), Normalizer("l1"),
    Normalizer("max"),
]  # fmt: skip


@parametrize_with_checks(ESTIMATORS)
def test_contract(estimator, check):
    check(estimator)


def numbers(dtype=np.float64, gaps=True, seed=0, rows=200):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, 5)) * [1, 100, 1e-3, 5, 1] + [0, 1e3, 0, -7, 2]
    X[:, 3] = X[:, 3].round()
    X[:, 4] = 4.25
    if gaps:
        X[rng.random(X.shape) < 0.1] = np.nan
    return X.astype(dtype)


def close(ours, theirs, dtype=np.float64):
    ours, theirs = (np.asarray(a.toarray() if scipy.sparse.issparse(a) else a) for a in (ours, theirs))
    assert ours.shape == theirs.shape
    rtol = 1e-12 if dtype == np.float64 else 2e-5
    np.testing.assert_allclose(ours.astype(float), theirs.astype(float), rtol=rtol, atol=rtol)


def both(name, **options):
    return getattr(OURS, name)(**options), getattr(reference, name)(**options)


# ---- against scikit-learn


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    "options", [{}, {"with_mean": False}, {"with_std": False}, {"with_mean": False, "with_std": False}]
)
def test_standard_scaler(dtype, gaps, weighted, options):
    X = numbers(dtype, gaps)
    w = np.random.default_rng(1).random(len(X)) if weighted else None
    ours, theirs = (s.fit(X, sample_weight=w) for s in both("StandardScaler", **options))
    for name in ("mean_", "var_", "scale_"):
        a, b = getattr(ours, name), getattr(theirs, name)
        assert (a is None) == (b is None), name
        if a is not None:
            close(a, b, dtype)
    if not weighted or ours.mean_ is not None:  # scikit-learn counts rows here, and not weights
        close(ours.n_samples_seen_, theirs.n_samples_seen_, dtype if weighted else np.float64)
    A, B = ours.transform(X), theirs.transform(X)
    assert A.dtype == B.dtype == dtype
    close(A, B, dtype)
    close(ours.inverse_transform(A), X, dtype)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("options", [{}, {"feature_range": (-2, 5)}, {"clip": True}])
def test_min_max_scaler(dtype, options):
    X, new = numbers(dtype), numbers(dtype, seed=3) * 2
    ours, theirs = (s.fit(X) for s in both("MinMaxScaler", **options))
    for name in ("data_min_", "data_max_", "data_range_", "scale_", "min_", "n_samples_seen_"):
        close(getattr(ours, name), getattr(theirs, name), dtype)
    assert ours.transform(new).dtype == dtype
    close(ours.transform(new), theirs.transform(new), dtype)
    close(ours.inverse_transform(new), theirs.inverse_transform(new), dtype)
    with pytest.raises(ValueError, match="feature_range"):
        MinMaxScaler((1, 0)).fit(X)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("clip", [False, True])
@pytest.mark.parametrize("kind", [np.asarray, scipy.sparse.csr_array, scipy.sparse.csc_matrix])
def test_max_abs_scaler(dtype, clip, kind):
    X, new = numbers(dtype), numbers(dtype, seed=3) * 2
    X[:, :2][np.abs(X[:, :2]) < 1] = 0
    X[:, 4] = np.nan
    ours, theirs = (s.fit(kind(X)) for s in both("MaxAbsScaler", clip=clip))
    for name in ("max_abs_", "scale_", "n_samples_seen_"):
        close(getattr(ours, name), getattr(theirs, name))
    given = kind(new)
    A, B = ours.transform(given), theirs.transform(given)
    assert type(A) is type(B) and A.dtype == B.dtype == dtype
    close(given, new)
    close(A, B, dtype)
    close(ours.inverse_transform(given), theirs.inverse_transform(given), dtype)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("norm", ["l1", "l2", "max"])
@pytest.mark.parametrize("kind", [np.asarray, np.asfortranarray, scipy.sparse.csr_array, scipy.sparse.csr_matrix])
def test_normalizer(dtype, norm, kind):
    X = numbers(dtype, gaps=False)
    X[np.random.default_rng(2).random(X.shape) < 0.3] = 0
    X[:2] = 0
    given = kind(X)
    A, B = (s.fit_transform(given) for s in both("Normalizer", norm=norm))
    assert type(A) is type(B) and A.dtype == B.dtype == dtype
    close(A, B, dtype)
    close(given, X)
    with pytest.raises(ValueError, match="'norm' parameter of Normalizer"):
        Normalizer("l3").fit(X)


@pytest.mark.parametrize("name", [*SCALERS, "Normalizer"])
@pytest.mark.parametrize("layout", ["C", "F", "slice", "readonly", "frame", "mixed frame", "list", "int", "big-endian"])
def test_every_layout_gives_the_same_answer_and_leaves_the_input_alone(name, layout):
    X = np.random.default_rng(0).integers(0, 100, (300, 4)).astype(float)
    given = {
        "C": X, "F": np.asfortranarray(X), "slice": np.repeat(X, 2, axis=1)[:, ::2], "list": X.tolist(),
        "readonly": X.copy(), "frame": pd.DataFrame(X, columns=list("abcd")), "int": X.astype(np.int32),
        "mixed frame": pd.DataFrame({c: x if c != "b" else x.astype(int) for c, x in zip("abcd", X.T, strict=True)}),
        "big-endian": X.astype(">f8"),
    }[layout]  # fmt: skip
    if layout == "readonly":
        given.flags.writeable = False
    ours, theirs = (s.fit(given) for s in both(name))
    found = ours.transform(given)
    close(found, theirs.transform(given))
    assert found.flags.f_contiguous == theirs.transform(given).flags.f_contiguous or layout == "slice" or name[0] == "N"
    close(np.asarray(given, float), X)
    if name != "Normalizer":
        close(ours.inverse_transform(found), X)
    if layout == "frame":
        named = ours.set_output(transform="pandas").transform(given)
        assert named.columns.tolist() == ours.get_feature_names_out().tolist() == list("abcd")


@pytest.mark.parametrize("name", SCALERS)
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("rows", [1, 63, 20_000, 30_001])
def test_small_and_large_tables_and_both_orders(name, order, rows):
    X = np.asarray(numbers(rows=rows), order=order)
    ours, theirs = (s.fit(X) for s in both(name))
    close(ours.transform(X), theirs.transform(X))
    close(ours.inverse_transform(X), theirs.inverse_transform(X))


@pytest.mark.parametrize("name", [*SCALERS, "Normalizer"])
def test_copy_false_writes_into_the_table(name):
    X = numbers(gaps=name != "Normalizer")
    ours, theirs = both(name, copy=False)
    truth = theirs.fit(X.copy()).transform(X.copy())
    table = X.copy()
    answer = ours.fit(table).transform(table)
    assert np.shares_memory(answer, table)
    close(table, truth)
    if name != "Normalizer":
        assert np.shares_memory(ours.inverse_transform(table), table)
        close(table, X)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("with_std", [False, True])
@pytest.mark.parametrize("kind", [scipy.sparse.csr_array, scipy.sparse.csc_array, scipy.sparse.csr_matrix])
def test_sparse_tables_are_scaled_without_centring(dtype, with_std, kind):
    S = scipy.sparse.random(500, 30, 0.1, format="csr", random_state=0, dtype=dtype)
    S.data[::17] = np.nan
    S.data[1::17] += 1000
    S = kind(S)
    for weight in (None, np.random.default_rng(0).random(500)):
        ours, theirs = both("StandardScaler", with_mean=False, with_std=with_std)
        ours.fit(S, sample_weight=weight), theirs.fit(S, sample_weight=weight)
        if with_std:
            close(ours.var_, theirs.var_, dtype)
            close(ours.mean_, theirs.mean_, dtype)
        close(ours.n_samples_seen_, theirs.n_samples_seen_, dtype)
        A, B = ours.transform(S), theirs.transform(S)
        assert type(A) is type(B) and A.dtype == B.dtype
        close(A, B, dtype)
        close(ours.inverse_transform(ours.transform(S)), S, dtype)
    with pytest.raises(ValueError, match="with_mean=False"):
        StandardScaler().fit(S)
    for method in ("transform", "inverse_transform"):
        with pytest.raises(ValueError, match="with_mean=False"):
            getattr(StandardScaler().fit(np.ones((3, 30))), method)(S)
    with pytest.raises(TypeError, match="MaxAbsScaler"):
        MinMaxScaler().fit(S)


# ---- streams, weights, large offsets


@pytest.mark.parametrize("offset", [0, 1e9])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("gaps", [False, True])
def test_any_blocks_give_the_moments_of_the_whole(offset, weighted, gaps):
    rng = np.random.default_rng(0)
    X = rng.integers(-3, 4, (3000, 3)) + float(offset)
    X[:, 2] = offset + 0.1  # constant
    if gaps:
        X[0] = np.nan
        X[rng.random(X.shape) < 0.2] = np.nan
    w = rng.random(3000) if weighted else None
    whole = StandardScaler().fit(X, sample_weight=w)
    for cuts in ([1, 2, 50, 60], range(100, 3000, 100), [1500]):
        stream = StandardScaler()
        for rows in np.split(np.arange(3000), cuts):
            stream.partial_fit(X[rows], sample_weight=None if w is None else w[rows])
        np.testing.assert_allclose(stream.var_[:2], whole.var_[:2], rtol=1e-12)
        np.testing.assert_allclose(stream.mean_, whole.mean_, rtol=1e-12, atol=1e-14)
        assert stream.scale_[2] == whole.scale_[2] == 1
        close(stream.n_samples_seen_, whole.n_samples_seen_)
    weight = np.ones(3000) if w is None else w
    exact = (X - offset)[:, :2]
    mean = np.nansum(weight[:, None] * exact, 0) / (weight[:, None] * ~np.isnan(exact)).sum(0)
    truth = np.nansum(weight[:, None] * (exact - mean) ** 2, 0) / (weight[:, None] * ~np.isnan(exact)).sum(0)
    np.testing.assert_allclose(whole.var_[:2], truth, rtol=1e-12)


@pytest.mark.parametrize("name", ["MinMaxScaler", "MaxAbsScaler"])
def test_extremes_of_any_blocks(name):
    X = numbers()
    X[:50, 1] = np.nan  # nothing known in the first blocks: scikit-learn would never learn it
    whole, stream = getattr(OURS, name)().fit(X), getattr(OURS, name)()
    for block in np.array_split(X, [1, 2, 50, 60]):
        stream.partial_fit(block)
    np.testing.assert_array_equal(stream.scale_, whole.scale_)
    assert stream.n_samples_seen_ == 200
    assert clone(whole).get_params() == getattr(reference, name)().get_params()


def test_sparse_streams():
    S = scipy.sparse.random(600, 8, 0.2, format="csr", random_state=0)
    for name, options in (("StandardScaler", {"with_mean": False}), ("MaxAbsScaler", {})):
        whole, stream = (getattr(OURS, name)(**options) for _ in range(2))
        whole.fit(S)
        for rows in np.array_split(np.arange(600), 7):
            stream.partial_fit(S[rows])
        close(stream.scale_, whole.scale_)


def test_a_saved_scaler_goes_on_learning():
    import pickle

    X = numbers() + 1e9
    scaler = pickle.loads(pickle.dumps(StandardScaler().fit(X[:77]))).partial_fit(X[77:])
    np.testing.assert_allclose(scaler.var_, StandardScaler().fit(X).var_, rtol=1e-12, atol=1e-20)
    del scaler._mean_rest  # a file from before the rests were kept
    scaler.partial_fit(X)


def test_weights_are_repetitions_and_zero_rows_do_not_count():
    X, w = numbers(), np.random.default_rng(2).integers(0, 4, 200)
    a, b = StandardScaler().fit(X, sample_weight=w), StandardScaler().fit(np.repeat(X, w, axis=0))
    close(a.mean_, b.mean_)
    close(a.scale_, b.scale_)
    with pytest.raises(ValueError, match="(?i)negative"):
        StandardScaler().fit(X, sample_weight=-np.ones(200))
    with pytest.raises(ValueError, match="non-zero"):
        StandardScaler().fit(X, sample_weight=np.zeros(200))


def test_large_offsets_keep_their_digits():
    z = np.random.default_rng(0).normal(size=(240_000, 1))
    exact = (z + 1e9).astype(np.longdouble)
    for X in (z + 1e9, np.append([[np.nan]], z + 1e9, axis=0)):  # the first row may be a gap
        scaler = StandardScaler().fit(X)
        assert abs(scaler.mean_[0] - float(exact.mean())) < 1e-6
        assert abs(scaler.scale_[0] / float(exact.std()) - 1) < 1e-12
    for constant in (1e9 + 0.1, 0.1, 1e-300):
        assert StandardScaler().fit(np.full((1000, 1), constant)).scale_[0] == 1


@pytest.mark.parametrize("dtype, offset", [(np.float64, 1e9), (np.float32, 1e4)])
def test_the_range_far_from_zero_keeps_its_digits(dtype, offset):
    X = (offset + np.linspace(0, 7, 29))[:, None].astype(dtype)
    exact = (X.astype(float) - float(X[0, 0])) / np.ptp(X.astype(float))
    found = MinMaxScaler().fit_transform(X)
    assert np.abs(found - exact).max() < 2 * np.finfo(dtype).eps and (found[0, 0], found[-1, 0]) == (0, 1)


# ---- bad input


def test_an_empty_first_block_and_an_empty_column():
    X = numbers()[:, :2]
    X[:, 1] = np.nan
    for name in SCALERS:
        assert np.isnan(getattr(OURS, name)().fit(X).transform(X)[:, 1]).all()
    scaler = StandardScaler().fit(X)
    assert np.isnan(scaler.mean_[1]) and scaler.n_samples_seen_.tolist() == [np.isfinite(X[:, 0]).sum(), 0]
    later = scaler.partial_fit(numbers(seed=1)[:, :2])
    close(later.mean_[1], np.nanmean(numbers(seed=1)[:, 1]))


@pytest.mark.parametrize("name", [*SCALERS, "Normalizer"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("copy", [False, True])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinite_values_get_scikit_learns_message_and_nothing_is_written(name, dtype, copy, order, value):
    X = np.asarray(numbers(dtype, gaps=False, rows=21_000), order=order)
    bad = X.copy(order="K")
    bad[20_500, 1] = value
    before = bad.copy()
    messages = []
    for scaler in both(name, copy=copy):
        scaler.fit(X)
        for method in ("fit", "partial_fit", "transform", "inverse_transform"):
            if hasattr(scaler, method):
                with pytest.raises(ValueError, match="infinity") as refused:
                    getattr(clone(scaler) if "fit" in method else scaler, method)(bad)
                np.testing.assert_array_equal(bad, before)
                messages.append(str(refused.value).replace("Input X", "Input"))
    half = len(messages) // 2
    assert messages[:half] == messages[half:]


@pytest.mark.parametrize("name", ["StandardScaler", "MaxAbsScaler", "Normalizer"])
def test_infinite_values_in_sparse_tables(name):
    S = scipy.sparse.random(100, 5, 0.5, format="csr", random_state=0)
    bad = S.copy()
    bad.data[7] = np.inf
    options = {"with_mean": False} if name == "StandardScaler" else {}
    ours, theirs = both(name, **options)
    for method in ("fit", "transform"):
        texts = []
        for scaler in (ours.fit(S), theirs.fit(S)):
            with pytest.raises(ValueError, match="infinity") as refused:
                getattr(scaler, method)(bad)
            texts.append(str(refused.value))
        assert texts[0] == texts[1]


@pytest.mark.parametrize("name", ["StandardScaler", "MinMaxScaler", "MaxAbsScaler", "Normalizer"])
@pytest.mark.parametrize("bad", ["gap", "columns", "no rows", "text", "lists", "complex", "mixed"])
def test_other_bad_tables_are_refused_like_scikit_learn_does(name, bad):
    X = numbers(gaps=False)
    given = {
        "gap": np.where(X > 0, X, np.nan), "columns": X[:, :3], "no rows": X[:0], "text": X.astype(str).astype(object),
        "lists": None, "complex": X + 1j, "mixed": np.array([[1, "a"]], object),
    }[bad]  # fmt: skip
    if bad == "text":
        given[0, 0] = "much"
    if bad == "lists":
        given = np.empty((2, 5), object)
        given[:] = 1
        given[0, 0] = [1, 2]
    kinds = []
    for scaler in both(name):
        scaler.fit(X)
        for method in ("fit", "transform", "inverse_transform"):
            try:
                if hasattr(scaler, method):
                    getattr(clone(scaler) if method == "fit" else scaler, method)(given)
                    kinds.append("none")
            except (ValueError, TypeError) as error:
                kinds.append(type(error).__name__)
    half = len(kinds) // 2
    assert kinds[:half] == kinds[half:], kinds


@pytest.mark.parametrize("name", SCALERS)
def test_the_inverse_refuses_another_number_of_columns(name):
    scaler = getattr(OURS, name)().fit(numbers())
    for width in (1, 4, 6):
        with pytest.raises(ValueError, match=f"X has {width} features"):
            scaler.inverse_transform(np.ones((3, width)))


def test_values_near_the_largest_are_not_infinite():
    X = np.array([[1e308, 1.0], [-1e308, 2.0], [1e308, 4.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in SCALERS:
            ours, theirs = both(name)
            a, b = ours.fit(X).transform(X), theirs.fit(X).transform(X)
            np.testing.assert_allclose(a[:, 1], b[:, 1], rtol=1e-12)


@pytest.mark.parametrize("options, word", [({"copy": "no"}, "copy"), ({"with_mean": 2}, "with_mean")])
def test_parameters_are_refused_by_name(options, word):
    with pytest.raises(ValueError, match=f"'{word}' parameter of StandardScaler"):
        StandardScaler(**options).fit(numbers())
    with pytest.raises(ValueError, match="'feature_range' parameter of MinMaxScaler"):
        MinMaxScaler([0, 1]).fit(numbers())
