// @vitest-environment node
import { expect, it } from 'vitest';
import { types } from '../../api/generate.mjs';
import kept from '../../api/post.d.ts?raw';

it('the types of the API are those of the document that the appliance keeps; `npm run api` writes them anew', async () => {
  expect(kept).toBe(await types());
});
