// What a pointer does on the drawing. In: pointer events, the editor. Out: edits, selections, views.
// Mouse, pen and fingers: one finger on nothing pans, two zoom. May not know: panels, words.
import { GRID, blockExtent, change, mm, move, withContents } from '/static/web/plan_model.js';

const SLACK = 4, SNAP_PX = 7;

export class PlanTools {
  constructor(editor, drawing) {
    Object.assign(this, { editor, drawing, pointers: new Map(), extra: {} });
    const { canvas } = drawing;
    canvas.addEventListener('pointerdown', (event) => this.down(event));
    canvas.addEventListener('pointermove', (event) => this.moved(event));
    for (const name of ['pointerup', 'pointercancel']) canvas.addEventListener(name, (event) => this.up(event));
    canvas.addEventListener('dblclick', (event) => this.team(event));
    canvas.addEventListener('wheel', (event) => { event.preventDefault(); drawing.zoom(Math.exp(-event.deltaY / (event.ctrlKey ? 120 : 500)), event.offsetX, event.offsetY); }, { passive: false });
    canvas.addEventListener('contextmenu', (event) => event.preventDefault());
  }

  refresh() { this.editor.paint(this.extra); }
  metres(event) { return this.drawing.toMetres(event.offsetX, event.offsetY); }
  toGrid(value) { return this.editor.snapping ? mm(Math.round(value / GRID) * GRID) : mm(value); }

  down(event) {
    if (!this.editor.plan) return;
    const { canvas } = this.drawing;
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, [event.offsetX, event.offsetY]);
    if (this.pointers.size === 2) { this.act = this.pinch(); return; }
    if (this.pointers.size > 2) return;
    const tool = this.editor.tool;
    if (event.button === 1 || event.button === 2 || tool === 'pan') this.act = this.panning(event);
    else if (tool === 'room') this.act = this.roomDrawing(event);
    else if (tool === 'desks') this.act = this.stamping(event);
    else if (tool === 'scale') this.act = this.measuring(event);
    else this.act = this.choosing(event);
  }

  moved(event) {
    if (!this.editor.plan) return;
    const before = this.pointers.get(event.pointerId);
    if (before) this.pointers.set(event.pointerId, [event.offsetX, event.offsetY]);
    if (this.act?.move) { this.act.move(event, before); return; }
    const [x, y] = this.metres(event);
    if (this.editor.tool === 'desks') this.hover(x, y);
    else if (this.editor.tool === 'select') {
      const grip = this.drawing.seatAt(x, y) ? null : this.drawing.gripAt(x, y);
      this.drawing.canvas.style.cursor = grip?.corner ? ((grip.corner[0] === 'left') === (grip.corner[1] === 'top') ? 'nwse-resize' : 'nesw-resize') : grip || this.drawing.seatAt(x, y) ? 'move' : 'default';
    }
  }

  up(event) {
    if (!this.editor.plan) return;
    this.pointers.delete(event.pointerId);
    const act = this.act;
    this.act = null;
    act?.up?.(event);
    this.extra = {};
    this.refresh();
  }

  // ---- each way of acting --------------------------------------------------------------------------------------------
  panning() { return { move: (event, before) => this.drawing.pan(event.offsetX - before[0], event.offsetY - before[1]) }; }

  pinch() {
    const spread = () => { const [[ax, ay], [bx, by]] = [...this.pointers.values()]; return [Math.hypot(ax - bx, ay - by), (ax + bx) / 2, (ay + by) / 2]; };
    let last = spread();
    this.extra = {};
    return { move: () => {
      if (this.pointers.size < 2) return;
      const now = spread();
      this.drawing.zoom(now[0] / Math.max(1, last[0]), now[1], now[2]);
      this.drawing.pan(now[1] - last[1], now[2] - last[2]);
      last = now;
    } };
  }

  roomDrawing(event) {
    const [startX, startY] = this.metres(event).map((value) => this.toGrid(value));
    let room = null;
    return {
      move: (now) => {
        const [x, y] = this.metres(now).map((value) => this.toGrid(value));
        room = { left: Math.min(x, startX), top: Math.min(y, startY), width: Math.abs(x - startX), height: Math.abs(y - startY), name: '' };
        room.name = `${room.width.toFixed(2)} × ${room.height.toFixed(2)} m`;
        this.extra = { room };
        this.refresh();
      },
      up: () => { if (room && room.width >= 1 && room.height >= 1) this.editor.drawRoom(room); },
    };
  }

  hover(x, y) {
    const { block } = this.editor, [width, height] = blockExtent(block);
    const left = this.toGrid(x - width / 2), top = this.toGrid(y - height / 2);
    this.extra = { ghost: { block, left, top } };
    this.refresh();
    return [left, top];
  }

  stamping(event) {
    let at = this.hover(...this.metres(event));
    return { move: (now) => { at = this.hover(...this.metres(now)); }, up: () => this.editor.stampAt(...at) };
  }

  measuring(event) {
    const [x, y] = this.metres(event);
    let line = null;
    return {
      move: (now) => { const [toX, toY] = this.metres(now); line = { x, y, toX, toY }; this.extra = { line }; this.refresh(); },
      up: () => { if (line && Math.hypot(line.toX - x, line.toY - y) * this.drawing.view.scale > 10) this.editor.scaled(line); },
    };
  }

  choosing(event) {
    const [x, y] = this.metres(event), { editor } = this, adds = event.shiftKey || event.ctrlKey || event.metaKey;
    const seat = this.drawing.seatAt(x, y), grip = seat ? null : this.drawing.gripAt(x, y), thing = seat || grip?.room;
    if (grip?.corner) return this.resizing(grip);
    if (!thing) return event.pointerType === 'touch' ? this.fingered(event) : this.framing(event, adds);
    if (adds) { const chosen = new Set(editor.selected); if (!chosen.delete(thing.key)) chosen.add(thing.key); editor.select(chosen, seat?.key); return {}; }
    if (!editor.selected.has(thing.key)) editor.select(new Set([thing.key]), seat?.key);
    return this.dragging(event, thing, Boolean(seat));
  }

  // A finger on nothing pans; lifted without having moved it chooses nothing.
  fingered(event) {
    const pan = this.panning();
    let far = false;
    return { move: (now, before) => { far ||= Math.hypot(now.offsetX - event.offsetX, now.offsetY - event.offsetY) > SLACK; if (far) pan.move(now, before); }, up: (now) => { if (!far) this.pick(now); } };
  }

  pick(event) {
    const room = this.drawing.roomAt(...this.metres(event));
    this.editor.select(new Set(room ? [room.key] : []));
  }

  framing(event, adds) {
    const [startX, startY] = this.metres(event);
    let box = null;
    return {
      move: (now) => {
        const [x, y] = this.metres(now);
        box = { left: Math.min(x, startX), top: Math.min(y, startY), right: Math.max(x, startX), bottom: Math.max(y, startY) };
        this.extra = { box };
        this.refresh();
      },
      up: (now) => {
        if (!box || (box.right - box.left) * this.drawing.view.scale < SLACK) { if (!adds) this.pick(now); return; }
        const { plan, floor, selected } = this.editor, chosen = new Set(adds ? selected : []);
        for (const seat of plan.seats) if (seat.floor === floor && seat.x >= box.left && seat.x <= box.right && seat.y >= box.top && seat.y <= box.bottom) chosen.add(seat.key);
        this.editor.select(chosen);
      },
    };
  }

  dragging(event, thing, isSeat) {
    const { editor } = this, [startX, startY] = this.metres(event), keys = withContents(editor.plan, editor.selected);
    const lines = isSeat && editor.snapping ? this.lines(keys) : null;
    let drag = null;
    return {
      move: (now) => {
        const [x, y] = this.metres(now);
        if (!drag && Math.hypot(x - startX, y - startY) * this.drawing.view.scale < SLACK) return;
        const [dx, dy, guides] = this.snapped(thing, isSeat, x - startX, y - startY, lines);
        drag = { keys, dx, dy };
        this.extra = { drag, guides };
        this.refresh();
      },
      up: () => {
        if (drag && (drag.dx || drag.dy)) editor.edit(move(editor.plan, keys, drag.dx, drag.dy));
        else if (!drag && editor.selected.size > 1) editor.select(new Set([thing.key]), isSeat ? thing.key : 0);
      },
    };
  }

  // Columns and rows of seats that stay: what a dragged seat snaps to.
  lines(keys) {
    const { plan, floor } = this.editor, found = { x: new Set(), y: new Set() };
    for (const seat of plan.seats) if (seat.floor === floor && !keys.has(seat.key)) { found.x.add(seat.x); found.y.add(seat.y); }
    return { x: Float64Array.from(found.x).sort(), y: Float64Array.from(found.y).sort() };
  }

  snapped(thing, isSeat, dx, dy, lines) {
    if (!this.editor.snapping) return [mm(dx), mm(dy), []];
    const guides = [], reach = SNAP_PX / this.drawing.view.scale;
    const one = (axis, start, delta) => {
      const near = lines && nearest(lines[axis], start + delta, reach);
      if (near === null || near === undefined) return mm(Math.round((start + delta) / GRID) * GRID - start);
      guides.push({ axis, at: near });
      return mm(near - start);
    };
    return [one('x', isSeat ? thing.x : thing.left, dx), one('y', isSeat ? thing.y : thing.top, dy), guides];
  }

  resizing({ room, corner: [ex, ey] }) {
    let next = null;
    return {
      move: (now) => {
        const [x, y] = this.metres(now).map((value) => this.toGrid(value));
        const left = ex === 'left' ? Math.min(x, room.left + room.width - 1) : room.left, right = ex === 'right' ? Math.max(x, room.left + 1) : room.left + room.width;
        const top = ey === 'top' ? Math.min(y, room.top + room.height - 1) : room.top, bottom = ey === 'bottom' ? Math.max(y, room.top + 1) : room.top + room.height;
        next = { left: mm(left), top: mm(top), width: mm(right - left), height: mm(bottom - top) };
        this.extra = { room: { ...room, ...next } };
        this.refresh();
      },
      up: () => { if (next) this.editor.edit(change(this.editor.plan, 'rooms', new Set([room.key]), next)); },
    };
  }

  team(event) {
    const { plan, tool } = this.editor, seat = plan && this.drawing.seatAt(...this.metres(event));
    if (!seat?.team || tool !== 'select') return;
    this.editor.select(new Set(plan.seats.filter((one) => one.team === seat.team && one.floor === seat.floor).map((one) => one.key)), seat.key);
  }
}

function nearest(sorted, value, reach) {
  let low = 0, high = sorted.length;
  while (low < high) { const middle = (low + high) >> 1; if (sorted[middle] < value) low = middle + 1; else high = middle; }
  const found = [sorted[low - 1], sorted[low]].filter((one) => one !== undefined && Math.abs(one - value) <= reach);
  return found.length ? found.reduce((a, b) => (Math.abs(a - value) <= Math.abs(b - value) ? a : b)) : null;
}
