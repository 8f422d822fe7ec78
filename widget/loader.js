/* The one tag on the host page: draws the launcher, and on a click the panel's frame. Before that it fetches nothing
   and stores nothing. window.Frontdesk is the page's way to it. What the visitor and others write never comes here. */
(() => {
  const tag = document.currentScript ?? document.querySelector('script[data-bot]');
  if (!tag || window.Frontdesk?.on) return;

  const CLOSED = 'M4 5.5h16v11h-9l-4.5 4v-4H4z';
  const OPEN = 'm6 10 6 6 6-6';
  const home = new URL(tag.src).origin;
  // Read one by one: a page may have put things into Object.prototype, which dataset would then hold as well.
  const [bot, color, position, theme] = ['bot', 'color', 'position', 'theme'].map((name) => tag.getAttribute(`data-${name}`));
  const page = document.documentElement;
  const dir = getComputedStyle(page).direction;
  const phone = matchMedia('(max-width: 480px), (max-height: 440px)');
  const view = window.visualViewport;
  const early = window.Frontdesk?.q ?? [];
  const listeners = { __proto__: null };
  let shown = false;
  let locked = false;
  let overflow = '';
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
  const box = make('div', { class: 'box' });
  const side = position ?? (dir === 'rtl' ? 'left' : 'right');
  const host = make('frontdesk-chat');
  const root = host.attachShadow({ mode: 'closed' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('{{ style }}');
  root.adoptedStyleSheets = [sheet];
  root.append(make('div', { class: side }, box, button));

  const emit = (name, value) => listeners[name]?.forEach((listener) => {
    try {
      listener(value);
    } catch (error) {
      console.error(error);
    }
  });

  /** White on the owner's colour where that can be read (4.5:1), else night. */
  function paint(hex) {
    if (!/^#[\da-f]{6}$/i.test(hex)) hex = '#1f5bd8';
    const light = [0.2126, 0.7152, 0.0722].reduce((sum, part, i) =>
      sum + part * (parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16) / 255) ** 2.2, 0);
    host.style.setProperty('--color', hex);
    host.style.setProperty('--ink', light > 0.183 ? '#0d1424' : '#fff');
  }

  function name(unread) {
    badge.textContent = unread > 9 ? '9+' : unread || '';
    button.setAttribute('aria-label', unread ? `Chat, ${unread} unread` : 'Chat');
  }

  /** The frame, hidden until it is wanted: a pointer that comes near is a good moment to fetch it. */
  function warm() {
    if (frame) return;
    frame = make('iframe', { title: 'Chat', src: `${home}/v1/panel?bot=${encodeURIComponent(bot)}` });
    frame.onload = hello;
    box.append(frame);
  }

  function hello() {
    const channel = new MessageChannel();
    port = channel.port1;
    port.onmessage = ({ data }) => hear(data);
    const { href: url } = location;
    const locale = page.lang || navigator.language;
    const said = { frontdesk: 1, url, locale, dir, theme, color, open: shown };
    frame.contentWindow.postMessage(said, home, [channel.port2]);
  }

  function hear({ type, count, color: own }) {
    if (type === 'close') show(false);
    if (type === 'ready' && !color) paint(own);
    if (type === 'unread') {
      name(count);
      emit(type, count);
    }
  }

  function show(next) {
    if (next === shown) return;
    const inside = root.activeElement;
    shown = next;
    if (shown) warm();
    box.classList.toggle('open', shown);
    button.setAttribute('aria-expanded', shown);
    path.setAttribute('d', shown ? OPEN : CLOSED);
    fit();
    port?.postMessage({ type: shown ? 'open' : 'close' });
    if (shown) frame.focus();
    else if (inside) button.focus();
    emit(shown ? 'open' : 'close');
  }

  /** On a phone the frame is exactly what the keyboard leaves of the page, and the page behind it stays put. */
  function fit() {
    const full = shown && phone.matches;
    box.style.setProperty('--top', `${view.offsetTop}px`);
    box.style.setProperty('--height', `${view.height}px`);
    if (full === locked) return;
    locked = full;
    if (full) overflow = page.style.overflow;
    page.style.setProperty('overflow', full ? 'hidden' : overflow, full ? 'important' : '');
  }

  const attach = () => host.isConnected || page.append(host);
  const watch = new MutationObserver(attach);
  const commands = {
    __proto__: null,
    open: () => show(true),
    close: () => show(false),
    toggle: () => show(!shown),
    shutdown() {
      show(false);
      watch.disconnect();
      host.remove();
      delete window.Frontdesk;
    },
    on(event, listener) {
      (listeners[event] ??= new Set()).add(listener);
      if (event === 'ready') listener();
      return () => listeners[event].delete(listener);
    },
  };

  button.onclick = commands.toggle;
  root.onkeydown = ({ key }) => key === 'Escape' && show(false);
  for (const type of ['pointerenter', 'focus', 'touchstart']) button.addEventListener(type, warm, { passive: true });
  for (const type of ['resize', 'scroll']) view.addEventListener(type, () => shown && fit());

  button.setAttribute('aria-expanded', false);
  path.setAttribute('d', CLOSED);
  paint(color);
  name(0);
  attach();
  watch.observe(page, { childList: true });
  window.Frontdesk = async (command, ...values) => commands[command]?.(...values);
  window.Frontdesk.on = commands.on;
  for (const call of early) window.Frontdesk(...call);
})();
