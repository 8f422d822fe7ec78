/* How much of a growing answer to show now. An answer from the FAQ arrives as one piece: it is unrolled in at most
   400 ms, so that the eye can follow; a model's small pieces pass nearly as they come. */

const UNROLLED = 400; // ms from a piece's arrival until all of it is seen
const PACE = 4; // ms a character takes where that is shorter

/** `start(id)` names the one answer to unroll; `cut(row)` is the part of its text to show now, and calls `again()`
    while there is more to come. Anything else, and everything under reduced motion, is shown at once. */
export function reveal(again) {
  const still = matchMedia('(prefers-reduced-motion: reduce)');
  let id = null;
  let shown = 0;
  let total = 0;
  let before = 0;
  let due = 0;

  return {
    start(next) {
      [id, shown, total] = [next, 0, 0];
    },
    cut(row) {
      if (row.id !== id || still.matches || document.hidden) return row.text;
      const now = performance.now();
      const { length } = row.text;
      if (length !== total) {
        if (shown >= total) before = now;
        total = length;
        due = now + Math.min(UNROLLED, (total - shown) * PACE);
      }
      const part = due > before ? (now - before) / (due - before) : 1;
      shown = now >= due ? total : Math.min(total, shown + Math.ceil((total - shown) * part));
      before = now;
      if (shown < total) again();
      else if (row.state !== 'streaming') id = null;
      return row.text.slice(0, whole(row.text, shown));
    },
    /** Is this answer still being unrolled? */
    busy: (row) => row.id === id && (row.state === 'streaming' || shown < total || total < row.text.length),
  };
}

/** `end`, but never between the two halves of one character. */
const whole = (text, end) => (/[\uD800-\uDBFF]/.test(text[end - 1] ?? '') ? end - 1 : end);
