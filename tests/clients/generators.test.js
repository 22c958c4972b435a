// What code generators make of `schema.graphql`; `generate.js` has run them before the tests.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { buildSchema, isScalarType, parse, validate, validateSchema } from 'graphql';
import { bearer, people, trusted } from './support.js';

const here = import.meta.dirname;
const read = (path) => readFileSync(`${here}/${path}`, 'utf8');
const schema = buildSchema(read('../../schema.graphql'));
const documents = JSON.parse(read('generated/preset/persisted-documents.json'));
const person = people[7];
const manifest = JSON.parse(read('generated/manifest.json'));

describe('The schema file', () => {
  it('is a valid schema to graphql-js', () => assert.deepEqual(validateSchema(schema), []));

  it("has the custom scalars that docs/clients.md maps, and no other", () => {
    const built = new Set(['Boolean', 'Float', 'ID', 'Int', 'String']);
    const custom = Object.values(schema.getTypeMap()).filter((one) => isScalarType(one) && !built.has(one.name));
    assert.deepEqual(custom.map((one) => one.name).sort(), ['Base64', 'Date', 'DateTime', 'Url']);
  });
});

describe('The generated types of GraphQL Code Generator', () => {
  it('compile in strict mode, with a frontend that uses them', async () => {
    const tsc = `${here}/node_modules/.bin/tsc`;
    const compiled = await promisify(execFile)(tsc, ['-p', `${here}/documents/tsconfig.json`]).catch((error) => error);
    assert.equal(compiled.stdout, '');
    assert.equal(compiled.code, undefined);
  });
});

describe('The manifest of documents', () => {
  it('holds what both compilers wrote, by the SHA-256 of its text', () => {
    assert.equal(Object.keys(manifest).length, 4 + 3);
    for (const [hash, text] of Object.entries(manifest)) {
      assert.equal(createHash('sha256').update(text).digest('hex'), hash.replace('sha256:', ''));
      assert.deepEqual(validate(schema, parse(text)), []);
    }
  });

  const [generated] = Object.entries(documents).find(([, text]) => text.includes('query Plan('));
  for (const hash of [generated, generated.replace('sha256:', '')]) {
    it(`names what an endpoint of trusted documents runs by ${hash.slice(0, 10)}... alone`, async () => {
      const address = new URL(trusted);
      address.searchParams.set('documentId', hash);
      address.searchParams.set('variables', JSON.stringify({ id: person.id }));
      const response = await fetch(address, {
        headers: { accept: 'application/graphql-response+json', ...bearer(person.jobcenter) },
      });
      const { data, errors } = await response.json();
      assert.equal(errors, undefined);
      assert.equal(data.citizen.id, person.id);
    });
  }
});
