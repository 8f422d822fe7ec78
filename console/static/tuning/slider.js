// What the caution that the slider stands at means, and would have done, told while it moves.

const slider = document.getElementById('caution');
const words = document.getElementById('caution-words');
const would = document.getElementById('would');
const steps = JSON.parse(slider.dataset.steps);

function shown(step) {
  words.textContent = step.words;
  if (!would) return;
  let before = 0;
  for (const name of ['faq', 'model', 'declined']) {
    would.querySelector(`dd.${name}`).textContent = step[name].toLocaleString('en');
    const bar = would.querySelector(`rect.${name}`);
    bar.setAttribute('x', before);
    bar.setAttribute('width', step[name]);
    before += step[name];
  }
  document.getElementById('changed').textContent = step.changed.toLocaleString('en');
  document.getElementById('changes').replaceChildren(...step.examples.map(example));
  document.getElementById('which').hidden = step.changed === 0;
}

function example([text, said, room]) {
  const item = document.createElement('li');
  const question = document.createElement(room ? 'a' : 'q');
  if (room) question.href = room;
  question.textContent = text;
  const about = document.createElement('span');
  about.className = 'fine';
  about.textContent = ` ${said}`;
  item.append(question, about);
  return item;
}

slider.addEventListener('input', () => {
  if (steps[slider.value]) shown(steps[slider.value]);
});
for (const button of document.querySelectorAll('[data-preview]')) button.hidden = true;
