/* Canned replies in a place to write: a slash and some letters, a choice, the text. No socket. */
import { el } from '../widget/view.js';

const SHOWN = 8;
const FRESH = 60_000; // ms for which the list is not asked for again
const TYPED = /(?:^|\s)\/([\p{L}\p{N}_-]*)$/u; // before the caret: a slash that begins a word

/** For the textarea `input`. `load()` brings `[{shortcut, text}]`; `values()` what stands for the words in braces;
    `may()`: is a reply written here just now? The returned node goes before the input. */
export function canned(input, { load, values, may }) {
  const list = el('ul', { class: 'canned', id: 'canned', role: 'listbox', 'aria-label': 'Canned replies', hidden: true });
  let all = [];
  let asked = 0;
  let coming = null; // the list, while it is on its way for the first time
  let chosen = 0;
  Object.entries({ 'aria-autocomplete': 'list', 'aria-controls': 'canned', 'aria-haspopup': 'listbox' }).forEach(([name, value]) => input.setAttribute(name, value));

  input.addEventListener('input', look);
  input.addEventListener('click', look);
  input.addEventListener('blur', close); // a press on the list keeps the focus here
  input.addEventListener('keydown', press, true);
  list.addEventListener('pointerdown', (event) => event.preventDefault());
  list.addEventListener('click', ({ target }) => target.closest('li') && take(all.find(({ key }) => key === target.closest('li').dataset.key)));
  return list;

  async function look() {
    if (word() === null) return close();
    chosen = 0;
    draw();
    if (Date.now() - asked < FRESH) return;
    asked = Date.now();
    const first = (coming = fetched());
    await first;
    if (coming === first) coming = null;
    draw();
  }

  /** What cannot be had leaves the list as it was; the next letter asks again. */
  async function fetched() {
    try {
      all = (await load()).map((each, i) => ({ ...each, key: String(i) }));
    } catch {
      asked = 0;
    }
  }

  /** What is typed after the slash, or null where none begins a word. */
  function word() {
    if (!may() || input.selectionStart !== input.selectionEnd) return null;
    return TYPED.exec(input.value.slice(0, input.selectionStart))?.[1].toLowerCase() ?? null;
  }

  function found() {
    const typed = word();
    if (typed === null) return [];
    const first = all.filter(({ shortcut }) => shortcut.startsWith(typed));
    const then = all.filter((each) => !first.includes(each) && each.text.toLowerCase().split(/\s+/).some((one) => one.startsWith(typed)));
    return [...first, ...then].slice(0, SHOWN);
  }

  function draw() {
    const some = found();
    list.hidden = !some.length;
    chosen = Math.max(0, Math.min(chosen, some.length - 1));
    list.replaceChildren(...some.map(({ shortcut, text, key }, i) => el('li', { id: `canned-${i}`, role: 'option', 'data-key': key, 'aria-selected': String(i === chosen) }, el('strong', { text: `/${shortcut}` }), el('span', { text, dir: 'auto' }))));
    if (list.hidden) input.removeAttribute('aria-activedescendant');
    else input.setAttribute('aria-activedescendant', `canned-${chosen}`);
  }

  function close() {
    list.hidden = true;
    input.removeAttribute('aria-activedescendant');
  }

  /** While there is a choice these keys are the list's, and not those of the place to write. */
  function press(event) {
    if (event.isComposing || event.keyCode === 229 || event.shiftKey) return;
    if (event.key === 'Enter' && coming && !all.length && word()) return wait(event);
    if (list.hidden) return;
    const some = found();
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) {
      chosen = (chosen + by + some.length) % some.length;
      draw();
    } else if (event.key === 'Enter' || event.key === 'Tab') take(some[chosen]);
    else if (event.key === 'Escape') close();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  /** Enter came before the list: it means what it would have meant, and "/hi" is not sent to the visitor. */
  async function wait(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
    await coming;
    input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
  }

  function take(one) {
    const typed = word();
    if (typed === null || !one) return close();
    const end = input.selectionStart;
    const text = filled(one.text, values());
    input.setRangeText(text, end - typed.length - 1, end, 'end');
    close();
    input.dispatchEvent(new Event('input'));
    input.focus();
  }
}

/** `text` with the words in braces filled in; without a name the visitor is "there", and what else is not known is left
    out. */
export function filled(text, values) {
  const known = { visitor: values.visitor?.trim().split(/\s+/)[0] || 'there', agent: values.agent || '', site: values.site || '' };
  return text.replace(/\{(visitor|agent|site)\}/g, (_, name) => known[name]);
}
