/* The lists on the left: who waits, my chats, the others'. No socket. */
import { el } from '../widget/view.js';
import { keyed } from './keyed.js';
import { lists } from './rooms.js';

const SECTIONS = [
  ['waiting', 'Waiting', 'Nobody is waiting. When a visitor asks for a person, they appear here.'],
  ['mine', 'My chats', 'None yet. Take a chat and it stays here until you close it or hand it back.'],
  ['snoozed', 'Put aside', ''],
  ['others', 'With colleagues', ''],
  ['bot', 'With the bot', ''],
  ['closed', 'Closed', ''],
];
const MINUTE = 60_000; // ms

/** Lists in `place`; `open(room)` when one is chosen anywhere in `root`. `show(desk, current)` draws them anew. */
export function roomLists(root, place, open) {
  const drawn = new Map(SECTIONS.map(([name, label, hint]) => [name, section(name, label, hint)]));
  place.append(...[...drawn.values()].map((one) => one.node));
  root.addEventListener('click', (event) => {
    const link = event.target.closest('a[data-room]');
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    open(link.dataset.room);
  });
  root.addEventListener('keydown', step);
  return {
    /** Opens the chat `by` places after the one that is open. */
    step(current, by) {
      const links = [...root.querySelectorAll('a[data-room]')].filter((link) => link.offsetParent);
      const at = links.findIndex((link) => link.dataset.room === current);
      const next = links[at < 0 ? 0 : at + by];
      if (next) open(next.dataset.room);
    },
    show(desk, current) {
      for (const [name, rooms] of Object.entries(lists(desk))) fill(drawn.get(name), rooms, desk, current);
    },
  };
}

/** "just now", "4 min", "2 h 10 min" since `iso`. */
export function since(iso, now = Date.now()) {
  const minutes = Math.floor((now - new Date(iso)) / MINUTE);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60} min` : new Date(iso).toLocaleDateString([], { day: 'numeric', month: 'short' });
}

/** A time to come: "14:30", or with its day when that is another. */
export function moment(iso) {
  const at = new Date(iso);
  const day = at.toDateString() === new Date().toDateString() ? {} : { weekday: 'short', day: 'numeric', month: 'short' };
  return at.toLocaleString([], { ...day, hour: '2-digit', minute: '2-digit' });
}

/** A line of Markdown without its marks: there is no room for them. */
export const unmarked = (text) => text.replace(/!?\[([^\]]*)\]\([^)]*\)?/g, '$1').replace(/\*\*|__|`/g, '');

export const titled = (room) => room?.title || 'New visitor';

function section(name, label, hint) {
  const count = el('span', { class: 'count' });
  const items = el('ul', { class: 'items' });
  const empty = hint ? el('p', { class: 'fine hint', text: hint }) : null;
  const fold = name === 'bot' || name === 'closed';
  const head = [el('h2', { text: label }), count];
  const node = fold
    ? el('details', { class: `list ${name}`, open: name === 'bot' }, el('summary', {}, ...head), items)
    : el('div', { class: `list ${name}` }, el('div', { class: 'head' }, ...head), items, empty);
  return { name, node, count, items, empty };
}

function fill({ name, node, count, items, empty }, rooms, desk, current) {
  count.textContent = rooms.length || '';
  node.hidden = !empty && !rooms.length;
  if (empty) empty.hidden = rooms.length > 0 || !desk.joined;
  keyed(items, rooms, (room) => room.room, (old, room) => line(old, room, name, room.room === current, desk.me));
}

function line(old, room, name, here, me) {
  const node = old ?? el('li', {}, el('a', { href: `?room=${room.room}`, 'data-room': room.room }));
  const link = node.firstChild;
  const unread = name === 'waiting' || name === 'mine' ? room.unread : 0;
  const when = timed(room, name);
  const left = name === 'waiting' && room.mode !== 'waiting';
  const calls = room.called.includes(me?.id);
  const key = JSON.stringify([titled(room), room.preview, room.agent?.name, unread, when, name, left, calls]);
  if (here) link.setAttribute('aria-current', 'true');
  else link.removeAttribute('aria-current');
  if (link.dataset.drawn === key) return node;
  link.dataset.drawn = key;
  const waits = left ? 'left a message ' : name === 'waiting' && when !== 'just now' ? 'waits ' : '';
  link.replaceChildren(
    el('span', { class: 'title', dir: 'auto', text: titled(room) }),
    el('span', { class: 'when', text: waits + when }),
    el('span', { class: 'preview', dir: 'auto', text: (name === 'others' ? `${room.agent?.name}: ` : '') + unmarked(room.preview) }),
    calls ? el('span', { class: 'badge called', 'aria-label': 'You were mentioned', text: '@' }) : unread ? el('span', { class: 'badge', 'aria-label': `${unread} unread`, text: unread > 99 ? '99+' : unread }) : '',
  );
  return node;
}

function timed(room, name) {
  if (name === 'snoozed') return `until ${moment(room.snoozed_until)}`;
  if (name === 'mine' && room.due) return `answer by ${moment(room.due)}`;
  return since((name === 'waiting' && room.waiting_since) || room.updated_at);
}

/** Arrow keys walk through all lists. */
function step(event) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by || !event.target.matches('a[data-room]')) return;
  const links = [...event.currentTarget.querySelectorAll('a[data-room]')].filter((link) => link.offsetParent);
  links[links.indexOf(event.target) + by]?.focus();
  event.preventDefault();
}
