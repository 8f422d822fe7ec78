"""R4 for a client: a stale state and what it is sent on return equal a fresh one, whatever was lost on the way."""

from typing import Any

from playwright.async_api import Page

from .fake import Fake

# A server's room in 40 lines, and clients that hear it badly. Every client must end like a fresh one.
ROUNDS = """async ([seed, rounds]) => {
  const { apply, behind, fresh, rows } = await import('/static/widget/state.js');
  let x = seed;
  const random = (n) => { x = (x * 48271) % 2147483647; return x % n; };
  const WORDS = ['a', 'plant ', '🌿', 'é', '👩‍🌾 ', '\\n', '**b**', '𝔘𝔫𝔦', ' '];
  const points = (text) => [...text].length;
  const problems = [];

  for (let round = 0; round < rounds && !problems.length; round += 1) {
    let revision = 0, draft = null, made = 0;
    const messages = new Map();
    let facts = { mode: 'bot', agent: null, place: null, online: true, read_visitor: 0, read_agent: 0 };
    const put = (values) => {
      revision += 1;
      const old = messages.get(values.id) ?? { position: revision, sources: [], offers: [], created_at: 't' };
      const message = { ...old, ...values, revision };
      messages.set(message.id, message);
      return message;
    };
    const joined = (after) => ({ type: 'room.joined', room: 'r', revision, mode: facts.mode, agent: null, state: facts,
      reset: after > revision, draft: draft && draft.text,
      messages: [...messages.values()].filter((m) => after > revision || m.revision > after)
        .sort((a, b) => a.revision - b.revision) });
    const event = (type, message, more) => ({ type, room: 'r', revision, message, ...more });
    const steps = [
      () => event('message.created', put({ id: `m${made += 1}`, author: 'visitor', state: 'sent', text: 'hi',
        client_id: `c${made}` })),
      () => event('message.created', put({ id: `m${made += 1}`, author: 'agent', state: 'sent', text: 'yes' })),
      () => {
        if (draft) return null;
        const message = put({ id: `m${made += 1}`, author: 'bot', state: 'streaming', text: '' });
        draft = { id: message.id, text: '' };
        return event('answer.started', message, { message_id: message.id });
      },
      ...Array(4).fill(() => {
        if (!draft) return null;
        const text = Array.from({ length: 1 + random(4) }, () => WORDS[random(WORDS.length)]).join('');
        const at = points(draft.text);
        draft.text += text;
        return { type: 'answer.delta', room: 'r', message_id: draft.id, at, text };
      }),
      () => {
        if (!draft) return null;
        const message = put({ id: draft.id, state: 'complete', text: draft.text });
        draft = null;
        return event('answer.finished', message, { message_id: message.id });
      },
      () => {
        revision += 1;
        facts = { ...facts, mode: ['bot', 'waiting', 'live', 'closed'][random(4)], place: random(3) || null };
        return { type: 'room.handed_off', room: 'r', revision, state: facts };
      },
    ];

    const clients = Array.from({ length: 3 }, () => ({ state: apply(fresh(), joined(0)), late: [], gone: false }));
    const log = [];
    for (let step = 0; step < 5 + random(40); step += 1) {
      const made = steps[random(steps.length)]();
      if (!made) continue;
      log.push(made);
      for (const client of clients) {
        const luck = random(10);
        if (client.gone) {
          if (luck < 4) [client.gone, client.state] = [false, apply(client.state, joined(client.state.have))];
          continue;
        }
        if (luck === 0) client.gone = true; // the link is cut: this and what follows is missed
        else if (luck === 1) client.late.push(made); // overtaken by others
        else if (luck === 2) continue; // lost by the bus
        else {
          client.state = apply(client.state, made);
          if (luck === 3) client.state = apply(client.state, made); // heard twice
          if (luck === 4 && client.late.length) client.state = apply(client.state, client.late.shift());
          if (luck === 5 && log.length) client.state = apply(client.state, log[random(log.length)]); // an old one again
        }
      }
    }
    const wanted = apply(fresh(), joined(0));
    for (const client of clients) {
      let { state } = client;
      if (client.gone) state = apply(state, joined(state.have));
      state = apply(state, { type: 'pulse', room: 'r', revision });
      // A lost last piece of a running answer shows at the next piece, or when the answer is finished.
      const next = draft && { type: 'answer.delta', room: 'r', message_id: draft.id, at: points(draft.text), text: '' };
      if (next) state = apply(state, next);
      if (behind(state)) state = apply(state, joined(state.have));
      const seen = (s) => JSON.stringify([s.have, s.head, rows(s), s.facts, s.draft, behind(s), s.ahead]);
      if (seen(state) !== seen(wanted)) problems.push({ round, have: seen(state), wanted: seen(wanted) });
    }
  }
  return problems;
}"""

TAKE = """async ([before, events]) => {
  const { apply, behind, fresh, rows, unread } = await import('/static/widget/state.js');
  let state = before ?? fresh();
  for (const event of events) state = apply(state, event);
  return { state, behind: behind(state), rows: rows(state), unread: unread(state) };
}"""


async def test_whatever_is_lost_late_or_doubled_a_client_ends_like_a_fresh_one(page: Page, fake: Fake) -> None:
    await page.goto(f"{fake.base}/blank")
    for seed in (1, 20_260, 777_777):
        assert await page.evaluate(ROUNDS, [seed, 400]) == []


async def test_a_later_event_waits_for_the_one_before_it(page: Page, fake: Fake) -> None:
    first, second = _created(1), _created(2)
    found = await _take(page, fake, [_joined(), second])
    assert found["behind"]
    assert found["rows"] == []
    found = await _take(page, fake, [_joined(), second, first])
    assert not found["behind"]
    assert [row["id"] for row in found["rows"]] == ["m1", "m2"]


async def test_offsets_count_characters_not_their_halves(page: Page, fake: Fake) -> None:
    started = _created(1, "answer.started", author="bot", state="streaming", text="")
    found = await _take(page, fake, [_joined(), started, _delta(0, "🌿🌿"), _delta(2, "x"), _delta(1, "🌿xy")])
    assert found["rows"][0]["text"] == "🌿🌿xy"
    assert not found["behind"]


async def test_a_gap_inside_an_answer_asks_for_a_rejoin_and_an_unknown_answer_is_ignored(
    page: Page, fake: Fake
) -> None:
    started = _created(1, "answer.started", author="bot", state="streaming", text="")
    gap = await _take(page, fake, [_joined(), started, _delta(0, "ab"), _delta(4, "ef")])
    assert gap["behind"]
    assert gap["rows"][0]["text"] == "ab"
    healed = await _take(page, fake, [_joined(), started, _delta(0, "ab"), _delta(4, "ef"), _joined(1, "abcdef")])
    assert not healed["behind"]
    assert healed["rows"][0]["text"] == "abcdef"
    unknown = await _take(page, fake, [_joined(), _delta(0, "ab")])
    assert not unknown["behind"]
    assert unknown["rows"] == []


async def test_an_own_message_is_seen_at_once_and_never_twice(page: Page, fake: Fake) -> None:
    queued = {"type": "message.queued", "client_id": "c1", "text": "hi", "created_at": "2026-01-01T00:00:00Z"}
    sending = await _take(page, fake, [_joined(), queued])
    assert [row["state"] for row in sending["rows"]] == ["sending"]
    stored = _created(1, client_id="c1")
    by_event = await _take(page, fake, [_joined(), queued, stored, queued])
    by_join = await _take(page, fake, [_joined(), queued, {**_joined(1), "messages": [stored["message"]]}])
    assert [row["id"] for row in by_event["rows"]] == [row["id"] for row in by_join["rows"]] == ["m1"]


async def test_an_acknowledged_message_whose_event_was_lost_is_noticed(page: Page, fake: Fake) -> None:
    queued = {"type": "message.queued", "client_id": "c1", "text": "hi", "created_at": "2026-01-01T00:00:00Z"}
    ok = {"type": "ok", "ref": "c1", "client_id": "c1", "revision": 1}
    assert (await _take(page, fake, [_joined(), queued, ok]))["behind"]
    foreign = {"type": "ok", "ref": "x", "client_id": "x", "revision": 9}
    assert not (await _take(page, fake, [_joined(), foreign]))["behind"]


async def test_a_reset_drops_what_was_known_but_not_what_is_still_to_be_sent(page: Page, fake: Fake) -> None:
    queued = {"type": "message.queued", "client_id": "c9", "text": "hi", "created_at": "2026-01-01T00:00:00Z"}
    reset = {**_joined(1), "reset": True, "messages": [_created(1, text="anew")["message"]]}
    found = await _take(page, fake, [_joined(), _created(1), _created(2), queued, reset])
    assert [row["text"] for row in found["rows"]] == ["anew", "hi"]
    assert found["state"]["have"] == 1


async def _take(page: Page, fake: Fake, events: list[dict[str, Any]]) -> dict[str, Any]:
    await page.goto(f"{fake.base}/blank")
    found: dict[str, Any] = await page.evaluate(TAKE, [None, events])
    return found


def _joined(revision: int = 0, draft: str | None = None) -> dict[str, Any]:
    state = {"mode": "bot", "agent": None, "place": None, "online": True, "read_visitor": 0, "read_agent": 0}
    joined = {"type": "room.joined", "room": "r", "revision": revision, "state": state, "messages": []}
    return joined | {"draft": draft}


def _created(revision: int, kind: str = "message.created", **values: object) -> dict[str, Any]:
    message = {
        "id": f"m{revision}",
        "author": "visitor",
        "text": "t",
        "state": "sent",
        "position": revision,
        "revision": revision,
    } | values
    return {"type": kind, "room": "r", "revision": revision, "message": message, "message_id": f"m{revision}"}


def _delta(at: int, text: str) -> dict[str, Any]:
    return {"type": "answer.delta", "room": "r", "message_id": "m1", "at": at, "text": text}
