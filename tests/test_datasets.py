"""The flights: their counts, their join in time, their clocks, and that nothing leaks from the future."""

from importlib.resources import files

import numpy as np
import pandas as pd
import pytest

from mlbook.datasets import FEATURES, KNOWN_LATER, WEATHER, join_weather, load_flights, time_split
from mlbook.preprocessing import TablePreprocessor


@pytest.fixture(scope="module")
def flights():
    return load_flights()


@pytest.fixture(scope="module")
def weather():
    return pd.read_parquet(files("mlbook") / "data" / "weather.parquet")


def test_counts_and_the_dirt_that_is_kept(flights, weather):
    assert len(flights) == 336_776
    assert flights.dep_time.isna().sum() == 8_255
    assert flights.arr_delay.isna().sum() == flights.late.isna().sum() == 9_430
    assert round(weather.wind_speed.max()) == 1_048
    assert flights.time_hour.is_monotonic_increasing and str(flights.time_hour.dt.tz) == "UTC"


def test_base_rates(flights):
    rate = flights.groupby("month").late.mean().astype(float)
    assert round(rate[9], 2) == 0.13 and round(rate[12], 2) == 0.33


def test_label_is_later_than_fifteen_minutes(flights):
    known = flights.dropna(subset=["arr_delay"])
    assert (known.late.astype(bool).to_numpy() == (known.arr_delay.to_numpy() > 15)).all()
    assert not known.late[known.arr_delay == 15].any()


def test_known_later_columns_cannot_reach_the_features(flights):
    assert len(FEATURES) == 16 and not set(KNOWN_LATER) & set(FEATURES)
    sample = flights.sample(3_000, random_state=0)
    shuffled = sample.copy()
    rng = np.random.default_rng(0)
    for column in KNOWN_LATER:
        shuffled[column] = sample[column].array[rng.permutation(len(sample))]
    pd.testing.assert_frame_equal(sample[FEATURES], shuffled[FEATURES])
    features = [TablePreprocessor().fit(f[FEATURES]).transform(f[FEATURES]) for f in (sample, shuffled)]
    np.testing.assert_array_equal(*features)


def test_join_is_the_brute_force_search(flights, weather):
    for row in flights.sample(200, random_state=1).itertuples():
        age = row.time_hour - weather.time_hour
        fits = (weather.origin == row.origin) & (age >= pd.Timedelta(0)) & (age <= pd.Timedelta("3h"))
        expected = weather[fits].sort_values("time_hour")[WEATHER].tail(1).to_numpy(float)
        got = np.array([[getattr(row, column) for column in WEATHER]], dtype=float)
        np.testing.assert_array_equal(got, expected if len(expected) else np.full((1, 9), np.nan))


def test_no_weather_from_the_future(flights, weather):
    stamped = weather.assign(measured=weather.time_hour)
    joined = join_weather(flights[["time_hour", "origin"]], stamped)
    age = (joined.time_hour - joined.measured).dropna()
    assert age.min() >= pd.Timedelta(0) and age.max() <= pd.Timedelta("3h")
    assert len(age) > 330_000


def test_the_hour_that_occurs_twice(weather):
    local = weather.time_hour.dt.tz_convert("America/New_York")
    night = weather[(local.dt.strftime("%Y-%m-%d %H") == "2013-11-03 01") & (weather.origin == "JFK")]
    assert [t.hour for t in night.time_hour] == [5, 6], "one in the morning, twice, is 05 and 06 UTC"


def test_scheduled_hour_is_the_local_hour(flights):
    local = flights.time_hour.dt.tz_convert("America/New_York")
    assert (local.dt.hour == flights.hour).all() and (local.dt.day == flights.day).all()
    assert (local.dt.month == flights.month).all() and (local.dt.day_of_week == flights.weekday).all()


def test_time_split_cuts_at_local_midnight(flights):
    parts = time_split(flights, "2013-04-01", "2013-08-01")
    assert sum(map(len, parts)) == len(flights)
    assert [(p.month.min(), p.month.max()) for p in parts] == [(1, 3), (4, 7), (8, 12)]
    hours = pd.DataFrame({"time_hour": pd.to_datetime(["2013-04-01 03:59", "2013-04-01 04:00"], utc=True)})
    assert [len(p) for p in time_split(hours, "2013-04-01")] == [1, 1]


@pytest.mark.parametrize("dates", [("2013-05-01", "2013-04-01"), ("2013-04-01", "2013-04-01")])
def test_time_split_wants_increasing_dates(flights, dates):
    with pytest.raises(ValueError, match="2013-04-01"):
        time_split(flights, *dates)


def test_time_split_names_what_is_wrong(flights):
    with pytest.raises(ValueError, match="when"):
        time_split(flights, "2013-04-01", column="when")
    with pytest.raises(ValueError, match="soon"):
        time_split(flights, "soon")
    with pytest.raises(ValueError, match="month.*int8"):
        time_split(flights, "2013-04-01", column="month")
