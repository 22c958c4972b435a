// Relay's network layer with artefacts of its compiler: documents travel as their hash alone.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { createClient } from 'graphql-ws';
import relay from 'relay-runtime';
import WebSocket from 'ws';
import planMutation from './generated/relay/planMutation.graphql.js';
import planQuery from './generated/relay/planQuery.graphql.js';
import planSubscription from './generated/relay/planSubscription.graphql.js';
import {
  Arrivals, bearer, changePlan, conversationWith, people, socketOf, trusted, url, versionOf,
} from './support.js';

const { Environment, Network, Observable, RecordSource, Store, commitMutation, fetchQuery, requestSubscription } =
  relay;
const person = people[6];
const sockets = [];

after(() => Promise.all(sockets.map((socket) => socket.dispose())));

/** The forms in which a document is named by its hash: the specification's and Apollo's. */
const forms = {
  documentId: (id) => ({ documentId: id }),
  'extensions.persistedQuery': (id) => ({
    extensions: { persistedQuery: { version: 1, sha256Hash: id } },
  }),
};

for (const [endpoint, address] of Object.entries({ 'that takes any document': url, 'of trusted documents': trusted })) {
  for (const [name, form] of Object.entries(forms)) {
    describe(`Relay at an endpoint ${endpoint}, with ${name}`, () => {
      const environment = environmentAt(address, form);

      it('queries a plan into its store', async () => {
        const data = await fetchQuery(environment, planQuery, { id: person.id }).toPromise();
        assert.equal(data.citizen.plan.version, await versionOf(person));
        assert.equal(environment.getStore().getSource().get(person.id).__typename, 'Citizen');
      });

      it('changes a plan', async () => {
        const answer = await new Promise((resolve, reject) => {
          commitMutation(environment, {
            mutation: planMutation,
            variables: { input: conversationWith(person) },
            onCompleted: (data, errors) => (errors ? reject(new Error(JSON.stringify(errors))) : resolve(data)),
            onError: reject,
          });
        });
        assert.equal(answer.registerConversation.__typename, 'RegisterConversationPayload');
      });

      it('is told of new versions of a plan, and lets go', async () => {
        const arrived = new Arrivals();
        const variables = { citizenId: person.id, afterVersion: await versionOf(person) };
        const live = requestSubscription(environment, {
          subscription: planSubscription,
          variables,
          onNext: arrived.push,
          onError: (error) => arrived.push({ error }),
        });
        for (let times = 0; times < 2; times++) {
          const made = await changePlan(person);
          const { error, planUpdated } = await arrived.take();
          assert.equal(error, undefined);
          assert.equal(planUpdated.version, made);
        }
        live.dispose();
      });
    });
  }
}

describe('An endpoint of trusted documents', () => {
  it('runs no other, and says so with a code', async () => {
    const response = await fetch(trusted, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...bearer(person.jobcenter) },
      body: JSON.stringify({ query: '{ viewer { role } }' }),
    });
    const { data, errors } = await response.json();
    assert.equal(data, undefined);
    assert.equal(errors[0].extensions.code, 'PERSISTED_DOCUMENT_REQUIRED');
  });
});

function environmentAt(address, form) {
  const socket = createClient({
    url: socketOf(address),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${person.jobcenter}` },
    retryAttempts: 0,
  });
  sockets.push(socket);
  const network = Network.create(
    async ({ id }, variables) => {
      const response = await fetch(address, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...bearer(person.jobcenter) },
        body: JSON.stringify({ ...form(id), variables }),
      });
      return response.json();
    },
    ({ id, name }, variables) =>
      Observable.create((sink) =>
        // the package graphql-ws wants a text: an empty one stands for none
        socket.subscribe({ ...form(id), query: '', operationName: name, variables }, sink),
      ),
  );
  return new Environment({ network, store: new Store(new RecordSource()) });
}
