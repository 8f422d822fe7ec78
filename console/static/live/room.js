/* The conversation on the right: its head, its messages, what one can do, and the place to write. No socket. */
import { composer } from '../widget/composer.js';
import { SHEET, mount } from '../widget/files.js';
import { rows } from '../widget/state.js';
import { el } from '../widget/view.js';
import { say } from '../widget/words.js';
import { since, titled } from './list.js';
import { transcript } from './transcript.js';

const sheet = new CSSStyleSheet();
sheet.replaceSync(SHEET);
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

/** The pane in `root`. `acts`: `claim`, `release`, `close`, `send(text)`, `typing(on)`, `retry(id)`, `discard(id)`,
    `back`. `show(view)` draws `{line, state, me, jump}`, or the empty pane without a state. */
export function roomPane(root, acts) {
  const nothing = root.querySelector('#nothing');
  const back = button('‹', 'back', acts.back, { 'aria-label': 'Back to the list' });
  const title = el('h2', { dir: 'auto' });
  const person = el('p', { class: 'person', dir: 'auto', hidden: true });
  const context = el('p', { class: 'person', dir: 'auto', hidden: true });
  const standing = el('p', { class: 'standing', role: 'status' });
  const release = button('Back to the bot', 'button', acts.release);
  const close = button('Close', 'button', acts.close);
  const head = el('header', { class: 'head' }, back, el('div', { class: 'who' }, title, person, context, standing), el('div', { class: 'acts' }, release, close));
  const notice = el('p', { class: 'notice warning', role: 'alert', hidden: true });
  const write = writer(acts);
  const log = transcript({ ...acts, attached: write.attached });
  const body = el('div', { class: 'inside', hidden: true }, head, notice, log.node, write.node);
  root.append(body);
  let shown = null; // the room whose text is in the writer

  return {
    /** Draws the pane anew. */
    show({ line = null, state = null, me = null, jump = false }) {
      nothing.hidden = Boolean(state);
      body.hidden = !state;
      if (!state) return;
      const { mode, agent } = state.facts;
      const mine = mode === 'live' && agent?.id === me?.id;
      title.textContent = titled(line);
      standing.textContent = state.joined ? stands(state.facts, mine, line) : 'Loading…';
      person.textContent = known(state.facts.person);
      person.hidden = !person.textContent;
      context.textContent = Object.entries(state.facts.context ?? {}).map(([name, value]) => `${name}: ${value}`).join(' · ');
      context.title = context.textContent;
      context.hidden = !context.textContent;
      root.dataset.mode = mine ? 'mine' : mode;
      release.hidden = close.hidden = !mine;
      const free = state.joined && (mode === 'waiting' || mode === 'bot');
      write.show({ mine, free, text: why(state, line), next: line?.room !== shown && (shown = line?.room) });
      log.show(ours(state, me), { typing: whoWrites(state, me), more: state.more, jump });
    },
    /** A sentence for this room, until it is told otherwise. */
    say(text) {
      notice.textContent = text;
      notice.hidden = !text;
    },
    /** The agent may write: put the caret there. */
    focus: () => write.focus(),
  };
}

/** What was said, with the messages on their way as ours: only an agent writes from here. */
function ours(state, me) {
  const own = new Set(state.echoes);
  return rows(state).map((m) => (own.has(m) ? { ...m, author: 'agent', name: me?.name } : m));
}

/** Who the visitor is, in the word of their site, and what of it is not signed. */
function known(person) {
  if (!person) return '';
  const said = [person.name, person.email].filter(Boolean);
  if (!said.length) return `Signed in as ${person.id}`;
  return `${said.join(' · ')}${person.verified ? '' : ` (unverified; signed in as ${person.id})`}`;
}

function whoWrites({ typing }, me) {
  if ('visitor' in typing) return 'The visitor';
  return typing.agent && typing.agent !== me?.name ? typing.agent : '';
}

function stands({ mode, agent, score }, mine, line) {
  const rated = score ? ` · rated ${score} of 5` : '';
  if (mode === 'waiting') return `Waiting for a person · ${since(line?.waiting_since ?? new Date())}`;
  if (mode === 'closed') return `Closed${rated}`;
  if (mode === 'bot') return `With the bot${line?.bot ? `, ${line.bot}` : ''}${rated}`;
  return mine ? 'With you' : `Claimed by ${agent?.name}`;
}

function why({ joined, facts: { mode, agent } }, line) {
  if (!joined) return '';
  if (mode === 'waiting') return 'The visitor would like a person. Once you are in, they see your name and the bot stays silent.';
  if (line?.left && mode !== 'live') return 'The visitor left this message while nobody was here. What you reply is also mailed to them.';
  if (mode === 'bot') return `${line?.bot || 'The bot'} is answering. You can step in at any time; it stops then.`;
  if (mode === 'closed') return 'This chat is closed. It opens again when the visitor writes.';
  return `Claimed by ${agent?.name}. You can read along.`;
}

/** Where one writes, or reads why not yet. The button to take a chat is here and not in the head: there a double click
    would go on to press what comes in its place. */
function writer({ send, typing, claim, whose, most }) {
  const input = el('textarea', { id: 'reply', rows: '1', placeholder: 'Write a reply', 'aria-describedby': 'keys', enterkeyhint: 'send' });
  const count = el('span', { class: 'fine left', hidden: true });
  const press = el('button', { type: 'submit', class: 'button primary', text: 'Send' });
  const attach = el('button', { type: 'button', class: 'attach', 'aria-label': 'Attach a file', title: 'Attach a file', text: '+' });
  const stop = el('button', { type: 'button', hidden: true });
  const keys = el('p', { class: 'fine', id: 'keys', text: 'Enter sends, Shift + Enter begins a new line.' });
  const form = el('form', { class: 'write' }, el('label', { class: 'hidden', for: 'reply', text: 'Reply' }), el('div', { class: 'row' }, attach, input, press), el('div', { class: 'under' }, keys, count), stop);
  const heard = el('p', { class: 'hidden', role: 'status' });
  const words = el('p', {});
  const take = button('Take this chat', 'button primary', claim);
  const reason = el('div', { class: 'reason' }, words, take);
  const node = el('div', { class: 'foot' }, form, reason);
  const typed = new Map(); // room -> what was written there and not sent
  let room = null;
  let loading = false;
  const tray = { may: Boolean, take() {} };
  const files = mount({
    at: (id) => ({ composer: form, input })[id] ?? el('div'),
    el, tray, whose, bot: { most },
    phrase: say,
    draws: { add() {} }, // the transcript draws them itself
    rows: () => [],
    say: (text) => (heard.textContent = text),
    token: () => '',
    refresh: () => one?.refresh(),
  });
  form.append(heard);
  attach.addEventListener('click', () => files());
  for (const type of ['paste', 'drop', 'dragover']) form.addEventListener(type, brought);
  function brought(event) {
    const { files: list, types } = event.clipboardData ?? event.dataTransfer;
    if (!types.includes('Files')) return;
    event.preventDefault();
    if (event.type !== 'dragover') files([...list]);
  }
  let one = null;
  one = composer({ form, input, count, send: press, stop }, {
    send: (text) => send(text, tray.take()),
    may: (text) => tray.may(text),
    stop() {},
    typing: (on) => loading || typing(on),
    left: (n) => (n < 0 ? `${-n} over the limit` : `${n} left`),
  });

  return {
    node,
    /** The files of a message, or null. */
    attached: (list) => (list?.length ? el('div', { class: 'files' }, ...list.map(files.shown)) : null),
    focus: () => form.hidden || one.focus(),
    show({ mine, free, text, next }) {
      if (next) swap(next);
      const taken = mine && form.hidden && document.activeElement === take;
      form.hidden = !mine;
      reason.hidden = mine || !text;
      if (words.textContent !== text) words.textContent = text;
      take.hidden = !free;
      if (taken) one.focus();
    },
  };

  /** Each room keeps what was begun in it. */
  function swap(next) {
    if (room) typed.set(room, input.value);
    files.clear();
    room = next;
    loading = true;
    input.value = typed.get(room) ?? '';
    input.dispatchEvent(new Event('input'));
    loading = false;
  }
}

const button = (text, name, click, props = {}) => el('button', { type: 'button', class: name, text, on: { click }, ...props });
