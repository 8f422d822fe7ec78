/* Files: picked, pasted or dropped, sent on their way at once, and shown with the messages they went with. */

export const SHEET = '{{ style }}';
const WORDS = '{{ words }}';
const MOST = 5; // files of one message (protocol.py: MessageSend)
const KINDS = '.png,.jpg,.jpeg,.gif,.webp,.pdf,.docx,.xlsx,.pptx,.odt,.ods,.zip,.txt,.md,.log,.csv'; // filetypes.py: NAMES
const UNITS = ['byte', 'kilobyte', 'megabyte'];

/** Returns `add(list)`; without a list it opens the picker. `add.shown(file)` draws one that was sent, `add.clear()` forgets
    all that is at hand. `whose()`: where they go, as `/v1/files` wants to be told. */
export function mount(panel) {
  const { at, el, bot, phrase, draws, rows, say, token, refresh, whose = () => ({ bot: bot.key }) } = panel;
  const waiting = []; // {file, node, bar, note, id, request}
  const urls = new Map(); // file id -> a promise of its object URL
  const hung = new Map(); // message id -> its files' node
  const tray = el('ul', { class: 'tray', hidden: true, 'aria-label': WORDS.files });
  const input = el('input', { type: 'file', multiple: true, accept: KINDS, hidden: true, on: { change: picked } });
  const zone = el('p', { class: 'zone', text: WORDS.drop, hidden: true });
  at('composer').prepend(tray, input);
  document.body.append(zone);

  function picked() {
    add([...input.files]);
    input.value = '';
  }

  function add(list) {
    for (const file of list.slice(0, MOST - waiting.length)) begin(file);
    if (list.length && waiting.length === MOST) say(phrase('most', { n: MOST }, WORDS));
    at('input').focus({ preventScroll: true });
    changed();
  }

  function begin(file) {
    const entry = { file, bar: el('progress', { max: 1, value: 0 }), note: el('p', { text: size(file.size) }) };
    entry.url = URL.createObjectURL(file);
    const picture = file.type.startsWith('image/') && el('img', { src: entry.url, alt: '' });
    const name = el('bdi', { text: file.name });
    const off = el('button', { type: 'button', text: '×', 'aria-label': phrase('remove', { name: file.name }, WORDS), on: { click: () => (drop(entry), at('input').focus()) } });
    entry.node = el('li', {}, picture, el('div', {}, name, entry.note, entry.bar), off);
    waiting.push(entry);
    tray.append(entry.node);
    if (file.size > bot.most) trouble(entry, phrase('large', { n: Math.floor(bot.most / 1e6) }, WORDS), false);
    else send(entry);
  }

  function send(entry) {
    const request = entry.request = new XMLHttpRequest(); // fetch tells nothing of what has left
    entry.bar.hidden = false;
    entry.note.textContent = size(entry.file.size);
    request.upload.onprogress = ({ loaded, total }) => (entry.bar.value = loaded / total);
    request.onerror = () => trouble(entry, WORDS.offline);
    request.onload = () => {
      const { id, error } = answer(request);
      if (!id) return trouble(entry, error?.message ?? WORDS.offline, request.status > 415 || !error);
      entry.id = id;
      urls.set(id, Promise.resolve(entry.url)); // what was just sent need not be fetched
      entry.bar.hidden = true;
      say(phrase('ready', { name: entry.file.name }, WORDS));
      changed();
    };
    request.open('POST', address('', { name: entry.file.name }));
    if (token()) request.setRequestHeader('Authorization', `Bearer ${token()}`);
    request.send(entry.file);
  }

  /** `passing`: it may go better the next time. */
  function trouble(entry, text, passing = true) {
    Object.assign(entry, { request: null, passing });
    entry.bar.hidden = true;
    const again = passing && el('button', { type: 'button', class: 'plain', text: WORDS.again, on: { click: () => send(entry) } });
    entry.note.replaceChildren(`${text} `, again || '');
    say(text);
    changed();
  }

  function drop(entry) {
    entry.request?.abort();
    URL.revokeObjectURL(entry.url);
    urls.delete(entry.id);
    waiting.splice(waiting.indexOf(entry), 1);
    entry.node.remove();
    changed();
  }

  function changed() {
    tray.hidden = !waiting.length;
    refresh();
  }

  // A network that is back: what could not be sent is tried again.
  addEventListener('online', () => waiting.filter(({ id, request, passing }) => !id && !request && passing).forEach(send));
  for (const type of ['dragover', 'dragleave', 'drop']) {
    addEventListener(type, (event) => (zone.hidden = type !== 'dragover' || !event.dataTransfer.types.includes('Files')));
  }

  /** What the composer asks: may `text` be sent now, and what goes with it. */
  Object.assign(panel.tray, {
    may: (text) => (waiting.length ? waiting.every(({ id }) => id) : Boolean(text)),
    take() {
      const files = waiting.splice(0).map(({ id, node }) => (node.remove(), id));
      changed();
      return files.length ? { files } : {};
    },
  });

  draws.add(() => {
    for (const { id, attachments } of rows()) {
      if (!attachments?.length || hung.get(id)?.isConnected) continue;
      const tail = at('log').querySelector(`[data-id="${id}"]`)?.lastChild;
      if (!tail?.dataset.face) continue;
      const node = el('div', { class: 'files' }, ...attachments.map(shown));
      hung.set(id, node);
      tail.prepend(node);
    }
  });

  function shown(file) {
    const label = phrase('save', { name: file.name }, WORDS);
    const button = el('button', { type: 'button', class: 'file', title: file.name, 'aria-label': label, on: { click: () => keep(file) } });
    if (file.type.startsWith('image/')) {
      const picture = el('img', { alt: '' });
      button.append(picture);
      atHand(file).then((url) => (picture.src = url), () => button.replaceChildren(file.name));
    } else {
      button.append(el('bdi', { text: file.name }), el('small', { text: size(file.size) }));
    }
    return button;
  }

  async function keep(file) {
    try {
      el('a', { href: await atHand(file), download: file.name }).click();
    } catch {
      say(WORDS.offline);
    }
  }

  /** An image of a frame carries no token: what is shown or saved is fetched by hand. */
  function atHand({ id }) {
    if (!urls.has(id)) {
      const headers = token() ? { Authorization: `Bearer ${token()}` } : {};
      const found = fetch(address(`/${id}`), { headers }).then(async (response) => {
        if (!response.ok) throw new Error('gone');
        return URL.createObjectURL(await response.blob());
      });
      urls.set(id, found);
      found.catch(() => urls.delete(id));
    }
    return urls.get(id);
  }

  const address = (path, values = {}) => `/v1/files${path}?${new URLSearchParams({ ...whose(), ...values })}`;
  const clear = () => {
    [...waiting].forEach(drop);
    for (const url of urls.values()) url.then(URL.revokeObjectURL, () => {});
    urls.clear();
  };
  return Object.assign((list) => (list ? add(list) : input.click()), { shown, clear });
}

const answer = (request) => {
  try {
    return JSON.parse(request.responseText);
  } catch {
    return {};
  }
};

/** 1,234,567 bytes as "1.2 MB", in the reader's own manner. */
function size(bytes) {
  const step = Math.min(2, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = new Intl.NumberFormat(document.documentElement.lang, { style: 'unit', unit: UNITS[step], maximumFractionDigits: 1 });
  return value.format(bytes / 1_000 ** step);
}
