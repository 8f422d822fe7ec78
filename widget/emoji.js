/* A picker of emoji: the reader's own font draws them. Found by name, walked with arrows; what was used last comes first. */

export const SHEET = '{{ style }}';
const KEPT = 8; // that were used last
const WORDS = '{{ words }}';
const GROUPS = [
  [WORDS.faces, '😀grinning 😄happy 😁beaming 😂joy 🤣laughing 😊smiling 🙂smile 😉wink 😍love-eyes 🥰adoring 😘kiss 😋tasty 😎cool 🤩starstruck 🥳party 🤗hug 🤔thinking 🤨doubtful 😐neutral 😶silent 🙄eye-roll 😏smirk 😬grimace 😴sleeping 🤒sick 🥵hot 🥶cold 😕confused 😟worried 🙁sad 😮surprised 😳embarrassed 🥺pleading 😢crying 😭sobbing 😱scream 😞disappointed 😩tired 😤huffing 😡angry 🤯mind-blown 🙈see-no-evil 🤖robot'],
  [WORDS.hands, '👍thumbs-up 👎thumbs-down 👌okay 🤞fingers-crossed ✌️victory 👏clapping 🙌hooray 🙏please-thanks 🤝handshake 👋wave 💪strong 👀eyes 👉right 👈left 👆up 👇down ✍️writing 🤷shrug 🙋raised-hand 🤦facepalm'],
  [WORDS.hearts, '❤️heart-red 🧡heart-orange 💛heart-yellow 💚heart-green 💙heart-blue 💜heart-purple 🖤heart-black 💔broken-heart 💯hundred ✨sparkles ⭐star 🔥fire 🎉celebrate 🎁gift 🏆trophy 💐flowers'],
  [WORDS.things, '📦parcel 🚚delivery 🛒cart 🛍️shopping 💳card 💶euro 💵dollar 🧾receipt 🏷️price 📧mail 📞phone 📱mobile 💻computer 🔑key 🔒lock 🔧repair 📅calendar ⏰clock 📍place 🏠home 🏢office ✈️plane 🚗car 🚲bike 📷photo 🔍search 📎attachment 💡idea ☕coffee 🍕pizza 🎂cake 🍀luck 🌱plant 🌞sun 🌧️rain ❄️snow 🐶dog 🐱cat'],
  [WORDS.signs, '✅yes ❌no ❓question ❗important ⚠️warning ℹ️information ➕plus ➖minus ➡️next ⬅️back 🔄again ⏳waiting 🆗ok 🆕new 🆓free 🔝top'],
];

/** Returns `toggle()`: opens the picker above the composer, or closes it. */
export function mount({ at, el, bot }) {
  const key = `frontdesk.emoji.${bot.key}`;
  const input = at('input');
  const opener = at('emoji');
  const all = GROUPS.map(([title, text]) => [title, text.split(' ').map(split)]);
  const names = new Map(all.flatMap(([, faces]) => faces));
  const query = el('input', { type: 'search', 'aria-label': WORDS.search, placeholder: WORDS.search, autocomplete: 'off', maxlength: 30, on: { input: draw } });
  const list = el('div', { class: 'grid', on: { keydown: walk, click: pick } });
  const box = el('div', { id: 'picker', class: 'picker', role: 'dialog', 'aria-label': opener.getAttribute('aria-label'), hidden: true, on: { keydown } }, query, list);
  opener.setAttribute('aria-controls', 'picker');
  at('composer').before(box);
  addEventListener('pointerdown', ({ target }) => box.hidden || box.contains(target) || opener.contains(target) || hide());

  function draw() {
    const word = query.value.trim().toLowerCase();
    const groups = word
      ? [[WORDS.search, [...names].filter(([, name]) => name.includes(word))]]
      : [[WORDS.recent, recent().map((face) => [face, names.get(face)])], ...all];
    list.replaceChildren(...groups.filter(([, faces]) => faces.length).map(([title, faces]) =>
      el('div', { role: 'group', 'aria-label': title }, word ? null : el('h2', { text: title, 'aria-hidden': true }), ...faces.map(button))));
    if (!list.firstChild) list.append(el('p', { role: 'status', text: WORDS.none }));
    else list.querySelector('button').tabIndex = 0;
  }

  const button = ([face, name]) => {
    const said = name.replaceAll('-', ' ');
    return el('button', { type: 'button', tabindex: -1, lang: 'en', 'aria-label': said, title: said, text: face });
  };

  /** Left and right by one, up and down to whatever stands nearest in the line above or below. */
  function walk(event) {
    const buttons = [...list.querySelectorAll('button')];
    const here = buttons.indexOf(event.target);
    const ahead = getComputedStyle(list).direction === 'rtl' ? -1 : 1;
    const to = {
      ArrowRight: () => buttons[here + ahead],
      ArrowLeft: () => buttons[here - ahead],
      ArrowDown: () => near(buttons, event.target, 1),
      ArrowUp: () => near(buttons, event.target, -1),
      Home: () => buttons[0],
      End: () => buttons.at(-1),
    }[event.key];
    if (here < 0 || !to) return;
    event.preventDefault();
    const next = to();
    if (!next && event.key === 'ArrowUp') return query.focus();
    if (next) focus(next);
  }

  function focus(button) {
    for (const old of list.querySelectorAll('[tabindex="0"]')) old.tabIndex = -1;
    button.tabIndex = 0;
    button.focus();
  }

  function near(buttons, from, way) {
    const { x, y } = from.getBoundingClientRect();
    const beyond = buttons.map((button) => [button, button.getBoundingClientRect()]).filter(([, place]) => (place.y - y) * way > 4);
    const line = Math.min(...beyond.map(([, place]) => (place.y - y) * way));
    const found = beyond.filter(([, place]) => (place.y - y) * way < line + 4);
    return found.sort(([, a], [, b]) => Math.abs(a.x - x) - Math.abs(b.x - x))[0]?.[0];
  }

  function pick({ target }) {
    const face = target.closest('button')?.textContent;
    if (!face) return;
    input.setRangeText(face, input.selectionStart, input.selectionEnd, 'end');
    input.dispatchEvent(new Event('input'));
    quietly(() => localStorage.setItem(key, JSON.stringify([face, ...recent().filter((old) => old !== face)].slice(0, KEPT))));
    close();
  }

  function keydown(event) {
    if (event.key === 'ArrowDown' && event.target === query) {
      event.preventDefault();
      list.querySelector('button')?.focus();
    }
    if (event.key === 'Enter' && event.target === query) {
      event.preventDefault(); // in the composer, which has the focus by then, it would break the line
      list.querySelector('button')?.click();
    }
    if (event.key !== 'Escape') return;
    event.stopPropagation(); // the panel would close
    close();
  }

  function hide() {
    box.hidden = true;
    opener.setAttribute('aria-expanded', 'false');
  }

  function close() {
    hide();
    input.focus();
  }

  const recent = () => quietly(() => JSON.parse(localStorage.getItem(key)).filter((face) => names.has(face))) ?? [];

  return () => {
    if (!box.hidden) return close();
    box.hidden = false;
    opener.setAttribute('aria-expanded', 'true');
    query.value = '';
    draw();
    query.focus();
  };
}

/** "😀grinning" as the emoji and its name. */
const split = (text) => {
  const at = text.search(/[a-z]/);
  return [text.slice(0, at), text.slice(at)];
};

function quietly(work) {
  try {
    return work();
  } catch {
    return null; // no storage, or somebody else's value in it
  }
}
