/* The conversation: binds the room's state to the page around it. */
import { theme } from './colour.js';
import { composer } from './composer.js';
import { follow } from './follow.js';
import { host } from './host.js';
import { draft, identity, newId, outbox } from './outbox.js';
import { speaker } from './speaker.js';
import { parts } from './parts.js';
import { renewal } from './renewal.js';
import { rows, unread } from './state.js';
import { thread } from './thread.js';
import { tabs } from './tabs.js';
import { connect } from './transport.js';
import { el, icon, prose, sources } from './view.js';
import { WORDS, say } from './words.js';

const READ = 600; // ms a message must have been in view until it counts as read
const PAST = 30; // events kept for parts that come later
const LATER = 3_000; // ms after opening until what nobody waits for is loaded
const BLIP = 1_200; // ms a lost connection is not worth a word

const at = (id) => document.getElementById(id);
const bot = JSON.parse(at('frontdesk-bot').textContent);
const dark = matchMedia('(prefers-color-scheme: dark)');
const page = { url: location.href, locale: navigator.language, theme: 'auto', color: bot.color, origin: bot.origins[0] };
const line = { state: 'connecting', reason: '', shown: 'connecting' };
let open = false;
let socket = null;
let frame = 0;
let reading = 0;
Object.assign(WORDS, bot.words);
let session = ''; // what we join again with where the site vouched for its visitor; it is never stored
let wanted = false; // a person was asked for and the server has not said so yet

const bridge = host(bot.origins, { hello, open: opened, close: closed, call });
const me = identity(bot.key);
const room = follow({ rejoin: () => socket.rejoin(), changed });
const voice = speaker(at('polite'), at('assertive'));
const list = thread({ scroll: at('scroll'), log: at('log'), latest: at('latest') }, {
  ask: send,
  person,
  retry: (id) => socket.retry(id),
  discard: (id) => socket.discard(id),
}, later);
const tray = { may: Boolean, take() {} }; // what goes with a message, where files were added
const writer = composer(
  { form: at('composer'), input: at('input'), count: at('count'), send: at('send'), stop: at('stop') },
  {
    send,
    may: (text) => tray.may(text),
    stop: () => socket.send({ type: 'answer.stop' }),
    typing: (on) => socket?.send({ type: 'typing.set', on }),
    left: (n) => (n < 0 ? say('over', { n: -n }) : say('left', { n })),
  },
  draft(bot.key),
);

// What a part may use: `draws` are called with the room's state after each change, `hears` with each event.
const panel = {
  at, el, icon, prose, sources, bot, page,
  words: WORDS, phrase: say,
  draws: new Set(),
  hears: new Set(),
  past: [], // the first events, for a part that comes later
  send: (command, how) => socket.send(command, how),
  ask: send,
  person,
  paint,
  fill: writer.fill,
  rows: () => rows(room.state),
  seen,
  tell: bridge.tell,
  say: voice.say,
  later,
  again,
  rejoin: () => socket?.rejoin(),
  connected: () => Boolean(socket),
  token: () => session || me.token,
  refresh: writer.refresh,
  tray,
  shut: () => menu(false),
};
const part = panel.part = parts(bot.parts, panel, () => version.offer());
const version = renewal(bot.parts.split('/')[3], again);
const choose = panel.choose = bot.help ? tabs(at, bot, turned) : null;

function start() {
  at('avatar').textContent = [...bot.name][0] ?? '';
  at('close').addEventListener('click', leave);
  at('emoji').addEventListener('click', () => part('emoji').then((toggle) => toggle?.()));
  at('attach').addEventListener('click', () => part('files').then((pick) => pick?.()));
  at('menu').addEventListener('click', () => (menu(at('actions').hidden), part('menu')));
  at('person').addEventListener('click', () => (menu(false), person()));
  addEventListener('keydown', ({ key, isComposing }) => key === 'Escape' && !isComposing && escape());
  for (const type of ['paste', 'dragover', 'drop']) addEventListener(type, brought);
  addEventListener('pointerdown', ({ target }) => !target.closest('.head') && menu(false));
  addEventListener('visibilitychange', noticed, true);
  dark.addEventListener('change', paint);
  paint();
  draw();
  if (!bridge.embedded) opened();
}

/** Files that are pasted or dropped; while they are still held above us their part comes. */
function brought(event) {
  const { files, types } = event.clipboardData ?? event.dataTransfer;
  if (!types.includes('Files')) return;
  event.preventDefault();
  part('files').then((add) => event.type !== 'dragover' && add?.(list));
  const list = [...files];
}

/** What the loader says of the page we are on. */
function hello({ url, locale, theme: wish, color, origin, font, identity, context, mode }) {
  at('close').hidden = mode === 'inline';
  Object.assign(page, { url, locale, origin, identity, context, theme: wish ?? 'auto', color: color || bot.color });
  if (font && CSS.supports('font-family', font)) document.documentElement.style.setProperty('--fd-font', font);
  paint();
  bridge.tell({ type: 'ready', color: bot.color });
  if (version.continued) link();
  count();
}

/** What the page asks through its API. Words to send are not left to a part that may not be had. */
function call(command, ...values) {
  if (command === 'send') send(String(values[0]));
  else part('liaison').then((obey) => obey?.(command, ...values));
}

function opened(clicked) {
  const first = !socket;
  open = true;
  link();
  choose?.();
  list.toBottom();
  noticed();
  // On a touch screen a keyboard over half of the chat is for the visitor to call.
  if (matchMedia('(pointer: coarse)').matches) at('scroll').focus({ preventScroll: true });
  else if (clicked !== -1) writer.focus(); // a chat inside a page takes nobody's focus
  if (!first || !bot.vitals) return;
  panel.took = clicked && Date.now() - clicked;
  setTimeout(part, LATER, 'vitals');
}

/** The first connection, and with it the visitor, exists from the first opening on, not from a prewarmed frame. */
function link() {
  socket ??= connect({ url: wire(), join, onEvent: heard, onState: told, outbox: outbox(bot.key) });
}

/** Another tab is in front. */
function turned(name) {
  later();
  const seen = panel.rows().length;
  if (name === 'help') part('help').then((help) => (help ? help(seen) : (at('help').textContent = WORDS.offlineLong)));
}

function closed() {
  open = false;
  menu(false);
  noticed();
}

/** The panel loads itself anew, connected as it is. */
function again() {
  bridge.tell({ type: 'away' });
  window.name = socket ? Date.now() : '';
  location.reload();
}

function leave() {
  bridge.tell({ type: 'close' });
}

const join = () => ({
  type: 'room.join',
  after: room.state.have,
  token: session || me.token || null,
  identity: page.identity && said(page.identity),
  context: page.context,
  page: page.url.slice(0, 2_000),
  locale: page.locale.slice(0, 35),
});

const said = ({ token, userId, hash, name, email }) =>
  (token ? { token } : { user_id: String(userId ?? ''), hash, name, email });

const wire = () => `${location.origin.replace(/^http/, 'ws')}/v1/chat?bot=${encodeURIComponent(bot.key)}`;

function heard(event) {
  const joined = event.type === 'room.joined';
  if (joined) session = event.identified ? event.token : '';
  if ((joined && !session) || event.code === 'bad_token') me.keep(event.token);
  version.heard(event.panel);
  room.take(event);
  inform(event);
  if (joined) noticed();
}

function inform(event) {
  if (panel.past.length < PAST) panel.past.push(event);
  for (const each of panel.hears) each(event);
}

function changed(state, before, event) {
  if (event.type === 'answer.started') list.unroll(event.message_id);
  if (state.facts.mode !== 'bot') wanted = false;
  voice.hear(state, before, bot);
  noticed();
}

/** The connection's state; a blip is not worth a word, a network that is known to be gone is. */
function told(state, reason) {
  Object.assign(line, { state, reason });
  inform({ type: 'line.changed', state });
  setTimeout(() => {
    line.shown = line.state;
    later();
  }, state === 'offline' && navigator.onLine ? BLIP : 0);
}

function send(text) {
  list.toBottom();
  socket.push({ type: 'message.send', client_id: newId(), text, ...tray.take() });
}

function person() {
  wanted = true;
  const sent = socket.send({ type: 'person.request', ref: 'person' }, { keep: true });
  if (!sent) voice.alert(WORDS.personLater ?? WORDS.offlineLong);
  later();
}

/** There is something else to see, or it is seen or not seen any more. */
function noticed() {
  later();
  read();
  count();
  if (document.hidden || bridge.embedded && !open) version.offer();
}

/** Says, a moment later, that everything in view was read. */
function read() {
  clearTimeout(reading);
  if (!seen() || !unread(room.state)) return;
  reading = setTimeout(() => socket.send({ type: 'read.mark', revision: room.state.have }), READ);
}

function count() {
  const n = seen() ? 0 : unread(room.state);
  document.title = (n ? `(${n}) ` : '') + bot.name;
  bridge.tell({ event: 'unread', value: n, label: n ? say('unread', { n }) : WORDS.chat });
}

/** Is this what the visitor looks at? */
function seen() {
  return open && !document.hidden;
}

/** One write to the page a frame; while nobody can see it, none. */
function later() {
  if (frame || !seen()) return;
  frame = requestAnimationFrame(() => {
    frame = 0;
    draw();
  });
}

function draw() {
  const { state } = room;
  const { facts, more } = state;
  const typing = line.state === 'online' ? state.typing : {};
  const greeting = { id: 'greeting', author: 'bot', state: 'complete', text: bot.greeting, offers: bot.suggestions };
  const all = more || !bot.greeting ? rows(state) : [greeting, ...rows(state)];
  list.draw(all, { base: page.origin, bot, facts, typing, more });
  if (state.messages.some(({ attachments }) => attachments?.length)) part('files');
  if (state.messages.length || facts.mode === 'waiting') part('extra'), part('copy'), part('sound'), bridge.embedded && part('liaison');
  if (bot.gate) part('consent');
  if (facts.ended) part('rating');
  if (facts.contact) part('forms');
  writer.writing(Boolean(state.draft));
  const [status, dot] = standing(facts);
  at('state').textContent = status;
  at('state').dataset.dot = dot;
  at('person').disabled = wanted || facts.mode === 'waiting' || facts.mode === 'live';
  for (const each of panel.draws) each(state);
  if (bot.signIn) at('composer').hidden = !welcome();
  notice(remark(facts));
}

/** May this visitor write? Where the owner wants it so, only those whom the site vouches for. */
const welcome = () => !bot.signIn || session;

function standing({ mode, agent, place }) {
  if (line.shown === 'offline') return [WORDS.offline, 'off'];
  if (line.shown === 'connecting') return [WORDS.connecting, 'off'];
  if (mode === 'waiting') return [place ? say('waitingAt', { place }) : WORDS.waiting, 'wait'];
  if (mode === 'live') return [say('live', { name: agent?.name ?? '' }), 'on'];
  return mode === 'closed' ? [WORDS.closed, 'off'] : [WORDS.ready, 'on'];
}

function remark({ mode, online }) {
  if (line.shown === 'offline') return line.reason ? WORDS.refused : WORDS.offlineLong;
  if (!welcome()) return bot.signIn;
  if (mode === 'waiting') return (online ? WORDS.waitingLong : WORDS.waitingAway) ?? ''; // they come with `extra`
  return '';
}

function notice(text) {
  const node = at('notice');
  if (node.textContent === text) return;
  node.textContent = text;
  node.hidden = !text;
  if (text) voice.say(text);
}

function menu(show) {
  at('actions').hidden = !show;
  at('menu').setAttribute('aria-expanded', String(show));
}

function escape() {
  if (at('actions').hidden) return leave();
  menu(false);
  return at('menu').focus();
}

function paint() {
  const night = page.theme === 'dark' || (page.theme !== 'light' && dark.matches);
  const root = document.documentElement;
  if (page.theme === 'auto') delete root.dataset.theme;
  else root.dataset.theme = page.theme;
  for (const [name, value] of Object.entries(theme(page.color, night) ?? {})) root.style.setProperty(name, value);
}

start();
