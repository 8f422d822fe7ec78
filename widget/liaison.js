/* The page's API inside the panel: does what the page asks for, and tells it what happens here. Ids, names of states and
   of people who joined go out; what is written never does. */

/** Returns `obey({type, …})`. */
export function mount({ page, past, hears, tell, person, paint, fill }) {
  const event = (name, value) => tell({ type: 'event', event: name, value });

  const told = {
    'line.changed': ({ state }) => event('connection', state),
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
    'room.claimed': ({ agent: { name } }) => event('agent:joined', { name }),
    'room.released': () => event('agent:left', {}),
    'room.closed': () => event('conversation:ended', {}),
  };
  const hear = (heard) => told[heard.type]?.(heard);
  past.forEach(hear);
  hears.add(hear);

  const obey = {
    handoff: person,
    update({ url, locale, theme, color }) {
      Object.assign(page, { url }, locale && { locale }, theme && { theme }, color && { color });
      paint();
    },
    show({ prefill }) {
      if (prefill) fill(String(prefill));
    },
  };
  return (wish) => obey[wish.type]?.(wish);
}
