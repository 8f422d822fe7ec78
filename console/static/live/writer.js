/* The place to write: a reply to the visitor, or a note to the others; or why one cannot. No socket. */
import { composer } from '../widget/composer.js';
import { SHEET, mount } from '../widget/files.js';
import { el } from '../widget/view.js';
import { say } from '../widget/words.js';
import { canned } from './canned.js';

const HINTS = {
  reply: ['Write a reply', 'Send', 'Enter sends, Shift + Enter begins a new line, / brings canned replies.'],
  note: ['Write a note to your colleagues', 'Add note', 'The visitor does not see it. @Name calls a colleague.'],
};

const sheet = new CSSStyleSheet();
sheet.replaceSync(SHEET);
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

/** Where one writes, or reads why not yet. The button to take a chat is here and not in the head: there a double click
    would go on to press what comes in its place. */
export function writer({ send, note, typing, claim, whose, most, replies, names, draft }) {
  const input = el('textarea', { id: 'reply', rows: '1', 'aria-describedby': 'keys', enterkeyhint: 'send' });
  const count = el('span', { class: 'fine left', hidden: true });
  const press = el('button', { type: 'submit', class: 'button primary' });
  const attach = el('button', { type: 'button', class: 'attach', 'aria-label': 'Attach a file', title: 'Attach a file', text: '+' });
  const stop = el('button', { type: 'button', hidden: true });
  const keys = el('p', { class: 'fine', id: 'keys' });
  const suggest = button('Draft from the FAQ', 'plain', drafted);
  const label = el('label', { class: 'hidden', for: 'reply' });
  const modes = ['reply', 'note'].map((each) => el('button', { type: 'button', text: each === 'reply' ? 'Reply' : 'Note', on: { click: () => (choose(each), one.focus()) } }));
  const tabs = el('div', { class: 'modes', role: 'group', 'aria-label': 'What you write' }, ...modes, suggest);
  const form = el('form', { class: 'write' }, tabs, label, el('div', { class: 'row' }, attach, input, press), el('div', { class: 'under' }, keys, count), stop);
  form.querySelector('.row').before(canned(input, { load: replies, values: names, may: () => mode === 'reply' }));
  const heard = el('p', { class: 'hidden', role: 'status' });
  const words = el('p', {});
  const take = button('Take this chat', 'button primary', claim);
  const jot = button('Add a note', 'button', () => begin('note'));
  const reason = el('div', { class: 'reason' }, words, jot, take);
  const node = el('div', { class: 'foot' }, reason, form);
  const typed = new Map(); // room -> {reply, note}: what was written there and not sent
  let room = null;
  let mode = 'reply';
  let mine = false;
  let noting = false; // a note is written in a chat that is not mine
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
    if (mode === 'note' || !types.includes('Files')) return;
    event.preventDefault();
    if (event.type !== 'dragover') files([...list]);
  }
  let one = null;
  one = composer({ form, input, count, send: press, stop }, {
    send: (text) => (mode === 'note' ? note(text) : send(text, tray.take())),
    may: (text) => (mode === 'note' ? Boolean(text) : mine && tray.may(text)),
    stop() {},
    typing: (on) => loading || mode === 'note' || typing(on),
    left: (n) => (n < 0 ? `${-n} over the limit` : `${n} left`),
  });

  return {
    node,
    /** The files of a message, or null. */
    attached: (list) => (list?.length ? el('div', { class: 'files' }, ...list.map(files.shown)) : null),
    focus: () => form.hidden || one.focus(),
    begin,
    take,
    draft: suggest,
    show({ mine: own, free, text, next }) {
      const taken = own && !mine && document.activeElement === take;
      if (next) swap(next);
      if (own !== mine || next) {
        mine = own;
        noting = mode === 'note' && Boolean(input.value);
        choose(mine && !noting ? 'reply' : 'note');
      }
      modes[0].disabled = !mine;
      form.hidden = !mine && !noting;
      reason.hidden = mine || !text;
      if (words.textContent !== text) words.textContent = text;
      take.hidden = !free;
      jot.hidden = noting;
      if (taken) one.focus();
    },
  };

  /** A note, or a reply where one may. */
  function begin(next) {
    if (next === 'reply' && !mine) return;
    noting = !mine;
    form.hidden = false;
    jot.hidden = noting;
    choose(next);
    one.focus();
  }

  function choose(next) {
    if (next !== mode) {
      keep();
      mode = next;
      load();
    }
    const [placeholder, does, hint] = HINTS[mode];
    form.dataset.mode = mode;
    input.placeholder = placeholder;
    label.textContent = mode === 'note' ? 'Note' : 'Reply';
    press.textContent = does;
    keys.textContent = hint;
    attach.hidden = suggest.hidden = mode === 'note';
    modes.forEach((each, i) => each.setAttribute('aria-pressed', String(['reply', 'note'][i] === mode)));
    one.refresh();
  }

  /** What the FAQ has for the visitor's last words, to be read and changed before it is sent. */
  async function drafted() {
    const whose = room;
    suggest.disabled = true;
    try {
      const { text, title, sure } = await draft(room);
      if (room !== whose || mode !== 'reply') return;
      hint(text ? `From “${title}”${sure ? '' : ', which may not be what was asked'}. Read it before you send it.` : 'The FAQ has nothing for what was asked last.');
      if (!text) return;
      input.value = [input.value.trim(), text].filter(Boolean).join('\n\n');
      input.dispatchEvent(new Event('input'));
    } catch {
      hint('The FAQ could not be reached. Try again in a moment.');
    } finally {
      suggest.disabled = false;
      one.focus();
    }
  }

  function hint(text) {
    keys.textContent = heard.textContent = text;
  }

  /** Each room keeps what was begun in it. */
  function swap(next) {
    keep();
    files.clear();
    room = next;
    mode = 'reply';
    load();
  }

  function keep() {
    if (room) typed.set(room, { ...typed.get(room), [mode]: input.value });
  }

  function load() {
    loading = true;
    input.value = typed.get(room)?.[mode] ?? '';
    input.dispatchEvent(new Event('input'));
    loading = false;
  }
}

const button = (text, name, click) => el('button', { type: 'button', class: name, text, on: { click } });
