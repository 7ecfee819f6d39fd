"""The breach forecast against simulated days: calibration, Brier scores, band, CPU. See docs/forecast.md."""

import time
from collections.abc import Mapping

from tests.bench._forecast_load import cpu, lateness
from tests.bench._report import Json, machine, tell
from tests.forecast_band import coverage, known
from tests.forecast_day import Centre, brier, days, probes, reliability

DAYS = {40: 40, 200: 24, 800: 16}
ASTERISK_DAYS = {40: 20, 200: 12}
BAND_DAYS = {40: 10, 200: 8, 800: 3}
QUEUES = 40


def calibrated(centre: Centre, count: int) -> dict[str, Json]:
    simulated = list(days(centre, count))
    began = time.process_time()
    found = [probe for day in simulated for probe in probes(day)]
    spent = time.process_time() - began
    ours, naive, climate = brier(found)
    return {
        "forecasts": len(found),
        "brier": ours,
        "brier_level_below_goal": naive,
        "brier_base_rate": climate,
        "ms_per_queue": 1000 * spent / len(found),
        "calibration": [list(row) for row in reliability(found)],
    }


def band(per_hour: int, count: int) -> dict[str, Json]:
    found = [one for day in days(Centre(per_hour=per_hour), count, seed=500) for one in known(day)]
    number, inside, apart = coverage(found)
    return {"open": number, "inside_80_percent_band": inside, "mean_distance": apart}


def measure() -> Mapping[str, Json]:
    result: dict[str, Json] = {"machine": machine()}
    for per_hour, count in DAYS.items():
        result[f"contacts_per_hour_{per_hour}"] = calibrated(Centre(per_hour=per_hour), count)
    for per_hour, count in ASTERISK_DAYS.items():
        centre = Centre(per_hour=per_hour, formula="asterisk")
        result[f"asterisk_contacts_per_hour_{per_hour}"] = calibrated(centre, count)
    for per_hour, count in BAND_DAYS.items():
        result[f"band_contacts_per_hour_{per_hour}"] = band(per_hour, count)
    result |= cpu(QUEUES)
    result["tick_late_ms_p50_p99"] = lateness(QUEUES)
    return result


if __name__ == "__main__":
    tell("forecast", measure)
