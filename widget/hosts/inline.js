/* The chat as a part of the page, in an element of the owner's: for help pages and apps of one's own. It stays in its frame
   there too: a script of the page can neither read it nor act for its visitor. */

const SHEET = '{{ style }}';

/** `data-target`: a selector of the element that it fills; without one it stands where the script tag stands. It connects
    once it comes into view and takes no focus by itself, only where the page opens it; and it is never closed. */
export function mount({ call, show, tag, root, box, life }) {
  if (life.signal.aborted) return; // shut down while this was on its way
  const { host } = root;
  const wanted = tag.getAttribute('data-target');
  const open = () => call.get('state').open;
  const asked = open(); // the page did not wait for us
  let calm = false;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(SHEET);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  box.setAttribute('role', 'region');

  /** Pages of one document come and go, and their elements with them. */
  function place() {
    if (wanted) return into(document.querySelector(wanted));
    const stands = tag.isConnected ? tag : document.querySelector('script[data-mode=inline]');
    if (stands?.closest('body')) into(stands.parentElement, stands);
    else into(tag.closest('body') ? null : document.body); // null: its body is gone, and this one has no tag
  }

  function into(target, before) {
    if (!target) return host.remove();
    if (host.parentElement === target) return;
    if (before) before.after(host);
    else target.append(host);
    if (open()) show(true, calm = true); // the frame loads anew, and nobody asked for it
    calm = false;
  }

  call.on('open', () => calm || host.scrollIntoView());
  const seen = new IntersectionObserver((entries) => {
    if (!open() && entries.some((entry) => entry.isIntersecting)) show(true, calm = true);
    calm = false;
  });
  const swaps = new MutationObserver(place);
  swaps.observe(document, { childList: true, subtree: true });
  life.signal.addEventListener('abort', () => (seen.disconnect(), swaps.disconnect()));
  place();
  seen.observe(host);
  if (asked) show(true);
}
