/* What a client knows of one room, as a pure reducer: no socket, no DOM, no clock. The panel and the desk share it.
   `have` is the highest revision up to which nothing is missing; `head` the highest that was heard of. */

const HELD = 500; // events kept while one before them is missing; past it the rejoin brings them anyway

export const fresh = () => ({
  room: null,
  have: 0,
  head: 0,
  joined: false,
  more: false, // older messages than the oldest here exist
  messages: [], // ordered by position
  draft: null, // {id, text, length}: the answer being written, its length in code points
  torn: false, // a piece of the draft is missing
  echoes: [], // own messages that the server has not shown yet
  ahead: {}, // revision -> event that came before the one it follows
  typing: {}, // author -> name or ''
  facts: { mode: 'bot', agent: null, place: null, online: false, read_visitor: 0, read_agent: 0 },
});

/** The state after `event`. What is known already, or makes no sense here, changes nothing. */
export function apply(state, event) {
  const step = STEPS[event.type];
  if (step) return step(state, event);
  return event.revision === undefined ? state : lasting(state, event);
}

/** Is something missing that only a rejoin can bring? A straggler may still come: give it a moment. */
export const behind = (state) => state.head > state.have || state.torn;

/** What there is to show, in order: messages with the draft's text in its place, then own messages on their way. */
export function rows(state) {
  const { draft, messages, echoes } = state;
  if (!draft && !echoes.length) return messages;
  const shown = messages.map((m) => (draft?.id === m.id ? { ...m, text: draft.text } : m));
  return shown.concat(echoes);
}

/** How many messages of others the visitor has not seen. */
export const unread = ({ messages, facts }) =>
  messages.filter((m) => m.author !== 'visitor' && m.state !== 'streaming' && m.position > facts.read_visitor).length;

const STEPS = {
  'room.joined': joined,
  'answer.delta': delta,
  pulse: (state, { revision }) => (revision > state.head ? { ...state, head: revision } : state),
  'typing.changed': (state, { author, on, name }) =>
    on === author in state.typing ? state : { ...state, typing: typed(state.typing, author, on, name) },
  'presence.changed': (state, { online, place = null }) =>
    ({ ...state, facts: { ...state.facts, online, place: state.facts.mode === 'waiting' ? place : null } }),
  'message.queued': (state, { client_id, text, created_at }) =>
    known(state, client_id) ? state : { ...state, echoes: [...state.echoes, echo(client_id, text, created_at)] },
  'message.failed': (state, { client_id, message }) => mark(state, client_id, { state: 'failed', error: message }),
  'message.retried': (state, { client_id }) => mark(state, client_id, { state: 'sending', error: '' }),
  'message.discarded': (state, { client_id }) =>
    ({ ...state, echoes: state.echoes.filter((e) => e.client_id !== client_id) }),
  ok: acknowledged,
};

function joined(state, event) {
  const foreign = event.reset || (state.room !== null && state.room !== event.room);
  const base = foreign ? { ...fresh(), echoes: state.echoes } : state;
  const current = event.revision >= base.have;
  const have = Math.max(base.have, event.revision);
  const next = {
    ...base,
    room: event.room,
    joined: true,
    have,
    head: foreign ? have : Math.max(base.head, have),
    more: base.have === 0 ? Boolean(event.more) : base.more,
    torn: false,
    ahead: Object.fromEntries(Object.entries(base.ahead).filter(([revision]) => revision > have)),
    facts: current && event.state ? event.state : base.facts,
  };
  return drain(drafted(merge(next, event.messages), event.draft));
}

/** The text so far, as the join gave it: it counts unless what came live is longer already. */
function drafted(state, text) {
  if (text == null || !state.draft) return state;
  const length = points(text);
  return length < state.draft.length ? state : { ...state, draft: { ...state.draft, text, length } };
}

function delta(state, { message_id, at, text }) {
  const { draft } = state;
  if (draft?.id !== message_id) return state;
  if (at > draft.length) return { ...state, torn: true };
  const piece = at === draft.length ? text : [...text].slice(draft.length - at).join('');
  if (!piece) return state;
  return { ...state, draft: { id: draft.id, text: draft.text + piece, length: draft.length + points(piece) } };
}

/** `ok` names the revision at which an own message was stored: if its event is lost, the gap is seen here. */
function acknowledged(state, { ref, client_id = ref, revision }) {
  if (!state.echoes.some((e) => e.client_id === client_id)) return state;
  return { ...mark(state, client_id, { state: 'sent', error: '' }), head: Math.max(state.head, revision ?? 0) };
}

function lasting(state, event) {
  const { revision } = event;
  const head = Math.max(state.head, revision);
  if (revision <= state.have) return event.message ? merge(state, [event.message]) : state;
  if (revision > state.have + 1) {
    const full = Object.keys(state.ahead).length >= HELD;
    return { ...state, head, ahead: full ? state.ahead : { ...state.ahead, [revision]: event } };
  }
  // answer.finished has a state as well: the answer's, a word.
  const facts = event.state?.mode ? event.state : state.facts;
  const room = { ...state, room: event.room, have: revision, head, facts };
  return drain(event.message ? merge(room, [event.message]) : room);
}

/** Take the events that were waiting for the one that just came. */
function drain(state) {
  const next = state.ahead[state.have + 1];
  if (!next) return state;
  const { [next.revision]: _, ...ahead } = state.ahead;
  return lasting({ ...state, ahead }, next);
}

/** Messages by id, the newer revision wins; an own one takes the place of its echo. */
function merge(state, incoming) {
  if (!incoming?.length) return state;
  const byId = new Map(state.messages.map((m) => [m.id, m]));
  let { draft, typing, torn } = state;
  for (const message of incoming) {
    const old = byId.get(message.id);
    if (old && old.revision > message.revision) continue;
    byId.set(message.id, message);
    if (message.author in typing) typing = typed(typing, message.author, false);
    if (message.state === 'streaming') {
      if (draft?.id !== message.id) draft = { id: message.id, text: message.text, length: points(message.text) };
    } else if (draft?.id === message.id) [draft, torn] = [null, false];
  }
  const messages = [...byId.values()].sort((a, b) => a.position - b.position);
  const arrived = new Set(incoming.map((m) => m.client_id).filter(Boolean));
  const echoes = state.echoes.filter((e) => !arrived.has(e.client_id));
  return { ...state, messages, draft, torn, typing, echoes };
}

const echo = (client_id, text, created_at) => ({
  id: client_id, client_id, author: 'visitor', text, state: 'sending', created_at, sources: [], offers: [],
});

const known = (state, client_id) =>
  state.echoes.some((e) => e.client_id === client_id) || state.messages.some((m) => m.client_id === client_id);

const mark = (state, client_id, values) =>
  ({ ...state, echoes: state.echoes.map((e) => (e.client_id === client_id ? { ...e, ...values } : e)) });

function typed(typing, author, on, name) {
  const { [author]: _, ...others } = typing;
  return on ? { ...others, [author]: name ?? '' } : others;
}

/** Length in code points, as the server counts: an astral character is one. */
function points(text) {
  let points = 0;
  for (const _ of text) points += 1;
  return points;
}
