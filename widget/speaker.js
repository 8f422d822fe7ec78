/* What a screen reader is told: a finished message once, never its pieces; trouble at once. */
import { inline } from './markdown.js';

const KEPT = 1_000; // ms a sentence stays in the region: long enough to be taken up, short enough not to be met again

/** `polite` and `assertive` are the two live regions. */
export function speaker(polite, assertive) {
  const said = new Set();

  function put(region, text) {
    const line = document.createElement('p');
    line.textContent = text;
    region.append(line);
    setTimeout(() => line.remove(), KEPT);
  }

  return {
    say: (text) => put(polite, text),
    alert: (text) => put(assertive, text),
    /** Tell what `state` has that `before` had not. What was there at the first join is history and stays silent. */
    hear(state, before, bot) {
      for (const message of state.messages) {
        if (said.has(message.id) || message.state === 'streaming') continue;
        said.add(message.id);
        if (!before.joined || message.author === 'visitor') continue;
        const name = message.author === 'system' ? '' : `${message.name || bot.name}: `;
        put(polite, name + words(message.text));
      }
      const trouble = state.echoes.find((echo) => echo.state === 'failed' && !before.echoes.includes(echo));
      if (trouble) put(assertive, trouble.error);
    },
  };
}

const words = (text) => inline(text).map(spoken).join('');

const spoken = (piece) => (piece.children ? piece.children.map(spoken).join('') : piece.text);
