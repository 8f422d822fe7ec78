/* The one tag on the host page: draws the launcher, and on a click the panel's frame. Before that it fetches nothing
   and stores nothing. window.Frontdesk is the page's way to it (docs/widget.md). What is written never comes here. */
(() => {
  const tag = document.currentScript ?? document.querySelector('script[data-bot]');
  // Read one by one: what a page put into Object.prototype would be in dataset as well.
  const given = (name) => tag.getAttribute(`data-${name}`);
  const api = given('global') || 'Frontdesk';
  if (window[api]?.on) return;
  const inline = given('mode') === 'inline'; // a part of the page: never closed

  const CLOSED = 'M4 5.5h16v11h-9l-4.5 4v-4H4z';
  const OPEN = 'm6 10 6 6 6-6';
  const LATE = 8_000; // ms after its load event until a panel that said nothing counts as not there
  const MOST = 50;
  const label = given('label') ?? 'Chat'; // until the panel says it in its language
  const home = new URL(tag.src).origin;
  const page = document.documentElement;
  const dir = getComputedStyle(page).direction;
  const early = window[api]?.q ?? [];
  const listeners = { __proto__: null };
  const state = { open: false, unread: 0, connection: 'offline', agent: null };
  const chosen = { __proto__: null };
  const added = { __proto__: null };
  const waiting = []; // what the panel will be told when it is there
  const life = new AbortController(); // over with shutdown
  let booted = false;
  let clicked; // when the panel was wanted, in ms: it measures how long its visitor waits
  let ready = false;
  let frame;
  let port;

  const make = (name, attributes = {}, ...children) => {
    const svg = name === 'svg' || name === 'path';
    const node = svg ? document.createElementNS('http://www.w3.org/2000/svg', name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  };

  const path = make('path');
  const badge = make('b');
  const drawing = make('svg', { viewBox: '0 0 24 24', 'aria-hidden': true }, path);
  const button = make('button', { type: 'button' }, drawing, badge);
  const box = make('div', { class: 'box', role: 'dialog', 'aria-label': label });
  const all = make('div', {}, box, button);
  const host = make('frontdesk-chat');
  const root = host.attachShadow({ mode: 'closed' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('{{ style }}');
  root.adoptedStyleSheets = [sheet];
  root.append(all);

  function emit(name, value) {
    listeners[name]?.forEach((listener) => {
      try {
        listener(value);
      } catch (error) {
        console.error(error);
      }
    });
    window.dispatchEvent(new CustomEvent(`frontdesk:${name}`, { detail: value }));
  }

  /** White on the owner's colour where that can be read (4.5:1), else night. */
  function paint(hex) {
    if (!/^#[\da-f]{6}$/i.test(hex)) hex = '#1f5bd8';
    const light = [0.2126, 0.7152, 0.0722].reduce((sum, part, i) =>
      sum + part * (parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16) / 255) ** 2.2, 0);
    host.style.setProperty('--color', hex);
    host.style.setProperty('--ink', light > 0.183 ? '#0d1424' : '#fff');
  }

  function name(unread, label) {
    state.unread = unread;
    badge.textContent = unread > 9 ? '9+' : unread || '';
    button.setAttribute('aria-label', label);
    if (frame && !unread) box.ariaLabel = frame.title = label;
  }

  const locale = () => chosen.locale ?? (page.lang || navigator.language);
  /** What the panel is told of the page: how the chat looks on it, and where the visitor is. */
  const looks = () => ({ ...chosen, url: location.href, locale: locale() });

  /** The frame, hidden until it is wanted: a pointer that comes near is a good moment to fetch it. */
  function warm() {
    if (frame) return;
    frame = make('iframe', {
      title: label,
      src: `${home}/v1/panel?${new URLSearchParams({ bot: chosen.bot, lang: locale() })}`,
    });
    frame.onload = hello;
    box.replaceChildren(frame);
    add('page');
  }

  /** What is done on the page later, or on few pages: a module of `hosts`, mounted once. */
  const add = (name) => added[name] ??= import(`${home}/widget/${name}.js`).then(({ mount }) =>
    mount({ call, show, emit, tag, root, all, box, life, moved: () => pass('update', looks()) })).catch(console.error);

  function hello() {
    const channel = new MessageChannel();
    port = channel.port1;
    ready = false;
    port.onmessage = ({ data }) => hear({ __proto__: null, ...data });
    const font = chosen.font === 'inherit' ? getComputedStyle(document.body).fontFamily : chosen.font;
    const said = { ...looks(), frontdesk: 1, font, open: state.open && clicked };
    frame.contentWindow.postMessage(said, home, [channel.port2]);
    const asked = frame;
    AbortSignal.timeout(LATE).onabort = () => ready || frame !== asked || missing();
  }

  /** Another page stands in the frame: the server is away, or does not know the bot. */
  function missing() {
    const again = make('button', { type: 'button', class: 'again' }, 'The chat cannot be reached. Try again');
    again.onclick = warm;
    box.replaceChildren(again);
    ready = false;
    frame = null;
    emit('error', 'unreachable');
  }

  function hear({ type, label, color, event, value, now }) {
    if (type === 'close') show(false);
    if (type === 'away') ready = false;
    if (type === 'ready') {
      ready = true;
      if (!chosen.color) paint(color);
      while (waiting.length) port.postMessage(waiting.shift());
    }
    if (label) name(value, label);
    Object.assign(state, now);
    if (event) emit(event, value);
  }

  /** To the panel, now or when it is there; `MOST` of what waits, the oldest go. */
  function pass(type, ...values) {
    const message = structuredClone({ type, values });
    if (ready && host.isConnected) return port.postMessage(message);
    waiting.push(message);
    if (waiting.length > MOST) waiting.shift();
  }

  /** `calm`: it came into view by itself, and nobody's focus is taken. */
  function show(next, calm) {
    if (!booted || (inline ? !next : next === state.open)) return;
    const inside = root.activeElement;
    state.open = next;
    clicked = calm ? -1 : Date.now();
    if (next) warm();
    box.classList.toggle('open', next);
    button.setAttribute('aria-expanded', next);
    path.setAttribute('d', next ? OPEN : CLOSED);
    if (ready) port.postMessage({ type: next ? 'open' : 'close', at: clicked });
    if (next) calm || (frame ?? box.firstChild).focus();
    else if (inside) button.focus();
    emit(next ? 'open' : 'close');
  }

  function choose(values) {
    for (const [key, value] of Object.entries(values ?? {})) {
      try {
        if (value != null) chosen[key] = structuredClone(value);
      } catch {} // a function or a node, of which the panel can be told nothing
    }
    all.className = chosen.position ?? (dir === 'rtl' ? 'left' : 'right');
    button.hidden = inline || chosen.launcher === false || chosen.launcher === 'none';
    paint(chosen.color);
  }

  /** What is taken out and put back loads its frame anew. */
  const attach = () => host.isConnected || (ready = false, inline || page.append(host));
  const watch = new MutationObserver(attach);
  const commands = {
    __proto__: null,
    boot(values) {
      choose(values);
      if (booted) return;
      booted = true;
      attach();
      if (inline) add('inline');
      watch.observe(page, { childList: true });
    },
    update(values) {
      choose(values);
      pass('update', looks());
    },
    open(values) {
      const { view, prefill } = values ?? {};
      show(true);
      if (view) pass('turn', view);
      if (prefill) pass('fill', prefill);
    },
    close: () => show(false),
    toggle: () => show(!state.open),
    show: () => choose({ launcher: true }),
    hide: () => choose({ launcher: false }),
    identify(who) {
      choose({ identity: who });
      pass('identify', who);
    },
    reset() {
      delete chosen.identity;
      pass('reset');
    },
    get: (key) => (key === 'state' ? { ...state } : state[key]),
    on(event, listener) {
      (listeners[event] ??= new Set()).add(listener);
      if (event === 'ready') listener();
      return () => commands.off(event, listener);
    },
    once(event, listener) {
      let off = null;
      return off = commands.on(event, (value) => (off?.(), listener(value)));
    },
    off: (event, listener) => listeners[event]?.delete(listener),
    shutdown() {
      show(false);
      watch.disconnect();
      life.abort();
      host.remove();
      delete window[api];
    },
  };

  button.onclick = commands.toggle;
  root.onkeydown = ({ key }) => key === 'Escape' && show(false);
  for (const type of ['pointerenter', 'focus', 'touchstart']) button.addEventListener(type, warm, { passive: true });
  button.setAttribute('aria-expanded', false);
  path.setAttribute('d', CLOSED);
  name(0, label);
  for (const key of ['bot', 'color', 'position', 'theme', 'locale', 'font', 'launcher', 'mode']) choose({ [key]: given(key) });
  const call = async (command, ...values) => {
    try {
      if (commands[command]) return commands[command](...values);
      if (/^(send|handoff)$/.test(command)) show(true);
      pass(command, ...values);
    } catch (error) {
      return console.error(error);
    }
  };
  for (const key of ['on', 'once', 'off', 'get']) call[key] = commands[key];
  window[api] = call;
  if (given('boot') !== 'manual') commands.boot();
  emit('ready');
  if (given('triggers')) add('triggers');
  if (given('compat')) add(given('compat'));
  for (const [command, ...values] of early) call(command, ...values);
})();
