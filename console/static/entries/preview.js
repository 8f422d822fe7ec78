// While an entry is written: the answer as a visitor will read it, drawn by the widget's own hand, and a word of warning
// where another entry asks the same.
import { prose } from '../widget/view.js';

const form = document.getElementById('entry');
const answer = document.getElementById('answer');
const shown = document.getElementById('preview');
const unwritten = document.getElementById('unwritten');
const warning = document.getElementById('twin');

function draw() {
  prose(shown, answer.value, { base: shown.dataset.site });
  unwritten.hidden = Boolean(answer.value.trim());
}

async function lookForTwin() {
  const question = form.elements.question.value.trim();
  const query = new URLSearchParams({ question, but: form.dataset.entry });
  const found = await fetch(`${form.dataset.asked}?${query}`).then(
    (answered) => (answered.ok ? answered.json() : {}),
    () => ({}), // offline: saving looks for it again
  );
  if (question !== form.elements.question.value.trim()) return;
  form.elements.despite.value = found.id ?? '';
  warning.hidden = !found.id;
  if (!found.id) return;
  const link = warning.querySelector('a');
  link.href = link.href.replace(/[^/]*$/, found.id);
  link.textContent = found.question;
}

shown.replaceChildren();
answer.addEventListener('input', draw);
draw();
if (form.dataset.asked) form.elements.question.addEventListener('change', lookForTwin);
for (const button of document.querySelectorAll('[data-preview]')) button.hidden = true;
