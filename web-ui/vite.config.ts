// Two pages, two bundles: `vite build --mode post` and `--mode centre`, each into its own folder with an index.html.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/**
 * Names the page index.html, and writes into it the build id that the server sends in every snapshot: a page that
 * carries another one is of an older build and reloads itself. The file names carry hashes of their contents, so the
 * hash of the list of names is the hash of the build.
 */
function indexWithBuildId(page: string): Plugin {
  return {
    name: 'vitalpost-index',
    enforce: 'post',
    generateBundle(_, bundle) {
      const html = bundle[`${page}.html`];
      if (html?.type !== 'asset') throw new Error(`${page}.html is not in the bundle`);
      const names = Object.keys(bundle).sort().join('\n');
      const id = createHash('sha256').update(names).update(html.source).digest('hex').slice(0, 16);
      html.source = String(html.source).replace('content="development"', `content="${id}"`);
      html.fileName = 'index.html';
    },
  };
}

/** The licences of what is built in, beside it: theirs ask for that. */
function licences(): Plugin {
  const built_in = { Svelte: 'svelte/LICENSE.md', 'Noto Sans': '@fontsource-variable/noto-sans/LICENSE' };
  return {
    name: 'vitalpost-licences',
    generateBundle() {
      const texts = Object.entries(built_in).map(
        ([name, file]) => `${name}\n\n${readFileSync(new URL(`node_modules/${file}`, import.meta.url), 'utf8')}`,
      );
      this.emitFile({ type: 'asset', fileName: 'licences.txt', source: texts.join('\n\n----\n\n') });
    },
  };
}

export default defineConfig(({ mode }) => {
  const page = mode === 'centre' ? 'centre' : 'post';
  return {
    plugins: [svelte(), ...(mode === 'test' ? [] : [indexWithBuildId(page), licences()])],
    // The Content-Security-Policy is default-src 'self': no data: addresses, no inline script.
    build: {
      outDir: `dist/${page}`,
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      target: 'es2022',
      rollupOptions: { input: `${page}.html` },
    },
    resolve: mode === 'test' ? { conditions: ['browser'] } : {},
    // The contrast test reads the style sheet as text.
    test: { environment: 'happy-dom', css: true, include: ['tests/unit/**/*.test.ts'] },
  };
});
