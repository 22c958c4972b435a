// What a frontend's build makes of `schema.graphql`: types, artefacts and a manifest of documents.
// Everything goes to `generated/`, which is not kept in git.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { generate } from '@graphql-codegen/cli';
import relayCompiler from 'relay-compiler';

const json = (path) => JSON.parse(readFileSync(path));

process.chdir(import.meta.dirname);
rmSync('generated', { recursive: true, force: true });
mkdirSync('generated/relay', { recursive: true });
copyFileSync('../../schema.graphql', 'generated/schema.graphql');

writeFileSync('generated/relay.json', '{}');
execFileSync(relayCompiler, ['relay.config.json'], { stdio: ['ignore', 'ignore', 'inherit'] });

const shared = {
  strictScalars: true,
  scalars: json('relay.config.json').customScalarTypes,
  useTypeImports: true,
};
await generate({
  schema: 'generated/schema.graphql',
  documents: 'documents/*.graphql',
  silent: true,
  generates: {
    'generated/preset/': {
      preset: 'client',
      presetConfig: { persistedDocuments: { hashAlgorithm: 'sha256' } },
      config: shared,
    },
    'generated/types.ts': { plugins: ['typescript'], config: shared },
    'generated/operations.ts': { plugins: ['typescript-operations'], config: shared },
  },
});

// one manifest, as the endpoint takes it: SHA-256 of the document -> its text
const manifest = {
  ...json('generated/relay.json'),
  ...json('generated/preset/persisted-documents.json'),
};
writeFileSync('generated/manifest.json', JSON.stringify(manifest));
