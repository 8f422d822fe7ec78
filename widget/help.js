/* The Help tab: the FAQ by category, searched as one types, each answer opened in its place. Reads plain HTTP: no socket
   is needed for it, and what was read once is there offline. */

export const SHEET = '{{ style }}';
const REST = 200; // ms without a key until a search goes out
const WORDS = '{{ words }}';

/** Returns `show(count)`: the tab is in front, and the chat with `count` messages was left; whoever reads gets the focus
    where nothing else has it. */
export function mount({ at, el, bot, page, prose, sources, ask, fill: write, person, choose, say, rows, draws, words, phrase }) {
  const answers = new Map(); // entry id -> its answer, once it was read
  const chat = at('tab-chat');
  let seen = 0; // messages that were there when the chat was left
  let rest = 0;
  let asked = 0; // searches that went out: a late reply to an earlier one is dropped
  let all = null; // every question, once they were read

  const query = el('input', { type: 'search', id: 'query', 'aria-label': WORDS.search, placeholder: WORDS.search,
    autocomplete: 'off', enterkeyhint: 'search', maxlength: 200, dir: 'auto', on: { input: typed } });
  const list = el('div', { class: 'faq', tabindex: 0, role: 'region', 'aria-labelledby': 'tab-help' });
  const submit = (event) => (event.preventDefault(), search());
  at('help').replaceChildren(el('form', { role: 'search', on: { submit } }, query), list);
  addEventListener('online', () => all || away() || search());
  draws.add(fresh);

  const away = () => at('help').classList.contains('off');

  /** A dot on the chat's tab for what came while the answers are read. */
  function fresh() {
    const n = away() ? 0 : rows().slice(seen).filter(({ author }) => author !== 'visitor').length;
    chat.setAttribute('aria-label', n ? phrase('unread', { n }) : words.chat);
    if (n > 0 !== chat.children.length > 0) chat.replaceChildren(words.chat, ...(n ? [el('i')] : []));
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
      else show(WORDS.failed, [pill(words.retry, search)]);
    }
  }

  function draw(found, text) {
    if (!found.length) {
      return show(text ? WORDS.none : WORDS.empty, [
        pill(WORDS.ask, () => (text ? put(text) : (go(), at('input').focus()))),
        pill(words.person, () => (go(), person())),
      ]);
    }
    const groups = new Map();
    const count = phrase('found', { n: found.length }, WORDS);
    for (const topic of found) {
      const title = text ? count : topic.category || (found.some(({ category }) => category) ? WORDS.other : count);
      groups.set(title, [...groups.get(title) ?? [], entry(topic)]);
    }
    list.replaceChildren(...[...groups].flatMap(([title, entries]) => [el('h2', { text: title, dir: 'auto' }), ...entries]));
    if (text) say(count);
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
      const more = () => put(question);
      body.replaceChildren(text, ...(topic.url ? [sources([{ title: topic.url.replace(/^https?:\/\//, ''), url: topic.url }], words.sources, page.origin)] : []),
        opinion(id), pill(WORDS.more, more));
    } catch {
      body.replaceChildren(el('p', { text: WORDS.failed }), pill(words.retry, () => fill(body, id, question)));
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

  const pill = (text, click) => el('button', { type: 'button', class: 'pill', text, on: { click } });

  /** Asks in the chat; where one may not write yet (the owner asks for consent first), the words wait there. */
  function put(text) {
    go();
    if (at('composer').hidden) write(text);
    else ask(text);
  }

  function go() {
    choose('chat');
    chat.focus();
  }

  async function read(what, how) {
    const answer = await fetch(`/v1/help?bot=${encodeURIComponent(bot.key)}${what}`, how);
    if (!answer.ok) throw answer;
    return answer.status === 204 ? null : answer.json();
  }

  const post = (said) => read('', { method: 'POST', body: JSON.stringify(said) });

  return (count) => {
    seen = count;
    fresh();
    if (!all) search();
    const idle = document.activeElement === document.body && !matchMedia('(pointer: coarse)').matches;
    if (idle) query.focus({ preventScroll: true });
  };
}
