/* The search above the lists: rooms in which the words were said or noted, in the lists' place while there are any.
   No socket. */
import { el } from '../widget/view.js';
import { since, titled, unmarked } from './list.js';
import { marked } from './marked.js';

const REST = 200; // ms without a key until a search goes out
const WHO = { visitor: 'Visitor', bot: 'Bot', agent: 'Agent', note: 'Note' };
const NONE = 'Nothing found. All words must be in one message or note; only the newest conversations are looked through.';
const LOST = 'The search could not be reached.';

/** A search box in `root` whose results stand in `lists`, before what else is there: what opens a room there, opens
    them. `show(current)` marks the open room; `focus()` puts the caret into the box. */
export function searchBox(root, lists, slug) {
  const input = el('input', { type: 'search', id: 'wanted', placeholder: 'Search conversations', autocomplete: 'off', enterkeyhint: 'search', maxlength: 200, dir: 'auto', 'aria-keyshortcuts': 's', on: { input: typed } });
  const wipe = el('button', { type: 'button', class: 'wipe', 'aria-label': 'Clear the search', text: '×', hidden: true, on: { click: end } });
  const told = el('p', { class: 'fine told', role: 'status' });
  const items = el('ul', { class: 'items', 'aria-label': 'Found' });
  const more = el('button', { type: 'button', class: 'further', hidden: true, on: { click: () => look(next) } });
  const found = el('div', { class: 'list found', on: { keydown: leave } }, items, more);
  root.append(el('label', { class: 'hidden', for: 'wanted', text: 'Search conversations' }), el('div', { class: 'box' }, input, wipe), told);
  root.addEventListener('submit', (event) => (event.preventDefault(), words() && look()));
  root.addEventListener('keydown', leave);
  lists.prepend(found);
  let timer = 0;
  let flight = null; // the request that is out: another one, or none, is wanted by now
  let next = null; // cursor of the page that the button brings
  let open = null;

  const words = () => input.value.trim();
  const focus = () => input.focus();

  function typed() {
    wipe.hidden = !input.value;
    more.hidden = true; // it would bring the next page of other words
    clearTimeout(timer);
    flight?.abort();
    if (words()) timer = setTimeout(look, REST);
    else back();
  }

  async function look(before = null) {
    clearTimeout(timer);
    flight?.abort();
    const { signal } = (flight = new AbortController());
    const query = new URLSearchParams(before ? { q: words(), before } : { q: words() });
    const page = await read(`/app/${slug}/live/search?${query}`, signal);
    if (signal.aborted) return;
    if (!before) items.replaceChildren();
    if (page) draw(page, before);
    else offer(LOST, 'Try again', before);
    lists.classList.add('searching');
  }

  function draw(page, before) {
    const lines = page.found.map((hit) => line(hit, words()));
    items.append(...lines);
    const { length } = items.children;
    const count = `${page.more ? 'More than ' : ''}${length} ${length === 1 ? 'conversation' : 'conversations'}`;
    if (before) lines[0]?.firstChild.focus();
    offer(length ? count : NONE, page.more && 'More', page.more);
    show(open);
  }

  function offer(text, label, cursor) {
    told.textContent = text;
    next = cursor;
    more.hidden = !label;
    more.textContent = label || '';
  }

  /** The lists are there again. */
  function back() {
    lists.classList.remove('searching');
    items.replaceChildren();
    offer('', '', null);
  }

  function end() {
    input.value = '';
    typed();
    focus();
  }

  function leave(event) {
    if (event.key === 'ArrowDown' && event.target === input) items.querySelector('a')?.focus();
    else if (event.key !== 'Escape' || event.isComposing || !input.value) return;
    else (event.stopPropagation(), end());
    event.preventDefault();
  }

  function show(current) {
    open = current;
    for (const link of items.querySelectorAll('a')) {
      if (link.dataset.room === current) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    }
  }

  return { show, focus };
}

/** The answer; null where there is none, also for who was signed out meanwhile. */
async function read(address, signal) {
  try {
    const answer = await fetch(address, { signal, redirect: 'manual', cache: 'no-store' });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

function line(hit, wanted) {
  const plain = marked(unmarked(hit.excerpt), wanted);
  const pieces = plain.some((piece) => piece.nodeName === 'MARK') ? plain : marked(hit.excerpt, wanted);
  return el('li', {}, el('a', { href: `?room=${hit.room}`, 'data-room': hit.room },
    el('span', { class: 'title', dir: 'auto', text: titled(hit) }),
    el('span', { class: 'when', text: since(hit.at) }),
    el('span', { class: 'preview' }, `${WHO[hit.author] ?? hit.author}: `, el('bdi', {}, ...pieces))));
}
