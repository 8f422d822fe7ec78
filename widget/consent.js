/* What the owner asks a visitor to agree to before the first message; it stands where one would write. */

export const SHEET = '{{ style }}';
const WORDS = '{{ words }}';

/** There until the room's state has `agreed` to the version that is asked for; the server takes nothing before. */
export function mount({ at, el, bot, send, draws }) {
  const { text, version } = bot.gate;
  const agree = () => send({ type: 'consent.give', version }, { keep: true });
  const node = el('div', { class: 'gate', role: 'group', 'aria-labelledby': 'gate-text' },
    el('p', { id: 'gate-text', text, dir: 'auto' }),
    el('button', { type: 'button', text: WORDS.agree, 'aria-describedby': 'gate-text', on: { click: agree } }));

  draws.add(({ joined, facts }) => {
    if (!joined) return;
    const open = facts.agreed === version;
    const inside = node.contains(document.activeElement);
    const writing = at('composer').contains(document.activeElement);
    at('composer').hidden = !open;
    if (!open && !node.isConnected) at('composer').before(node);
    if (open) node.remove();
    if (open && inside) at('input').focus({ preventScroll: true });
    else if (!open && writing) node.lastChild.focus({ preventScroll: true });
  });
}
