/* How was it? Asked once, when a person's part in the conversation has ended; the answer may be changed for a while. */

export const SHEET = '{{ style }}';
const WORDS = '{{ words }}';
const SCORES = [1, 2, 3, 4, 5];

/** Draws above the composer while the room's state has `ended`. */
export function mount({ at, el, send, say, draws, hears }) {
  const root = at('ask').parentNode.insertBefore(el('div', {}), at('ask'));
  let shown = null; // the end that is asked about, put away or not
  let picked = null;
  let card = null;

  function draw({ facts: { ended, score, mode } }) {
    if (ended !== shown) {
      shown = ended;
      picked = null;
      put(ended == null ? null : build());
    }
    if (!card) return;
    picked = score ?? picked;
    for (const button of card.scores.children) button.setAttribute('aria-pressed', String(Number(button.textContent) === picked));
    card.why.hidden = !picked;
    card.again.hidden = mode !== 'closed';
  }

  function build() {
    const scores = el('div', { class: 'scores' }, ...SCORES.map((n) =>
      el('button', { type: 'button', text: String(n), 'aria-label': WORDS.score.replace('{n}', n), on: { click: () => pick(n) } })));
    const word = el('p', { class: 'said', role: 'status' });
    const comment = el('textarea', { rows: 2, maxlength: 1_000, dir: 'auto', 'aria-label': WORDS.why, placeholder: WORDS.why });
    const submit = (event) => {
      event.preventDefault();
      rate(picked, comment.value.trim());
    };
    const why = el('form', { hidden: true, on: { submit } }, comment, el('button', { class: 'go', text: WORDS.go }));
    const again = el('button', { type: 'button', class: 'plain', text: WORDS.restart, hidden: true, on: { click: () => send({ type: 'room.restart' }, { keep: true }) } });
    const no = el('button', { type: 'button', class: 'plain', text: WORDS.no, on: { click: leave } });
    const node = el('fieldset', { class: 'rating' }, el('legend', { text: WORDS.ask }), scores,
      el('p', { class: 'ends', 'aria-hidden': 'true' }, el('span', { text: WORDS.bad }), el('span', { text: WORDS.good })),
      why, word, el('div', { class: 'acts' }, again, no));
    return { node, scores, why, word, again, comment };
  }

  function pick(score) {
    picked = score;
    rate(score, card.comment.value.trim());
  }

  function rate(score, comment) {
    if (!send({ type: 'room.rate', ref: 'rate', score, comment }, { keep: true })) card.word.textContent = WORDS.later;
    for (const button of card.scores.children) button.setAttribute('aria-pressed', String(Number(button.textContent) === score));
    card.why.hidden = false;
  }

  function leave() {
    put(null);
    at('scroll').focus({ preventScroll: true });
  }

  function put(next) {
    card = next;
    root.replaceChildren(...(next ? [next.node] : []));
    if (next) say(WORDS.ask);
  }

  draws.add(draw);
  hears.add(({ type, ref, message }) => {
    if (ref !== 'rate' || !card) return;
    card.word.textContent = type === 'ok' ? WORDS.thanks : message;
  });
}
