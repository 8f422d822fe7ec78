/* The list of messages: keeps nodes and rows in step, the reader where they are, and says what is new, once. */
import { reveal } from './reveal.js';
import { el, icon, plain, prose, sources } from './view.js';
import { WORDS, day, say, time } from './words.js';

const BOTTOM = 60; // px from the bottom that still count as "at the bottom"

/** `parts`: the nodes `scroll`, `log` and `latest`. `acts`: `ask(text)`, `person()`, `retry(id)`, `discard(id)`.
    `again()` asks for one more `draw` in the next frame. */
export function thread({ scroll, log, latest }, acts, again) {
  const nodes = new Map(); // key -> {node, row, face}
  const unroll = reveal(again);
  let stuck = true;

  scroll.addEventListener('scroll', () => {
    stuck = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < BOTTOM;
    if (stuck) latest.hidden = true;
  }, { passive: true });
  latest.addEventListener('click', () => {
    toBottom();
    scroll.focus({ preventScroll: true });
  });
  // Of the list too: what is loaded later hangs something under messages that are there.
  for (const box of [scroll, log]) new ResizeObserver(() => stuck && toBottom()).observe(box);

  function toBottom() {
    stuck = true;
    latest.hidden = true;
    scroll.scrollTop = scroll.scrollHeight;
  }

  /** Shows `rows`. `view`: `{base, bot, facts, typing, more}`. */
  function draw(rows, view) {
    const lines = arranged(rows, view);
    const keys = new Set(lines.map((line) => line.key));
    const grown = lines.some((line) => line.row && !nodes.has(line.key));
    for (const [key, { node }] of nodes) {
      if (keys.has(key)) continue;
      node.remove();
      nodes.delete(key);
    }
    let place = log.firstChild;
    for (const line of lines) {
      const node = shown(line, view);
      if (node === place) place = place.nextSibling;
      else log.insertBefore(node, place);
    }
    if (stuck) toBottom();
    else if (grown) latest.hidden = false;
  }

  function shown(line, view) {
    const old = nodes.get(line.key);
    const made = old ?? { node: line.note ? note(line) : blank(), row: null, face: '', whole: false };
    nodes.set(line.key, made);
    if (line.note || (made.row === line.row && made.face === line.face && made.whole)) return made.node;
    Object.assign(made, { row: line.row, face: line.face, whole: fill(made.node, line, view) });
    return made.node;
  }

  /** Whether all of the row's text is shown: an answer that is still unrolling must be filled again. */
  function fill(node, { row, face, last, edges }, view) {
    const [label, bubble, tail] = node.children;
    const text = unroll.cut(row);
    const busy = unroll.busy(row);
    node.className = `row ${row.author} ${row.state} ${edges}`;
    node.dataset.id = row.id;
    plain(label, row.author === 'visitor' ? WORDS.you : who(row, view));
    if (row.created_at) bubble.title = time(row.created_at);
    bubble.classList.toggle('empty', !text);
    if (row.author === 'visitor' || row.author === 'system') plain(bubble, text);
    else if (text) prose(bubble, text, { base: view.base, open: busy });
    else bubble.replaceChildren(...dots(say('writing', { name: who(row, view) })));
    const hung = busy || row.state === 'streaming' ? '' : face;
    if (tail.dataset.face !== hung) tail.replaceChildren(...(hung ? trimmings(row, last, view) : []));
    tail.dataset.face = hung;
    return !busy;
  }

  /** What hangs under a bubble. Offers only under the last message: an old one would answer something else. */
  function trimmings(row, last, { base, facts }) {
    const found = [];
    if (row.sources?.length) found.push(sources(row.sources, WORDS.sources, base));
    if (row.state === 'stopped') found.push(el('p', { class: 'mark', text: WORDS.stopped }));
    if (row.state === 'failed' && row.author === 'bot') found.push(el('p', { class: 'mark', text: WORDS.broken }));
    if (last && row.author === 'visitor') found.push(...receipt(row, facts));
    const offers = last && facts.mode !== 'live' ? row.offers ?? [] : [];
    const pills = offers.map((text) => pill(text, () => acts.ask(text)));
    if (last && row.person && facts.mode === 'bot') pills.push(pill(WORDS.person, acts.person, 'person'));
    if (pills.length) found.push(el('div', { class: 'offers' }, ...pills));
    return found;
  }

  function receipt(row, facts) {
    if (row.state === 'sending') return [el('p', { class: 'mark late', text: WORDS.sending })];
    if (row.state === 'failed') return [failure(row)];
    if (facts.mode === 'bot' || facts.mode === 'closed') return [];
    return [el('p', { class: 'mark', text: facts.read_agent >= row.position ? WORDS.seen : WORDS.sent })];
  }

  function failure(row) {
    const act = (text, act) =>
      el('button', { type: 'button', class: 'plain', text, on: { click: () => act(row.client_id) } });
    const reason = `${WORDS.failed} ${row.error ?? ''} `;
    return el('p', { class: 'mark bad' }, reason, act(WORDS.retry, acts.retry), ' · ', act(WORDS.discard, acts.discard));
  }

  return { draw, toBottom, unroll: unroll.start };
}

/** The rows with days and typing between them: `{key, row, last, face, edges}` or `{key, note}`. */
function arranged(rows, view) {
  const lines = view.more ? [{ key: 'more', note: WORDS.earlier }] : [];
  let before = '';
  rows.forEach((row, i) => {
    const label = row.created_at ? day(row.created_at) : before;
    const tell = label !== before && (before || label !== day(Date.now()));
    if (tell) lines.push({ key: `day ${label} ${row.id}`, note: label });
    before = label;
    const last = i === rows.length - 1;
    const first = !together(rows[i - 1], row);
    const end = !together(row, rows[i + 1]);
    const failed = row.author === 'visitor' && row.state === 'failed';
    const { mode, read_agent } = view.facts;
    const edges = `${first ? 'first' : ''} ${end ? 'end' : ''}`;
    const face = [row.state, edges, last && [mode, read_agent >= row.position], row.error].join();
    lines.push({ key: row.client_id ?? row.id, row, last: last || failed, face, edges });
  });
  if ('agent' in view.typing) {
    const row = { id: 'typing', author: 'agent', name: view.typing.agent, state: 'streaming', text: '' };
    lines.push({ key: 'typing', row, last: false, face: row.name, edges: 'first end' });
  }
  return lines;
}

const together = (a, b) => a?.author === b?.author && (a.name ?? '') === (b.name ?? '');

const who = (row, { bot, facts }) => row.name || (row.author === 'agent' && facts.agent?.name) || bot.name;

const blank = () => el('div', { 'data-new': true },
  el('p', { class: 'by', dir: 'auto' }), el('div', { class: 'bubble' }), el('div', { class: 'tail' }));

const note = ({ note: text }) => el('p', { class: 'note', text });

const dots = (label) =>
  [el('span', { class: 'sr', text: label }), el('span', { class: 'dots' }, el('i'), el('i'), el('i'))];

const pill = (text, click, name) =>
  el('button', { type: 'button', class: 'pill', dir: 'auto', on: { click } }, name && icon(name), text);
