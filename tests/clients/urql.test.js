// urql as its users write it. Each of its requests accepts text/event-stream: plain answers stay JSON.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { Client, fetchExchange, gql, subscriptionExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import {
  Arrivals, CONVERSATION, UPDATED, VERSION,
  bearer, changePlan, conversationWith, people, socketOf, url, versionOf,
} from './support.js';

const person = people[5];

const urql = (options = {}) =>
  new Client({
    url,
    exchanges: [fetchExchange],
    preferGetMethod: false,
    fetchOptions: () => ({ headers: bearer(person.jobcenter) }),
    ...options,
  });

describe('urql over HTTP', () => {
  it('accepts events too, and is answered in JSON', async () => {
    const exchanged = [];
    const watched = async (input, init) => {
      const response = await fetch(input, init);
      const accepted = new Headers(init.headers).get('accept');
      exchanged.push({ accepted, answered: response.headers.get('content-type') });
      return response;
    };
    const client = urql({ fetch: watched });
    const { data, error } = await client.query(gql(VERSION), { id: person.id });
    assert.equal(error, undefined);
    assert.equal(data.citizen.plan.version, await versionOf(person));
    assert.match(exchanged[0].accepted, /text\/event-stream/);
    assert.match(exchanged[0].answered, /json/);
  });

  it('changes a plan', async () => {
    const input = conversationWith(person);
    const { data, error } = await urql().mutation(gql(CONVERSATION), { input });
    assert.equal(error, undefined);
    assert.equal(data.registerConversation.__typename, 'RegisterConversationPayload');
  });

  it('queries by GET, as it does unless told otherwise', async () => {
    const client = urql({ preferGetMethod: undefined });
    const { data, error } = await client.query(gql(VERSION), { id: person.id });
    assert.equal(error, undefined);
    assert.equal(data.citizen.id, person.id);
  });

  it('tells an error with its code', async () => {
    const { error } = await urql().query(gql('{ notifications(first: 1) { edges { cursor } } }'), {});
    assert.equal(error.graphQLErrors[0].extensions.code, 'FORBIDDEN');
  });

  for (const preferGetForPersistedQueries of [false, true]) {
    const method = preferGetForPersistedQueries ? 'GET' : 'POST';
    it(`registers a document once, then asks for it by ${method}`, async () => {
      const requests = [];
      const watched = (input, init) => {
        requests.push({ method: init.method, text: init.body ?? decodeURIComponent(input) });
        return fetch(input, init);
      };
      const name = `Kept${method}${process.pid}`;
      const query = gql(`query ${name}($id: ID!) { citizen(id: $id) { id } }`);
      const ask = () => {
        const exchanges = [persistedExchange({ preferGetForPersistedQueries }), fetchExchange];
        return urql({ exchanges, fetch: watched }).query(query, { id: person.id });
      };
      for (const { data, error } of [await ask(), await ask()]) {
        assert.equal(error, undefined);
        assert.equal(data.citizen.id, person.id);
      }
      assert.deepEqual(requests.map(({ text }) => /citizen/.test(text)), [false, true, false]);
      assert.deepEqual([requests[0].method, requests[2].method], [method, method]);
    });
  }
});

describe('urql, live', () => {
  const socket = createClient({
    url: socketOf(url),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${person.citizen}` },
    retryAttempts: 0,
  });
  after(() => socket.dispose());

  const bySocket = subscriptionExchange({
    forwardSubscription: ({ query, variables }) => ({
      subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query: query ?? '', variables }, sink) }),
    }),
  });
  const ways = {
    'a socket': { exchanges: [fetchExchange, bySocket] },
    'server-sent events': { fetchSubscriptions: true },
  };

  for (const [way, options] of Object.entries(ways)) {
    it(`is told of new versions of a plan over ${way}, and lets go`, async () => {
      const arrived = new Arrivals();
      const variables = { citizenId: person.id, afterVersion: await versionOf(person) };
      const live = urql(options).subscription(gql(UPDATED), variables).subscribe(arrived.push);
      for (let times = 0; times < 2; times++) {
        const made = await changePlan(person);
        const { data, error } = await arrived.take();
        assert.equal(error, undefined);
        assert.equal(data.planUpdated.version, made);
      }
      live.unsubscribe();
    });

    it(`is told over ${way} why an operation is refused`, async () => {
      const arrived = new Arrivals();
      const variables = { citizenId: crypto.randomUUID() };
      urql(options).subscription(gql(UPDATED), variables).subscribe(arrived.push);
      const { error } = await arrived.take();
      assert.equal(typeof error.graphQLErrors[0].extensions.code, 'string', error.message);
    });
  }
});
