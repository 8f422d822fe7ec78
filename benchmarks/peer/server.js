// The peer of the turns benchmark: the chat server somebody would write by hand in an afternoon. One transaction a
// message (store it, move the room on), an acknowledgement, a fixed answer, a second transaction that stores it.
// It speaks just enough of our wire for the same client. DATABASE_URL in the environment; prints its port.
'use strict'

const { randomBytes } = require('node:crypto')
const http = require('node:http')
const { Pool } = require('pg')
const { WebSocketServer } = require('ws')

const ANSWER = 'Standard delivery takes **3–5 working days**; express arrives the **next working day** if you order ' +
  'by 2 pm Pacific time. Large items take 5–8 working days.'
const TABLES = `
  CREATE TABLE IF NOT EXISTS rooms (id text PRIMARY KEY, revision bigint NOT NULL, updated_at timestamptz NOT NULL);
  CREATE TABLE IF NOT EXISTS messages (id text PRIMARY KEY, room_id text NOT NULL REFERENCES rooms (id),
    position bigint NOT NULL, author text NOT NULL, client_id text, text text NOT NULL, created_at timestamptz NOT NULL,
    UNIQUE (room_id, client_id), UNIQUE (room_id, position));
`
// Ten connections, as ours. With PREPARED=1 the two statements are prepared once a connection, which few write by hand
// and which nearly halves what they cost.
const named = (name, text) => (process.env.PREPARED === '1' ? { name, text } : { text })
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 })
const MOVE = named('move', 'UPDATE rooms SET revision = revision + 1, updated_at = now() WHERE id = $1 RETURNING revision')
const STORE = named('store',
  'INSERT INTO messages (id, room_id, position, author, client_id, text, created_at) VALUES ($1, $2, $3, $4, $5, $6, now())')

async function store (room, author, clientId, text) {
  const id = randomBytes(16).toString('hex')
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    const moved = await client.query({ ...MOVE, values: [room] })
    const revision = Number(moved.rows[0].revision)
    await client.query({ ...STORE, values: [id, room, revision, author, clientId, text] })
    await client.query('COMMIT')
    return { id, revision }
  } catch (failed) {
    await client.query('ROLLBACK')
    throw failed
  } finally {
    client.release()
  }
}

async function obey (socket, room, command) {
  const say = (event) => socket.send(JSON.stringify(event))
  if (command.type === 'room.join') {
    await pool.query('INSERT INTO rooms VALUES ($1, 0, now()) ON CONFLICT DO NOTHING', [room])
    say({ type: 'room.joined', room, revision: 0, messages: [], ref: command.ref })
    return
  }
  const asked = await store(room, 'visitor', command.client_id, command.text)
  say({ type: 'ok', ref: command.ref, revision: asked.revision, message_id: asked.id })
  say({ type: 'answer.delta', room, at: 0, text: ANSWER })
  const answered = await store(room, 'bot', null, ANSWER)
  say({ type: 'answer.finished', room, revision: answered.revision, message_id: answered.id, state: 'complete', sources: [{}] })
}

async function main () {
  await pool.query(TABLES)
  const server = http.createServer()
  const sockets = new WebSocketServer({ server, perMessageDeflate: false, maxPayload: 65536 })
  sockets.on('connection', (socket) => {
    const room = randomBytes(16).toString('hex')
    let last = Promise.resolve()
    socket.on('message', (data) => {
      last = last.then(() => obey(socket, room, JSON.parse(data))).catch((failed) => {
        console.error(failed)
        socket.close(1011)
      })
    })
  })
  server.listen(0, '127.0.0.1', () => console.log(server.address().port))
}

main()
