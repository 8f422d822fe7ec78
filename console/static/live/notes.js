/* The notes of the rooms that were opened, and those on their way. No DOM. */

/** `ask(room)` asks the server for a room's notes; `mail`: the outbox, which has what it has not acknowledged;
    `changed()` hears of news. */
export function notebook({ ask, mail, changed }) {
  const known = new Map(); // room -> its notes, as they were last listed
  const counted = new Map(); // room -> how many its line spoke of when they were asked for

  return {
    /** Is this event of a note? Then it goes no further. */
    take(event) {
      if (event.type === 'notes.listed') known.set(event.room, event.notes);
      else if (!/^message\.(queued|failed|retried)$/.test(event.type) || !isNote(mail.get(event.client_id))) return false;
      changed();
      return true;
    },
    /** Asks again when the room's line counts others than we have. */
    check({ room, notes }) {
      if (!known.has(room) || counted.get(room) === notes) return;
      counted.set(room, notes);
      ask(room);
    },
    read: ask,
    /** The room's notes in their order, those on their way last. */
    of(room) {
      const listed = known.get(room) ?? [];
      const there = new Set(listed.map(({ client_id }) => client_id));
      const waiting = mail.all().filter((entry) => isNote(entry) && entry.command.room === room && !there.has(entry.command.client_id));
      return [...listed, ...waiting.map(pending)];
    },
  };
}

/** `messages` with each note after what had been said when it was written. */
export function woven(messages, notes) {
  const rest = [...notes].sort((a, b) => a.position - b.position);
  const all = [];
  for (const message of messages) {
    while (rest.length && rest[0].position < message.position) all.push(entry(rest.shift()));
    all.push(message);
  }
  return [...all, ...rest.map(entry)];
}

/** The members whom `text` calls: "@Grace Hopper", or "@Grace" where only one is called so. */
export function called(text, members) {
  const said = text.toLowerCase();
  const calls = (name) => new RegExp(`@${escaped(name.toLowerCase())}(?![\\p{L}\\p{N}])`, 'u').test(said);
  const first = ({ name }) => name.split(' ')[0];
  return members
    .filter((one) => calls(one.name) || (calls(first(one)) && members.filter((other) => first(other) === first(one)).length === 1))
    .map(({ id }) => id);
}

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

const isNote = (entry) => entry?.command.type === 'note.send';

const pending = ({ command, at, failed }) => ({
  ...command,
  id: command.client_id,
  position: Infinity,
  created_at: new Date(at).toISOString(),
  state: failed ? 'failed' : 'sending',
  error: failed,
});

const entry = (note) => ({ state: 'sent', ...note, author: 'note' });
