// graphql-sse, distinct connections and single connection mode: its package, then request by request.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { createClient } from 'graphql-sse';
import {
  CONVERSATION, UPDATED, WHO,
  bearer, changePlan, conversationWith, next, people, url, versionOf, within,
} from './support.js';

const person = people[2];
const JSON_BODY = { 'content-type': 'application/json' };

for (const singleConnection of [false, true]) {
  describe(`A client of graphql-sse in ${singleConnection ? 'single connection' : 'distinct connections'} mode`, () => {
    const client = createClient({
      url,
      singleConnection,
      headers: () => bearer(person.jobcenter),
      retryAttempts: 0,
    });
    after(() => client.dispose());

    it('queries', async () => {
      const { data } = await next(client.iterate({ query: WHO }));
      assert.equal(data.viewer.role, 'JOBCENTER');
    });

    it('changes a plan, and is told of it', async () => {
      const variables = { citizenId: person.id, afterVersion: await versionOf(person) };
      const live = client.iterate({ query: UPDATED, variables });
      const first = next(live);
      const input = conversationWith(person);
      const changed = await next(client.iterate({ query: CONVERSATION, variables: { input } }));
      const { version } = changed.data.registerConversation;
      assert.equal((await first).data.planUpdated.version, version);
      assert.equal(await changePlan(person), (await next(live)).data.planUpdated.version);
      await live.return();
    });

    it('runs two live views beside each other, and ends one', async () => {
      const variables = { citizenId: person.id, afterVersion: await versionOf(person) };
      const [one, two] = [0, 1].map(() => client.iterate({ query: UPDATED, variables }));
      const both = Promise.all([next(one), next(two)]);
      const made = await changePlan(person);
      for (const { data } of await both) assert.equal(data.planUpdated.version, made);
      await one.return();
      const following = next(two);
      assert.equal(await changePlan(person), (await following).data.planUpdated.version);
      await two.return();
    });

    it('is told of a syntax error', async () => {
      const refused = await next(client.iterate({ query: '{' })).catch((error) => ({ errors: [error] }));
      assert.match(refused.errors[0].message, /Syntax Error|Bad Request/);
    });

    it('is told of a field that it may not use', async () => {
      const refused = client.iterate({ query: '{ notifications(first: 1) { edges { cursor } } }' });
      const { errors } = await next(refused).catch((error) => ({ errors: [error] }));
      assert.ok(errors[0].extensions?.code === 'FORBIDDEN' || /Forbidden|Bad Request/.test(errors[0].message));
    });
  });
}

describe('A stream of distinct connections', () => {
  it('that comes back with Last-Event-ID gets what it missed', async () => {
    const variables = { citizenId: person.id, afterVersion: await versionOf(person) };
    const first = await stream({ query: UPDATED, variables });
    const made = await changePlan(person);
    const seen = await first.event('next');
    assert.equal(seen.data.data.planUpdated.version, made);
    assert.ok(seen.id, 'the event has an id');
    await first.cut();

    const missed = await changePlan(person);
    const resumed = await stream({ query: UPDATED, variables }, { 'last-event-id': seen.id });
    assert.equal((await resumed.event('next')).data.data.planUpdated.version, missed);
    await resumed.cut();
  });

  it('of a query gives its answer and ends', async () => {
    const answer = await stream({ query: WHO });
    assert.equal((await answer.event('next')).data.data.viewer.role, 'CITIZEN');
    await answer.event('complete');
    assert.equal(await answer.ended(), true);
  });

  it('may be asked for in a URL', async () => {
    const query = new URLSearchParams({
      query: UPDATED,
      variables: JSON.stringify({ citizenId: person.id, afterVersion: await versionOf(person) }),
    });
    const live = await stream(null, {}, `${url}?${query}`);
    const made = await changePlan(person);
    assert.equal((await live.event('next')).data.data.planUpdated.version, made);
    await live.cut();
  });
});

describe('A stream of a single connection', () => {
  it('is reserved by PUT, opened by GET, used by POST and told to end by DELETE', async () => {
    const login = bearer(person.citizen);
    const reserved = await fetch(url, { method: 'PUT', headers: login });
    assert.equal(reserved.status, 201);
    const token = { ...login, 'x-graphql-event-stream-token': await reserved.text() };

    const live = await stream(null, token);
    const variables = { citizenId: person.id, afterVersion: await versionOf(person) };
    const headers = { ...token, ...JSON_BODY };
    const begin = async (operationId) => {
      const body = JSON.stringify({ query: UPDATED, variables, extensions: { operationId } });
      const accepted = await fetch(url, { method: 'POST', headers, body });
      await accepted.text();
      return accepted.status;
    };
    assert.equal(await begin('one'), 202);
    assert.equal(await begin('one'), 409);
    const made = await changePlan(person);
    const { data } = await live.event('next');
    assert.equal(data.id, 'one');
    assert.equal(data.payload.data.planUpdated.version, made);

    const ended = await fetch(`${url}?operationId=one`, { method: 'DELETE', headers: token });
    assert.equal(ended.status, 200);
    await ended.text();
    assert.equal(await begin('two'), 202);
    // what was told to "one" is news to "two"; of "one" comes no more than that it has ended
    let event = await live.event();
    if (event.event === 'complete') event = await live.event('next');
    assert.equal(event.data.id, 'two');
    assert.equal(event.data.payload.data.planUpdated.version, made);
    const last = await changePlan(person);
    event = await live.event('next');
    assert.deepEqual([event.data.id, event.data.payload.data.planUpdated.version], ['two', last]);
    await live.cut();
  });

  it('is opened by nobody else, and not without a reservation', async () => {
    const mine = await fetch(url, { method: 'PUT', headers: bearer(person.citizen) });
    const token = await mine.text();
    const stranger = { ...bearer(people[3].citizen), 'x-graphql-event-stream-token': token };
    const nothing = { ...bearer(person.citizen), 'x-graphql-event-stream-token': crypto.randomUUID() };
    for (const headers of [stranger, nothing]) {
      const refused = await fetch(url, { headers: { ...headers, accept: 'text/event-stream' } });
      assert.ok([401, 403, 404].includes(refused.status), String(refused.status));
      await refused.body?.cancel();
    }
  });
});

/** An open event stream: by POST with a body, else by GET. Events are taken in order. */
async function stream(body, headers = {}, address = url) {
  const stop = new AbortController();
  const response = await fetch(address, {
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
    headers: {
      ...bearer(person.citizen), ...(body && JSON_BODY), accept: 'text/event-stream', ...headers,
    },
    signal: stop.signal,
  });
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type'), /^text\/event-stream/);
  const events = eventsOf(response.body);
  return {
    /** The next event; with a name it must be that one. */
    async event(name) {
      const event = await next(events);
      if (name) assert.equal(event.event, name);
      return { ...event, data: event.data && JSON.parse(event.data) };
    },
    async ended() {
      return (await within(10, events.next())).done;
    },
    async cut() {
      stop.abort();
      await events.next().catch(() => {});
    },
  };
}

/** The events of a stream, each with its fields; comments (`: ...`) are heartbeats. */
async function* eventsOf(body) {
  let text = '';
  for await (const piece of body.pipeThrough(new TextDecoderStream())) {
    text += piece.replaceAll('\r\n', '\n');
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const fields = fieldsOf(text.slice(0, end));
      text = text.slice(end + 2);
      if (fields.event) yield fields;
    }
  }
}

const fieldsOf = (block) =>
  Object.fromEntries(
    block
      .split('\n')
      .filter((line) => line && !line.startsWith(':'))
      .map((line) => line.match(/^([^:]*):? ?(.*)$/).slice(1)),
  );
