"""The map's drawing. In: a seating. Out: one Bokeh `json_item` with rooms, teams, desks and the place of every seat.

static/painter.js paints the seats into this drawing, all of them when Bokeh paints and single ones when they change, so
a change costs a few seats, not thousands. No tools: static/gestures.js moves the ranges. No CustomJS, no webgl: both
need eval. May not know: agents, sockets.
"""

from collections.abc import Sequence
from pathlib import Path

import bokeh
import numpy as np
from bokeh.core.properties import value
from bokeh.embed import json_item
from bokeh.models import ColumnDataSource, Range1d
from bokeh.plotting import figure

from seat_map.palette import THEMES, SeatCode
from seat_map.plan import Plan, desk_strips
from seat_map.seating import Seating

TARGET = "floor-map"
# A bare font stack would be read as a column's name.
FONT = value('"Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",system-ui,sans-serif')
DARK = THEMES["dark"]


def bokeh_static() -> Path:
    """BokehJS as the wheel ships it; nothing comes from a CDN."""
    return Path(bokeh.__file__).parent / "server/static/js"


def map_item(seating: Seating) -> dict[str, object]:
    """The drawing of `seating` as it stands; y is negated because a plan counts downwards."""
    plot = _empty_figure()
    _draw_rooms(plot, seating)
    _draw_teams(plot, seating.plan)
    _draw_seats(plot, seating.spots())
    _draw_choice(plot)
    item: dict[str, object] = json_item(plot, TARGET)
    return item


def _empty_figure() -> figure:
    plot = figure(
        name="floor",
        sizing_mode="stretch_both",
        min_border=0,
        toolbar_location=None,
        tools="",
        outline_line_color=None,
        background_fill_alpha=0,
        border_fill_alpha=0,
        lod_threshold=None,  # the default draws one seat in ten while panning above 2000 seats
        x_range=Range1d(0, 1),
        y_range=Range1d(0, 1),
        x_axis_type=None,
        y_axis_type=None,
        match_aspect=False,
    )
    plot.grid.visible = False
    return plot


def _draw_rooms(plot: figure, seating: Seating) -> None:
    boxes = [(room.name, room.box) for room in seating.plan.rooms]
    if seating.bench_box is not None:
        boxes.append(("", seating.bench_box))  # map.js writes the word for the bench in the page's language
    source = ColumnDataSource(
        {
            "left": [box.left for _, box in boxes],
            "right": [box.right for _, box in boxes],
            "top": [-box.top for _, box in boxes],
            "bottom": [-box.bottom for _, box in boxes],
            "label": [name for name, _ in boxes],
            "x": [box.left + 0.2 for _, box in boxes],
            "y": [-box.top + 0.2 for _, box in boxes],
        },
        name="rooms",
    )
    plot.quad(
        "left", "right", "top", "bottom", source=source, fill_color=DARK.room, line_color=DARK.room_line,
        line_width=1.5, border_radius=6, name="room_quads",
    )  # fmt: skip
    plot.text(
        "x", "y", "label", source=source, text_font=FONT, text_font_size="12px", text_font_style="bold",
        text_baseline="bottom", text_color=DARK.label, name="room_text",
    )  # fmt: skip


def _draw_teams(plot: figure, plan: Plan) -> None:
    boxes = [team.box for team in plan.teams]
    source = ColumnDataSource(
        {
            "left": [box.left for box in boxes],
            "right": [box.right for box in boxes],
            "top": [-box.top for box in boxes],
            "bottom": [-box.bottom for box in boxes],
            "label": [team.code for team in plan.teams],
        },
        name="teams",
    )
    plot.quad(
        "left", "right", "top", "bottom", source=source, fill_color=DARK.team, line_color=None, border_radius=4,
        name="team_quads",
    )  # fmt: skip
    desks = ColumnDataSource(_desks(plan), name="desks")
    plot.quad("left", "right", "top", "bottom", source=desks, fill_color=DARK.desk, line_color=None, name="desk_quads")
    plot.text(
        "left", "top", "label", source=source, text_font=FONT, text_font_size="10px", text_align="left",
        text_baseline="bottom", y_offset=-1, text_color=DARK.faint, name="team_text",
    )  # fmt: skip


def _desks(plan: Plan) -> dict[str, list[float]]:
    strips = [strip for team in plan.teams for strip in desk_strips(team)]
    return {
        "left": [strip.left for strip in strips],
        "right": [strip.right for strip in strips],
        "top": [-strip.top for strip in strips],
        "bottom": [-strip.bottom for strip in strips],
    }


def _draw_seats(plot: figure, spots: Sequence[tuple[float, float]]) -> None:
    """A dot per seat until painter.js takes its place; the last of its level, so that seats lie on everything else."""
    centres = np.asarray(spots, np.float32).reshape(-1, 2)
    source = ColumnDataSource({"x": centres[:, 0], "y": -centres[:, 1]}, name="seats")
    vacant = DARK.seats[SeatCode.VACANT]
    plot.rect("x", "y", 0.22, 0.22, source=source, fill_color=vacant, line_color=None, name="seat_rects")


def _draw_choice(plot: figure) -> None:
    """What is chosen and where the keyboard is: on the overlay canvas, which repaints alone."""
    _outline(plot, "selected", size=1.24, width=3)
    _outline(plot, "cursor", size=1.24, width=1.5, dash="dashed")


def _outline(plot: figure, name: str, *, size: float, width: float, dash: str = "solid") -> None:
    source = ColumnDataSource({"x": [], "y": []}, name=name)
    plot.rect(
        "x", "y", size, size, source=source, fill_color=None, line_color=DARK.focus, line_width=width,
        line_dash=dash, level="overlay", name=f"{name}_rects",
    )  # fmt: skip
