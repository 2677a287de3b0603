"""The flights: their counts, their join in time, their clocks, and that nothing leaks from the future."""

from importlib.resources import files

import numpy as np
import pandas as pd
import pytest

import mlbook.datasets
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


def test_columns_have_the_documented_types(flights):
    said = dict.fromkeys(["month", "day", "hour", "minute", "weekday"], "int8")
    said |= dict.fromkeys(["sched_dep_time", "sched_arr_time", "flight", "distance"], "int16")
    said |= dict.fromkeys(["dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"], "float32")
    said |= dict.fromkeys(["carrier", "tailnum", "origin", "dest"], "category")
    said |= dict.fromkeys(WEATHER, "float64") | {"late": "boolean"}
    kinds = flights.dtypes.astype(str).to_dict()
    assert kinds.pop("time_hour") in {f"datetime64[{unit}, UTC]" for unit in ("s", "ms", "us", "ns")}
    assert kinds == said
    for column in [*said, "time_hour"]:
        assert column in load_flights.__doc__, f"{column} is not described"


def test_values_fit_their_units(flights):
    ranges = {"month": (1, 12), "day": (1, 31), "hour": (1, 23), "minute": (0, 59), "weekday": (0, 6),
              "temp": (0, 110), "humid": (0, 100), "wind_dir": (0, 360), "pressure": (950, 1050), "visib": (0, 10),
              "precip": (0, 3), "distance": (17, 4983), "dep_time": (1, 2400), "arr_time": (1, 2400),
              "arr_delay": (-90, 1300)}  # fmt: skip
    for column, (low, high) in ranges.items():
        assert flights[column].min() >= low and flights[column].max() <= high, column
    delay = flights.dropna(subset="dep_delay").query("dep_delay >= 0 and dep_time > sched_dep_time")
    minutes = [(t // 100) * 60 + t % 100 for t in (delay.dep_time, delay.sched_dep_time)]
    assert (minutes[0] - minutes[1] == delay.dep_delay).mean() > 0.999, "delays are minutes on the clock"


def test_one_known_flight(flights):
    row = flights.query("month == 11 and day == 3 and carrier == 'DL' and flight == 2347").iloc[0]
    assert (row.origin, row.dest, row.hour, row.minute, row.weekday) == ("LGA", "ATL", 14, 59, 6)
    assert (row.dep_delay, row.arr_delay, row.late) == (153, 132, True)
    assert str(row.time_hour) == "2013-11-03 19:00:00+00:00" and round(row.temp, 2) == 50.0


def test_loading_twice_gives_two_tables(flights):
    again = load_flights()
    pd.testing.assert_frame_equal(again, flights)
    again.loc[0, "distance"] = 1
    assert flights.distance[0] != 1 and load_flights().distance[0] != 1


SMALL = [
    ("wine", (178, 13), 3),
    ("breast_cancer", (569, 30), 2),
    ("digits", (1797, 64), 10),
    ("diabetes", (442, 10), 214),
]


@pytest.mark.parametrize("name, shape, answers", SMALL)
def test_small_sets(name, shape, answers):
    X, y = getattr(mlbook.datasets, f"load_{name}")(return_X_y=True)
    assert X.shape == shape and len(y) == len(X) and len(np.unique(y)) == answers
    assert f"load_{name}" in mlbook.datasets.__all__


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


@pytest.mark.parametrize("stop", ["2013-01-20 15:00", "2013-03-10 12:00", "2013-07-15 18:00", "2013-11-03 12:00"])
def test_deleting_the_future_changes_no_row_of_the_past(flights, weather, stop):
    stop, asked = pd.Timestamp(stop, tz="UTC"), flights[["time_hour", "origin"]]
    whole = join_weather(asked, weather)[asked.time_hour <= stop]
    part = join_weather(asked[asked.time_hour <= stop], weather[weather.time_hour <= stop])
    pd.testing.assert_frame_equal(whole, part)


def test_join_takes_a_reading_of_the_same_moment_and_none_beyond_the_limit():
    asked = pd.DataFrame(
        {"time_hour": pd.to_datetime(["2013-01-01 12:00", "2013-01-01 15:00", "2013-01-01 15:01"], utc=True)}
    )
    asked["origin"] = "JFK"
    seen = asked.iloc[:1].assign(temp=30.0)
    assert join_weather(asked, seen).temp.fillna(-1).tolist() == [30, 30, -1]
    assert join_weather(asked, seen, "0h").temp.fillna(-1).tolist() == [30, -1, -1]
    assert join_weather(asked, seen.assign(origin="LGA")).temp.isna().all()
    assert join_weather(asked.iloc[:0], seen).shape == (0, 3)


def test_join_names_what_is_wrong(flights, weather):
    few, there = flights[["time_hour", "origin"]].head(5), weather.head(50)
    hour = few.time_hour
    for bad, seen, words in [
        (few.drop(columns="time_hour"), there, "flights.*time_hour.*missing"),
        (few.drop(columns="origin"), there, "flights.*origin.*missing"),
        (few, there.drop(columns="origin"), "weather.*origin.*missing"),
        (few, there.iloc[::-1], "weather.*out of order.*sort_values"),
        (few.assign(time_hour=hour.dt.tz_localize(None)), there, "flights.*utc=True"),
        (few.assign(time_hour=hour.where(few.index > 0)), there, "flights.*1 missing times"),
        (few.assign(time_hour=hour.dt.tz_convert("America/New_York")), there, "New_York.*UTC.*astype"),
    ]:
        with pytest.raises(ValueError, match=words):
            join_weather(bad, seen)
    for tolerance in ("soon", "-1h", None):
        with pytest.raises(ValueError, match="tolerance"):
            join_weather(few, there, tolerance)


def test_the_hour_that_is_missing_and_the_hour_that_occurs_twice(weather):
    local = weather.time_hour.dt.tz_convert("America/New_York")
    night = weather[(local.dt.strftime("%Y-%m-%d %H") == "2013-11-03 01") & (weather.origin == "JFK")]
    assert [t.hour for t in night.time_hour] == [5, 6], "one in the morning, twice, is 05 and 06 UTC"
    assert not (local.dt.strftime("%Y-%m-%d %H") == "2013-03-10 02").any(), "two in the morning does not exist"


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
    with pytest.raises(ValueError, match="whole days"):
        time_split(flights, "2013-04-01 13:00")
    with pytest.raises(ValueError, match="whole days"):
        time_split(flights, None)
    with pytest.raises(ValueError, match="Atlantis"):
        time_split(flights, "2013-04-01", timezone="Atlantis/Port")
    with pytest.raises(ValueError, match="1 missing times"):
        time_split(pd.DataFrame({"time_hour": pd.to_datetime(["2013-04-01", None], utc=True)}), "2013-04-01")


def test_time_split_keeps_every_row_once_in_its_order(flights):
    mixed = flights.sample(5_000, random_state=0)
    parts = time_split(mixed, "2013-03-10", "2013-03-11", "2013-11-03", "2013-11-04")
    assert sorted(i for p in parts for i in p.index) == sorted(mixed.index)
    for part in parts:
        assert part.index.tolist() == [i for i in mixed.index if i in set(part.index)]
    days = [sorted(set(zip(p.month, p.day, strict=True))) for p in parts]
    assert days[1] == [(3, 10)] and days[3] == [(11, 3)]
    assert [len(p) for p in time_split(mixed)] == [5_000]
    assert [len(p) for p in time_split(mixed.iloc[:0], "2013-04-01")] == [0, 0]
