/* The chat as a part of the page, in an element of the owner's: for help pages and apps of one's own. It stays in its frame
   there too: a script of the page can neither read it nor act for its visitor. */

const SHEET = '{{ style }}';

/** `data-target`: a selector of the element that it fills; without one it stands where the script tag stands. It connects
    once it comes into view, takes no focus by itself, and is never closed. */
export function mount({ call, tag, root, box, life }) {
  const { host } = root;
  const wanted = tag.getAttribute('data-target');
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(SHEET);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  box.setAttribute('role', 'region');

  /** Pages of one document come and go, and their elements with them. */
  function place() {
    const target = wanted ? document.querySelector(wanted) : tag.closest('body') ? tag.parentElement : document.body;
    if (!target) return host.remove();
    if (host.parentElement !== target) target.append(host);
  }

  const seen = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && call('open'));
  const swaps = new MutationObserver(place);
  swaps.observe(document, { childList: true, subtree: true });
  life.signal.addEventListener('abort', () => (seen.disconnect(), swaps.disconnect()));
  place();
  seen.observe(host);
}
