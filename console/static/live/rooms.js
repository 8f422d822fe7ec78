/* What the desk knows of its rooms, as a pure reducer: one line a room, and the desk's own revision. No DOM, no clock.
   `have` is the highest revision up to which nothing is missing; `head` the highest that was heard of. */

export const fresh = () => ({ have: 0, head: 0, joined: false, me: null, colleagues: [], rooms: new Map(), ahead: new Set() });

/** The desk after `event`; the same object when nothing changed. */
export function apply(desk, event) {
  if (event.type === 'desk.joined') return joined(desk, event);
  if (event.type === 'desk.changed') return changed(desk, event);
  if (event.type === 'colleagues.changed') return { ...desk, colleagues: event.colleagues };
  if (event.type === 'desk.pulse' && event.revision > desk.head) return { ...desk, head: event.revision };
  return desk;
}

/** Did a hint get lost? Two changes of one room may come as one line, so give it a moment, then join again. */
export const behind = (desk) => desk.joined && desk.head > desk.have;

/** The lists, top to bottom: who waits longest first, of the others who wrote last. */
export function lists({ rooms, me }) {
  const all = [...rooms.values()];
  const live = all.filter((r) => r.mode === 'live');
  return {
    waiting: all.filter(waits).sort((a, b) => by(a.waiting_since ?? a.updated_at, b.waiting_since ?? b.updated_at)),
    mine: live.filter((r) => r.agent?.id === me?.id && !r.snoozed_until).sort(latest),
    snoozed: live.filter((r) => r.agent?.id === me?.id && r.snoozed_until).sort((a, b) => by(a.snoozed_until, b.snoozed_until)),
    others: live.filter((r) => r.agent?.id !== me?.id).sort(latest),
    bot: all.filter((r) => r.mode === 'bot' && !waits(r)).sort(latest),
    closed: all.filter((r) => r.mode === 'closed' && !waits(r)).sort(latest),
  };
}

function joined(desk, event) {
  const rooms = new Map(event.reset ? [] : desk.rooms);
  for (const room of event.rooms) rooms.set(room.room, { ...room, at: event.revision });
  const have = event.reset ? event.revision : Math.max(desk.have, event.revision);
  return { ...desk, rooms, have, head: event.reset ? have : Math.max(desk.head, have), joined: true, me: event.me, ahead: new Set() };
}

function changed(desk, { revision, room }) {
  const known = desk.rooms.get(room.room);
  const rooms = known && known.at > revision ? desk.rooms : new Map(desk.rooms).set(room.room, { ...room, at: revision });
  const ahead = new Set(desk.ahead).add(revision);
  let { have } = desk;
  while (ahead.delete(have + 1)) have += 1;
  return { ...desk, rooms, have, head: Math.max(desk.head, revision), ahead };
}

/** Who is in the queue, or left a message that nobody has taken up. */
const waits = ({ mode, left }) => mode === 'waiting' || (left && mode !== 'live');

const latest = (a, b) => by(b.updated_at, a.updated_at);

const by = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
