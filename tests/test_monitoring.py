"Drift, units, alarm, gate: each on data whose answer is known."

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlbook.datasets import WEATHER, load_flights
from mlbook.monitoring import (
    UNITS,
    AlarmRule,
    compare,
    decide,
    drift,
    find_unit_change,
    merge,
    monthly,
    profile,
    repair_units,
    seen_values,
    settle,
)

METRIC = {"temp": "degF->degC", "dewp": "degF->degC", "wind_speed": "mile->km",
          "wind_gust": "mile->km", "visib": "mile->km", "precip": "inch->mm"}  # fmt: skip
NUMBERS = ["hour", "minute", "weekday", "distance", "temp", "dewp", "humid", "wind_speed", "precip", "visib"]


@pytest.fixture(scope="module")
def flights():
    f = load_flights()
    f = f[f.late.notna()].iloc[::5]
    return f.assign(time=f.time_hour.dt.tz_convert("America/New_York"), y=f.late.astype(int))


@pytest.fixture(scope="module")
def truth(flights):
    return flights.y.to_numpy(), flights.month.to_numpy(), flights.time.dt.date.to_numpy()


def fit(frame, y):
    X = frame[NUMBERS]
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X.fillna(X.median()), y)
    return lambda rows: model.predict_proba(rows[NUMBERS].fillna(X.median()))[:, 1]


def in_metric(rows):
    return rows.assign(**{c: rows[c] * UNITS[u][0] + UNITS[u][1] for c, u in METRIC.items()})


def test_profiles_merge_in_any_order_and_are_json(flights):
    whole = flights[["temp", "visib", "carrier", "hour"]]
    reference = profile(whole)
    parts = [profile(whole.iloc[k::3], edges=reference) for k in range(3)]
    a, b, c = parts
    assert merge(merge(a, b), c) == merge(a, merge(b, c)) == reference
    assert json.loads(json.dumps(reference)) == reference


def test_profile_counts_are_numpys_and_missing_is_counted():
    x = pd.DataFrame({"x": [1.0, 2.0, 3.0, np.nan, 100.0]})
    one = profile(x, edges={"x": {"edges": [1.5, 2.5]}})["x"]
    assert one["counts"] == [1, 1, 2] and one["missing"] == 1


def test_profiles_with_other_bins_are_refused_by_name():
    a, b = profile(pd.DataFrame({"speed": [1.0, 2, 3]})), profile(pd.DataFrame({"speed": [5.0, 6, 7]}))
    with pytest.raises(ValueError, match="speed"):
        merge(a, b)


def test_drift_is_zero_for_the_same_and_near_scipys_ks():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=4000), rng.normal(0.5, size=4000)
    reference = profile(pd.DataFrame({"x": a}), bins=400)
    moved = drift(reference, profile(pd.DataFrame({"x": b}), edges=reference))
    assert drift(reference, reference)[["psi", "ks"]].eq(0).all(axis=None)
    assert moved.ks[0] == pytest.approx(ks_2samp(a, b).statistic, abs=0.01)


def test_drift_of_a_new_category_and_of_an_empty_column():
    a, b = pd.DataFrame({"c": ["x", "x", "y"]}), pd.DataFrame({"c": ["z", "z", "z"]})
    assert drift(profile(a), profile(b)).ks[0] == pytest.approx(1)
    reference = profile(pd.DataFrame({"x": [1.0, 2, 3]}))
    empty = drift(reference, profile(pd.DataFrame({"x": [np.nan, np.nan]}), edges=reference))
    assert empty.missing[0] == 1 and np.isfinite(empty.psi[0])


def test_no_real_day_and_no_real_week_raises_a_unit_alarm(flights):
    for freq in ("D", "W"):
        known, alarms = seen_values(flights.loc[flights.month == 1, WEATHER]), []
        later = flights[flights.month > 1]
        for when, rows in later.groupby(later.time.dt.tz_localize(None).dt.to_period(freq)):
            alarms += [(when, c.feature) for c in find_unit_change(known, rows[WEATHER])]
            for name, values in seen_values(rows[WEATHER]).items():
                known[name] = np.union1d(known[name], values)
        assert alarms == []


def test_the_injected_units_are_named_within_days_and_inverted(flights):
    known = seen_values(flights.loc[flights.month <= 9, WEATHER])
    days = flights[(flights.month == 10) & (flights.day <= 3)]
    sent = in_metric(days)
    found = find_unit_change(known, sent)
    names = {c.feature: c.conversion for c in found}
    assert {"temp", "dewp", "wind_speed", "wind_gust", "visib"} <= set(names)
    assert names.items() <= METRIC.items()
    mended = repair_units(sent, found)
    for feature in names:
        np.testing.assert_allclose(mended[feature], days[feature], atol=1e-9)


def test_rain_is_named_when_it_rains_and_not_before(flights):
    known = seen_values(flights.loc[flights.month <= 9, WEATHER])
    october = in_metric(flights[flights.month == 10])
    wet, dry = october[october.precip > 0], october[october.precip == 0]
    assert "precip" in {c.feature for c in find_unit_change(known, wet)}
    assert "precip" not in {c.feature for c in find_unit_change(known, dry)}


@pytest.mark.parametrize("values", [[np.nan] * 50, [10.0] * 50, []])
def test_degenerate_columns_raise_no_unit_alarm(values):
    known = {"visib": np.array([0.0, 5, 10])}
    assert find_unit_change(known, pd.DataFrame({"visib": np.array(values, float)})) == []


def scored(skills):
    return pd.DataFrame({"month": [f"2013-{k:02d}" for k in range(1, len(skills) + 1)], "skill": skills})


@pytest.mark.parametrize(
    "skills, month",
    [([0.1, -0.1, 0.1, -0.1], None), ([0.1, -0.1, -0.1, 0.1], "2013-03"), ([], None), ([-1.0, -1, -1], "2013-02")],
)
def test_alarm_needs_patience(skills, month):
    assert AlarmRule(0.2).check(scored(skills)) == month


def test_alarm_at_the_end_of_july_settled_in_march(flights, truth):
    y, month, _ = truth
    march = month == 3
    trial = fit(flights[month <= 2], y[month <= 2])(flights[march])
    rule = settle(flights[march].assign(proba=trial), y[month <= 3].mean())
    assert json.loads(json.dumps(rule)) == rule
    model = fit(flights[month <= 3], y[month <= 3])
    live = flights[month > 3]
    assert AlarmRule(**rule).check(monthly(live.assign(proba=model(live)), rule["rate"])) == "2013-07"


def test_shuffled_months_raise_no_alarm(flights, truth):
    y, month, _ = truth
    for seed in range(5):
        mixed = np.random.default_rng(seed).permutation(month)
        live = flights[mixed > 3]
        proba = fit(flights[mixed <= 3], y[mixed <= 3])(live)
        frame = live.assign(
            proba=proba, time=pd.to_datetime({"year": 2013, "month": mixed[mixed > 3], "day": 15}).array
        )
        rate = y[mixed <= 3].mean()
        assert AlarmRule(rate).check(monthly(frame, rate)) is None


def test_the_base_rate_alone_raises_no_alarm_but_moves_f1(flights, truth):
    y, month, _ = truth
    march = flights[month == 3]
    march = march.assign(proba=fit(flights[month <= 2], y[month <= 2])(march))
    keep = np.random.default_rng(0).random(len(march))
    thin = pd.concat(
        march[(march.y == 0) | (keep < part)].assign(time=pd.Timestamp(f"2013-{k:02d}-15"))
        for k, part in enumerate((1, 0.8, 0.6, 0.4), 4)
    )
    rate = y[month <= 2].mean()
    table = monthly(thin, rate)
    assert AlarmRule(rate).check(table) is None and (table.skill > 0).all()
    assert table.f1.iloc[-1] < table.f1.iloc[0] - 0.1


def test_permuted_labels_promote_nothing(flights, truth):
    y, month, day = truth
    july, old = month == 7, fit(flights[month <= 3], y[month <= 3])(flights[month == 7])
    for seed in range(10):
        luck = np.random.default_rng(seed).permutation(y)
        for past in (month < 7, (month >= 4) & (month < 7)):
            new = fit(flights[past], luck[past])(flights[july])
            assert decide(compare(luck[july], old, new, day[july])) == "refuse"


def test_a_better_model_is_promoted_and_a_worse_one_is_not():
    rng = np.random.default_rng(0)
    p = rng.uniform(0.02, 0.98, 6000)
    y, day = rng.random(6000) < p, np.arange(6000) // 200
    middling = 0.5 + (p - 0.5) * 0.3
    good, bad = compare(y, middling, p, day), compare(y, p, middling, day)
    assert (decide(good), decide(bad)) == ("promote", "refuse")
    assert bad.worse and not bad.better and good.gain == pytest.approx(-bad.gain)
    same = compare(y, p, p, day)
    assert decide(same) == "refuse" and not same.worse


def test_days_widen_the_interval_when_rows_of_a_day_agree():
    rng = np.random.default_rng(0)
    day = np.repeat(np.arange(30), 100)
    y = (rng.random(30) < 0.5)[day]
    old, new = np.full(3000, 0.5), np.full(3000, 0.6)
    by_day, by_row = (compare(y, old, new, g) for g in (day, np.arange(3000)))
    assert by_day.high - by_day.low > 5 * (by_row.high - by_row.low)


def test_compare_names_unequal_and_empty_rows():
    with pytest.raises(ValueError, match="3, 2, 3 and 3 rows"):
        compare([0, 1, 0], [0.1, 0.2], [0.1, 0.2, 0.3], [1, 1, 2])
    with pytest.raises(ValueError, match="same rows"):
        compare([], [], [], [])
