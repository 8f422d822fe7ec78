/* The conversation's messages as bubbles: the visitor on one side, the bot and the people on ours. No socket. */
import { el, plain, prose, sources } from '../widget/view.js';
import { day, time } from '../widget/words.js';
import { keyed } from './keyed.js';

const ENDS = { stopped: 'Stopped', failed: 'Broke off', withheld: 'Held back' };
const NEAR = 80; // px from the end within which the reader follows along
const APART = 5 * 60_000; // ms after which the same author gets a name and a time again

/** A transcript; `retry(client_id)` and `discard(client_id)` for messages of ours that were refused. */
export function transcript({ retry, discard, attached }) {
  const items = el('ol', { class: 'messages' });
  const log = el('div', { class: 'log', role: 'log', tabindex: '0', 'aria-label': 'Messages' }, items);
  const writing = el('p', { class: 'writing', 'aria-live': 'polite' });
  const node = el('div', { class: 'transcript' }, log, writing);
  let stuck = true;
  const toEnd = () => {
    log.scrollTop = log.scrollHeight;
  };
  log.addEventListener('scroll', () => {
    stuck = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
  }, { passive: true });
  new ResizeObserver(() => stuck && toEnd()).observe(log);
  return {
    node,
    /** Draws `messages`; `typing` is who writes, or ''. `jump`: the reader just came here. */
    show(messages, { typing = '', more = false, jump = false } = {}) {
      stuck ||= jump;
      keyed(items, entries(messages, more), (e) => e.key, (old, e) => draw(old, e, { retry, discard, attached }));
      writing.textContent = typing ? `${typing} is writing…` : '';
      if (stuck) toEnd();
    },
  };
}

/** Messages with the lines between days, each told whether it begins a group. */
function entries(messages, more) {
  const found = more ? [{ key: 'more', line: 'Only the latest messages are shown.' }] : [];
  let before = null;
  for (const message of messages) {
    const date = day(message.created_at);
    if (!before || day(before.created_at) !== date) found.push({ key: `day ${date}`, line: date });
    const apart = before && new Date(message.created_at) - new Date(before.created_at) > APART;
    const first = !before || apart || before.author !== message.author || before.name !== message.name;
    found.push({ key: message.client_id ?? message.id, message, first });
    before = message;
  }
  return found;
}

function draw(old, entry, actions) {
  if (entry.line) return old ?? el('li', { class: 'line', text: entry.line });
  const { message: m, first } = entry;
  const key = JSON.stringify([m.id, m.state, m.text, m.sources, m.offers, m.attachments, first, m.error]);
  if (old?.dataset.drawn === key) return old;
  const node = old ?? el('li', {});
  node.className = `message ${m.author}${first ? ' first' : ''}`;
  node.dataset.state = m.state;
  node.dataset.drawn = key;
  if (m.author === 'note') {
    node.replaceChildren(el('p', { class: 'by' }, el('strong', { text: m.name ?? 'You' }), el('span', { class: 'tag', text: 'note' }), el('time', { datetime: m.created_at, text: time(m.created_at) })), el('div', { class: 'bubble', dir: 'auto', text: m.text }), ...[foot(m, actions)].filter(Boolean));
    return node;
  }
  if (m.author === 'system') {
    node.replaceChildren(el('span', { text: m.text }), el('time', { datetime: m.created_at, text: time(m.created_at) }));
    return node;
  }
  const bubble = node.querySelector(':scope > .bubble') ?? el('div', { class: 'bubble', dir: 'auto' });
  if (m.author === 'bot') prose(bubble, m.text, { open: m.state === 'streaming' });
  else plain(bubble, m.text);
  bubble.hidden = !m.text && Boolean(m.attachments?.length);
  const parts = [first && head(m), bubble, actions.attached(m.attachments), m.sources?.length && sources(m.sources, 'Sources'), offered(m), foot(m, actions)];
  node.replaceChildren(...parts.filter(Boolean));
  return node;
}

function head(m) {
  const who = m.author === 'visitor' ? 'Visitor' : m.name || (m.author === 'bot' ? 'Bot' : 'You');
  return el('p', { class: 'by' }, el('strong', { text: who }), m.author === 'bot' && el('span', { class: 'tag', text: 'bot' }), el('time', { datetime: m.created_at, text: time(m.created_at) }));
}

/** The questions the visitor was offered: without them "one of these" says nothing. */
function offered({ offers }) {
  if (!offers?.length) return null;
  return el('ul', { class: 'offered', 'aria-label': 'Offered to the visitor' }, ...offers.map((text) => el('li', { text, dir: 'auto' })));
}

function foot(m, { retry, discard }) {
  if (m.author === 'bot' && ENDS[m.state]) return el('p', { class: 'end', text: ENDS[m.state] });
  if (m.state === 'sending') return el('p', { class: 'end', text: 'Sending…' });
  if (!['agent', 'note'].includes(m.author) || m.state !== 'failed') return null;
  const press = (text, does) => el('button', { type: 'button', class: 'plain', text, on: { click: () => does(m.client_id) } });
  return el('p', { class: 'end danger', role: 'alert' }, `Not sent. ${m.error ?? ''} `, press('Try again', retry), press('Remove', discard));
}
