// Introspection as tools ask for it: graphql-js, code generators, GraphiQL, Altair.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import {
  buildClientSchema, buildSchema, findBreakingChanges, findDangerousChanges, getIntrospectionQuery,
  lexicographicSortSchema, printSchema,
} from 'graphql';
import { ask, people, trusted, url } from './support.js';

const token = people[0].jobcenter;
const written = buildSchema(readFileSync(`${import.meta.dirname}/../../schema.graphql`, 'utf8'));
const sorted = (schema) => printSchema(lexicographicSortSchema(schema));
// the file ends each description with the roles that may use the field: of use to its readers alone
for (const type of Object.values(written.getTypeMap())) {
  for (const field of Object.values(type.getFields?.() ?? {})) {
    field.description = field.description?.replace(/\n?For: [a-z, ]+\.$/, '') || undefined;
  }
}

const EVERYTHING = {
  descriptions: true,
  specifiedByUrl: true,
  directiveIsRepeatable: true,
  schemaDescription: true,
  inputValueDeprecation: true,
  oneOf: true,
};

describe('Introspection', () => {
  it('with everything that can be asked for gives the schema of schema.graphql', async () => {
    const found = buildClientSchema(await ask(token, getIntrospectionQuery(EVERYTHING)));
    assert.deepEqual(findBreakingChanges(written, found), []);
    assert.deepEqual(findDangerousChanges(written, found), []);
    assert.equal(sorted(found), sorted(written));
  });

  for (const option of Object.keys(EVERYTHING)) {
    it(`with ${option} alone is answered`, async () => {
      const nothing = Object.fromEntries(Object.keys(EVERYTHING).map((name) => [name, false]));
      const query = getIntrospectionQuery({ ...nothing, [option]: true });
      const found = buildClientSchema(await ask(token, query));
      assert.equal(found.getMutationType().name, 'Mutation');
    });
  }

  it('tells that exactly one field of an intervention is given', async () => {
    const asked = 'query($name: String!) { __type(name: $name) { isOneOf kind } }';
    const { __type } = await ask(token, asked, { name: 'InterventionInput' });
    assert.deepEqual(__type, { isOneOf: true, kind: 'INPUT_OBJECT' });
  });

  it('tells the deprecated fields when they are asked for', async () => {
    const asked = `{ __schema { types { name
      all: fields(includeDeprecated: true) { name isDeprecated deprecationReason }
      current: fields { name } } } }`;
    const { __schema } = await ask(token, asked);
    for (const { all, current } of __schema.types) {
      const remaining = (all ?? []).filter((field) => !field.isDeprecated);
      assert.deepEqual(remaining.map((field) => field.name), (current ?? []).map((field) => field.name));
      assert.ok((all ?? []).every((field) => !field.isDeprecated || field.deprecationReason));
    }
  });

  it('is asked for without a login in development', async () => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: getIntrospectionQuery() }),
    });
    const { data, errors } = await response.json();
    assert.equal(errors, undefined);
    assert.ok(buildClientSchema(data));
  });

  it('is no trusted document', async () => {
    const response = await fetch(trusted, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: getIntrospectionQuery() }),
    });
    assert.equal((await response.json()).errors[0].extensions.code, 'PERSISTED_DOCUMENT_REQUIRED');
  });
});
