// The 30-minute service-level line. In: the word `line`, a theme. Out: a drawing; gaps where nothing ended.
// Bokeh's time axis prints UTC, so moments are shifted by `zoneOffset` (at -> ms) to the site's clock here. May not know: sockets, seats.
const NAMES = ['level', 'level_source', 'level_bars', 'level_curve', 'level_goal'];
const MINUTE = 60000;
const number = (value) => (value === null ? NaN : value);

export class LevelLine {
  constructor({ zoneOffset }) { this.zoneOffset = zoneOffset; }

  async embed(item, target) {
    await Bokeh.embed.embed_item(item, target);
    this.parts = {};
    for (const name of NAMES) for (const document of Bokeh.documents) this.parts[name] ||= document.get_model_by_name(name);
  }

  show(word) {
    const p = this.parts, last = word.at.length ? word.at[word.at.length - 1] : word.now, offset = this.zoneOffset(last), local = (at) => at + offset;
    // A bar stands in the middle of its minute; the curve's point at its end.
    p.level_source.data = { at: word.at.map((at) => local(at) + MINUTE / 2), minute: word.minute.map(number), cumulative: word.cumulative.map(number) };
    const end = local(last) + MINUTE;
    p.level.x_range.setv({ start: end - 30 * MINUTE, end: end + MINUTE });
    if (p.level_goal.location !== word.goal_percent) p.level_goal.location = word.goal_percent;
  }

  setTheme(style) {
    const p = this.parts, colour = (name) => style.getPropertyValue(name).trim();
    for (const axis of [...p.level.below, ...p.level.left]) axis.major_label_text_color = colour('--faint');
    for (const grid of p.level.center) if (grid.dimension === 1) grid.grid_line_color = colour('--line');
    p.level_bars.glyph.fill_color = { value: colour('--accent') };
    p.level_curve.glyph.line_color = { value: colour('--accent') };
    p.level_goal.line_color = colour('--warn');
  }
}
