/* Where the visitor writes: grows with the text, Enter sends, Shift+Enter breaks the line, input
   methods are left be. */

const LIMIT = 4_000; // characters of one message (protocol.py: TEXT_LIMIT)
const NEAR = 400; // characters left from which the counter shows
const NOWHERE = { text: () => '', keep() {}, heard() {} };
const TYPING = 3_000; // ms between two typing.set, and of rest after which typing is over

/** `parts`: `form`, `input`, `count`, `send` and `stop`. `acts`: `send(text)`, `may(text)`, `stop()`, `typing(on)`,
    `left(rest)`: what is said of the characters that are left, or too many. `draft` keeps what is not sent. */
export function composer({ form, input, count, send, stop }, acts, draft = NOWHERE) {
  let writing = false; // an answer is being written, so there is something to stop
  let told = 0; // when typing was last said to be on
  let rest = 0;
  let typed = 0; // when somebody last wrote here
  let due = 0;

  draft.heard(follow);
  input.addEventListener('input', () => {
    typed = Date.now();
    written();
    typing(input.value.trim() !== '');
  });
  input.addEventListener('blur', () => typing(false));
  input.addEventListener('keydown', (event) => {
    // 229: Safari ends a composition before the Enter that confirmed it.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    submit();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
    input.focus();
  });
  stop.addEventListener('click', () => {
    acts.stop();
    input.focus();
  });

  function submit() {
    const text = input.value.trim();
    if (!acts.may(text) || left(text) < 0) return;
    if (draft.text() === input.value) draft.keep(''); // what another tab wrote since is not sent with it
    typed = 0;
    follow();
    typing(false);
    acts.send(text);
  }

  /** The one text of all tabs. Whoever writes here is not disturbed by another, and follows when they rest. */
  function follow() {
    clearTimeout(due);
    const text = draft.text();
    const wait = typed + TYPING - Date.now();
    if (text && wait > 0) return due = setTimeout(follow, wait);
    input.value = text;
    refresh();
  }

  function written() {
    draft.keep(input.value);
    refresh();
  }

  function refresh() {
    const text = input.value.trim();
    const rest = left(text);
    input.style.height = 'auto';
    input.style.height = `${input.scrollHeight}px`;
    count.hidden = rest > NEAR;
    count.textContent = count.hidden ? '' : acts.left(rest);
    count.classList.toggle('bad', rest < 0);
    input.toggleAttribute('aria-invalid', rest < 0);
    send.disabled = !acts.may(text) || rest < 0;
    stop.hidden = !writing || text !== '';
    send.hidden = !stop.hidden;
  }

  function typing(on) {
    clearTimeout(rest);
    if (on) rest = setTimeout(typing, TYPING, false);
    if (on ? Date.now() - told < TYPING : !told) return;
    told = on ? Date.now() : 0;
    acts.typing(on);
  }

  follow();
  return {
    refresh,
    focus: () => input.focus({ preventScroll: true }),
    /** Puts `text` there as if it had always been: nobody is told that the visitor types. */
    fill(text) {
      input.value = text;
      written();
    },
    writing(on) {
      if (on === writing) return;
      const held = document.activeElement === stop;
      writing = on;
      refresh();
      if (held && !on) input.focus(); // a control that vanishes must not take the focus with it
    },
  };
}

const left = (text) => LIMIT - [...text].length;
