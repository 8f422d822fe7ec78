/* What a chat's buttons ask before they act: to whom, until when, about what. */
import { el } from '../widget/view.js';

const HOUR = 3_600_000; // ms

/** `act(type, fields)` does it. `pass(room, colleagues, me)`, `snooze()` and `close(words)` ask; Escape asks nothing more.
    `passed()`: what was passed on last is. */
export function dialogs(root, act) {
  let unsent = {}; // the note of a chat that was not passed on after all
  return {
    passed: () => (unsent = {}),
    pass(room, colleagues, me) {
      const others = colleagues.filter(({ id }) => id !== me.id);
      const choices = others.map((one, i) => option('member', one.id, one.name, load(one), { disabled: one.away, checked: !one.away && others.findIndex(({ away }) => !away) === i }));
      const note = el('textarea', { id: 'pass-note', rows: '3', maxlength: '4000', placeholder: 'What they need to know' });
      if (unsent.room === room) note.value = unsent.text;
      const some = others.some(({ away }) => !away);
      const fields = others.length ? choices : [el('p', { class: 'fine', text: 'Nobody else is at the desk just now. A chat is only given to somebody who is there.' })];
      ask('Pass on to…', [
        el('div', { class: 'choices', role: 'radiogroup', 'aria-label': 'Colleagues at the desk' }, ...fields),
        ...(some ? [el('label', { for: 'pass-note', text: 'Note for them (the visitor does not see it)' }), note] : []),
      ], some && 'Pass on', (form) => {
        unsent = { room, text: note.value };
        act('room.assign', { member: form.get('member'), note: note.value });
      });
    },
    snooze() {
      const at = el('input', { id: 'snooze-at', type: 'datetime-local', name: 'at', min: local(new Date()) });
      const other = option('until', '', 'At another time', '', {});
      const own = other.querySelector('input');
      at.addEventListener('focus', () => (own.checked = true));
      const times = moments(new Date()).map(([label, date], i) => option('until', date.toISOString(), label, date.toLocaleString([], { weekday: 'short', hour: '2-digit', minute: '2-digit' }), { checked: !i }));
      const box = ask('Put aside until…', [
        el('div', { class: 'choices', role: 'radiogroup', 'aria-label': 'Until when' }, ...times, other),
        el('label', { for: 'snooze-at', class: 'hidden', text: 'Another time' }), at,
        el('p', { class: 'fine', text: 'It comes back to you then, or as soon as the visitor writes. The visitor is told that you will come back to it.' }),
      ], 'Put aside', (form) => {
        const until = form.get('until') || (form.get('at') && new Date(form.get('at')).toISOString());
        act('room.snooze', { until });
      });
      box.addEventListener('change', () => (at.required = own.checked)); // else nothing is chosen at all
      at.addEventListener('focus', () => (at.required = true));
    },
    close(words) {
      const about = el('input', { id: 'about', maxlength: '40', list: 'abouts', autocomplete: 'off' });
      ask('Close the chat', [
        el('label', { for: 'about', text: 'What was it about? (one word, for your figures)' }), about,
        el('datalist', { id: 'abouts' }, ...words.map((value) => el('option', { value }))),
      ], 'Close', () => act('room.close', { tag: about.value.trim() }));
    },
    /** A list of `[key, what it does]`. */
    keys(list) {
      ask('Keys', [el('dl', { class: 'keys' }, ...list.flatMap(([key, does]) => [el('dt', {}, el('kbd', { text: key })), el('dd', { text: does })]))], '', () => {});
    },
  };

  function ask(title, children, does, done) {
    const back = document.activeElement;
    const cancel = el('button', { type: 'button', class: 'button', text: does ? 'Cancel' : 'Close', on: { click: () => box.close() } });
    const form = el('form', { method: 'dialog' }, el('h2', { id: 'dialog-title', text: title }), ...children, el('div', { class: 'acts' }, cancel, does && el('button', { type: 'submit', class: 'button primary', text: does })));
    const box = el('dialog', { class: 'ask', 'aria-labelledby': 'dialog-title' }, form);
    form.addEventListener('submit', () => done(new FormData(form)));
    box.addEventListener('click', ({ target }) => target === box && box.close());
    box.addEventListener('close', () => {
      box.remove();
      if (back?.isConnected) back.focus();
    });
    root.append(box);
    box.showModal();
    return box;
  }
}

function option(name, value, label, more, { disabled = false, checked = false }) {
  return el('label', { class: 'choice' }, el('input', { type: 'radio', name, value, disabled, checked }), el('span', { text: label }), more && el('small', { text: more }));
}

const load = ({ away, chats, capacity }) => (away ? 'away' : `${chats} of ${capacity} chats`);

/** In an hour, later today or tomorrow morning, on Monday: as far as they are different. */
function moments(now) {
  const day = (n, hour) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + n, hour);
  const monday = day(((8 - now.getDay()) % 7) || 7, 9);
  const evening = day(0, 16);
  return [
    ['In an hour', new Date(now.getTime() + HOUR)],
    ...(evening - now > 2 * HOUR ? [['This afternoon', evening]] : []),
    ['Tomorrow morning', day(1, 9)],
    ...(monday - day(1, 9) > HOUR ? [['On Monday', monday]] : []),
  ];
}

/** `date` as `datetime-local` wants it. */
const local = (date) => new Date(date - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
