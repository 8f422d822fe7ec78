/* What this browser keeps: messages that the server has not acknowledged, each under its own key, so that tabs do not
   overwrite each other, and who the visitor is where no cookie can say so. It survives a reload; where storage is full or
   refused, memory serves until the page goes. No DOM. */

/** `{all, get, add, update, drop}` over entries `{command, at, failed}`, oldest first. `name` tells bots apart. */
export function outbox(name, storage = reachable()) {
  const prefix = `frontdesk:${name}:`;
  const entries = new Map(stored(storage, prefix).map((entry) => [entry.command.client_id, entry]));
  let last = 0;

  function keep(entry) {
    entries.set(entry.command.client_id, entry);
    quietly(() => storage.setItem(prefix + entry.command.client_id, JSON.stringify(entry)));
  }

  return {
    all: () => [...entries.values()],
    get: (id) => entries.get(id),
    add(command) {
      last = Math.max(Date.now(), last + 1); // two in one millisecond keep their order
      keep({ command, at: last, failed: '' });
    },
    update(id, values) {
      if (entries.has(id)) keep({ ...entries.get(id), ...values });
    },
    drop(id) {
      entries.delete(id);
      quietly(() => storage.removeItem(prefix + id));
    },
  };
}

/** The token that the server gave where the browser refuses our cookie (in a frame on another site, over plain http):
    `{token, keep(token)}` for the bot `name`. With a cookie there is none. */
export function identity(name, storage = reachable()) {
  const key = `frontdesk:${name}.token`;
  return {
    token: quietly(() => storage.getItem(key)),
    keep(token) {
      if (token == this.token) return;
      this.token = token;
      quietly(() => storage.setItem(key, token ?? ''));
    },
  };
}

/** What is being written to the bot `name` and was not sent: one text for all tabs of this browser, kept over a reload.
    `{text(), keep(text), heard(listener)}`, which is called when another tab wrote. */
export function draft(name, storage = reachable()) {
  const key = `frontdesk:${name}.draft`;
  return {
    text: () => quietly(() => storage.getItem(key)) ?? '',
    keep: (text) => quietly(() => (text ? storage.setItem(key, text) : storage.removeItem(key))),
    heard: (listener) => addEventListener('storage', (event) => event.key === key && listener()),
  };
}

/** A fresh id for a message: 22 characters, 128 random bits. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').slice(0, 22);
}

/** `localStorage`, where the browser lets us name it. */
export function reachable() {
  return quietly(() => globalThis.localStorage);
}

function stored(storage, prefix) {
  const found = [];
  quietly(() => {
    for (let i = 0; i < storage.length; i += 1) {
      const key = storage.key(i);
      if (key.startsWith(prefix)) found.push(JSON.parse(storage.getItem(key)));
    }
  });
  return found.filter((entry) => entry?.command?.client_id).sort((a, b) => a.at - b.at);
}

export function quietly(act) {
  try {
    return act();
  } catch {
    return null; // storage is full, refused, or not there
  }
}
