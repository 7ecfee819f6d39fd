"""The service-level line's drawing. In: nothing. Out: one Bokeh `json_item` with empty sources.

static/line.js fills them from the socket. No CustomJS: it needs eval. May not know: numbers, agents, sockets.
"""

from bokeh.embed import json_item
from bokeh.models import ColumnDataSource, DatetimeTickFormatter, FixedTicker, Range1d, Span
from bokeh.plotting import figure

TARGET = "level-line"
BAR_MS = 42_000


def line_item() -> dict[str, object]:
    """Bars: each minute by itself. Line: cumulative over the 30 minutes. Dashes: the goal."""
    plot = figure(
        name="level",
        sizing_mode="stretch_both",
        min_border=4,
        toolbar_location=None,
        tools="",
        outline_line_color=None,
        background_fill_alpha=0,
        border_fill_alpha=0,
        x_axis_type="datetime",
        x_range=Range1d(0, 1),
        y_range=Range1d(0, 103),
        lod_threshold=None,
    )
    source = ColumnDataSource({"at": [], "minute": [], "cumulative": []}, name="level_source")
    plot.vbar("at", BAR_MS, "minute", source=source, fill_alpha=0.22, line_color=None, name="level_bars")
    plot.line("at", "cumulative", source=source, line_width=2, name="level_curve")
    plot.add_layout(Span(location=80, dimension="width", line_dash="dashed", line_width=1.2, name="level_goal"))
    plot.yaxis.ticker = FixedTicker(ticks=[0, 20, 40, 60, 80, 100])
    plot.xaxis.formatter = DatetimeTickFormatter(minutes="%H:%M", hours="%H:%M", seconds="%H:%M:%S")
    plot.xaxis.ticker.desired_num_ticks = 4
    for axis in plot.axis:
        axis.axis_line_color = None
        axis.major_tick_line_color = None
        axis.minor_tick_line_color = None
        axis.major_label_text_font_size = "10px"
    plot.xgrid.grid_line_color = None
    plot.ygrid.grid_line_alpha = 0.7
    item: dict[str, object] = json_item(plot, TARGET)
    return item
