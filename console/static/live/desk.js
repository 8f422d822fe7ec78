/* The live desk: binds the socket to the lists and to the conversation that is open. */
import { follow } from '../widget/follow.js';
import { newId, outbox } from '../widget/outbox.js';
import { connect } from '../widget/transport.js';
import { alerts } from './alerts.js';
import { visitorCard } from './card.js';
import { crew } from './crew.js';
import { dialogs } from './dialogs.js';
import { keyboard } from './keys.js';
import { roomLists } from './list.js';
import { called, notebook } from './notes.js';
import { roomPane } from './room.js';
import { apply, behind, fresh, lists } from './rooms.js';
import { searchBox } from './search.js';

const CLOCK = 15_000; // ms between two redraws of the waiting times
const FRESHEN = 20_000; // ms between two looks at the chats with the bot, which send the desk no hints
const STRAGGLER = 400; // ms a line may come late before the desk is joined again
const KEPT = 30; // conversations that stay in memory; the server follows up to 50 for us
const BLIP = 1_200; // ms a lost connection is not worth a word
const ASK_AFTER = 3_000; // ms without a connection after which we ask whether we are still signed in

const at = (id) => document.getElementById(id);
const root = at('desk');
const { slug, member, most } = root.dataset;
const lead = 'lead' in root.dataset;
const members = JSON.parse(root.dataset.members);
const title = document.title;
const followed = new Map(); // room -> its follower, the one used longest ago first
let desk = fresh();
let current = null;
let jump = false;
let frame = 0;
let straggler = 0;
let marked = '';
let state = 'connecting';

const list = roomLists(at('rooms'), at('lists'), (room) => open(room, { push: true, focus: true }));
const search = searchBox(at('search'), at('lists'), slug);
const pane = roomPane(at('room'), {
  claim: () => ask('room.claim'),
  release: () => ask('room.release'),
  close: () => ask('room.close'),
  pass: () => asks.pass(current, desk.colleagues, desk.me),
  snooze: () => asks.snooze(),
  facts: () => beside(!root.classList.contains('facts')),
  word: () => asks.close(words()),
  note: (text) => socket.push({ type: 'note.send', client_id: newId(), room: current, text, mentions: called(text, members) }),
  send: (text, files) => socket.push({ type: 'message.send', client_id: newId(), room: current, text, ...files }),
  replies: async () => (await fetched('canned.json')).canned,
  draft: (room) => fetched(`live/draft?room=${encodeURIComponent(room)}`),
  names: () => ({ visitor: card.name(current), agent: desk.me?.name, site: card.site(current) }),
  whose: () => ({ workspace: slug, room: current }),
  most: Number(most),
  typing: (on) => current && socket.send({ type: 'typing.set', room: current, on }),
  retry: (id) => socket.retry(id),
  discard: (id) => socket.discard(id),
  back: () => open(null, { push: true }),
});
const mail = outbox(`desk:${slug}:${member}`);
const notes = notebook({ ask: (room) => socket?.send({ type: 'notes.read', room }), mail, changed: later });
const asks = dialogs(document.body, (type, fields) => ask(type, fields));
const card = visitorCard(at('card'), (room) => fetched(`live/visitor?room=${encodeURIComponent(room)}`));
const bell = alerts((room) => open(room, { push: true, focus: true }), () => current);
const people = crew((on) => socket.send({ type: 'away.set', on }));
at('standing').append(people.node, bell.node);
const socket = connect({
  url: `${location.origin.replace(/^http/, 'ws')}/v1/desk?workspace=${encodeURIComponent(slug)}`,
  join: () => ({ type: 'desk.join', after: desk.have }),
  onEvent: take,
  onState: told,
  outbox: mail,
});

at('keys-help').addEventListener('click', () => help());
const help = keyboard({
  j: () => list.step(current, 1),
  k: () => list.step(current, -1),
  s: () => search.focus(),
  c: () => pane.press('take'),
  r: () => pane.begin('reply'),
  d: () => pane.press('draft'),
  n: () => current && pane.begin('note'),
  p: () => pane.press('pass'),
  z: () => pane.press('snooze'),
  b: () => pane.press('release'),
  e: () => pane.press('close'),
}, (keys) => asks.keys(keys));
addEventListener('keydown', ({ key }) => key === 'Escape' && beside(false));
at('card').addEventListener('click', (event) => {
  const link = event.target.closest('a[data-room]');
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  open(link.dataset.room, { push: true, focus: true });
});
addEventListener('popstate', () => open(asked(), { focus: true }));
addEventListener('visibilitychange', later, true);
setInterval(later, CLOCK);
setInterval(() => document.hidden || socket.send({ type: 'desk.join', after: 0, ref: 'freshen' }), FRESHEN);
open(asked());

/** Every event goes where it belongs: to the desk, to its room, or, without a room, to all that may know of it. */
function take(event) {
  if (notes.take(event)) return;
  const before = desk;
  desk = apply(desk, event);
  if (desk !== before && event.ref !== 'freshen') bell.heard(before, desk);
  if (event.type === 'desk.changed') notes.check(event.room);
  if (event.type === 'ok' && event.ref === 'act:room.assign') asks.passed();
  if (event.type === 'desk.joined' && event.ref !== 'freshen') rejoined();
  if (desk !== before) later();
  if (behind(desk)) straggler ||= setTimeout(lookAgain, STRAGGLER);
  if (event.ref?.startsWith('act:') && event.type === 'error') pane.say(event.message);
  if (event.ref?.startsWith('watch:') && event.type === 'error') gone(event.message);
  if (/^(desk|colleagues)\./.test(event.type) || event.type === 'error') return;
  if (event.room) followed.get(event.room)?.take(event);
  else for (const one of followed.values()) one.take(event);
}

function rejoined() {
  clearTimeout(straggler);
  straggler = 0;
  if (current) watch(current);
}

function lookAgain() {
  straggler = 0;
  if (behind(desk)) socket.rejoin();
}

/** Shows a conversation, or none. */
function open(room, { push = false, focus = false } = {}) {
  if (room === current && room !== null) return;
  if (current) socket.send({ type: 'typing.set', room: current, on: false });
  current = room;
  jump = true;
  beside(false);
  pane.say('');
  root.classList.toggle('open', Boolean(room));
  if (push) history.pushState(null, '', room ? `?room=${encodeURIComponent(room)}` : location.pathname);
  if (room) watch(room);
  draw();
  if (room && focus) pane.focus();
}

/** The visitor's card, where there is no room for it all the time. */
function beside(shown) {
  root.classList.toggle('facts', shown);
  pane.facts(shown);
}

function watch(room) {
  const one = followed.get(room) ?? begin(room);
  followed.delete(room);
  followed.set(room, one);
  for (const [old, { stop }] of followed) {
    if (followed.size <= KEPT) break;
    stop();
    followed.delete(old);
  }
  join(room, one);
}

function begin(room) {
  const one = follow({
    rejoin: () => join(room, one),
    changed: (now, before, event) => {
      if (room !== current) return;
      if (event.type === 'room.joined' && !before.joined) jump = true;
      if (event.type === 'room.claimed') pane.say('');
      later();
    },
  });
  for (const { command, at: sent, failed } of mail.all()) {
    if (command.room !== room || command.type !== 'message.send') continue;
    one.take({ type: 'message.queued', client_id: command.client_id, text: command.text, created_at: new Date(sent).toISOString() });
    if (failed) one.take({ type: 'message.failed', client_id: command.client_id, message: failed });
  }
  return one;
}

function join(room, one) {
  socket.send({ type: 'room.watch', room, after: one.state.have, ref: `watch:${room}` });
  notes.read(room);
}

function ask(type, fields = {}) {
  pane.say('');
  if (!socket.send({ type, room: current, ref: `act:${type}`, ...fields })) pane.say('You are offline. Try again in a moment.');
}

/** The room is not there, or not ours to see. */
function gone(message) {
  open(null);
  history.replaceState(null, '', location.pathname);
  at('nothing').querySelector('p').textContent = message;
}

/** Everything the visitor wrote in a chat of mine that I am looking at is read. */
function read() {
  const now = followed.get(current)?.state;
  if (!now || document.hidden || now.facts.mode !== 'live' || now.facts.agent?.id !== desk.me?.id) return;
  const last = now.messages.findLast((m) => m.author === 'visitor')?.position ?? 0;
  const mark = `${current} ${last}`;
  if (last <= now.facts.read_agent || mark === marked) return;
  if (socket.send({ type: 'read.mark', room: current, revision: now.have })) marked = mark;
}

function later() {
  frame ||= requestAnimationFrame(draw);
}

function draw() {
  cancelAnimationFrame(frame);
  frame = 0;
  list.show(desk, current);
  search.show(current);
  const known = followed.get(current)?.state;
  pane.show({ line: desk.rooms.get(current) ?? (current ? { room: current } : null), state: known, notes: notes.of(current), me: desk.me, lead, jump });
  card.show(current, known?.joined ? known : null);
  people.show(desk.colleagues, desk.me);
  jump = false;
  const due = lists(desk).waiting.length + [...desk.rooms.values()].filter((room) => room.called.includes(desk.me?.id)).length;
  document.title = due ? `(${due}) ${title}` : title;
  read();
}

function told(next) {
  const before = state;
  state = next;
  if (next === 'offline') setTimeout(signedOut, ASK_AFTER);
  setTimeout(() => state === next && say(next), before === 'online' && navigator.onLine ? BLIP : 0);
}

function say(next) {
  const words = { online: 'Live', connecting: 'Connecting…', offline: 'Offline. Coming back by itself; what you write is kept.' };
  at('link').dataset.state = next;
  at('link').textContent = words[next];
}

async function fetched(path) {
  const answer = await fetch(`/app/${slug}/${path}`);
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

/** The words that chats were closed with lately. */
const words = () => [...new Set([...desk.rooms.values()].map(({ tag }) => tag).filter(Boolean))];

/** A refused socket does not say why: ask the page. */
async function signedOut() {
  if (state === 'online') return;
  setTimeout(signedOut, CLOCK);
  try {
    const answer = await fetch(location.href, { method: 'HEAD', redirect: 'manual', cache: 'no-store' });
    if (answer.type === 'opaqueredirect' || answer.status === 404) location.reload();
  } catch {
    // Not reached at all: that is what "offline" says.
  }
}

function asked() {
  return new URLSearchParams(location.search).get('room');
}
