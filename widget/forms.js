/* Forms above the composer: the address that a transcript goes to, and a message for when nobody is there. */

export const SHEET = '{{ style }}';
const WORDS = '{{ words }}';
const SHOWN = 8_000; // ms that a word of success stays
const FIELDS = {
  name: [WORDS.name, { autocomplete: 'name', maxlength: 200 }],
  email: [WORDS.email, { type: 'email', inputmode: 'email', autocomplete: 'email', maxlength: 254 }],
  question: [WORDS.question, { rows: 3, maxlength: 2_000 }],
};

/** Returns `transcript()`, which asks for the address. The message form is there while the room's state has `contact`. */
export function mount({ at, el, send, say, rows, draws, hears }) {
  const root = at('ask').parentNode.insertBefore(el('div', {}), at('ask'));
  let card = null; // {ref, node, wrong, inputs, back}
  let offered = ''; // the offer that is shown, or was put away

  function open(ref, { title, notes = [], names, consent = '', back }, command) {
    const wrong = el('p', { class: 'wrong', id: 'form-wrong', role: 'alert', dir: 'auto' });
    const inputs = Object.fromEntries(names.map((name) => [name, el(name === 'question' ? 'textarea' : 'input', {
      id: `form-${name}`, dir: 'auto', 'aria-describedby': 'form-wrong', ...FIELDS[name][1],
    })]));
    if (consent) inputs.agree = el('input', { id: 'form-agree', type: 'checkbox', 'aria-describedby': 'form-wrong' });
    const submit = (event) => {
      event.preventDefault();
      tell('');
      if (!send({ ref, ...command(inputs) })) tell(WORDS.later);
    };
    const keydown = (event) => {
      if (event.key !== 'Escape' || event.isComposing) return;
      event.stopPropagation(); // the form closes, and not the chat
      leave();
    };
    // The browser's own bubbles would speak another language than the page.
    const node = el('form', { class: 'form', novalidate: true, 'aria-label': title, on: { submit, keydown } },
      el('strong', { text: title }), ...notes.map((text) => el('p', { text, dir: 'auto' })),
      ...names.flatMap((name) => [el('label', { for: `form-${name}`, text: FIELDS[name][0] }), inputs[name]]),
      consent && el('label', { class: 'agree' }, inputs.agree, el('span', { text: consent, dir: 'auto' })), wrong,
      el('div', { class: 'acts' }, el('button', { class: 'go', text: WORDS.go }),
        el('button', { type: 'button', class: 'plain', text: WORDS.no, on: { click: leave } })));
    root.replaceChildren(node);
    card = { ref, wrong, inputs, back };
  }

  function leave() {
    const { back } = card;
    put();
    at(back).focus({ preventScroll: true });
  }

  function put(text = '') {
    card = null;
    const word = text && el('p', { class: 'form', text });
    root.replaceChildren(...(word ? [word] : []));
    if (!word) return;
    say(text);
    setTimeout(() => word.remove(), SHOWN);
  }

  function tell(text, field = '') {
    card.wrong.textContent = text;
    for (const [name, input] of Object.entries(card.inputs)) input.setAttribute('aria-invalid', String(name === field));
    card.inputs[field]?.focus();
  }

  function transcript() {
    open('transcript', { title: at('transcript').textContent, names: ['email'], back: 'menu' },
      ({ email }) => ({ type: 'transcript.send', email: email.value.trim() }));
    card.inputs.email.focus();
  }

  function contact({ opens, mail, consent }) {
    const id = [...crypto.getRandomValues(new Uint8Array(12))].map((n) => n.toString(16).padStart(2, '0')).join('');
    const when = opens && new Date(opens).toLocaleString(document.documentElement.lang, {
      weekday: 'long', day: 'numeric', month: 'long', hour: 'numeric', minute: '2-digit',
    });
    const notes = [WORDS.away, when && WORDS.opens.replace('{when}', () => when), mail ? WORDS.mail : WORDS.here];
    open('contact', { title: WORDS.leave, notes: notes.filter(Boolean), names: ['name', 'email', 'question'], consent, back: 'scroll' },
      ({ name, email, question, agree }) => ({
        type: 'form.submit', form_id: 'contact', client_id: id,
        values: { name: name.value, email: email.value.trim(), question: question.value, agree: agree?.checked ? 'yes' : '' },
      }));
    card.inputs.question.value = rows().filter(({ author }) => author === 'visitor').pop()?.text.slice(0, 2_000) ?? '';
    say(notes.filter(Boolean).join(' '));
  }

  draws.add(({ facts }) => {
    const offer = JSON.stringify(facts.contact ?? '');
    if (offer === offered) return;
    offered = offer;
    if (facts.contact) contact(facts.contact);
    else if (card?.ref === 'contact') leave();
  });
  hears.add(({ type, ref, code, message }) => {
    if (!card || ref !== card.ref) return;
    if (type === 'error') tell(message, code.replace('invalid_', ''));
    else if (ref === 'transcript') put(WORDS.sent);
  });
  return transcript;
}
