/* The tabs Chat and Help, where the owner wants them: one stop, arrows between them, the choice remembered. */
import { quietly, reachable } from './outbox.js';

const NAMES = ['chat', 'help'];

/** Returns `choose(name)`; without a name what was chosen last, or opens first. `shown(name)` is told of each choice. */
export function tabs(at, bot, shown, storage = reachable()) {
  const key = `frontdesk:${bot.key}.tab`;
  const tab = (name) => at(`tab-${name}`);
  let last = quietly(() => storage.getItem(key)) ?? (bot.help === 'first' ? 'help' : 'chat');

  function choose(name = last) {
    last = name;
    for (const each of NAMES) {
      at(each).classList.toggle('off', each !== name);
      tab(each).setAttribute('aria-selected', String(each === name));
      tab(each).tabIndex = each === name ? 0 : -1;
    }
    shown(name);
  }

  function chosen(name) {
    quietly(() => storage.setItem(key, name));
    choose(name);
    tab(name).focus();
  }

  for (const name of NAMES) {
    at(name).setAttribute('role', 'tabpanel');
    at(name).setAttribute('aria-labelledby', `tab-${name}`);
    tab(name).addEventListener('click', () => chosen(name));
  }
  at('tabs').addEventListener('keydown', ({ key: pressed, target }) => {
    const other = NAMES.find((name) => target !== tab(name));
    const to = { Home: 'chat', End: 'help', ArrowLeft: other, ArrowRight: other };
    if (Object.hasOwn(to, pressed)) chosen(to[pressed]);
  });
  at('tabs').hidden = false;
  return choose;
}
