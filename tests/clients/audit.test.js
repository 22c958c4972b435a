// The audit of GraphQL over HTTP by the package graphql-http: 61 checks, and no warning.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serverAudits } from 'graphql-http';
import { bearer, people, url } from './support.js';

const CHECKS = 61;

const logins = {
  'without a login': {},
  'with a token': bearer(people[0].jobcenter),
};

for (const [login, headers] of Object.entries(logins)) {
  describe(`The audit of GraphQL over HTTP ${login}`, () => {
    const fetchFn = (input, init = {}) =>
      fetch(input, { ...init, headers: { ...init.headers, ...headers } });
    const audits = serverAudits({ url, fetchFn });

    it(`has ${CHECKS} checks`, () => assert.equal(audits.length, CHECKS));

    for (const audit of audits) {
      it(`${audit.id}: ${audit.name}`, async () => {
        const result = await audit.fn();
        const sent = result.response && `${result.response.status} ${await textOf(result.response)}`;
        assert.equal(result.status, 'ok', `${result.status}: ${result.reason}; answered ${sent}`);
      });
    }
  });
}

const textOf = (response) => (response.bodyUsed ? '(body read)' : response.text());
