// Apollo Client 4 as its users write it: links for HTTP, sockets and documents by their hash.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, describe, it } from 'node:test';
import {
  ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql,
} from '@apollo/client/core';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import {
  Arrivals, CONVERSATION, UPDATED, VERSION,
  bearer, changePlan, conversationWith, people, socketOf, url, versionOf,
} from './support.js';

// in a browser it is there; the link looks for it where an operation fails
globalThis.WebSocket = WebSocket;

const person = people[4];
const apollos = [];

const apollo = (link) => {
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  apollos.push(client);
  return client;
};
const http = (options = {}) => new HttpLink({ uri: url, headers: bearer(person.jobcenter), ...options });
const sha256 = (text) => createHash('sha256').update(text).digest('hex');

after(() => apollos.forEach((client) => client.stop()));

describe('Apollo Client over HTTP', () => {
  it('queries a plan into its cache', async () => {
    const client = apollo(http());
    const query = gql(VERSION);
    const { data } = await client.query({ query, variables: { id: person.id } });
    assert.equal(data.citizen.plan.version, await versionOf(person));
    assert.deepEqual(client.readQuery({ query, variables: { id: person.id } }), data);
  });

  it('queries by GET', async () => {
    const client = apollo(http({ useGETForQueries: true }));
    const { data } = await client.query({ query: gql(VERSION), variables: { id: person.id } });
    assert.equal(data.citizen.id, person.id);
  });

  it('changes a plan', async () => {
    const variables = { input: conversationWith(person) };
    const { data } = await apollo(http()).mutate({ mutation: gql(CONVERSATION), variables });
    assert.equal(data.registerConversation.__typename, 'RegisterConversationPayload');
  });

  const failures = {
    FORBIDDEN: ['query { notifications(first: 1) { edges { cursor } } }', person.jobcenter],
    UNAUTHENTICATED: ['{ viewer { role } }', 'nonsense'],
    BAD_USER_INPUT: ['{ nonsense }', person.jobcenter],
  };

  for (const [code, [query, token]] of Object.entries(failures)) {
    it(`tells ${code} as a GraphQL error with its code`, async () => {
      const client = apollo(http({ headers: bearer(token) }));
      await assert.rejects(client.query({ query: gql(query) }), (error) => {
        assert.ok(CombinedGraphQLErrors.is(error), `${error.name}: ${error.message}`);
        assert.equal(error.errors[0].extensions.code, code);
        return true;
      });
    });
  }
});

describe("Apollo Client's documents by their hash", () => {
  for (const useGETForHashedQueries of [false, true]) {
    it(`are registered once, then asked for by ${useGETForHashedQueries ? 'GET' : 'POST'}`, async () => {
      const requests = [];
      const watched = http({
        fetch: (input, init) => {
          requests.push({ method: init.method, text: init.body ?? decodeURIComponent(input) });
          return fetch(input, init);
        },
      });
      const link = new PersistedQueryLink({ sha256, useGETForHashedQueries }).concat(watched);
      // a name of its own, so that nobody has registered it before
      const name = `Hashed${useGETForHashedQueries}${process.pid}`;
      const query = gql(`query ${name}($id: ID!) { citizen(id: $id) { id } }`);
      const ask = () => apollo(link).query({ query, variables: { id: person.id } });

      assert.equal((await ask()).data.citizen.id, person.id);
      assert.equal((await ask()).data.citizen.id, person.id);
      const method = useGETForHashedQueries ? 'GET' : 'POST';
      assert.deepEqual(requests.map((one) => one.text.includes(name) && /citizen/.test(one.text)), [false, true, false]);
      assert.deepEqual([requests[0].method, requests[2].method], [method, method]);
    });
  }
});

describe('Apollo Client over a socket', () => {
  const socket = createClient({
    url: socketOf(url),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${person.citizen}` },
    retryAttempts: 0,
  });
  const split = ApolloLink.split(
    ({ operationType }) => operationType === 'subscription',
    new GraphQLWsLink(socket),
    http({ headers: bearer(person.citizen) }),
  );
  after(() => socket.dispose());

  it('is told of new versions of a plan, and lets go', async () => {
    const arrived = new Arrivals();
    const variables = { citizenId: person.id, afterVersion: await versionOf(person) };
    const client = apollo(split);
    const live = client.subscribe({ query: gql(UPDATED), variables }).subscribe(arrived.push);
    for (let times = 0; times < 2; times++) {
      const made = await changePlan(person);
      const { data, error } = await arrived.take();
      assert.equal(error, undefined);
      assert.equal(data.planUpdated.version, made);
    }
    live.unsubscribe();
    const { data } = await client.query({ query: gql(VERSION), variables: { id: person.id } });
    assert.equal(data.citizen.id, person.id);
  });

  it('is told why an operation is refused', async () => {
    const arrived = new Arrivals();
    const variables = { citizenId: crypto.randomUUID() };
    apollo(split).subscribe({ query: gql(UPDATED), variables }).subscribe({
      next: arrived.push,
      error: (error) => arrived.push({ error }),
    });
    const { error } = await arrived.take();
    assert.ok(CombinedGraphQLErrors.is(error), `${error.name}: ${error.message}`);
    assert.equal(typeof error.errors[0].extensions.code, 'string');
  });
});
