/* What this visit measured of itself, sent once when it ends: numbers alone, of nobody. Loaded in the few visits that the
   server drew; it draws none of who asks not to be tracked. */

const MOST = 20; // values of one kind in a beacon

const LONGEST = 600_000; // ms that a visitor may have waited for it

/** `took`: ms from the click to the ready input. `past`: the events that were heard before this part was there. */
export function mount({ bot, took, past, hears, draws, rows }) {
  const started = new Set(rows().map(({ client_id: id }) => id)); // messages whose clock was set once
  const failed = new Set();
  const token = [];
  let asked = 0; // when the message was written whose answer has not begun
  let busy = 0;
  let joins = 0;
  let sent = false;
  let agreed = !bot.gate;

  draws.add(({ facts }) => {
    agreed = !bot.gate || facts.agreed === bot.gate.version;
    for (const { client_id: id, state } of rows()) {
      if (!id) continue;
      if (state === 'sending' && !started.has(id) && navigator.onLine) asked = performance.now();
      if (state === 'failed') failed.add(id);
      started.add(id);
    }
  });

  function hear({ type, state, message }) {
    if (type === 'line.changed' && state === 'online') joins += 1;
    if (type === 'message.created' && message.author === 'agent') asked = 0; // a person takes their time
    if (!asked || (type !== 'answer.delta' && type !== 'answer.finished')) return;
    if (token.length < MOST) token.push(Math.round(performance.now() - asked));
    asked = 0;
  }
  past.forEach(hear);
  hears.add(hear);

  const tasks = globalThis.PerformanceObserver?.supportedEntryTypes?.includes('longtask');
  if (tasks) {
    new PerformanceObserver((list) => {
      for (const { name, duration } of list.getEntries()) if (name === 'self') busy += duration;
    }).observe({ type: 'longtask', buffered: true });
  }

  const coarse = matchMedia('(pointer: coarse)').matches;
  const device = coarse ? (Math.min(screen.width, screen.height) < 600 ? 'phone' : 'tablet') : 'desktop';

  function send() {
    if (sent || !agreed) return; // before they agreed to anything, nothing of them leaves
    sent = true;
    const fetched = ['navigation', 'resource'].flatMap((kind) => performance.getEntriesByType(kind));
    const bytes = fetched.reduce((sum, { transferSize = 0 }) => sum + transferSize, 0);
    const open = took < LONGEST ? [took] : []; // none where nobody clicked
    const script = tasks ? [Math.round(busy)] : [];
    const said = { device, bytes: [bytes], script, open, token, reconnects: [Math.max(0, joins - 1)], failed: [failed.size] };
    // As JSON it is sent with our origin; as a text the panel's own policy would have it sent with none.
    const body = new Blob([JSON.stringify(said)], { type: 'application/json' });
    navigator.sendBeacon(`/v1/vitals?bot=${encodeURIComponent(bot.key)}`, body);
  }

  // A phone ends a page that went to the background without another word.
  if (coarse) addEventListener('visibilitychange', () => document.hidden && send(), true);
  addEventListener('pagehide', send);
}
