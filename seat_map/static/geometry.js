// Where seats are. In: x and y columns. Out: the seat under a point, the next seat in a direction, view boxes.
// May not know: states, Bokeh.
const CELL = 4;
const key = (column, row) => column * 65536 + row;

export class Geometry {
  constructor(x, y) {
    this.x = x;
    this.y = y;
    this.cells = new Map();
    for (let i = 0; i < x.length; i++) {
      const cell = key(Math.floor(x[i] / CELL), Math.floor(y[i] / CELL));
      if (!this.cells.has(cell)) this.cells.set(cell, []);
      this.cells.get(cell).push(i);
    }
  }

  at(x, y) {
    let best = -1, distance = 0.62;
    const column = Math.floor(x / CELL), row = Math.floor(y / CELL);
    for (let dx = -1; dx <= 1; dx++) for (let dy = -1; dy <= 1; dy++) {
      for (const i of this.cells.get(key(column + dx, row + dy)) || []) {
        const d = Math.max(Math.abs(this.x[i] - x), Math.abs(this.y[i] - y));
        if (d < distance) { distance = d; best = i; }
      }
    }
    return best;
  }

  // The nearest seat in a direction; straying sideways costs three times the way forward.
  next(from, dx, dy) {
    let best = from, cost = Infinity;
    for (let i = 0; i < this.x.length; i++) {
      const ax = this.x[i] - this.x[from], ay = this.y[i] - this.y[from];
      const forward = ax * dx + ay * dy;
      if (forward < 0.3) continue;
      const c = forward + 3 * Math.abs(ax * dy - ay * dx);
      if (c < cost) { cost = c; best = i; }
    }
    return best;
  }
}

export function boundsOf(rooms) {
  return {
    left: Math.min(...rooms.left), right: Math.max(...rooms.right),
    bottom: Math.min(...rooms.bottom), top: Math.max(...rooms.top),
  };
}
