/* Messages that the server has not acknowledged. Each lies under its own key, so that tabs do not overwrite each
   other, and survives a reload; where storage is refused, memory does until the page goes. No DOM. */

/** `{all, add, drop, update}` over entries `{command, at, failed}`, oldest first. `name` tells bots apart. */
export function outbox(name, storage = reachable()) {
  const prefix = `frontdesk:${name}:`;
  const entries = new Map(stored(storage, prefix).map((entry) => [entry.command.client_id, entry]));
  let last = 0;

  function keep(entry) {
    entries.set(entry.command.client_id, entry);
    try {
      storage?.setItem(prefix + entry.command.client_id, JSON.stringify(entry));
    } catch {
      // Full or refused: it stays in memory.
    }
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
      try {
        storage?.removeItem(prefix + id);
      } catch {
        // Refused: nothing was stored either.
      }
    },
  };
}

/** A fresh id for a message: 22 characters, 128 random bits. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').slice(0, 22);
}

/** `localStorage`, or null where the browser refuses it: merely naming it may throw. */
function reachable() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}

function stored(storage, prefix) {
  const found = [];
  try {
    for (let i = 0; i < storage.length; i += 1) {
      const key = storage.key(i);
      if (key.startsWith(prefix)) found.push(JSON.parse(storage.getItem(key)));
    }
  } catch {
    // Refused, or not ours: what was read so far counts.
  }
  return found.filter((entry) => entry?.command?.client_id).sort((a, b) => a.at - b.at);
}
