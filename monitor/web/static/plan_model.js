// The plan being edited, as values. In: a document, what to do. Out: another document; the one before stays as it was.
// Metres of each floor; `key` numbers live in this page only. May not know: canvas, sockets, words.
export const PITCH = 1.15, AISLE = 0.75, PAD = 0.35, APART = 0.8, GRID = 0.25;
export const mm = (metres) => Math.round(metres * 1000) / 1000 + 0;
let last = 0;
const key = () => ++last;

export function fromDoc(doc) {
  const floors = (doc.floors.length ? doc.floors : [{ name: '' }]).map((floor) => ({ key: key(), name: floor.name, backdrop: floor.backdrop || null }));
  const rooms = doc.rooms.map((room) => ({ ...room, key: key(), floor: floors[room.floor].key }));
  const teams = doc.teams.map((team) => ({ key: key(), code: team.code, block: team.block || null }));
  const seats = doc.seats.map((seat) => ({ key: key(), floor: floors[seat.floor || 0].key, x: seat.x, y: seat.y, id: seat.id, team: seat.team >= 0 ? teams[seat.team].key : 0, agent: seat.agent || '', extension: seat.extension || '' }));
  return { name: doc.name, floors, rooms, teams, seats };
}

export function toDoc(plan) {
  const number = (list) => new Map(list.map((one, index) => [one.key, index]));
  const floors = number(plan.floors), teams = number(plan.teams);
  return {
    name: plan.name,
    floors: plan.floors.map(({ name, backdrop }) => ({ name, backdrop })),
    rooms: plan.rooms.map((room) => ({ name: room.name, left: room.left, top: room.top, width: room.width, height: room.height, floor: floors.get(room.floor), bench: room.bench })),
    teams: plan.teams.map(({ code, block }) => ({ code, block })),
    seats: plan.seats.map((seat) => ({ id: seat.id, x: seat.x, y: seat.y, floor: floors.get(seat.floor), team: seat.team ? teams.get(seat.team) : -1, agent: seat.agent, extension: seat.extension })),
  };
}

// Seat centres of a block, row by row: the same as seat_map/plan.py gives (a test compares them).
export function blockSpots({ rows, columns, single, rotated }, left, top) {
  const spots = [];
  for (let row = 0; row < rows; row++) {
    const down = PAD + PITCH * (row + 0.5) + AISLE * (single ? row : Math.floor(row / 2));
    for (let column = 0; column < columns; column++) {
      const along = PAD + PITCH * (column + 0.5);
      spots.push(rotated ? [mm(left + down), mm(top + along)] : [mm(left + along), mm(top + down)]);
    }
  }
  return spots;
}

export function blockExtent({ rows, columns, single, rotated }) {
  const along = 2 * PAD + PITCH * columns, down = 2 * PAD + PITCH * rows + AISLE * (single ? rows - 1 : Math.floor((rows - 1) / 2));
  return rotated ? [down, along] : [along, down];
}

export const bounds = (boxes) => ({ left: Math.min(...boxes.map((b) => b.left)), top: Math.min(...boxes.map((b) => b.top)), right: Math.max(...boxes.map((b) => b.right ?? b.left + b.width)), bottom: Math.max(...boxes.map((b) => b.bottom ?? b.top + b.height)) });

// Boxes around every team of a floor; of thousands of seats, so no spreading.
export function teamBoxes(plan, floor) {
  const boxes = new Map(), margin = PAD + PITCH / 2;
  for (const { x, y, team, floor: on } of plan.seats) {
    if (!team || on !== floor) continue;
    const box = boxes.get(team);
    if (!box) boxes.set(team, { left: x - margin, top: y - margin, right: x + margin, bottom: y + margin });
    else { box.left = Math.min(box.left, x - margin); box.top = Math.min(box.top, y - margin); box.right = Math.max(box.right, x + margin); box.bottom = Math.max(box.bottom, y + margin); }
  }
  return boxes;
}

export const holds = (room, x, y) => x >= room.left && x <= mm(room.left + room.width) && y >= room.top && y <= mm(room.top + room.height);
export const roomOf = (plan, seat) => plan.rooms.find((room) => room.floor === seat.floor && holds(room, seat.x, seat.y));

export function freeCode(plan, wish) {
  const codes = new Set(plan.teams.map((team) => team.code));
  const [, stem, digits] = /^(.*?)(\d*)$/.exec(wish);
  for (let n = Number(digits || 1); ; n++) {
    const code = stem + String(n).padStart(Math.max(2, digits.length), '0');
    if (!codes.has(code)) return code;
  }
}

export function freeName(taken, wish) {
  if (!taken.has(wish)) return wish;
  for (let n = 2; ; n++) if (!taken.has(`${wish}-${n}`)) return `${wish}-${n}`;
}

export function addRoom(plan, floor, { left, top, width, height }, name, bench = false) {
  const taken = new Set(plan.rooms.filter((one) => one.floor === floor).map((one) => one.name));
  const room = { key: key(), floor, name: freeName(taken, name), left: mm(left), top: mm(top), width: mm(width), height: mm(height), bench };
  return [{ ...plan, rooms: [...plan.rooms, room] }, room.key];
}

export function addFloor(plan, name) {
  const floor = { key: key(), name: freeName(new Set(plan.floors.map((one) => one.name)), name), backdrop: null };
  return [{ ...plan, floors: [...plan.floors, floor] }, floor.key];
}

export function removeFloor(plan, floor) {
  return tidy({ ...plan, floors: plan.floors.filter((one) => one.key !== floor), rooms: plan.rooms.filter((one) => one.floor !== floor), seats: plan.seats.filter((one) => one.floor !== floor) });
}

// A block of desks: a team of its own, seats named CODE-01 and so on.
export function stamp(plan, floor, block, left, top, code) {
  const team = { key: key(), code: freeCode(plan, code || 'A01'), block };
  const taken = new Set(plan.seats.map((seat) => seat.id));
  const made = blockSpots(block, left, top).map(([x, y], index) => ({ key: key(), floor, x, y, id: freeName(taken, `${team.code}-${String(index + 1).padStart(2, '0')}`), team: team.key, agent: '', extension: '' }));
  return [{ ...plan, teams: [...plan.teams, team], seats: [...plan.seats, ...made] }, made.map((seat) => seat.key)];
}

export function addSeat(plan, floor, x, y) {
  const taken = new Set(plan.seats.map((seat) => seat.id));
  const seat = { key: key(), floor, x: mm(x), y: mm(y), id: freeName(taken, 'S-1'), team: 0, agent: '', extension: '' };
  return [{ ...plan, seats: [...plan.seats, seat] }, seat.key];
}

// A block whose seats went apart is no block any more; a team without seats goes.
function tidy(plan, touched = new Set()) {
  const count = new Map();
  for (const seat of plan.seats) if (seat.team) count.set(seat.team, (count.get(seat.team) || 0) + 1);
  const teams = plan.teams.filter((team) => count.has(team.key)).map((team) => {
    const whole = team.block && team.block.rows * team.block.columns === count.get(team.key) && !touched.has(team.key);
    return whole || !team.block ? team : { ...team, block: null };
  });
  return { ...plan, teams };
}

// Rooms that move take the seats in them along.
export function withContents(plan, keys) {
  const rooms = plan.rooms.filter((room) => keys.has(room.key));
  if (!rooms.length) return keys;
  const all = new Set(keys);
  for (const seat of plan.seats) if (rooms.some((room) => room.floor === seat.floor && holds(room, seat.x, seat.y))) all.add(seat.key);
  return all;
}

export function move(plan, keys, dx, dy) {
  const moved = new Map(), size = new Map();
  for (const seat of plan.seats) if (seat.team) { size.set(seat.team, (size.get(seat.team) || 0) + 1); if (keys.has(seat.key)) moved.set(seat.team, (moved.get(seat.team) || 0) + 1); }
  const torn = new Set([...moved].filter(([team, count]) => count !== size.get(team)).map(([team]) => team));
  return tidy({
    ...plan,
    seats: plan.seats.map((seat) => (keys.has(seat.key) ? { ...seat, x: mm(seat.x + dx), y: mm(seat.y + dy) } : seat)),
    rooms: plan.rooms.map((room) => (keys.has(room.key) ? { ...room, left: mm(room.left + dx), top: mm(room.top + dy) } : room)),
  }, torn);
}

export const change = (plan, kind, keys, patch) => ({ ...plan, [kind]: plan[kind].map((one) => (keys.has(one.key) ? { ...one, ...(typeof patch === 'function' ? patch(one) : patch) } : one)) });

export function remove(plan, keys) {
  return tidy({ ...plan, seats: plan.seats.filter((seat) => !keys.has(seat.key)), rooms: plan.rooms.filter((room) => !keys.has(room.key)) });
}

// Copies stand beside what they copy; owners are not copied, for nobody sits twice.
export function copy(plan, keys, floor, dx, dy) {
  const taken = new Set(plan.seats.map((seat) => seat.id)), teams = new Map(), made = [], added = [];
  const size = new Map();
  for (const seat of plan.seats) if (seat.team) size.set(seat.team, (size.get(seat.team) || 0) + 1);
  let next = { ...plan };
  for (const seat of plan.seats) {
    if (!keys.has(seat.key)) continue;
    let team = 0;
    if (seat.team) {
      if (!teams.has(seat.team)) {
        const old = plan.teams.find((one) => one.key === seat.team);
        const fresh = { key: key(), code: freeCode(next, old.code), block: old.block };
        next = { ...next, teams: [...next.teams, fresh] };
        teams.set(seat.team, fresh);
      }
      team = teams.get(seat.team).key;
    }
    const code = seat.team ? plan.teams.find((one) => one.key === seat.team).code : '';
    const wish = code && seat.id.startsWith(code) ? teams.get(seat.team).code + seat.id.slice(code.length) : seat.id;
    const id = freeName(taken, wish);
    taken.add(id);
    made.push({ ...seat, key: key(), floor, id, team, agent: '', extension: '', x: mm(seat.x + dx), y: mm(seat.y + dy) });
  }
  const names = new Set(plan.rooms.filter((room) => room.floor === floor).map((room) => room.name));
  for (const room of plan.rooms) if (keys.has(room.key)) { const name = freeName(names, room.name); names.add(name); added.push({ ...room, key: key(), floor, name, left: mm(room.left + dx), top: mm(room.top + dy) }); }
  return [tidy({ ...next, seats: [...next.seats, ...made], rooms: [...next.rooms, ...added] }), [...made, ...added].map((one) => one.key)];
}

// Each way to align: the axis it changes.
export const ALIGN = { left: 'x', center: 'x', right: 'x', 'spread-x': 'x', top: 'y', middle: 'y', bottom: 'y', 'spread-y': 'y' };
export function align(plan, keys, how) {
  const seats = plan.seats.filter((seat) => keys.has(seat.key)), axis = ALIGN[how];
  if (seats.length < 2) return plan;
  seats.sort((a, b) => a[axis] - b[axis]);
  const low = seats[0][axis], high = seats.at(-1)[axis];
  const at = { left: low, top: low, right: high, bottom: high, center: (low + high) / 2, middle: (low + high) / 2 };
  const place = new Map(seats.map((seat, index) => [seat.key, how.startsWith('spread') ? low + ((high - low) * index) / (seats.length - 1) : at[how]]));
  const torn = new Set(seats.map((seat) => seat.team));
  return tidy({ ...plan, seats: plan.seats.map((seat) => (place.has(seat.key) ? { ...seat, [axis]: mm(place.get(seat.key)) } : seat)) }, torn);
}

// Seats in reading order: `row` left to right, `snake` turns at each end, `column` top to bottom. Rows are told apart by half a pitch.
export function inOrder(seats, order) {
  const [main, cross] = order === 'column' ? ['x', 'y'] : ['y', 'x'];
  const lines = [];
  for (const seat of [...seats].sort((a, b) => a[main] - b[main] || a[cross] - b[cross])) {
    const lastLine = lines.at(-1);
    if (lastLine && seat[main] - lastLine[0][main] < PITCH / 2) lastLine.push(seat); else lines.push([seat]);
  }
  return lines.flatMap((one, index) => { one.sort((a, b) => a[cross] - b[cross]); return order === 'snake' && index % 2 ? one.reverse() : one; });
}

export function number(plan, keys, { prefix, start, order, digits }) {
  const names = new Map(inOrder(plan.seats.filter((seat) => keys.has(seat.key)), order).map((seat, index) => [seat.key, prefix + String(start + index).padStart(digits, '0')]));
  return change(plan, 'seats', keys, (seat) => ({ id: names.get(seat.key) ?? seat.id }));
}

// Seats join a team by its code; a code that is new makes a team, "" leaves every team.
export function assignTeam(plan, keys, code) {
  let teams = plan.teams, found = code ? teams.find((team) => team.code === code) : { key: 0 };
  if (!found) { found = { key: key(), code, block: null }; teams = [...teams, found]; }
  const torn = new Set([found.key, ...plan.seats.filter((seat) => keys.has(seat.key)).map((seat) => seat.team)]);
  return tidy({ ...change({ ...plan, teams }, 'seats', keys, { team: found.key }) }, torn);
}
