/* Who the visitor is: what their site, their page and their own answers say, and their earlier conversations. */
import { el } from '../widget/view.js';
import { since } from './list.js';

const AGAIN = 10_000; // ms after which what could not be had is asked for again

/** The card in `root`. `load(room)` brings what the server knows; `show(state, line)` draws it. */
export function visitorCard(root, load) {
  const body = el('div', { class: 'facts' });
  root.append(el('h2', { text: 'Visitor' }), body);
  const known = new Map(); // room -> {mark, person, facts}
  let shown = null;
  let drawn = '';

  return {
    /** What the visitor is called, as far as anybody said so. */
    name: (room) => known.get(room)?.person?.name || known.get(room)?.facts?.lead.name || '',
    site: (room) => known.get(room)?.facts?.site ?? '',
    show(room, state) {
      root.hidden = !state;
      shown = room;
      if (!state) return;
      const mark = JSON.stringify([state.facts.person, state.facts.context, state.facts.question?.id, state.facts.mode, state.facts.contact]);
      const found = known.get(room);
      if (found?.mark !== mark) {
        const { person } = state.facts;
        const before = found?.facts ?? null;
        known.set(room, { mark, person, facts: before });
        load(room).then((facts) => {
          known.set(room, { mark, person, facts });
          if (shown === room) draw(room, state.facts, facts);
        }, () => setTimeout(() => known.delete(room), AGAIN));
      }
      draw(room, state.facts, found?.facts);
    },
  };

  function draw(room, { person, context }, facts) {
    const key = JSON.stringify([room, person, context, facts]);
    if (key === drawn) return;
    drawn = key;
    body.replaceChildren(...[
      group('', [
        ['Name', person?.name || facts?.lead.name],
        ['E-mail', person?.email || facts?.lead.email],
        ['Phone', facts?.lead.phone],
        ['Company', facts?.lead.company],
        ['Signed in as', person?.id],
        ['Verified', person && (person.verified ? 'name and e-mail are signed by the site' : 'only the sign-in is')],
      ]),
      facts && group('Where', [
        ['Site', facts.site],
        ['Page', facts.page && link(facts.page)],
        ['Language', facts.language],
        ['Here since', since(facts.since)],
      ]),
      group('What the page says', Object.entries(context ?? {})),
      facts && group(facts.lead.score ? `Answers · score ${facts.lead.score}` : 'Answers', facts.answers.map(({ asked, value, state }) => [asked, value || state])),
      facts?.lead.reasons.length && group('Why this score', facts.lead.reasons.map(({ reason, points }) => [`${points > 0 ? '+' : ''}${points}`, reason])),
      facts?.ratings.length && group('Ratings', facts.ratings.map(({ score, comment, at }) => [`${score} of 5`, comment || since(at)])),
      facts?.earlier.length && el('section', {}, el('h3', { text: 'Other conversations' }), el('ul', {}, ...facts.earlier.map((one) => el('li', {}, el('a', { href: `?room=${one.room}`, 'data-room': one.room, text: one.title || 'Conversation' }), el('small', { text: since(one.at) }))))),
    ].filter(Boolean));
  }
}

function group(title, pairs) {
  const some = pairs.filter(([, value]) => value);
  if (!some.length) return null;
  return el('section', {}, title && el('h3', { text: title }), el('dl', {}, ...some.flatMap(([name, value]) => [el('dt', { text: name, dir: 'auto' }), el('dd', { dir: 'auto' }, value)])));
}

/** The page a visitor says they are on, as a link if it is one. */
function link(address) {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (!/^https?:$/.test(url?.protocol ?? '')) return address;
  return el('a', { href: url.href, target: '_blank', rel: 'noopener noreferrer nofollow', text: url.host + url.pathname });
}
