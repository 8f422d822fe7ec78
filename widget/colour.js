/* The owner's one colour, made into a theme in which every text can be read (WCAG AA), light and dark. */

const WHITE = [255, 255, 255];
const NIGHT = [13, 20, 36];
const GROUNDS = { light: [244, 245, 247], dark: [34, 38, 46] }; // --fd-surface, --fd-raised: where the ink is read

/** The accent tokens for `hex` on a `dark` or light page, or null when it is no colour of the form #rrggbb. */
export function theme(hex, dark) {
  const color = parse(hex);
  if (!color) return null;
  const ground = dark ? GROUNDS.dark : GROUNDS.light;
  const away = dark ? WHITE : NIGHT;
  const accent = until(color, away, (c) => contrast(c, ground) >= 1.6);
  const text = contrast(accent, WHITE) >= 4.5 ? WHITE : NIGHT;
  const soft = mix(ground, accent, 0.1);
  const ink = until(accent, away, (c) => contrast(c, ground) >= 4.6 && contrast(c, soft) >= 4.6);
  const fill = text === WHITE ? accent : until(accent, WHITE, (c) => contrast(c, NIGHT) >= 4.5);
  return {
    '--fd-accent': css(fill),
    '--fd-accent-hover': css(mix(fill, text === WHITE ? NIGHT : WHITE, 0.14)),
    '--fd-accent-text': css(text),
    '--fd-accent-ink': css(ink),
    '--fd-accent-soft': css(soft),
    '--fd-focus': css(ink),
  };
}

function parse(hex) {
  const digits = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(hex);
  return digits && digits.slice(1).map((pair) => parseInt(pair, 16));
}

/** `color`, moved towards `goal` in small steps until it is `good` enough. */
function until(color, goal, good) {
  for (let part = 0; part < 1; part += 0.05) {
    const tried = mix(color, goal, part);
    if (good(tried)) return tried;
  }
  return goal;
}

const mix = (a, b, part) => a.map((value, i) => Math.round(value + (b[i] - value) * part));

const css = (color) => `rgb(${color.join(' ')})`;

function contrast(a, b) {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** Relative luminance (WCAG 2.2). */
function luminance(color) {
  const [r, g, b] = color.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
