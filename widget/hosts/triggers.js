/* Proactive words: when the visitor has been here a while, has read far enough, came to a certain page or is about to go,
   a line of the owner's stands beside the launcher. It takes no focus, opens nothing by itself, and comes once. */

const SHEET = '{{ style }}';
const DAY = 86_400_000; // ms in which nothing more comes after it was closed
const SHUT = 'frontdesk.shut'; // when it was last closed; in this tab: that it came
// What the button that closes it is called, by the page's language.
const CLOSE = {
  __proto__: null, ar: 'إغلاق', cs: 'Zavřít', da: 'Luk', de: 'Schließen', el: 'Κλείσιμο', en: 'Close', es: 'Cerrar', fa: 'بستن',
  fi: 'Sulje', fr: 'Fermer', he: 'סגירה', hi: 'बंद करें', hu: 'Bezárás', it: 'Chiudi', ja: '閉じる', ko: '닫기', nb: 'Lukk',
  nl: 'Sluiten', pl: 'Zamknij', pt: 'Fechar', ro: 'Închide', ru: 'Закрыть', sv: 'Stäng', tr: 'Kapat', uk: 'Закрити', zh: '关闭',
};

/** The tag's `data-triggers`: any of `time:SECONDS`, `scroll:PERCENT`, `page:/PATH*` and `exit`, with spaces between.
    `data-teaser`: what is said; without it the page hears the event `trigger` and nothing is drawn. */
export function mount({ call, emit, tag, root, all, life }) {
  const said = tag.getAttribute('data-teaser');
  const watch = new AbortController();
  const quiet = { passive: true, signal: watch.signal };
  const wishes = tag.getAttribute('data-triggers').split(/\s+/).filter(Boolean);
  const stop = () => watch.abort();
  const lang = (tag.getAttribute('data-locale') || document.documentElement.lang || navigator.language).slice(0, 2);

  /** One of them has come true: the first one counts. */
  function fire(wish) {
    if (watch.signal.aborted || document.hidden) return;
    stop();
    keep(() => sessionStorage.setItem(SHUT, '1'));
    emit('trigger', wish);
    if (said) tease();
  }

  const kinds = {
    __proto__: null,
    time: (seconds, wish) => after(Number(seconds) * 1_000, () => fire(wish)),
    scroll(percent, wish) {
      const { documentElement: page } = document;
      document.addEventListener('scroll', () => {
        const room = page.scrollHeight - innerHeight;
        if (room > 0 && scrollY / room * 100 >= Number(percent)) fire(wish);
      }, quiet);
    },
    page(path, wish) {
      const pattern = new RegExp(`^${path.split('*').map(literal).join('.*')}$`);
      const look = () => pattern.test(location.pathname) && fire(wish);
      (window.navigation ?? window).addEventListener(window.navigation ? 'navigatesuccess' : 'popstate', look, quiet);
      look();
    },
    exit(_, wish) {
      const leaving = ({ clientY, relatedTarget }) => !relatedTarget && clientY <= 0 && fire(wish);
      if (matchMedia('(hover: hover)').matches) document.addEventListener('mouseout', leaving, quiet);
    },
  };

  /** Seconds count while somebody is looking. */
  function after(wait, act) {
    let left = wait;
    const tick = setInterval(() => {
      if (watch.signal.aborted) return clearInterval(tick);
      if (!document.hidden) left -= 250;
      if (left <= 0) act();
    }, 250);
  }

  function tease() {
    const words = document.createElement('button');
    const shut = document.createElement('button');
    const teaser = document.createElement('div');
    words.textContent = said;
    shut.textContent = '×';
    words.type = shut.type = 'button';
    words.className = 'words';
    words.dir = 'auto';
    shut.className = 'shut';
    shut.setAttribute('aria-label', CLOSE[lang] ?? CLOSE.en);
    teaser.className = 'teaser';
    teaser.setAttribute('role', 'status'); // said once, politely; the focus stays where it is
    words.onclick = () => call('open');
    shut.onclick = () => {
      keep(() => localStorage.setItem(SHUT, Date.now()));
      teaser.remove();
    };
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(SHEET);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    all.append(teaser);
    teaser.append(words, shut); // into a region that is there already: only then is it read
    call.once('open', () => teaser.remove());
  }

  const shutAt = Number(keep(() => localStorage.getItem(SHUT)));
  if (keep(() => sessionStorage.getItem(SHUT)) || Date.now() - shutAt < DAY || call.get('state').open) return;
  call.once('open', stop);
  life.signal.addEventListener('abort', stop);
  for (const wish of wishes) {
    const [kind, value = ''] = wish.split(/:(.*)/s);
    if (kinds[kind]) kinds[kind](value, wish);
    else console.warn(`Frontdesk: there is no trigger "${wish}".`);
  }
}

const literal = (text) => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');

function keep(act) {
  try {
    return act();
  } catch {
    return null; // storage is refused: then it is known for as long as the page stands
  }
}
