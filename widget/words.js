/* Every word the panel says itself, in one place. */

export const WORDS = {
  ready: 'Answers right away',
  connecting: 'Connecting…',
  offline: 'Offline',
  offlineLong: 'You are offline. Messages will be sent when you are back.',
  refused: 'This chat is not available on this page.',
  waiting: (place) => (place ? `Waiting – you are number ${place}` : 'Waiting for a person'),
  waitingLong: 'Somebody will be with you soon. You can already write what it is about.',
  waitingAway: 'Nobody is at the desk right now. Write your question and your e-mail address: they are kept for the team.',
  live: (name) => `${name} is here`,
  closed: 'Chat closed – write to start again',
  person: 'Talk to a person',
  personLater: 'You are offline. A person will be asked for when you are back.',
  sources: (count) => (count === 1 ? 'Source' : 'Sources'),
  sending: 'Sending…',
  sent: 'Sent',
  seen: 'Seen',
  failed: 'Not sent.',
  retry: 'Try again',
  discard: 'Remove',
  stopped: 'Stopped',
  broken: 'This answer broke off.',
  latest: 'New messages',
  earlier: 'Only the latest messages are shown.',
  writing: (name) => `${name} is writing`,
  you: 'You',
  today: 'Today',
  yesterday: 'Yesterday',
  left: (count) => (count < 0 ? `${-count} over the limit` : `${count} left`),
};

const DAY = 86_400_000; // ms

/** "Today", "Yesterday" or the date in the reader's own manner. */
export function day(iso, now = new Date()) {
  const at = new Date(iso);
  const ago = Math.round((midnight(now) - midnight(at)) / DAY);
  if (ago === 0) return WORDS.today;
  if (ago === 1) return WORDS.yesterday;
  const year = at.getFullYear() === now.getFullYear() ? undefined : 'numeric';
  return at.toLocaleDateString([], { weekday: 'long', day: 'numeric', month: 'long', year });
}

/** "14:05", in the reader's own manner. */
export const time = (iso) => new Date(iso).toLocaleTimeString([], { hour: 'numeric', minute: '2-digit' });

const midnight = (at) => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
