/* A soft sound when something is said that nobody is looking at: one for all tabs of this browser, made here, and none
   for a visitor who wants none. */

const WORDS = '{{ words }}';
const HUSH = 300; // ms in which a tab that shows the conversation says so, before one that does not makes a sound
const ALONE = 1_500; // ms in which no other tab makes one
const NOTES = [[784, 0], [1_047, 0.12]]; // Hz, and s after the first: a fourth, upwards
const LOUD = 0.05; // of what the machine can do
const FADE = 0.7; // s

/** Sounds for what bot or person say from now on, and puts the way to silence into the menu. Browsers let nobody sound
    who was not touched yet: until then it is silent. */
export function mount({ at, el, bot, hears, rows, seen }) {
  const key = `frontdesk:${bot.key}.mute`;
  const touch = new AbortController(); // ended by the first that counts
  const tabs = quietly(() => new BroadcastChannel(key));
  const toggle = el('button', { type: 'button', id: 'mute', on: { click: () => chosen(!muted) } });
  let muted = false;
  let audio = null;
  let playing = 0;
  let known = newest(); // the position of the last message that was seen or sounded for, in whichever tab

  /** The position of the last message of others that is finished: an answer sounds at its end. */
  function newest() {
    const said = rows().filter(({ author, state }) => (author === 'bot' || author === 'agent') && state !== 'streaming');
    return Math.max(0, ...said.map(({ position }) => position));
  }

  function hear({ message, messages, reset }) {
    if (!message && !messages) return;
    const last = newest();
    if (reset) known = last;
    if (last <= known) return;
    if (seen()) noted(last);
    else setTimeout(ring, HUSH, last);
  }

  function noted(last) {
    known = last;
    tabs?.postMessage(last);
  }

  /** Of several tabs that come to this at once, one rings. */
  function ring(last) {
    const first = (lock) => {
      if (!lock || last <= known) return null;
      noted(last);
      play();
      return new Promise((done) => setTimeout(done, ALONE));
    };
    if (last <= known || seen() || muted || !touch.signal.aborted) return;
    if (navigator.locks) navigator.locks.request(key, { ifAvailable: true }, first).catch(first);
    else setTimeout(first, Math.random() * HUSH, true);
  }

  function play() {
    playing += 1;
    audio.resume().then(() => NOTES.map(note).pop().addEventListener('ended', () => {
      playing -= 1;
      rest();
    }));
  }

  function note([frequency, after]) {
    const tone = new OscillatorNode(audio, { frequency });
    const volume = new GainNode(audio, { gain: 0 });
    const from = audio.currentTime + after;
    volume.gain.setValueAtTime(0, from);
    volume.gain.linearRampToValueAtTime(LOUD, from + 0.02);
    volume.gain.exponentialRampToValueAtTime(LOUD / 1_000, from + FADE);
    tone.connect(volume).connect(audio.destination);
    tone.start(from);
    tone.stop(from + FADE);
    return tone;
  }

  /** While there is nothing to hear the machine's sound is left to others. */
  function rest() {
    if (!playing) audio.suspend();
  }

  /** Some browsers let only a touch itself begin, others remember that there was one. */
  function touched() {
    if (muted) return;
    audio ??= new AudioContext();
    audio.resume().then(() => {
      touch.abort();
      rest();
    });
  }

  function chosen(on) {
    show(on);
    quietly(() => (on ? localStorage.setItem(key, 'on') : localStorage.removeItem(key)));
    touched();
    if (!on) play(); // so that one knows what was chosen
  }

  function show(on) {
    muted = Boolean(on);
    toggle.textContent = muted ? WORDS.on : WORDS.off;
  }

  if (tabs) tabs.onmessage = ({ data }) => (known = Math.max(known, data));
  addEventListener('storage', (event) => event.key === key && show(event.newValue));
  for (const type of ['pointerdown', 'keydown']) addEventListener(type, touched, { signal: touch.signal });
  hears.add(hear);
  show(quietly(() => localStorage.getItem(key)));
  at('actions').append(toggle);
  if (navigator.userActivation?.hasBeenActive) touched();
}

function quietly(act) {
  try {
    return act();
  } catch {
    return null; // refused, or not there
  }
}
