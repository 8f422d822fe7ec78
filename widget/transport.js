/* Owns the socket: dials, joins, listens for silence, comes back, and delivers the outbox in order. No DOM.
   The panel and the desk share it. */

const SUBPROTOCOL = 'frontdesk.v1';
const FIRST_STEP = 500; // ms: the first back-off; doubled each time, full jitter
const LONGEST = 30_000; // ms: no back-off is longer
const SETTLED = 10_000; // ms a connection must have held for the back-off to start over
const DEPLOY = 10_000; // ms over which clients spread themselves after close code 1012
const SILENCE = 25_000; // ms without a frame: a pulse comes every 10 s, so the link is dead
const DIAL = 10_000; // ms a handshake may take
const UNANSWERED = 10_000; // ms until a command without an answer is sent again
const PASSING = new Set(['busy', 'unavailable', 'rate_limited']); // error codes that pass by themselves

/** Connects at once. `join()` gives the first command of every connection; `onEvent(event)` hears every event, and
    `message.queued | failed | retried | discarded` of our own; `onState(state, reason)` hears connecting,
    online and offline. Returns `push` (kept until acknowledged), `send` (now or never), `retry`, `discard`, `rejoin` and `close`. */
export function connect({ url, join, onEvent, onState, outbox, Socket = globalThis.WebSocket }) {
  let socket = null;
  let state = '';
  let ended = false;
  let joinedAt = 0; // when this connection's join was answered; 0 before
  let heard = 0;
  let tries = 0;
  let redial = 0;
  const flying = new Map(); // client_id -> when it left on this connection
  const held = new Map(); // lane -> not before
  const waiting = new Map(); // type -> command to send on joining

  function dial() {
    clearTimeout(redial);
    if (ended || socket) return;
    heard = Date.now();
    socket = new Socket(url, SUBPROTOCOL);
    socket.onopen = () => transmit({ ref: 'join', ...join() });
    socket.onmessage = ({ data }) => receive(JSON.parse(data));
    socket.onclose = ({ code, reason }) => lost(code, reason);
  }

  /** The connection is gone: what was under way will be sent again, after a while that depends on why. */
  function lost(code, reason = '', wait = 0) {
    if (joinedAt && Date.now() - joinedAt > SETTLED) tries = 0;
    hangUp();
    if (code === 1008) {
      ended = true;
      return tell('offline', reason || 'refused');
    }
    if (state !== 'connecting' || tries) tell('offline');
    const spread = code === 1012 ? DEPLOY : Math.min(LONGEST, FIRST_STEP * 2 ** tries);
    tries += 1;
    redial = setTimeout(dial, wait * 1_000 + Math.random() * spread);
  }

  function hangUp() {
    const old = socket;
    socket = null;
    joinedAt = 0;
    flying.clear();
    clearTimeout(redial);
    if (!old) return;
    old.onopen = old.onmessage = old.onclose = null;
    old.close();
  }

  function receive(event) {
    heard = Date.now();
    if (event.type === 'error' && event.ref === 'join') {
      onEvent(event);
      return lost(1013, '', event.retry_after ?? 2);
    }
    if (event.type === 'room.joined' || event.type === 'desk.joined') welcomed();
    for (const message of event.messages ?? [event.message]) if (message?.client_id) done(message.client_id);
    if (event.type === 'ok') done(event.client_id ?? event.ref);
    if (event.type === 'error' && outbox.get(event.client_id ?? event.ref)) return failed(event);
    onEvent(event);
    pump();
  }

  function welcomed() {
    joinedAt ||= Date.now();
    tell('online');
    for (const command of waiting.values()) transmit(command);
    waiting.clear();
  }

  function done(id) {
    flying.delete(id);
    outbox.drop(id);
  }

  function failed({ client_id, ref, code, message, retry_after }) {
    const id = client_id ?? ref;
    flying.delete(id);
    if (PASSING.has(code)) {
      const wait = (retry_after ?? 2) * 1_000 + Math.random() * 500;
      held.set(lane(outbox.get(id)), Date.now() + wait);
      setTimeout(pump, wait + 1);
      return;
    }
    outbox.update(id, { failed: message });
    onEvent({ type: 'message.failed', client_id: id, message });
    pump();
  }

  /** Sends the oldest message of each room that has none under way: one at a time keeps their order. */
  function pump() {
    if (!joinedAt) return;
    const now = Date.now();
    const taken = new Set();
    for (const entry of outbox.all()) {
      const room = lane(entry);
      if (entry.failed || taken.has(room)) continue;
      taken.add(room);
      const { client_id } = entry.command;
      if (now - (flying.get(client_id) ?? 0) < UNANSWERED || now < (held.get(room) ?? 0)) continue;
      flying.set(client_id, now);
      transmit(entry.command);
      setTimeout(pump, UNANSWERED + 1);
    }
  }

  function transmit(command) {
    if (socket?.readyState !== 1) return false;
    socket.send(JSON.stringify(command));
    return true;
  }

  function tell(next, reason = '') {
    if (next === state) return;
    state = next;
    onState(next, reason);
  }

  /** Come back now: the network or the reader did. */
  function hurry() {
    tries = 0;
    if (!socket) dial();
    else watch();
  }

  function watch() {
    const silent = Date.now() - heard;
    if (socket && silent > (socket.readyState === 0 ? DIAL : SILENCE)) lost(1006);
  }

  const listeners = [
    ['online', hurry],
    ['offline', () => socket && lost(1006)],
    ['visibilitychange', () => globalThis.document?.visibilityState === 'visible' && hurry()],
    ['pagehide', hangUp],
    ['pageshow', ({ persisted }) => persisted && hurry()],
  ];
  for (const [type, listener] of listeners) globalThis.addEventListener?.(type, listener, true);
  const watching = setInterval(watch, 5_000);

  tell('connecting');
  for (const { command, at, failed: message } of outbox.all()) {
    onEvent(queued(command, at));
    if (message) onEvent({ type: 'message.failed', client_id: command.client_id, message });
  }
  dial();

  return {
    /** A command with a `client_id`: shown at once, sent when it can be, and again until it is acknowledged. */
    push(command) {
      outbox.add({ ref: command.client_id, ...command });
      onEvent(queued(command, Date.now()));
      pump();
    },
    /** A command that is worth nothing later; with `keep` the last one of its type (and message) waits for the connection. */
    send(command, { keep = false } = {}) {
      const sent = joinedAt > 0 && transmit(command);
      if (!sent && keep) waiting.set(command.type + command.message_id, command);
      return sent;
    },
    rejoin: () => transmit({ ref: 'join', ...join() }),
    retry(client_id) {
      outbox.update(client_id, { failed: '' });
      onEvent({ type: 'message.retried', client_id });
      pump();
    },
    discard(client_id) {
      done(client_id);
      onEvent({ type: 'message.discarded', client_id });
      pump();
    },
    close() {
      ended = true;
      clearInterval(watching);
      for (const [type, listener] of listeners) globalThis.removeEventListener?.(type, listener, true);
      hangUp();
    },
  };
}

const lane = (entry) => entry.command.room ?? '';

const queued = ({ client_id, text, room }, at) =>
  ({ type: 'message.queued', client_id, text, room, created_at: new Date(at).toISOString() });
