/* The conversation on the right: its head, its messages, what one can do, and the place to write. No socket. */
import { rows } from '../widget/state.js';
import { el } from '../widget/view.js';
import { moment, since, titled } from './list.js';
import { woven } from './notes.js';
import { transcript } from './transcript.js';
import { writer } from './writer.js';

/** The pane in `root`. `acts`: `claim`, `release`, `close`, `send(text)`, `typing(on)`, `retry(id)`, `discard(id)`,
    `pass`, `snooze`, `word` (close with one), `facts`, `note(text)`, `back`. `show(view)` draws `{line, state, notes, me, lead, jump}`,
    or the empty pane without a state. */
export function roomPane(root, acts) {
  const nothing = root.querySelector('#nothing');
  const back = button('‹', 'back', acts.back, { 'aria-label': 'Back to the list' });
  const title = el('h2', { dir: 'auto' });
  const person = el('p', { class: 'person', dir: 'auto', hidden: true });
  const standing = el('p', { class: 'standing', role: 'status' });
  const facts = button('Visitor', 'button narrow', acts.facts, { 'aria-controls': 'card', 'aria-expanded': 'false' });
  const pass = button('Pass on', 'button', acts.pass);
  const snooze = button('Put aside', 'button', acts.snooze);
  const release = button('Back to the bot', 'button', acts.release);
  const close = button('Close', 'button', acts.close);
  const word = button('…', 'button', acts.word, { 'aria-label': 'Close with a word for what it was about', title: 'Close with a word for what it was about' });
  const head = el('header', { class: 'head' }, back, el('div', { class: 'who' }, title, person, standing), facts, el('div', { class: 'acts' }, pass, snooze, release, el('span', { class: 'joined' }, close, word)));
  const notice = el('p', { class: 'notice warning', role: 'alert', hidden: true });
  const write = writer(acts);
  const log = transcript({ ...acts, attached: write.attached });
  const body = el('div', { class: 'inside', hidden: true }, head, notice, log.node, write.node);
  root.append(body);
  let shown = null; // the room whose text is in the writer

  return {
    /** Draws the pane anew. */
    show({ line = null, state = null, notes = [], me = null, lead = false, jump = false }) {
      nothing.hidden = Boolean(state);
      body.hidden = !state;
      if (!state) return;
      const { mode, agent } = state.facts;
      const mine = mode === 'live' && agent?.id === me?.id;
      title.textContent = titled(line);
      standing.textContent = state.joined ? stands(state.facts, mine, line) : 'Loading…';
      person.textContent = known(state.facts.person);
      person.hidden = !person.textContent;
      root.dataset.mode = mine ? 'mine' : mode;
      release.hidden = close.hidden = word.hidden = snooze.hidden = !mine;
      snooze.hidden ||= Boolean(line?.snoozed_until);
      pass.hidden = !state.joined || mode === 'closed' || (mode === 'live' && !mine && !lead);
      const free = state.joined && (mode === 'waiting' || mode === 'bot');
      write.show({ mine, free, text: why(state, line), next: line?.room !== shown && (shown = line?.room) });
      log.show(woven(ours(state, me), notes), { typing: whoWrites(state, me), more: state.more, jump });
    },
    facts: (shown) => facts.setAttribute('aria-expanded', String(shown)),
    /** A sentence for this room, until it is told otherwise. */
    say(text) {
      notice.textContent = text;
      notice.hidden = !text;
    },
    /** The agent may write: put the caret there. */
    focus: () => write.focus(),
    begin: write.begin,
    /** The button for a deed, if it is there to be pressed. */
    press(deed) {
      const button = { pass, snooze, release, close, take: write.take, draft: write.draft }[deed];
      if (!body.hidden && button.offsetParent) button.click();
    },
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
  if (mode === 'closed') return `Closed${line?.tag ? ` · ${line.tag}` : ''}${rated}`;
  if (mode === 'bot') return `With the bot${line?.bot ? `, ${line.bot}` : ''}${rated}`;
  if (line?.snoozed_until) return `Put aside by ${mine ? 'you' : agent?.name} until ${moment(line.snoozed_until)}`;
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

const button = (text, name, click, props = {}) => el('button', { type: 'button', class: name, text, on: { click }, ...props });
