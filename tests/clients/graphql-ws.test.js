// The package graphql-ws as its users write it.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { CloseCode, createClient } from 'graphql-ws';
import WebSocket from 'ws';
import {
  Arrivals, CONVERSATION, UPDATED, WHO,
  bearer, changePlan, conversationWith, expiringIn, hurried, next, people, socketOf, url, versionOf, within,
} from './support.js';

const person = people[0];

const NOTICES = '{ notifications(first: 2) { edges { node { id } } } }';
const NOTICE_ADDED = 'subscription($after: ID) { notificationAdded(after: $after) { id } }';
const CASELOAD_CHANGED = 'subscription { caseloadChanged { citizenId changed } }';

describe('A client of graphql-ws', () => {
  const clients = [];
  after(() => Promise.all(clients.map((client) => client.dispose())));

  const connect = (token, options = {}, endpoint = url) => {
    const client = createClient({
      url: socketOf(endpoint),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token}` },
      retryAttempts: 0,
      ...options,
    });
    clients.push(client);
    return client;
  };

  for (const lazy of [true, false]) {
    it(`that is ${lazy ? 'lazy' : 'not lazy'} queries and changes a plan over the socket`, async () => {
      const client = connect(person.jobcenter, { lazy });
      const who = await next(client.iterate({ query: WHO }));
      assert.equal(who.data.viewer.role, 'JOBCENTER');
      const input = conversationWith(person);
      const changed = await next(client.iterate({ query: CONVERSATION, variables: { input } }));
      assert.equal(changed.data.registerConversation.__typename, 'RegisterConversationPayload');
    });
  }

  it('is told of a new version of the plan', async () => {
    const variables = { citizenId: person.id, afterVersion: await versionOf(person) };
    const live = connect(person.citizen).iterate({ query: UPDATED, variables });
    const made = await changePlan(person);
    const { data } = await next(live);
    assert.equal(data.planUpdated.version, made);
    assert.ok(data.planUpdated.changedElements.length > 0);
    await live.return();
  });

  it('whose socket is cut gets what it missed when it comes back with the last version seen', async () => {
    const seen = await versionOf(person);
    const sockets = new Arrivals();
    const client = connect(person.citizen, { on: { opened: sockets.push } });
    const first = client.iterate({ query: UPDATED, variables: { citizenId: person.id, afterVersion: seen } });
    const cut = next(first);
    (await sockets.take()).terminate();
    await assert.rejects(cut, (event) => event.code === 1006);

    const made = await changePlan(person);
    const resumed = client.iterate({ query: UPDATED, variables: { citizenId: person.id, afterVersion: seen } });
    assert.equal((await next(resumed)).data.planUpdated.version, made);
    const following = next(resumed);
    assert.equal(await changePlan(person), (await following).data.planUpdated.version);
    await resumed.return();
  });

  it('that subscribes again by itself misses nothing', async () => {
    const sockets = new Arrivals();
    const versions = new Arrivals();
    const client = connect(person.citizen, {
      retryAttempts: 3,
      retryWait: async () => {},
      on: { connected: sockets.push },
    });
    const variables = { citizenId: person.id, afterVersion: await versionOf(person) };
    const stop = client.subscribe({ query: UPDATED, variables }, {
      next: ({ data }) => versions.push(data.planUpdated.version),
      error: versions.push,
      complete: () => {},
    });
    const socket = await sockets.take();
    const first = await changePlan(person);
    assert.equal(await versions.take(), first);
    socket.terminate();
    const second = await changePlan(person);
    // it asks as at first, so that it sees the newest of all that came after
    await sockets.take();
    assert.ok([first, second].includes(await versions.take()));
    stop();
  });

  it('is told of notices, and begins after the last one it saw', async () => {
    await changePlan(person);
    const client = connect(person.citizen);
    const { data } = await next(client.iterate({ query: NOTICES }));
    const [newest, earlier] = data.notifications.edges.map(({ node }) => node.id);
    const live = client.iterate({ query: NOTICE_ADDED, variables: { after: earlier ?? null } });
    if (earlier) assert.equal((await next(live)).data.notificationAdded.id, newest);
    const following = next(live);
    await changePlan(person);
    assert.ok(![newest, earlier].includes((await following).data.notificationAdded.id));
    await live.return();
  });

  it('is told which citizens of its organisation have changed', async () => {
    const changes = connect(person.jobcenter).iterate({ query: CASELOAD_CHANGED });
    // the first names nobody: what is read after it lacks nothing
    assert.equal((await next(changes)).data.caseloadChanged.citizenId, null);
    await changePlan(person);
    let told;
    do told = (await next(changes)).data.caseloadChanged;
    while (told.citizenId !== person.id); // others change their citizens at the same time
    assert.ok(told.changed.includes('PLAN'));
    await changes.return();
  });

  it('pings, and is answered', async () => {
    const pongs = new Arrivals();
    const client = connect(person.citizen, {
      lazy: false,
      keepAlive: 50,
      on: { pong: (received) => received && pongs.push(received) },
    });
    await pongs.take();
    await pongs.take();
    await client.dispose();
  });

  it('asks for the cost of an operation by its extensions, and is told', async () => {
    const query = { query: WHO, extensions: { cost: true } };
    const { data, extensions } = await next(connect(person.jobcenter).iterate(query));
    assert.equal(data.viewer.role, 'JOBCENTER');
    assert.equal(typeof extensions.cost.requested, 'number');
    assert.equal(typeof extensions.cost.available, 'number');
  });

  it('runs a document by the hash that its extensions name', async () => {
    const query = '{ viewer { name } }';
    const hash = await sha256(query);
    const extensions = { persistedQuery: { version: 1, sha256Hash: hash } };
    const client = connect(person.jobcenter);
    const registered = await next(client.iterate({ query, extensions }));
    assert.ok(registered.data.viewer.name);
    // the package wants a text: an empty one stands for none
    const found = await next(client.iterate({ query: '', extensions }));
    assert.ok(found.data.viewer.name);
  });

  it('is told of a syntax error, and its other operations go on', async () => {
    const client = connect(person.citizen);
    const variables = { citizenId: person.id, afterVersion: await versionOf(person) };
    const live = client.iterate({ query: UPDATED, variables });
    const answer = next(live);
    await assert.rejects(next(client.iterate({ query: '{' })), ([error]) => /Syntax Error/.test(error.message));
    const made = await changePlan(person);
    assert.equal((await answer).data.planUpdated.version, made);
    await live.return();
  });

  it('with a token that is none is closed with 4403', async () => {
    const refused = connect('nonsense').iterate({ query: WHO });
    await assert.rejects(next(refused), (event) => event.code === CloseCode.Forbidden);
  });

  it('without a token may ask what anybody may', async () => {
    const client = connect('', { connectionParams: undefined });
    const { data } = await next(client.iterate({ query: '{ __typename }' }));
    assert.equal(data.__typename, 'Query');
  });

  it('gives its token as a header of the handshake, too', async () => {
    class Handshake extends WebSocket {
      constructor(address, protocols) {
        super(address, protocols, { headers: bearer(person.fund) });
      }
    }
    const client = connect('', { connectionParams: undefined, webSocketImpl: Handshake });
    assert.equal((await next(client.iterate({ query: WHO }))).data.viewer.role, 'FUND');
  });

  it('whose token expires is closed with 4403, and goes on with a new token', async () => {
    const seen = await versionOf(person);
    const tokens = [expiringIn(2, person.citizen), person.citizen];
    const closed = new Arrivals();
    const versions = new Arrivals();
    const client = connect('', {
      connectionParams: () => ({ authorization: `Bearer ${tokens.shift()}` }),
      retryAttempts: 3,
      retryWait: async () => {},
      shouldRetry: () => true,
      on: { closed: (event) => closed.push(event.code) },
    }, hurried);
    const stop = client.subscribe({ query: UPDATED, variables: { citizenId: person.id, afterVersion: seen } }, {
      next: ({ data }) => versions.push(data.planUpdated.version),
      error: versions.push,
      complete: () => {},
    });
    assert.equal(await within(10, closed.take()), CloseCode.Forbidden);
    assert.equal(await changePlan(person), await versions.take());
    stop();
  });
});

async function sha256(text) {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Buffer.from(digest).toString('hex');
}
