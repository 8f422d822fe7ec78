/* Tells an agent who looks elsewhere: a sound, and a notification of the browser's where it is allowed. */
import { quietly, reachable } from '../widget/outbox.js';
import { el } from '../widget/view.js';
import { titled } from './list.js';

const KEY = 'frontdesk:desk.alerts';
const TUNE = [[660, 0], [880, 0.12]]; // Hz, and s after the first
const LOUD = 0.06; // of what the machine can do
const FADE = 0.5; // s

/** `heard(before, desk)` compares two states of the desk; `open(room)` when a notification is clicked; `current()`: the room
    that is open. The returned `node` is the switch. */
export function alerts(open, current) {
  const storage = reachable();
  const node = el('button', { type: 'button', class: 'plain', on: { click: choose } });
  let on = quietly(() => storage.getItem(KEY)) !== 'off';
  let audio = null;
  draw();
  addEventListener('pointerdown', () => (audio ??= new AudioContext()), { once: true });

  async function choose() {
    if (on && unasked()) await Notification.requestPermission();
    else on = !on;
    quietly(() => storage.setItem(KEY, on ? 'on' : 'off'));
    draw();
  }

  function draw() {
    node.textContent = !on ? 'Alerts are off' : unasked() ? 'Allow notifications' : 'Alerts are on';
  }

  return {
    node,
    heard(before, desk) {
      if (!on || !before.joined) return;
      for (const room of desk.rooms.values()) {
        const words = news(before.rooms.get(room.room), room, desk.me);
        if (words) return tell(words, room);
      }
    },
  };

  function tell(words, room) {
    if (document.hasFocus() && current() === room.room) return; // the agent sees it
    play();
    if (document.hasFocus() || !('Notification' in window) || Notification.permission !== 'granted') return;
    const shown = new Notification(words, { body: `${titled(room)}\n${room.preview}`, tag: room.room });
    shown.onclick = () => {
      window.focus();
      open(room.room);
      shown.close();
    };
  }

  function play() {
    if (audio?.state !== 'running') return;
    for (const [pitch, after] of TUNE) {
      const at = audio.currentTime + after;
      const tone = new OscillatorNode(audio, { frequency: pitch });
      const gain = new GainNode(audio, { gain: LOUD });
      gain.gain.exponentialRampToValueAtTime(0.0001, at + FADE);
      tone.connect(gain).connect(audio.destination);
      tone.start(at);
      tone.stop(at + FADE);
    }
  }
}

const unasked = () => 'Notification' in window && Notification.permission === 'default';

/** What is new about a room for `me`, in words, or nothing. */
export function news(old, room, me) {
  if (room.called.includes(me?.id) && !old?.called.includes(me.id)) return 'You were mentioned';
  if (room.mode === 'waiting' && old?.mode !== 'waiting') return 'Somebody is waiting';
  if (room.left && !old?.left) return 'Somebody left a message';
  if (room.mode !== 'live' || room.agent?.id !== me?.id) return '';
  if (old && old.agent?.id !== me.id && room.due) return 'A chat was given to you';
  if (old && old.agent?.id !== me.id && old.mode === 'live') return 'A chat was passed on to you';
  if (old?.snoozed_until && !room.snoozed_until) return 'A chat you put aside is back';
  return old && room.unread > old.unread ? 'A new message' : '';
}
