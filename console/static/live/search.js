/* A search over all transcripts and notes, in place of the lists while there is something to look for. No socket. */
import { el } from '../widget/view.js';
import { since } from './list.js';

const REST = 200; // ms after the last letter

/** The box in `root`, which hides `lists` while it shows what `find(text, more)` brought: `{found, more}`. */
export function search(root, lists, find) {
  const input = el('input', { type: 'search', id: 'search', placeholder: 'Search all chats', 'aria-label': 'Search all chats', autocomplete: 'off', maxlength: '200' });
  const said = el('p', { class: 'fine', role: 'status' });
  const items = el('ul', { class: 'items' });
  const further = el('button', { type: 'button', class: 'small', text: 'More', hidden: true, on: { click: () => look(more) } });
  const results = el('div', { class: 'list found', hidden: true }, said, items, further);
  root.append(el('div', { class: 'search' }, input), results);
  let timer = 0;
  let asked = 0; // the number of the last request: earlier ones come too late
  let more = null;

  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(look, REST);
  });
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !input.value) return;
    event.stopPropagation();
    input.value = '';
    look();
  });

  async function look(after = null) {
    const text = input.value.trim();
    const mine = (asked += 1);
    results.hidden = !text;
    lists.hidden = Boolean(text);
    if (!text) return items.replaceChildren();
    said.textContent = 'Looking…';
    try {
      const answer = await find(text, after);
      if (mine !== asked) return;
      more = answer.more;
      const lines = answer.found.map((one) => line(one, text));
      if (after) items.append(...lines);
      else items.replaceChildren(...lines);
      const { length } = items.children;
      said.textContent = length ? `${length}${more ? ' or more' : ''} ${length === 1 ? 'chat' : 'chats'}` : 'Nothing found. Every word must be in one message or note.';
    } catch {
      if (mine !== asked) return;
      said.textContent = 'The search could not be reached. It tries again when you go on writing.';
      more = null;
    }
    further.hidden = !more;
  }

  return { focus: () => input.focus() };
}

function line({ room, title, excerpt, author, at }, text) {
  return el('li', {}, el('a', { href: `?room=${room}`, 'data-room': room }, el('span', { class: 'title', dir: 'auto', text: title || 'Conversation' }), el('span', { class: 'when', text: since(at) }), el('span', { class: 'preview', dir: 'auto' }, `${{ visitor: 'Visitor', bot: 'Bot' }[author] ?? author}: `, ...marked(excerpt, text))));
}

/** `text` with the words that were looked for marked. */
function marked(text, wanted) {
  const words = wanted.split(/\s+/).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return text.split(new RegExp(`(${words.join('|')})`, 'iu')).map((part, i) => (i % 2 ? el('mark', { text: part }) : part));
}
