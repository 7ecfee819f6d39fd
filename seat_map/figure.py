"""The map's drawing. In: a seating. Out: one Bokeh `json_item` with geometry and empty live sources.

static/map.js fills the live sources. Changed seats are drawn on Bokeh's overlay canvas (`hot`), so a change repaints a
handful of seats, not thousands. No CustomJS, no webgl: both need eval. May not know: agents, sockets.
"""

from collections.abc import Sequence
from pathlib import Path

import bokeh
import numpy as np
from bokeh.core.properties import value
from bokeh.embed import json_item
from bokeh.models import ColumnDataSource, PanTool, Range1d, WheelZoomTool
from bokeh.plotting import figure
from bokeh.transform import dodge

from seat_map.palette import THEMES, SeatCode
from seat_map.plan import AISLE, PITCH, TEAM_PAD, Plan, Team
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
    _draw_live(plot)
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
        match_aspect=False,
    )
    plot.axis.visible = False
    plot.grid.visible = False
    pan, wheel = PanTool(), WheelZoomTool(zoom_on_axis=False, maintain_focus=False, speed=1 / 1200)
    plot.add_tools(pan, wheel)
    plot.toolbar.active_drag = pan
    plot.toolbar.active_scroll = wheel
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
            "ready": [""] * len(boxes),
        },
        name="teams",
    )
    plot.quad(
        "left", "right", "top", "bottom", source=source, fill_color=DARK.team, line_color=None, border_radius=4,
        name="team_quads",
    )  # fmt: skip
    desks = ColumnDataSource(_desks(plan), name="desks")
    plot.rect("x", "y", "width", 0.14, source=desks, fill_color=DARK.desk, line_color=None, name="desk_rects")
    for name, x, text, align in (("team_text", "left", "label", "left"), ("team_ready", "right", "ready", "right")):
        plot.text(
            x, "top", text, source=source, text_font=FONT, text_font_size="10px", text_align=align,
            text_baseline="bottom", y_offset=-1, text_color=DARK.faint, name=name,
        )  # fmt: skip


def _desks(plan: Plan) -> dict[str, list[float]]:
    """A strip between each pair of facing rows."""
    strips = [strip for team in plan.teams for strip in _team_desks(team)]
    return {"x": [strip[0] for strip in strips], "y": [strip[1] for strip in strips], "width": [s[2] for s in strips]}


def _team_desks(team: Team) -> list[tuple[float, float, float]]:
    rows = round((team.box.height - 2 * TEAM_PAD + AISLE) / (2 * PITCH + AISLE) * 2)
    middle, width = (team.box.left + team.box.right) / 2, team.box.width - 2 * TEAM_PAD
    first = team.box.top + TEAM_PAD + PITCH
    return [(middle, -(first + pair * (2 * PITCH + AISLE)), width) for pair in range(rows // 2)]


def _draw_seats(plot: figure, spots: Sequence[tuple[float, float]]) -> None:
    """All seats on the primary canvas. Colours are uint32 here: only arrays born in Python may be packed so."""
    centres = np.asarray(spots, np.float32).reshape(-1, 2)
    count = len(centres)
    vacant = int(DARK.seats[SeatCode.VACANT][1:] + "ff", 16)
    source = ColumnDataSource(
        {
            "x": centres[:, 0],
            "y": -centres[:, 1],
            "size": np.full(count, 0.22, np.float32),
            "color": np.full(count, vacant, np.uint32),
        },
        name="seats",
    )
    plot.rect("x", "y", "size", "size", source=source, fill_color="color", line_color=None, name="seat_rects")


def _draw_live(plot: figure) -> None:
    """Sources that map.js fills: unknown and in doubt (primary canvas), then everything on the overlay canvas."""
    plot.rect(
        "x", "y", 0.94, 0.94, source=_empty("hatched"), fill_color=None, line_color=DARK.hatch, line_width=0.5,
        hatch_pattern="right_diagonal_line", hatch_color=DARK.hatch, hatch_scale=6, hatch_weight=2, name="hatch_rects",
    )  # fmt: skip
    _draw_doubts(plot)
    hot = _empty("hot", "color", "size", "cell")
    plot.rect("x", "y", 1.1, 1.1, source=hot, fill_color="cell", line_color=None, level="overlay", name="hot_cells")
    plot.rect(
        "x", "y", "size", "size", source=hot, fill_color="color", line_color=None, level="overlay", name="hot_rects"
    )
    _outline(plot, _empty("rings", "color", "size"), "ring_rects", size="size", color="color", width=2.2)
    _outline(plot, _empty("selected"), "selected_rects", size=1.28, color=DARK.focus, width=3)
    _outline(plot, _empty("cursor"), "cursor_rects", size=1.2, color=DARK.focus, width=1.5, dash="dashed")
    for source, glyph, style in _TEXTS:
        plot.text(
            "x", "y", "text", source=_empty(source, "text", "color"), text_font=FONT, text_font_size="10px",
            text_font_style=style, text_align="center", text_baseline="middle", text_color="color", level="overlay",
            name=glyph,
        )  # fmt: skip


def _draw_doubts(plot: figure) -> None:
    """Stale: a bar above and one below the letter, plain rects, for a silent source makes thousands of them (a hatch of
    5,000 takes half a second in software). Contradictory are few: cross-hatched. Edges are dashed."""
    edge = {"line_color": DARK.doubt_line, "line_width": 1.2, "line_dash": "dashed", "fill_color": None}
    stale, differs = _empty("stale", "size"), _empty("contradictory", "size")
    for name, offset in (("stale_above", 0.3), ("stale_below", -0.3)):
        plot.rect("x", dodge("y", offset), "size", 0.1, source=stale, fill_color=DARK.doubt, line_color=None, name=name)
    plot.rect("x", "y", "size", "size", source=stale, name="stale_rects", **edge)
    plot.rect(
        "x", "y", "size", "size", source=differs, hatch_pattern="diagonal_cross", hatch_color=DARK.doubt,
        hatch_scale=7, hatch_weight=1.1, name="contradictory_rects", **edge,
    )  # fmt: skip


_TEXTS = (("letters", "letter_text", "bold"), ("details", "detail_text", "normal"), ("signs", "sign_text", "bold"))


def _empty(name: str, *columns: str) -> ColumnDataSource:
    return ColumnDataSource({column: [] for column in ("x", "y", *columns)}, name=name)


def _outline(
    plot: figure,
    source: ColumnDataSource,
    name: str,
    *,
    size: str | float,
    color: str,
    width: float,
    dash: str = "solid",
) -> None:
    plot.rect(
        "x", "y", size, size, source=source, fill_color=None, line_color=color, line_width=width,
        line_dash=dash, level="overlay", name=name,
    )  # fmt: skip
