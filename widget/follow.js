/* Keeps one room's state true: applies events, waits for stragglers, asks again for what is lost. No DOM. */
import { apply, behind, fresh } from './state.js';

const STRAGGLER = 150; // ms an event may come late before the room is joined again
const REJOIN = 3_000; // ms until a rejoin that brought nothing is repeated
const LAPSE = 6_000; // ms after which "is typing" lapses (protocol.py: TypingChanged)

/** `rejoin()` asks the server for everything after `state.have`; `changed(state, before, event)` hears of changes. */
export function follow({ rejoin, changed }) {
  let state = fresh();
  let timer = 0;
  const lapses = {};

  function take(event) {
    const before = state;
    state = apply(before, event);
    if (event.type === 'typing.changed') lapse(event);
    if (state !== before) changed(state, before, event);
    if (behind(state) && !timer) timer = setTimeout(check, STRAGGLER);
  }

  function check() {
    timer = 0;
    if (!behind(state)) return;
    rejoin();
    timer = setTimeout(check, REJOIN);
  }

  function lapse({ author, on }) {
    clearTimeout(lapses[author]);
    if (on) lapses[author] = setTimeout(take, LAPSE, { type: 'typing.changed', author, on: false });
  }

  return {
    take,
    get state() {
      return state;
    },
    stop() {
      clearTimeout(timer);
      Object.values(lapses).forEach(clearTimeout);
    },
  };
}
