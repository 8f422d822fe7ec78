/* What the menu offers besides a person: the conversation as a file or by mail, and a new beginning. */

const WORDS = '{{ words }}';

export function mount({ at, el, bot, part, rows, send, draws, shut }) {
  const item = (id, text, act) => el('button', { type: 'button', id, text, on: { click: () => (shut(), act()) } });
  const save = item('save', WORDS.save, () => part('save').then((save) => save?.(rows())));
  const transcript = item('transcript', WORDS.transcript, () => part('forms').then((form) => form?.()));
  const restart = item('restart', WORDS.restart, () => send({ type: 'room.restart' }, { keep: true }));
  at('person').after(save, ...(bot.mail ? [transcript] : []), restart);

  function draw() {
    transcript.disabled = !rows().length;
    restart.disabled = at('person').disabled || !rows().length;
  }
  draws.add(draw);
  draw();
}
