"Words counted and hashed against scikit-learn's, and texts that are none."

import pickle

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import sklearn.feature_extraction.text as reference
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.murmurhash import murmurhash3_32

from mlbook.feature_extraction.text import CountVectorizer, HashingVectorizer, word_hashes


@parametrize_with_checks([CountVectorizer(), HashingVectorizer()])
def test_contract(estimator, check):
    check(estimator)


def texts(seed, rows=60):
    "Random texts with capitals, accents, digits, empty ones and repeats."
    rng = np.random.default_rng(seed)
    words = ["Flat", "flat", "über", "ÜBER", "a", "is", "N14228", "42", "don't", "x_1", "中文", "never-ever", "."]
    return [" ".join(rng.choice(words, rng.integers(0, 9))) for _ in range(rows)] + ["", "flat"]


COMMON = [{}, {"lowercase": False}, {"ngram_range": (1, 3)}, {"ngram_range": (2, 2)}, {"stop_words": ["flat", "is"]},
          {"token_pattern": r"[a-z]+"}, {"token_pattern": r"(\w)\w*"}, {"binary": True}]  # fmt: skip
COUNT = [{"min_df": 3}, {"min_df": 0.2}, {"max_df": 0.4}, {"max_df": 20}, {"max_features": 4}, {"dtype": np.float32},
         {"max_features": 100}, {"min_df": 2, "max_df": 0.9, "max_features": 3}, {"vocabulary": ["is", "flat", "no"]},
         {"vocabulary": {"is": 1, "flat": 0}}, {"vocabulary": {"is", "flat"}}]  # fmt: skip
HASH = [{"n_features": 1}, {"n_features": 7}, {"n_features": 2**31 - 2}, {"norm": "l1"}, {"norm": None},
        {"alternate_sign": False}, {"dtype": np.float32}, {"norm": "l1", "n_features": 3}]  # fmt: skip


KINDS = {"CountVectorizer": (CountVectorizer, COUNT), "HashingVectorizer": (HashingVectorizer, HASH)}
CASES = [(name, options) for name, (_, own) in KINDS.items() for options in COMMON + own]


# a set among the options has another order in each process: the ids are numbers
@pytest.mark.parametrize("name, options", CASES, ids=[f"{name}-{k}" for k, (name, _) in enumerate(CASES)])
def test_tables_equal_scikit_learns(name, options):
    ours, theirs = KINDS[name][0](**options), getattr(reference, name)(**options)
    for seed in range(3):
        documents = texts(seed)
        A, B = ours.fit_transform(documents), theirs.fit_transform(documents)
        assert (type(A), A.dtype, A.shape, A.nnz) == (type(B), B.dtype, B.shape, B.nnz)
        exact = 0 if name == "CountVectorizer" else 1e-6 if A.dtype == np.float32 else 1e-12
        assert np.abs(A - B).max() <= exact
        C, D = (v.transform(iter(texts(9))) for v in (ours, theirs))  # a generator, and words never seen
        assert C.shape == D.shape and np.abs(C - D).max() <= exact
        if name == "CountVectorizer":
            assert ours.vocabulary_ == theirs.vocabulary_ and ours.fixed_vocabulary_ == theirs.fixed_vocabulary_
            assert ours.get_feature_names_out().tolist() == theirs.get_feature_names_out().tolist()
            for mine, other in zip(ours.inverse_transform(A), theirs.inverse_transform(B), strict=True):
                assert sorted(mine) == sorted(other)


def test_hashes_of_every_length_equal_scikit_learns():
    rng = np.random.default_rng(0)
    words = ["".join(map(chr, rng.integers(32, 0x2FFF, n))) for n in range(40) for _ in range(50)]
    assert word_hashes(words).tolist() == [murmurhash3_32(w) for w in words]
    assert word_hashes([]).tolist() == []


def test_streams_are_cut_into_blocks_without_losing_a_text():
    documents = [f"word{k} and{k % 7}" for k in range(20_005)]
    A, B = (v(n_features=64).transform(iter(documents)) for v in (HashingVectorizer, reference.HashingVectorizer))
    assert A.shape == B.shape and np.abs(A - B).max() <= 1e-12


@pytest.mark.parametrize("documents", [["flat", None], ["flat", np.nan], ["flat", 7], [["flat"]], [pd.NA]])
@pytest.mark.parametrize("kind", [CountVectorizer, HashingVectorizer])
def test_what_is_no_text_is_named(kind, documents):
    with pytest.raises(ValueError, match="invalid document"):
        kind().fit_transform(documents)


@pytest.mark.parametrize("kind", [CountVectorizer, HashingVectorizer])
def test_what_is_no_sequence_of_texts_is_refused(kind):
    for wrong in ("flat is better", pd.DataFrame({"a": ["flat"], "b": ["now"]})):
        with pytest.raises(ValueError, match="string object|a table of 2 columns"):
            kind().fit_transform(wrong)
    with pytest.raises(ValueError, match="empty"):
        kind().fit_transform([])
    column = pd.Series(["flat is", b"better".decode()], dtype="str")
    assert kind().fit_transform(column).shape[0] == kind().fit_transform([b"flat is", "better"]).shape[0] == 2


@pytest.mark.parametrize("wrong", [{"analyzer": "char"}, {"analyzer": str.split}, {"tokenizer": str.split},
    {"preprocessor": str.lower}, {"strip_accents": "ascii"}, {"input": "file"},
    {"stop_words": "english"}, {"ngram_range": (2, 1)}, {"ngram_range": (0, 1)},
                                   {"token_pattern": "(a)(b)"}])  # fmt: skip
@pytest.mark.parametrize("kind", [CountVectorizer, HashingVectorizer])
def test_unsupported_settings_are_named(kind, wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        kind(**wrong).fit_transform(["flat"])


@pytest.mark.parametrize("kind, wrong, words", [
    (CountVectorizer, {"min_df": -1}, "min_df=-1"), (CountVectorizer, {"max_df": 1.5}, "max_df=1.5"),
    (CountVectorizer, {"max_features": 0}, "max_features=0"), (CountVectorizer, {"vocabulary": []}, "empty vocabulary"),
    (CountVectorizer, {"vocabulary": ["a", "a"]}, "'a'"), (CountVectorizer, {"vocabulary": {"a": 1}}, "index 0"),
    (CountVectorizer, {"min_df": 2, "stop_words": ["flat"]}, "no terms remain"),
    (CountVectorizer, {"min_df": 5, "max_df": 2}, "max_df=2"),
    (HashingVectorizer, {"n_features": 0}, "n_features=0"), (HashingVectorizer, {"norm": "max"}, "norm='max'"),
])  # fmt: skip
def test_wrong_settings_are_named(kind, wrong, words):
    with pytest.raises(ValueError, match=words):
        kind(**wrong).fit_transform(["flat is", "flat"])


def test_vectorizers_are_cloned_and_pickled():
    count = CountVectorizer(max_features=3).fit(texts(0))
    again = pickle.loads(pickle.dumps(count))
    assert again.vocabulary_ == count.vocabulary_ and not hasattr(clone(count), "vocabulary_")
    for call in (clone(count).get_feature_names_out, lambda: clone(count).transform(["flat"])):
        with pytest.raises(NotFittedError):
            call()
    given = CountVectorizer(vocabulary=["flat"])
    assert [given.transform([text]).toarray().tolist() for text in ("flat flat", b"flat flat")] == [[[2]], [[2]]]
    with pytest.warns(UserWarning, match="Upper case"):
        CountVectorizer(vocabulary=["Flat"]).fit(["flat"])
    assert scipy.sparse.issparse(HashingVectorizer().partial_fit(["flat"]).transform(["flat"]))


@pytest.mark.parametrize("suffix", [".pb", ".pkl"])
@pytest.mark.parametrize("make", [CountVectorizer, HashingVectorizer])
def test_vectorizers_are_saved(make, suffix, tmp_path):
    from mlbook.serialization import load, save

    texts = ["flat is better", "sparse is better than dense"]
    fitted = make().fit(texts)
    save(fitted, tmp_path / f"words{suffix}")
    assert (load(tmp_path / f"words{suffix}").transform(texts) != fitted.transform(texts)).nnz == 0
