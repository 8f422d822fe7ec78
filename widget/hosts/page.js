/* The page around the chat, from the moment somebody comes near the launcher: its title, its scrolling, where it is. */

/** Also on a phone the page behind the chat stays where it is, for the finger and for the keyboard. */
export function mount({ call, tag, box, life, moved }) {
  const page = document.documentElement;
  const inline = tag.getAttribute('data-mode') === 'inline';
  const phone = matchMedia('(max-width: 480px), (max-height: 440px)');
  const view = window.visualViewport;
  let locked = false;
  let overflow = '';
  let marked = ''; // what we put before the page's title

  /** On a phone the frame is exactly what the keyboard leaves of the page. */
  function fit() {
    const { open } = call.get('state');
    box.style.setProperty('--top', `${view.offsetTop}px`);
    box.style.setProperty('--height', `${view.height}px`);
    lock(open && phone.matches && !inline);
  }

  function lock(wanted) {
    if (wanted === locked) return;
    locked = wanted;
    box.ariaModal = document.body.inert = wanted;
    if (wanted) overflow = page.style.overflow;
    page.style.setProperty('overflow', wanted ? 'hidden' : overflow, wanted ? 'important' : '');
  }

  function mark(unread) {
    const next = unread && !life.signal.aborted ? `(${unread > 9 ? '9+' : unread}) ` : '';
    if (next === marked) return;
    const title = document.title;
    document.title = next + (title.startsWith(marked) ? title.slice(marked.length) : title);
    marked = next;
  }

  for (const event of ['open', 'close']) call.on(event, fit);
  call.on('unread', mark);
  for (const type of ['resize', 'scroll']) view.addEventListener(type, () => call.get('state').open && fit(), life);
  // Single-page apps: nothing of the page's history is replaced to hear of it.
  const history = window.navigation ?? window;
  history.addEventListener(window.navigation ? 'navigatesuccess' : 'popstate', moved, life);
  life.signal.addEventListener('abort', () => mark(0));
  fit();
  mark(call.get('state').unread);
}
