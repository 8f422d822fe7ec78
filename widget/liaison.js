/* The page's API inside the panel: does what the page asks for, and tells it what happens here. Ids, names of states and
   of people who joined go out; what is written never does. */

/** Returns `obey(command, …values)`. */
export function mount({ page, past, hears, tell, person, paint, fill, choose }) {
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
    'room.handed_off': ({ reason }) => event('handoff:requested', { reason }),
    'room.claimed': ({ agent: { name } }) => event('agent:joined', { name }, { agent: name }),
    'room.released': () => event('agent:left', {}, { agent: null }),
    'room.closed': () => event('conversation:ended', {}, { agent: null }),
  };
  const hear = (heard) => told[heard.type]?.(heard);
  past.forEach(hear);
  hears.add(hear);

  const commands = {
    handoff: person,
    update({ url, locale, theme, color }) {
      Object.assign(page, { url }, locale && { locale }, theme && { theme }, color && { color });
      paint();
    },
    turn: (view) => ['chat', 'help'].includes(view) && choose?.(view),
    fill: (text) => fill(String(text)),
  };
  return function obey(command, ...values) {
    if (Object.hasOwn(commands, command)) commands[command](...values);
    else console.warn(`Frontdesk has no command "${command}".`);
  };
}
