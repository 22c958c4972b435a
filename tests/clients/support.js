// What every test knows of the stage that `python -m tests.clients` has set up.
import assert from 'node:assert/strict';
import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';

const stage = JSON.parse(process.env.CLIENTS_STAGE);

/** The endpoint with default settings; it knows the documents of the manifest, and takes others. */
export const url = stage.url;
/** The endpoint that waits one second for `connection_init`, and not at all for expired tokens. */
export const hurried = stage.hurried;
/** The endpoint that runs the documents of the manifest alone. */
export const trusted = stage.trusted;
/** Citizens with a plan, each with the tokens of those who share it; those in a fund come first. */
export const people = stage.people;

export const socketOf = (endpoint) => endpoint.replace(/^http/, 'ws');
export const bearer = (token) => ({ authorization: `Bearer ${token}` });

export const WHO = '{ viewer { role name } }';
export const VERSION = 'query Version($id: ID!) { citizen(id: $id) { id plan { id version } } }';
export const UPDATED = `subscription Updated($citizenId: ID!, $afterVersion: Int) {
  planUpdated(citizenId: $citizenId, afterVersion: $afterVersion) { version changedElements trigger }
}`;
export const CONVERSATION = `mutation Conversation($input: RegisterConversationInput!) {
  registerConversation(input: $input) { __typename ... on RegisterConversationPayload { version } }
}`;

/** The input of a conversation held just now. */
export const conversationWith = (person) => ({
  citizenId: person.id,
  authority: 'JOBCENTER',
  heldAt: new Date(Date.now() - 60_000).toISOString(),
  mode: 'PHONE',
  agreementText: 'Du ringer til to vikarbureauer.',
});

/** One operation by plain fetch: its data; fails on errors. */
export async function ask(token, query, variables) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearer(token) },
    body: JSON.stringify({ query, variables }),
  });
  const answer = await response.json();
  assert.equal(answer.errors, undefined, JSON.stringify(answer.errors));
  return answer.data;
}

/** The number of the plan's newest version. */
export async function versionOf(person) {
  return (await ask(person.jobcenter, VERSION, { id: person.id })).citizen.plan.version;
}

/** Publishes a new version of the plan; its number. */
export async function changePlan(person) {
  const input = conversationWith(person);
  const { registerConversation } = await ask(person.jobcenter, CONVERSATION, { input });
  assert.equal(registerConversation.__typename, 'RegisterConversationPayload');
  return registerConversation.version;
}

/** The same login as `token`, issued so that it expires `seconds` from now (negative: has expired). */
export function expiringIn(seconds, token) {
  const key = createPrivateKey({ key: JSON.parse(readFileSync(stage.key)), format: 'jwk' });
  const [header, claims] = token.split('.');
  const given = JSON.parse(Buffer.from(claims, 'base64url'));
  const now = Math.floor(Date.now() / 1000);
  const changed = { ...given, iat: Math.min(given.iat, now + seconds - 1), exp: now + seconds };
  const signed = `${header}.${Buffer.from(JSON.stringify(changed)).toString('base64url')}`;
  const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

/** The next value of an async iterator, within ten seconds. */
export async function next(iterator) {
  const { value, done } = await within(10, iterator.next());
  assert.equal(done, false, 'the stream has ended');
  return value;
}

/** What the promise gives; fails when it takes longer than so many seconds. */
export async function within(seconds, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came in ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A list that can be waited on: `push` what arrives, `take` it in order. */
export class Arrivals {
  #waiting = [];
  #arrived = [];

  push = (one) => {
    const taker = this.#waiting.shift();
    if (taker) taker(one);
    else this.#arrived.push(one);
  };

  /** The next that arrives, within ten seconds. */
  take(seconds = 10) {
    if (this.#arrived.length > 0) return Promise.resolve(this.#arrived.shift());
    return within(seconds, new Promise((resolve) => this.#waiting.push(resolve)));
  }

  /** What has arrived and was not taken. */
  get left() {
    return [...this.#arrived];
  }
}
