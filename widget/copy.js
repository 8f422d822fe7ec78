/* What a reader does with what was said: copies it, or its code, sees when it was, and where a link really leads. */

export const SHEET = '{{ style }}';
const WORDS = '{{ words }}';
const SHOWN = 2_000; // ms that a button says it has copied
const OVER = ['complete', 'withheld', 'stopped', 'sent'];
const HOST = /(?:[\p{L}\p{N}-]+\.)+\p{L}{2,}/u;

export function mount({ at, el, rows, say, draws }) {
  const hung = new Map(); // message id -> what hangs under it

  draws.add(() => {
    for (const { id, author, state, text } of rows()) {
      if (!text || !['bot', 'agent'].includes(author) || !OVER.includes(state) || hung.get(id)?.isConnected) continue;
      const row = at('log').querySelector(`[data-id="${id}"]`);
      if (row?.lastChild.dataset.face) hung.set(id, hang(row, text)); // none while its text still unrolls
    }
  });

  function hang(row, text) {
    const [, bubble, tail] = row.children;
    for (const code of bubble.querySelectorAll('pre > code:only-child')) {
      code.after(button(code.textContent));
    }
    for (const link of bubble.querySelectorAll('a:not([data-seen])')) reveal(link);
    return tail.appendChild(el('div', { class: 'acts' }, button(text), el('time', { text: bubble.title })));
  }

  /** Shows the host where the link's words name another one, or where it may look like another (punycode). */
  function reveal(link) {
    const { protocol, host, pathname } = new URL(link.href);
    const named = HOST.exec(link.textContent)?.[0].toLowerCase().replace(/^www\./, '');
    const other = named && host !== named && !host.endsWith(`.${named}`) && !pathname.includes(named);
    link.dataset.seen = '';
    if (protocol.startsWith('http') && (other || host.includes('xn--'))) {
      link.after(el('bdi', { class: 'host', dir: 'ltr', text: ` (${host})` }));
    }
  }

  function button(text) {
    const made = el('button', { type: 'button', text: WORDS.copy, on: { click } });
    function click() {
      put(text).then(() => {
        made.textContent = WORDS.copied;
        say(WORDS.copied);
        setTimeout(() => (made.textContent = WORDS.copy), SHOWN);
      });
    }
    return made;
  }

  async function put(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // A frame of another site has the clipboard only by hand.
      const held = document.activeElement;
      const box = el('textarea', { class: 'sr', 'aria-hidden': true, tabindex: -1 });
      box.value = text;
      document.body.append(box);
      box.focus({ preventScroll: true });
      box.select();
      const done = document.execCommand('copy');
      box.remove();
      held?.focus({ preventScroll: true });
      if (!done) throw new Error('refused');
    }
  }
}
