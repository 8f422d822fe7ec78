/* Builds nodes from data. textContent only, never HTML; no socket, no state. The panel and the desk share it. */
import { address, blocks, inline } from './markdown.js';

const SVG = 'http://www.w3.org/2000/svg';
const PATHS = {
  page: 'M6 2.8h5.2L15 6.6v9.6a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V3.8a1 1 0 0 1 1-1Zm5 0v4h4',
  person: 'M10 9.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4ZM3.8 17c.6-3 3-4.6 6.2-4.6s5.6 1.6 6.2 4.6',
};

/** An element. `props`: `text`, `on` (listeners by type), everything else an attribute; null ones are left out. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value == null || value === false) continue;
    if (name === 'text') node.textContent = value;
    else if (name === 'on') for (const [type, listener] of Object.entries(value)) node.addEventListener(type, listener);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.filter(Boolean));
  return node;
}

/** A small line drawing in the colour of the text around it. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  const path = document.createElementNS(SVG, 'path');
  svg.setAttribute('viewBox', '0 0 20 20');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}

/** Fills `node` with `text` as light Markdown. Called again with a longer text it touches only the blocks that
    differ, so that a long answer streams at the cost of its last paragraph. `open`: more is coming. */
export function prose(node, text, { base = null, open = false } = {}) {
  const parts = blocks(text);
  parts.forEach((part, i) => {
    const options = { base, open: open && i === parts.length - 1 };
    const key = `${part.type} ${options.open} ${part.source}`;
    const old = node.children[i];
    if (old && drawn.get(old) === key) return;
    const fresh = block(part, options);
    drawn.set(fresh, key);
    if (old) old.replaceWith(fresh);
    else node.append(fresh);
  });
  while (node.children.length > parts.length) node.lastChild.remove();
}

/** Fills `node` with `text` as it is written; its line breaks are kept by the style sheet. */
export function plain(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** What an answer rests on: links where there is one, plain names otherwise. */
export function sources(list, label, base = null) {
  const chips = list.map(({ title, url }) => {
    const href = url ? address(url, base) : null;
    return el('li', {}, href ? anchor(href, [title], 'chip') : el('span', { class: 'chip', text: title }));
  });
  return el('div', { class: 'sources' }, icon('page'), el('ul', { 'aria-label': label }, ...chips));
}

const drawn = new WeakMap();

function block(part, options) {
  if (part.type === 'pre') return el('pre', { dir: 'ltr' }, el('code', { text: part.text }));
  if (part.type === 'p') return el('p', { dir: 'auto' }, ...lines(part.lines, options));
  const items = part.items.map((item) => el('li', {}, ...lines(item, options)));
  return el(part.type, { dir: 'auto', start: part.start > 1 && part.start }, ...items);
}

function lines(list, options) {
  return list.flatMap((line, i) => [i > 0 && el('br'), ...nodes(inline(line, options))]);
}

function nodes(pieces) {
  return pieces.map((piece) => {
    if (piece.type === 'text') return document.createTextNode(piece.text);
    if (piece.type === 'code') return el('code', { text: piece.text });
    if (piece.type === 'link') return anchor(piece.href, nodes(piece.children));
    return el(piece.type, {}, ...nodes(piece.children));
  });
}

const anchor = (href, children, name) =>
  el('a', { href, class: name, target: '_blank', rel: 'noopener noreferrer nofollow' }, ...children);

