// What is wrong with the plan being edited. In: a plan. Out: faults with their seat and spot; the server judges again.
// The kinds and the values are those of seat_map/plan_faults.py. May not know: canvas, words.
import { APART, mm } from '/static/web/plan_model.js';

const MOST = 200, NAME_MAX = 64, CELL = 2;
const unseen = /[\p{C}\p{Zl}\p{Zp}]/u;

function* names(text, key, place) {
  if (text.length > NAME_MAX) yield { kind: 'too_long', told: { key, length: text.length, most: NAME_MAX }, place };
  const found = unseen.exec(text);
  if (found) yield { kind: 'unprintable', told: { key, value: `U+${found[0].codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}` }, place };
}

function* roomFaults(plan) {
  const byFloor = new Map();
  for (const room of plan.rooms) {
    const spot = { floor: room.floor, x: room.left + room.width / 2, y: room.top + room.height / 2, room: room.key };
    for (const fault of names(room.name, 'name', room.name)) yield { ...fault, ...spot };
    if (room.width <= 0 || room.height <= 0) yield { kind: 'no_room_in_it', told: { what: room.name, width: room.width, height: room.height }, place: room.name, ...spot };
    const others = byFloor.get(room.floor) || [];
    for (const other of others) {
      if (other.name === room.name) yield { kind: 'room_twice', told: { value: room.name }, place: room.name, ...spot };
      const meet = other.left < mm(room.left + room.width) && room.left < mm(other.left + other.width) && other.top < mm(room.top + room.height) && room.top < mm(other.top + other.height);
      if (meet) yield { kind: 'rooms_overlap', told: { room: room.name, other: other.name }, place: room.name, ...spot };
    }
    byFloor.set(room.floor, [...others, room]);
  }
}

function* seatFaults(plan) {
  const taken = { seat_twice: new Map(), agent_twice: new Map(), extension_twice: new Map() };
  const cells = new Map(), rooms = new Map(), lastRoom = new Map();
  for (const room of plan.rooms) rooms.set(room.floor, [...(rooms.get(room.floor) || []), room]);
  const inside = (room, seat) => seat.x >= room.left && seat.x <= mm(room.left + room.width) && seat.y >= room.top && seat.y <= mm(room.top + room.height);
  for (const seat of plan.seats) {
    const at = { seat: seat.id, key: seat.key, floor: seat.floor, x: seat.x, y: seat.y, place: seat.id };
    if (!seat.id.trim()) yield { kind: 'missing', told: { key: 'id' }, ...at };
    if (unseen.test(seat.id + seat.agent + seat.extension) || Math.max(seat.id.length, seat.agent.length, seat.extension.length) > NAME_MAX) {
      for (const [name, text] of [['id', seat.id], ['agent', seat.agent], ['extension', seat.extension]]) for (const fault of names(text, name, seat.id)) yield { ...at, ...fault };
    }
    let room = lastRoom.get(seat.floor);
    if (!room || !inside(room, seat)) { room = (rooms.get(seat.floor) || []).find((one) => inside(one, seat)); lastRoom.set(seat.floor, room); }
    if (!room) yield { kind: 'nowhere', told: { seat: seat.id }, ...at };
    const column = Math.floor(seat.x / CELL), row = Math.floor(seat.y / CELL);
    near: for (let dx = -1; dx <= 1; dx++) for (let dy = -1; dy <= 1; dy++) {
      for (const other of cells.get(`${seat.floor}/${column + dx}/${row + dy}`) || []) {
        if (Math.max(Math.abs(other.x - seat.x), Math.abs(other.y - seat.y)) >= APART) continue;
        yield { kind: 'overlap', told: { seat: seat.id, other: other.id, apart: APART }, ...at };
        break near;
      }
    }
    const cell = `${seat.floor}/${column}/${row}`;
    if (cells.has(cell)) cells.get(cell).push(seat); else cells.set(cell, [seat]);
    for (const [kind, value] of [['seat_twice', seat.id], ['agent_twice', seat.agent], ['extension_twice', seat.extension]]) {
      if (!value) continue;
      if (taken[kind].has(value)) yield { kind, told: { value, first: taken[kind].get(value) }, ...at };
      else taken[kind].set(value, seat.id);
    }
  }
}

// At most MOST of them, and how many there are.
export function faultsOf(plan) {
  const shown = [];
  let all = 0;
  const keep = (fault) => { if (all++ < MOST) shown.push(fault); };
  if (!plan.seats.length) keep({ kind: 'no_seat', told: {}, place: plan.name });
  const floors = new Set();
  for (const floor of plan.floors) {
    if (floors.has(floor.name)) keep({ kind: 'floor_twice', told: { value: floor.name }, place: floor.name, floor: floor.key });
    floors.add(floor.name);
  }
  for (const fault of roomFaults(plan)) keep(fault);
  for (const fault of seatFaults(plan)) keep(fault);
  return { shown, all };
}
