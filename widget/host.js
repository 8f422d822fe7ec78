/* The panel's side of the wire to the page that embeds it: one hello with exact origins, then a port of our own.
   Only ids and counts leave this way, never a message's words. */

const VERSION = 1;

/** `on`: `hello(page)` once, `{url, locale, theme, color}`; `open(view, at)` and `close()` as the loader shows and hides us,
    `view` being what the page wants seen (chat, help, or nothing of it) and `at` the ms when it was clicked for; `call({type, …})` for what the page asks through
    its API.
    Returns `embedded` and `tell(message)`. Opened as a page of its own there is no host, and it is open at once. */
export function host(origins, on) {
  const embedded = window.parent !== window;
  let port = null;

  addEventListener('message', greet);

  function greet({ source, origin, data, ports }) {
    const known = origins.includes(origin) || origin === location.origin;
    if (port || source !== window.parent || !known || data?.frontdesk !== VERSION || !ports[0]) return;
    removeEventListener('message', greet);
    port = ports[0];
    port.onmessage = ({ data }) =>
      (data.type === 'open' ? on.open(data.view, data.at) : data.type === 'close' ? on.close() : on.call(data));
    on.hello({ ...data, origin });
    if (data.open) on.open(data.view, data.open);
  }

  return { embedded, tell: (message) => port?.postMessage(message) };
}
