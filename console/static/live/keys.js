/* The desk by keyboard: one key a deed, nowhere where somebody writes. */

const KEYS = [
  ['?', 'These keys'],
  ['j', 'The next chat'],
  ['k', 'The one before'],
  ['s', 'Search'],
  ['c', 'Take the chat'],
  ['r', 'Write a reply'],
  ['d', 'Draft a reply from the FAQ'],
  ['n', 'Write a note'],
  ['p', 'Pass it on'],
  ['z', 'Put it aside'],
  ['b', 'Back to the bot'],
  ['e', 'Close it'],
];

/** Listens for the keys; `does` has a function for each deed that is possible, `help(KEYS)` shows them. Returns a function
    that does. */
export function keyboard(does, help) {
  const show = () => help(KEYS);
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
    if (event.target.closest?.('input, textarea, select, [contenteditable], dialog[open]')) return;
    if (event.key === '?') show();
    else if (Object.hasOwn(does, event.key)) does[event.key]();
    else return;
    event.preventDefault();
  });
  return show;
}
