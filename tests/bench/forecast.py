"""The breach forecast against simulated days: calibration, Brier scores, CPU per queue. See docs/forecast.md."""

import time
from collections.abc import Mapping

from tests.bench._report import Json, machine, tell
from tests.forecast_day import Centre, brier, days, probes, reliability

DAYS = {40: 40, 200: 24, 800: 16}


def measure() -> Mapping[str, Json]:
    result: dict[str, Json] = {"machine": machine()}
    for per_hour, count in DAYS.items():
        simulated = list(days(Centre(per_hour=per_hour), count))
        began = time.process_time()
        found = [probe for day in simulated for probe in probes(day)]
        spent = time.process_time() - began
        ours, naive, climate = brier(found)
        result[f"contacts_per_hour_{per_hour}"] = {
            "forecasts": len(found),
            "brier": ours,
            "brier_level_below_goal": naive,
            "brier_base_rate": climate,
            "ms_per_queue": 1000 * spent / len(found),
            "calibration": [list(row) for row in reliability(found)],
        }
    return result


if __name__ == "__main__":
    tell("forecast", measure)
