// The editor's keys. In: a key, the editor. Out: what it does. The list that ? shows is this one.
import { t } from '/static/web/common.js';
import { GRID, copy, inOrder, move, remove, withContents } from '/static/web/plan_model.js';

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
export const KEYS = [
  ['V R B H', 'Select, room, desks, move the view'], ['Enter', 'With a room or desks: put them in the middle of the view'], ['Tab', 'The next seat; Shift+Tab the one before; Esc gives Tab back to the page'],
  ['← ↑ → ↓', 'Move what is chosen by 5 cm, with Shift by 25 cm, with Ctrl by a desk; with nothing chosen the view'], ['Ctrl+A', 'Choose every seat of the floor'], ['Ctrl+D', 'Copy beside itself'], ['Ctrl+C Ctrl+V', 'Copy, and put it on this floor or another'],
  ['Delete', 'Remove what is chosen'], ['Ctrl+Z', 'Undo; Ctrl+Shift+Z does it again'], ['Q', 'Turn the block of desks'], ['G', 'Snapping on or off'], ['+ − 0', 'Zoom; 0 shows the whole floor'],
  ['PageUp PageDown', 'The floor before, the next floor'], ['F', 'The first thing to mend'], ['Ctrl+S', 'Publish'], ['Double click', 'Choose the whole team'], ['?', 'These keys'],
];

export function onKey(editor, event, writing) {
  if (!editor.plan || document.querySelector('dialog[open]')) return;
  const command = event.ctrlKey || event.metaKey, key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const act = command ? commands(editor, key, event.shiftKey, writing) : writing || event.altKey ? null : plain(editor, event, key);
  if (!act) return;
  event.preventDefault();
  act();
}

function commands(editor, key, shift, writing) {
  if (key === 's') return () => { if (editor.dirty) editor.dialogs.publish(); };
  if (writing) return null; // a field has its own undo
  if (key in ARROWS) return nudge(editor, ARROWS[key], 1.15);
  return { z: () => (shift ? editor.redo() : editor.undo()), y: () => editor.redo(), a: () => editor.select(new Set(editor.plan.seats.filter((seat) => seat.floor === editor.floor).map((seat) => seat.key))), d: () => duplicate(editor), c: editor.selected.size ? () => { editor.copied = new Set(editor.selected); editor.say(t('Copied')); } : null, v: () => paste(editor) }[key] || null;
}

function plain(editor, event, key) {
  const onCanvas = document.activeElement === editor.drawing.canvas;
  if (event.target.closest?.('button, a, select') && [' ', 'Enter', 'Tab', ...Object.keys(ARROWS)].includes(key)) return null;
  if (key in ARROWS) return onCanvas || document.activeElement === document.body ? nudge(editor, ARROWS[key], event.shiftKey ? GRID : 0.05) : null;
  if (key === 'Tab') return onCanvas && editor.selected.size ? () => step(editor, event.shiftKey ? -1 : 1) : null;
  return {
    v: () => editor.setTool('select'), r: () => editor.setTool('room'), b: () => editor.setTool('desks'), h: () => editor.setTool('pan'),
    g: () => { editor.snapping = !editor.snapping; editor.state(); editor.say(t(editor.snapping ? 'Snapping on' : 'Snapping off')); },
    q: () => { editor.block = { ...editor.block, rotated: !editor.block.rotated }; editor.changed(); },
    f: () => { if (editor.faults.shown.length) editor.goTo(editor.faults.shown[0]); },
    '+': () => editor.drawing.zoom(1.4), '=': () => editor.drawing.zoom(1.4), '-': () => editor.drawing.zoom(1 / 1.4), 0: () => editor.fit(), '?': () => editor.dialogs.help(),
    Delete: () => erase(editor), Backspace: () => erase(editor), Enter: () => put(editor, onCanvas), Escape: () => { if (editor.tool === 'select') editor.select([]); else editor.setTool('select'); },
    PageUp: () => floor(editor, -1), PageDown: () => floor(editor, 1), ...(onCanvas && !editor.selected.size ? { Home: () => step(editor, 1) } : {}),
  }[key] || null;
}

export function erase(editor) {
  if (!editor.selected.size) return;
  const before = editor.plan.seats.length + editor.plan.rooms.length;
  editor.edit(remove(editor.plan, withContents(editor.plan, editor.selected)), []);
  editor.say(t('{n} removed', { n: before - editor.plan.seats.length - editor.plan.rooms.length }));
}

// Onto the same place of another floor; beside itself on its own.
function paste(editor) {
  const { plan } = editor, keys = new Set([...plan.seats, ...plan.rooms].filter((one) => editor.copied?.has(one.key)).map((one) => one.key));
  if (!keys.size) return;
  if ([...plan.seats, ...plan.rooms].some((one) => keys.has(one.key) && one.floor === editor.floor)) { editor.select(keys); duplicate(editor); return; }
  const [next, made] = copy(plan, withContents(plan, keys), editor.floor, 0, 0);
  editor.edit(next, made);
}

export function duplicate(editor) {
  const keys = withContents(editor.plan, editor.selected), things = [...editor.seats().map((seat) => seat.x), ...editor.rooms().flatMap((room) => [room.left, room.left + room.width])];
  if (!things.length) return;
  const width = things.reduce((a, b) => Math.max(a, b)) - things.reduce((a, b) => Math.min(a, b));
  const [plan, made] = copy(editor.plan, keys, editor.floor, Math.ceil((width + 2.3) / GRID) * GRID, 0);
  editor.edit(plan, editor.rooms().length ? made.filter((key) => plan.rooms.some((room) => room.key === key)) : made);
}

const nudge = (editor, [x, y], by) => () => {
  if (!editor.selected.size) { editor.drawing.pan(-60 * x, -60 * y); return; }
  editor.edit(move(editor.plan, withContents(editor.plan, editor.selected), x * by, y * by));
};

function step(editor, by) {
  const seats = inOrder(editor.plan.seats.filter((seat) => seat.floor === editor.floor), 'row'), at = seats.findIndex((seat) => seat.key === editor.cursor);
  const next = seats[(at + by + seats.length) % seats.length];
  if (!next) return;
  editor.select(new Set([next.key]), next.key);
  const [x, y] = editor.drawing.toPixels(next.x, next.y), { width, height } = editor.drawing;
  if (x < 40 || y < 40 || x > width - 40 || y > height - 40) editor.drawing.pan(width / 2 - x, height / 2 - y);
  editor.say(editor.describe(next));
}

function put(editor, onCanvas) {
  const { drawing, tool } = editor, [x, y] = drawing.toMetres(drawing.width / 2, drawing.height / 2), round = (value) => Math.round(value / GRID) * GRID;
  if (tool === 'desks') editor.stampAt(round(x - 3), round(y - 2));
  else if (tool === 'room') editor.drawRoom({ left: round(x - 7), top: round(y - 5), width: 14, height: 10 });
  else if (onCanvas && editor.selected.size) editor.panel.focus(editor.rooms().length ? 'name' : 'id');
}

function floor(editor, by) {
  const { floors } = editor.plan, next = floors[floors.findIndex((one) => one.key === editor.floor) + by];
  if (next) editor.setFloor(next.key);
}
