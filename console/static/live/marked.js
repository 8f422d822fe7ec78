/* The words that are looked for, marked in a text. No socket, no state. */
import { el } from '../widget/view.js';

/** Nodes for `text` with the words that are `wanted` marked. Letter by letter, for one may become two (ß). */
export function marked(text, wanted) {
  const letters = [...text];
  const folded = letters.map(fold);
  const owner = folded.flatMap((some, i) => Array(some.length).fill(i)); // which letter each folded unit is of
  const whole = folded.join('');
  const hit = new Set();
  for (const word of wanted.normalize('NFC').split(/\s+/).map((each) => [...each].map(fold).join(''))) {
    for (let at = whole.indexOf(word); word && at >= 0; at = whole.indexOf(word, at + word.length)) {
      for (let i = 0; i < word.length; i += 1) hit.add(owner[at + i]);
    }
  }
  const runs = [];
  letters.forEach((letter, i) => {
    if (!i || hit.has(i) !== hit.has(i - 1)) runs.push({ mark: hit.has(i), text: '' });
    runs.at(-1).text += letter;
  });
  return runs.map((run) => (run.mark ? el('mark', { text: run.text }) : document.createTextNode(run.text)));
}

const fold = (letter) => letter.toUpperCase().toLowerCase();
