/* The panel's side of the wire to the page that embeds it: one hello with exact origins, then a port of our own.
   Only ids and counts leave this way, never a message's words. */

const VERSION = 1;

/** `on`: `hello(page)` once, `{url, locale, theme, color}`; `open(at)` and `close()` as the loader shows and hides us,
    `at` being the ms when it was clicked for; `call(command, …values)` for what the page asks through its API.
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
    port.onmessage = ({ data: { type, at, values } }) => (values ? on.call(type, ...values) : on[type](at));
    on.hello({ ...data, origin });
    if (data.open) on.open(data.open);
  }

  return { embedded, tell: (message) => port?.postMessage(message) };
}
