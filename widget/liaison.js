/* The page's API inside the panel: does what the page asks for, and tells it what happens here. Ids, names of states and
   of people who joined go out; what is written never does. */

/** Returns `obey(command, …values)`. */
export function mount({ bot, page, past, hears, tell, person, paint, fill, choose, again, rejoin, connected }) {
  /** `now`: what of the state the page can ask for is another from here on. */
  const event = (event, value, now) => tell({ event, value, now });

  const told = {
    'line.changed': ({ state }) => event('connection', state, { connection: state }),
    'message.created': ({ message: { id, author } }) => {
      if (author === 'visitor') event('message:sent', { id });
      else if (author !== 'system') event('message:received', { id, role: author });
    },
    'answer.started': ({ message_id: id }) => event('stream:start', { id }),
    'answer.finished': ({ message: { id }, state }) => {
      event('stream:end', { id, state });
      event('message:received', { id, role: 'bot' });
    },
    error: ({ code, message }) => {
      if (code !== 'bad_identity') return;
      console.warn(`Frontdesk: ${message}`);
      event('error', code);
    },
    'room.handed_off': ({ reason }) => event('handoff:requested', { reason }),
    'room.claimed': ({ agent: { name } }) => event('agent:joined', { name }, { agent: name }),
    'room.released': () => event('agent:left', {}, { agent: null }),
    'room.closed': () => event('conversation:ended', {}, { agent: null }),
  };
  const hear = (heard) => told[heard.type]?.(heard);
  past.forEach(hear);
  hears.add(hear);

  /** What this browser keeps for this bot: nothing of one person is left to the next. */
  function forget() {
    for (const key of Object.keys(localStorage)) if (key.startsWith(`frontdesk:${bot.key}`)) localStorage.removeItem(key);
  }

  const commands = {
    handoff: person,
    identify(who) {
      const before = page.identity;
      if (JSON.stringify(before) === JSON.stringify(who)) return;
      page.identity = who;
      if (before && subject(before) === subject(who)) return rejoin();
      if (before) quietly(forget);
      if (before || connected()) again();
    },
    /** Whoever comes now is a new visitor: the server forgets the old cookie, which no script can. */
    async reset() {
      page.identity = null;
      quietly(forget);
      await fetch(`${location.href}&new=1`, { method: 'HEAD' }).catch(console.warn);
      again();
    },
    update({ url, locale, theme, color, context }) {
      const told = JSON.stringify(page.context);
      Object.assign(page, { url, context }, locale && { locale }, theme && { theme }, color && { color });
      paint();
      if (JSON.stringify(context) !== told) rejoin();
    },
    turn: (view) => ['chat', 'help'].includes(view) && choose?.(view),
    fill: (text) => fill(String(text)),
  };
  return function obey(command, ...values) {
    if (Object.hasOwn(commands, command)) commands[command](...values);
    else console.warn(`Frontdesk has no command "${command}".`);
  };
}

/** Whom an identity speaks of: a token's `sub` is read, not believed. */
function subject({ token, userId }) {
  if (!token) return String(userId);
  return quietly(() => JSON.parse(atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/'))).sub);
}

function quietly(act) {
  try {
    return act();
  } catch {
    return null; // storage is refused, or the token is none
  }
}
