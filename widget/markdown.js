/* Light Markdown as plain data: what view.js may build and nothing else. No DOM; images are never loaded, a picture is
   its words; whatever is not understood stays text. */

const SCHEMES = new Set(['http:', 'https:', 'mailto:']);
const DEPTH = 4; // emphasis inside emphasis, no deeper
const ITEM = /^ {0,8}(?:[-*+•]|(\d{1,9})[.)])[ \t]+(.*)$/;
const FENCE = /^ {0,3}```/;
const HEADING = /^ {0,3}#{1,6}[ \t]+(.*?)[ \t#]*$/;
const SPECIAL = /[\\`*_[]|!\[|https?:\/\/|[\w.+-]{1,64}@/g;
const LINK = /!?\[([^\]\n]{0,500})\]\(<?([^\s<>()]{0,2000}(?:\([^\s<>()]{0,200}\)[^\s<>()]{0,200})?)>?(?:\s+"[^"\n]{0,200}")?\)/y;
const HALF_LINK = /!?\[([^\]\n]{0,500})(?:\](?:\([^\s()]{0,2000})?)?$/y;
const URL_TEXT = /https?:\/\/[^\s<>"'`]{1,2000}/y;
const MAIL_TEXT = /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}/y;

/** The text's blocks: `{type: p|ul|ol|pre, source, lines|items|text, start}`. Equal `source`, equal block. */
export function blocks(text) {
  const found = [];
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  let i = 0;
  while (i < lines.length) {
    const from = i;
    const block = fence() ?? list() ?? paragraph();
    if (block) found.push({ ...block, source: lines.slice(from, i).join('\n') });
  }
  return found;

  function fence() {
    if (!FENCE.test(lines[i])) return null;
    const from = (i += 1);
    while (i < lines.length && !FENCE.test(lines[i])) i += 1;
    const code = lines.slice(from, i).join('\n');
    i += 1;
    return { type: 'pre', text: code };
  }

  function list() {
    const first = ITEM.exec(lines[i]);
    if (!first) return null;
    const items = [];
    for (; i < lines.length; i += 1) {
      const item = ITEM.exec(lines[i]);
      if (item && !item[1] === !first[1]) items.push([item[2]]);
      else if (!item && /^\s+\S/.test(lines[i])) items.at(-1).push(lines[i].trim());
      else if (lines[i].trim() || !ITEM.test(lines[i + 1] ?? '')) break;
    }
    return first[1] ? { type: 'ol', items, start: Number(first[1]) } : { type: 'ul', items };
  }

  function paragraph() {
    const taken = [];
    for (; i < lines.length && lines[i].trim(); i += 1) {
      if (taken.length && (ITEM.test(lines[i]) || FENCE.test(lines[i]))) break;
      const heading = HEADING.exec(lines[i]);
      taken.push(heading ? `**${heading[1]}**` : lines[i].trim());
    }
    if (!taken.length) i += 1;
    return taken.length ? { type: 'p', lines: taken } : null;
  }
}

/** One line as pieces: `{type: text|code, text}`, `{type: strong|em, children}`, `{type: link, children, href}`.
    `base` is the site that "/…" links belong to. `open`: more is coming, so what is not closed counts as closed. */
export function inline(text, { base = null, open = false } = {}, depth = 0) {
  const pieces = [];
  let plain = '';
  let at = 0;
  const put = (piece, end) => {
    if (plain) pieces.push({ type: 'text', text: plain });
    plain = '';
    if (piece) pieces.push(piece);
    at = end;
  };
  const options = { base, open };

  while (at < text.length) {
    SPECIAL.lastIndex = at;
    const special = SPECIAL.exec(text);
    if (!special) break;
    plain += text.slice(at, special.index);
    at = special.index;
    const taken = escape() || code() || link() || bare() || emphasis();
    if (!taken) {
      plain += text[at];
      at += 1;
    }
  }
  plain += text.slice(at);
  put(null, text.length);
  return pieces;

  function escape() {
    if (text[at] !== '\\' || !/[!-/:-@[-`{-~]/.test(text[at + 1] ?? '')) return false;
    plain += text[at + 1];
    at += 2;
    return true;
  }

  function code() {
    const end = text[at] === '`' ? text.indexOf('`', at + 1) : -1;
    if (end <= at + 1) return false;
    put({ type: 'code', text: text.slice(at + 1, end) }, end + 1);
    return true;
  }

  function link() {
    const found = match(LINK) ?? (open ? match(HALF_LINK) : null);
    if (!found) return false;
    const [whole, label, target] = found;
    const href = target ? address(target, base) : null;
    const words = label || target || '';
    const children = depth < DEPTH ? inline(words, { open }, DEPTH) : [{ type: 'text', text: words }];
    const piece = href ? { type: 'link', href, children } : { type: 'text', text: words };
    put(piece, at + whole.length);
    return true;
  }

  /** An address written out; inside a link's own words it stays text. */
  function bare() {
    if (depth >= DEPTH || /\w/.test(text[at - 1] ?? '')) return false;
    const found = match(URL_TEXT) ?? match(MAIL_TEXT);
    if (!found) return false;
    const words = trimmed(found[0]);
    const href = address(words.includes('://') ? words : `mailto:${words}`, base);
    if (!href) return false;
    put({ type: 'link', href, children: [{ type: 'text', text: words }] }, at + words.length);
    return true;
  }

  function emphasis() {
    const double = text.startsWith(text[at].repeat(2), at);
    const mark = text[at].repeat(double ? 2 : 1);
    if (!'*_'.includes(text[at]) || depth >= DEPTH - 1) return false;
    const from = at + mark.length;
    if (!/\S/.test(text[from] ?? '') || (mark[0] === '_' && /\w/.test(text[at - 1] ?? ''))) return false;
    const end = closing(mark, from);
    if (end < 0 && !(open && double)) return false;
    const children = inline(text.slice(from, end < 0 ? text.length : end), options, depth + 1);
    put({ type: double ? 'strong' : 'em', children }, end < 0 ? text.length : end + mark.length);
    return true;
  }

  function closing(mark, from) {
    for (let end = text.indexOf(mark, from + 1); end > 0; end = text.indexOf(mark, end + 1)) {
      const after = text[end + mark.length] ?? '';
      const single = mark.length > 1 || (after !== mark && text[end - 1] !== mark);
      if (single && /\S/.test(text[end - 1]) && (mark[0] === '*' || !/\w/.test(after))) return end;
    }
    return -1;
  }

  function match(pattern) {
    pattern.lastIndex = at;
    return pattern.exec(text);
  }
}

/** Where a link may lead, or null: http, https and mailto, and "/…" on the site itself. */
export function address(href, base = null) {
  try {
    const own = /^\/(?![/\\])/.test(href);
    const url = own ? new URL(href, base ?? undefined) : new URL(href);
    const safe = SCHEMES.has(url.protocol) && !url.username && !url.password;
    return safe && (!own || url.origin === new URL(base).origin) ? url.href : null;
  } catch {
    return null;
  }
}

/** A sentence's full stop or bracket is no part of the address before it. */
function trimmed(words) {
  let end = words.length;
  while (/[.,;:!?*_'")\]}]/.test(words[end - 1])) {
    if (words[end - 1] === ')' && words.slice(0, end).includes('(')) break;
    end -= 1;
  }
  return words.slice(0, end);
}
