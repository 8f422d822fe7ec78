/* Who is at the desk, and whether I am given chats. */
import { el } from '../widget/view.js';

/** `away(on)` says so. `show(colleagues, me)` draws. */
export function crew(away) {
  const mine = el('button', { type: 'button', class: 'plain', role: 'switch', on: { click: () => away(mine.ariaChecked === 'true') } });
  const names = el('p', { class: 'fine', id: 'crew' });
  return {
    node: el('div', { class: 'crew' }, mine, names),
    show(colleagues, me) {
      const self = colleagues.find(({ id }) => id === me?.id);
      mine.hidden = !self;
      if (self) {
        mine.ariaChecked = String(!self.away);
        mine.textContent = self.away ? 'Away: you are given no chats' : 'Taking chats';
        mine.dataset.away = self.away;
      }
      const others = colleagues.filter(({ id }) => id !== me?.id);
      names.textContent = others.length ? `Also here: ${others.map(({ name, away: gone }) => (gone ? `${name} (away)` : name)).join(', ')}` : '';
      names.hidden = !others.length;
    },
  };
}
