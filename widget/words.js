/* What the panel says itself, in the one language that travelled with it (`words/<tag>.json`), and times as its reader
   writes them. */

/** Sentences by their names, some by plural form; filled by the panel. */
export const WORDS = {};

const { lang, dir } = document.documentElement;
// The reader's own country, where they read this language: a British reader's dates are not an American's.
const LOCALE = navigator.languages.find((tag) => tag.split('-')[0] === lang.split('-')[0]) ?? lang;
const PLURAL = new Intl.PluralRules(lang);
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufefc]/;

/** The sentence `key` with `values` in its places; `n` chooses the plural form. A name that is written in the other
    direction is isolated, so that it cannot turn the sentence around. */
export function say(key, values, words = WORDS) {
  const word = words[key];
  return (word.other ? word[PLURAL.select(values.n)] : word).replace(/{(\w+)}/g, (_, name) => {
    const value = values[name].toLocaleString(LOCALE);
    return name !== 'name' || RIGHT_TO_LEFT.test(value) === (dir === 'rtl') ? value : `\u2068${value}\u2069`;
  });
}

const DAY = 86_400_000; // ms

/** "Today", "Yesterday" or the date in the reader's own manner. */
export function day(iso, now = new Date()) {
  const at = new Date(iso);
  const ago = Math.round((midnight(at) - midnight(now)) / DAY);
  if (ago === 0 || ago === -1) {
    const word = new Intl.RelativeTimeFormat(lang, { numeric: 'auto' }).format(ago, 'day');
    return word[0].toLocaleUpperCase(lang) + word.slice(1);
  }
  const year = at.getFullYear() === now.getFullYear() ? undefined : 'numeric';
  return at.toLocaleDateString(LOCALE, { weekday: 'long', day: 'numeric', month: 'long', year });
}

/** "14:05", in the reader's own manner. */
export const time = (iso) => new Date(iso).toLocaleTimeString(LOCALE, { hour: 'numeric', minute: '2-digit' });

const midnight = (at) => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
