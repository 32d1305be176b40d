// The types of the post's API, out of the document that the appliance writes from its own code. `npm run api` writes them;
// a unit test says when they are not up to date.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';

const DOCUMENT = new URL('../../appliance/api/openapi.json', import.meta.url);
const TYPES = new URL('post.d.ts', import.meta.url);

const HEAD = '// Written by `npm run api` out of appliance/api/openapi.json; never by hand.\n\n';

export async function types() {
  // What a request may leave out stays optional, also where the post says what it takes then.
  const nodes = await openapiTS(JSON.parse(readFileSync(DOCUMENT, 'utf8')), { defaultNonNullable: false, alphabetize: true });
  return HEAD + astToString(nodes);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(TYPES, await types());
