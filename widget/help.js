/* The Help tab: the FAQ by category, searched as one types, each answer opened in its place. Reads plain HTTP: no socket
   is needed for it, and what was read once is there offline. */

export const SHEET = '{{ style }}';
const REST = 200; // ms without a key until a search goes out
const WORDS = '{{ words }}';

/** Returns `show(view)`: the panel was opened, perhaps for `chat` or `help`; whoever reads gets the focus. */
export function mount({ at, el, bot, page, prose, sources, ask, person, say, phrase, rows, draws }) {
  const key = `frontdesk.tab.${bot.key}`;
  const main = document.querySelector('main');
  const answers = new Map(); // entry id -> its answer, once it was read
  let here = '';
  let seen = 0; // messages that were there when the chat was left
  let rest = 0;
  let asked = 0; // searches that went out: a late reply to an earlier one is dropped
  let all = null; // every question, once they were read

  const chat = el('div', { id: 'chat', role: 'tabpanel', 'aria-labelledby': 'tab-chat' });
  const query = el('input', { type: 'search', id: 'query', 'aria-label': WORDS.search, placeholder: WORDS.search,
    autocomplete: 'off', enterkeyhint: 'search', maxlength: 200, dir: 'auto', on: { input: typed } });
  const list = el('div', { class: 'faq', tabindex: 0, role: 'region', 'aria-label': WORDS.help });
  const help = el('div', { id: 'help', role: 'tabpanel', 'aria-labelledby': 'tab-help' },
    el('form', { role: 'search', on: { submit: (event) => (event.preventDefault(), search()) } }, query), list);
  const tabs = { chat: tab('chat'), help: tab('help') };
  const held = document.activeElement;
  chat.append(...[...main.children].filter((node) => !node.matches('.sr')));
  const bar = el('div', { class: 'tabs', role: 'tablist', 'aria-label': bot.name, on: { keydown } }, tabs.chat, tabs.help);
  main.prepend(bar, chat, help);
  held?.focus({ preventScroll: true }); // moved nodes lose it
  addEventListener('online', () => all || here === 'chat' || search());
  draws.add(fresh);

  function tab(name) {
    const click = () => (choose(name), keep(name));
    return el('button', { type: 'button', role: 'tab', id: `tab-${name}`, 'aria-controls': name, text: WORDS[name], on: { click } });
  }

  function keydown({ key: pressed, target }) {
    const names = { Home: 'chat', End: 'help', ArrowLeft: other(target), ArrowRight: other(target) };
    if (!Object.hasOwn(names, pressed)) return;
    tabs[names[pressed]].click();
    tabs[names[pressed]].focus();
  }

  function choose(name) {
    here = name;
    for (const [each, panel] of [['chat', chat], ['help', help]]) {
      panel.classList.toggle('off', each !== name);
      tabs[each].setAttribute('aria-selected', String(each === name));
      tabs[each].tabIndex = each === name ? 0 : -1;
    }
    seen = rows().length;
    fresh();
    if (name === 'help' && !all) search();
  }

  /** A dot on the chat's tab for what came while the answers are read. */
  function fresh() {
    const came = here === 'help' && rows().slice(seen).some(({ author }) => author !== 'visitor');
    if (came === tabs.chat.children.length > 0) return;
    tabs.chat.replaceChildren(WORDS.chat, ...(came ? [el('i', {}, el('span', { class: 'sr', text: ` (${WORDS.fresh})` }))] : []));
  }

  function typed() {
    clearTimeout(rest);
    rest = setTimeout(search, REST);
  }

  async function search() {
    const text = query.value.trim();
    const mine = ++asked;
    clearTimeout(rest);
    try {
      const found = text || !all ? (await read(text ? `&q=${encodeURIComponent(text)}` : '')).topics : all;
      if (!text) all = found;
      if (mine === asked) draw(found, text);
    } catch {
      if (mine !== asked) return;
      const word = text.toLowerCase();
      const near = text && all?.filter(({ question }) => question.toLowerCase().includes(word));
      if (near?.length) draw(near, text);
      else show(WORDS.failed, [pill(WORDS.again, search)]);
    }
  }

  function draw(found, text) {
    if (!found.length) {
      return show(text ? WORDS.none : WORDS.empty, [
        pill(WORDS.ask, () => (go(), text ? ask(text) : at('input').focus())),
        pill(WORDS.person, () => (go(), person())),
      ]);
    }
    const groups = new Map();
    for (const topic of found) {
      const title = text ? many(found.length) : topic.category || (found.some((each) => each.category) ? WORDS.other : many(found.length));
      groups.set(title, [...groups.get(title) ?? [], entry(topic)]);
    }
    list.replaceChildren(...[...groups].flatMap(([title, entries]) => [el('h2', { text: title, dir: 'auto' }), ...entries]));
    if (text) say(many(found.length));
  }

  function show(text, pills) {
    list.replaceChildren(el('div', { class: 'lack' }, el('p', { text }), ...pills));
    say(text);
  }

  function entry({ id, question }) {
    const body = el('div', { id: `topic-${id}`, class: 'topic', hidden: true });
    const click = () => {
      body.hidden = !body.hidden;
      head.setAttribute('aria-expanded', String(!body.hidden));
      if (!body.hidden && !body.dataset.whole) fill(body, id, question);
    };
    const head = el('button', { type: 'button', 'aria-expanded': 'false', 'aria-controls': body.id, on: { click } },
      el('span', { dir: 'auto', text: question }), el('i'));
    return el('div', {}, el('h3', {}, head), body);
  }

  async function fill(body, id, question) {
    try {
      const topic = answers.get(id) ?? (await read(`&id=${id}`)).topic;
      const text = el('div', { class: 'said', dir: 'auto' });
      answers.set(id, topic);
      body.dataset.whole = true;
      prose(text, topic.answer, { base: page.origin });
      const more = () => (go(), ask(question));
      body.replaceChildren(text, ...(topic.url ? [sources([{ title: topic.url.replace(/^https?:\/\//, ''), url: topic.url }], WORDS.sources, page.origin)] : []),
        opinion(id), pill(WORDS.more, more));
    } catch {
      body.replaceChildren(el('p', { text: WORDS.failed }), pill(WORDS.again, () => fill(body, id, question)));
    }
  }

  function opinion(id) {
    const told = el('span', { role: 'status' });
    const word = (text, good) => {
      const click = () => post({ id, good }).then(() => {
        for (const each of [yes, no]) each.setAttribute('aria-pressed', String(each === button));
        told.textContent = WORDS.thanks;
      }, () => (told.textContent = WORDS.failed));
      const button = el('button', { type: 'button', class: 'word', 'aria-pressed': 'false', text, on: { click } });
      return button;
    };
    const yes = word(WORDS.yes, true);
    const no = word(WORDS.no, false);
    return el('div', { class: 'opinion', role: 'group', 'aria-label': WORDS.helpful }, el('span', { text: WORDS.helpful }), yes, no, told);
  }

  const many = (n) => phrase('found', { n }, WORDS);

  const pill = (text, click) => el('button', { type: 'button', class: 'pill', text, on: { click } });

  function go() {
    choose('chat');
    tabs.chat.focus();
  }

  async function read(what, how) {
    const answer = await fetch(`/v1/help?bot=${encodeURIComponent(bot.key)}${what}`, how);
    if (!answer.ok) throw answer;
    return answer.status === 204 ? null : answer.json();
  }

  const post = (said) => read('', { method: 'POST', body: JSON.stringify(said) });

  function keep(name) {
    try {
      localStorage.setItem(key, name);
    } catch {
      // Then it is not remembered.
    }
  }

  function kept() {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  }

  choose(kept() ?? (bot.help === 'first' ? 'help' : 'chat'));
  return (view) => {
    if (Object.hasOwn(tabs, view ?? '')) choose(view);
    if (here === 'help' && !matchMedia('(pointer: coarse)').matches) query.focus({ preventScroll: true });
  };
}

const other = ({ id }) => (id === 'tab-chat' ? 'help' : 'chat');
