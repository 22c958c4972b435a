// graphql-transport-ws frame by frame: what a client written from the protocol's text relies on.
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import WebSocket from 'ws';
import { Arrivals, UPDATED, changePlan, hurried, people, socketOf, url, versionOf } from './support.js';

const PROTOCOL = 'graphql-transport-ws';
const person = people[1];
const login = { authorization: `Bearer ${person.citizen}` };

const sockets = new Set();
afterEach(() => {
  for (const socket of sockets) socket.terminate();
  sockets.clear();
});

/** A socket whose messages and end are taken in order: an object, or `{ closed: code }`. */
class Wire {
  #arrived = new Arrivals();

  static async open(endpoint = url, protocol = PROTOCOL, options = {}) {
    const wire = new Wire();
    wire.socket = new WebSocket(socketOf(endpoint), protocol, options);
    sockets.add(wire.socket);
    wire.socket.on('message', (frame, binary) => {
      assert.equal(binary, false, 'messages are text frames');
      wire.#arrived.push(JSON.parse(frame));
    });
    wire.socket.on('close', (code) => wire.#arrived.push({ closed: code }));
    await new Promise((resolve, reject) => wire.socket.once('open', resolve).once('error', reject));
    return wire;
  }

  /** A socket whose login is acknowledged. */
  static async initialised(payload = login, endpoint = url) {
    const wire = await Wire.open(endpoint);
    wire.send({ type: 'connection_init', payload });
    assert.equal((await wire.take()).type, 'connection_ack');
    return wire;
  }

  send(message) {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  subscribe(id, query, variables) {
    this.send({ type: 'subscribe', id, payload: { query, variables } });
  }

  /** The next message of any kind. */
  hear() {
    return this.#arrived.take();
  }

  /** The next message that is no ping of the server; those are answered. */
  async take() {
    for (;;) {
      const message = await this.hear();
      if (message.type !== 'ping') return message;
      this.send({ type: 'pong' });
    }
  }

  async closes(code) {
    assert.deepEqual(await this.take(), { closed: code });
  }

  async end() {
    this.socket.close(1000);
    await this.closes(1000);
  }
}

describe('The handshake', () => {
  it('answers with the subprotocol graphql-transport-ws', async () => {
    const wire = await Wire.open(url, ['graphql-ws', PROTOCOL]);
    assert.equal(wire.socket.protocol, PROTOCOL);
    await wire.end();
  });

  for (const [name, protocol] of [['the legacy protocol graphql-ws', 'graphql-ws'], ['no subprotocol', []]]) {
    it(`refuses ${name}`, async () => {
      // by an answer that is no handshake, or by the close code of the protocol
      const outcome = await Wire.open(url, protocol).then(
        (wire) => wire.take(),
        (error) => ({ refused: error.message }),
      );
      assert.ok(outcome.closed === 4406 || outcome.refused, JSON.stringify(outcome));
    });
  }

  it('refuses a page of another origin', async () => {
    const stranger = Wire.open(url, PROTOCOL, { origin: 'https://stranger.example' });
    await assert.rejects(stranger, /Unexpected server response: 403/);
  });
});

describe('A socket is closed', () => {
  const broken = {
    'no JSON': '{',
    'a number': '5',
    'a text': '"ping"',
    'null': 'null',
    'an array': '[]',
    'an object without a type': '{}',
    'an unknown type': '{"type":"start"}',
    'a type that is no text': '{"type":5}',
    'a message of the server': '{"type":"connection_ack"}',
    'a subscribe without an id': '{"type":"subscribe","payload":{"query":"{ __typename }"}}',
    'a subscribe with an empty id': '{"type":"subscribe","id":"","payload":{"query":"{ __typename }"}}',
    'a subscribe with a number as its id': '{"type":"subscribe","id":1,"payload":{"query":"{ __typename }"}}',
    'a subscribe with a list as its id': '{"type":"subscribe","id":[],"payload":{"query":"{ __typename }"}}',
    'a subscribe without a payload': '{"type":"subscribe","id":"1"}',
    'a subscribe with a text as its payload': '{"type":"subscribe","id":"1","payload":"{ __typename }"}',
    'variables that are a list': '{"type":"subscribe","id":"1","payload":{"query":"{ __typename }","variables":[]}}',
    'extensions that are a text': '{"type":"subscribe","id":"1","payload":{"query":"{ __typename }","extensions":""}}',
    'a complete without an id': '{"type":"complete"}',
    'a payload of a ping that is a list': '{"type":"ping","payload":[]}',
    'very deep JSON': '['.repeat(100_000),
  };

  for (const [name, frame] of Object.entries(broken)) {
    it(`with 4400 for ${name}`, async () => {
      const wire = await Wire.initialised();
      wire.send(frame);
      await wire.closes(4400);
    });
  }

  it('with 4400 for a login that is a list', async () => {
    const wire = await Wire.open();
    wire.send({ type: 'connection_init', payload: [] });
    await wire.closes(4400);
  });

  it('with 4400 for a binary frame', async () => {
    const wire = await Wire.initialised();
    wire.socket.send(Buffer.from('{"type":"ping"}'), { binary: true });
    await wire.closes(4400);
  });

  it('with 4401 for an operation before the acknowledgement', async () => {
    const wire = await Wire.open();
    wire.subscribe('1', '{ __typename }');
    await wire.closes(4401);
  });

  it('with 4403 for a token that is none', async () => {
    const wire = await Wire.open();
    wire.send({ type: 'connection_init', payload: { authorization: 'Bearer nonsense' } });
    await wire.closes(4403);
  });

  it('with 4408 when no connection_init comes in time', async () => {
    const wire = await Wire.open(hurried);
    await wire.closes(4408);
  });

  it('with 4409 for an id that is in use', async () => {
    const wire = await Wire.initialised();
    const variables = { citizenId: person.id };
    wire.subscribe('1', UPDATED, variables);
    wire.subscribe('1', UPDATED, variables);
    await wire.closes(4409);
  });

  it('with 4429 for a second connection_init', async () => {
    const wire = await Wire.initialised();
    wire.send({ type: 'connection_init', payload: login });
    await wire.closes(4429);
  });

  it('with 4429 for a second connection_init at once', async () => {
    const wire = await Wire.open();
    wire.send({ type: 'connection_init', payload: login });
    wire.send({ type: 'connection_init', payload: login });
    const first = await wire.take();
    if (first.type === 'connection_ack') await wire.closes(4429);
    else assert.deepEqual(first, { closed: 4429 });
  });
});

describe('A socket stays open', () => {
  const refused = {
    'a syntax error': ['{', /Syntax Error/],
    'an unknown field': ['{ nonsense }', /nonsense/],
    'a missing variable': [UPDATED, /citizenId/],
  };

  for (const [name, [query, message]] of Object.entries(refused)) {
    it(`after ${name}, which is answered by an error message`, async () => {
      const wire = await Wire.initialised();
      wire.subscribe('1', query);
      const answer = await wire.take();
      assert.equal(answer.type, 'error');
      assert.equal(answer.id, '1');
      assert.match(answer.payload[0].message, message);
      // the id is free again
      wire.subscribe('1', '{ __typename }');
      const { type, payload } = await wire.take();
      assert.deepEqual([type, payload.data], ['next', { __typename: 'Query' }]);
      assert.deepEqual(await wire.take(), { id: '1', type: 'complete' });
      await wire.end();
    });
  }

  it('after a complete for an operation that it does not know', async () => {
    const wire = await Wire.initialised();
    wire.send({ type: 'complete', id: 'long gone' });
    wire.send({ type: 'ping' });
    assert.equal((await wire.take()).type, 'pong');
    await wire.end();
  });

  it('after a pong that nobody asked for', async () => {
    const wire = await Wire.initialised();
    wire.send({ type: 'pong', payload: { at: 1 } });
    wire.send({ type: 'ping' });
    assert.equal((await wire.take()).type, 'pong');
    await wire.end();
  });
});

describe('An operation', () => {
  it('that its client completes sends nothing more, and its id is free', async () => {
    const wire = await Wire.initialised();
    const variables = { citizenId: person.id, afterVersion: await versionOf(person) };
    wire.subscribe('live', UPDATED, variables);
    wire.send({ type: 'complete', id: 'live' });
    wire.subscribe('control', UPDATED, variables);
    const made = await changePlan(person);
    const event = await wire.take();
    assert.equal(event.id, 'control');
    assert.equal(event.payload.data.planUpdated.version, made);
    wire.subscribe('live', '{ __typename }');
    assert.deepEqual((await wire.take()).id, 'live');
    assert.deepEqual(await wire.take(), { id: 'live', type: 'complete' });
    await wire.end();
  });

  it('runs beside others on one socket, each with its own answers', async () => {
    const wire = await Wire.initialised();
    const ids = Array.from({ length: 20 }, (_, number) => `query ${number}`);
    for (const id of ids) wire.subscribe(id, '{ viewer { role } }');
    const answered = new Map();
    while (answered.size < ids.length) {
      const { id, type, payload } = await wire.take();
      if (type === 'next') answered.set(id, payload.data.viewer.role);
    }
    assert.deepEqual(new Set(answered.values()), new Set(['CITIZEN']));
    wire.socket.terminate();
  });
});

describe('The server', () => {
  it('answers a ping before the login, with its payload', async () => {
    const wire = await Wire.open();
    wire.send({ type: 'ping', payload: { at: 5 } });
    assert.deepEqual(await wire.take(), { type: 'pong', payload: { at: 5 } });
    await wire.end();
  });

  it('tells with its acknowledgement who came, and until when', async () => {
    const wire = await Wire.open();
    wire.send({ type: 'connection_init', payload: login });
    const { type, payload } = await wire.take();
    assert.equal(type, 'connection_ack');
    assert.equal(payload.role, 'citizen');
    assert.ok(payload.expiresAt > Date.now() / 1000);
    await wire.end();
  });

  it('pings, and keeps a client that answers', async () => {
    const wire = await Wire.initialised(login, hurried);
    for (let round = 0; round < 4; round++) {
      assert.equal((await wire.hear()).type, 'ping');
      wire.send({ type: 'pong' });
    }
    await wire.end();
  });

  it('closes the socket of a client that answers no ping', async () => {
    const wire = await Wire.initialised(login, hurried);
    let heard;
    do heard = await wire.hear();
    while (heard.type === 'ping');
    assert.deepEqual(heard, { closed: 1001 });
  });
});
