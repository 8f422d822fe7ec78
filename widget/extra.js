/* What only some conversations need, loaded with the first message: the controls of a filtered question, and a
   thumb up or down under each answer. Builds nodes with the panel's own `el`; no socket, no state of the room. */

const KINDS = {
  email: { type: 'email', inputmode: 'email', autocomplete: 'email', maxlength: 254 },
  phone: { type: 'tel', inputmode: 'tel', autocomplete: 'tel', maxlength: 40 },
  number: { inputmode: 'decimal', autocomplete: 'off', maxlength: 30 },
  date: { type: 'date' },
  text: { autocomplete: 'off', maxlength: 1_000 },
};
const UP = 'M6 17V9l3.500-6c1.500 0 2.300 1 2 2.500L11 8h4.500c1 0 1.800 1 1.500 2l-1.500 5.500c-.2.900-1 1.500-1.900 1.500H6Zm0-8H3v8h3';
export const SHEET = '{{ style }}';
const WORDS = '{{ words }}';
const ANSWERS = ['complete', 'withheld', 'stopped'];

/** `at('ask')` takes the question, `at('log')` has the answers. What is kept while offline goes out later. */
export function mount({ at, el, send, draws, hears, words }) {
  const { personLater, waitingLong, waitingAway } = WORDS; // for whoever came this far
  Object.assign(words, { personLater, waitingLong, waitingAway });
  const root = at('ask');
  const rated = new Map(); // message id -> {row, rating}: what is shown already is not looked for again
  let shown = null; // the question whose controls are there
  let wrong = null;

  function draw({ facts, messages }) {
    const question = facts.mode === 'live' ? null : facts.question ?? null;
    if (question?.id !== shown?.id) {
      const inside = root.contains(document.activeElement);
      shown = question;
      root.replaceChildren(...(question ? [controls(question)] : []));
      // Who used the controls goes on where they would write; on a touch screen without a keyboard jumping up.
      if (inside) at(matchMedia('(pointer: coarse)').matches ? 'scroll' : 'input').focus({ preventScroll: true });
    }
    for (const message of messages) rate(message);
  }

  function controls(question) {
    wrong = el('p', { class: 'wrong', id: 'ask-wrong', role: 'alert', dir: 'auto' });
    const answer = (value) => {
      say('');
      const command = { type: 'question.answer', ref: 'ask', question_id: question.id, value };
      if (!send(command, { keep: true })) say(WORDS.later);
    };
    return el('fieldset', { class: 'ask' },
      el('legend', { text: question.text, dir: 'auto' }),
      question.kind === 'choice' ? choices(question, answer) : field(question, answer),
      question.consent && el('p', { text: question.consent, dir: 'auto', id: 'ask-consent' }),
      wrong,
      el('button', { type: 'button', class: 'no', text: WORDS.no, on: { click: () => answer(null) } }));
  }

  const choices = ({ choices: list }, answer) =>
    el('div', { class: 'choices' }, ...list.map((text) =>
      el('button', { type: 'button', class: 'pill', dir: 'auto', text, on: { click: () => answer(text) } })));

  function field({ kind, text, consent }, answer) {
    const described = consent ? 'ask-wrong ask-consent' : 'ask-wrong';
    const input = el('input', { ...KINDS[kind] ?? KINDS.text, 'aria-label': text, 'aria-describedby': described, dir: 'auto' });
    const submit = (event) => {
      event.preventDefault();
      if (input.value.trim()) answer(input.value.trim());
    };
    // The browser's own bubbles would speak another language than the page.
    return el('form', { novalidate: true, on: { submit } }, input, el('button', { class: 'go', text: WORDS.go }));
  }

  function say(text) {
    wrong.textContent = text;
    root.querySelector('input')?.setAttribute('aria-invalid', String(Boolean(text)));
  }

  function rate({ id, author, state, rating }) {
    if (author !== 'bot' || !ANSWERS.includes(state)) return;
    const old = rated.get(id);
    if (old?.rating === rating && old.row.isConnected) return;
    const tail = at('log').querySelector(`[data-id="${id}"] .tail`);
    if (!tail) return;
    const row = tail.querySelector('.rate') ?? tail.appendChild(el('div', { class: 'rate', role: 'group', 'aria-label': WORDS.rate },
      thumb(id, true, WORDS.good), thumb(id, false, WORDS.bad)));
    row.firstChild.setAttribute('aria-pressed', String(rating === 1));
    row.lastChild.setAttribute('aria-pressed', String(rating === -1));
    rated.set(id, { row, rating });
  }

  function thumb(id, good, label) {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    const path = document.createElementNS(svg.namespaceURI, 'path');
    svg.setAttribute('viewBox', '0 0 20 20');
    svg.setAttribute('aria-hidden', 'true');
    path.setAttribute('d', UP);
    svg.append(path);
    const click = () => send({ type: 'answer.rate', message_id: id, good }, { keep: true });
    return el('button', { type: 'button', class: good ? 'up' : 'down', 'aria-label': label, title: label, on: { click } }, svg);
  }

  draws.add(draw);
  hears.add(({ type, ref, code, message }) => {
    if (type === 'error' && ref === 'ask' && wrong) say(code === 'not_open' ? '' : message);
  });
}
