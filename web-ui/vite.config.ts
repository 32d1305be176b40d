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

/** Words that only the other page says, by the beginning of their keys. */
const OTHERS_WORDS = {
  post: ['centre.'],
  centre: [
    'aside.', 'assign.', 'audit.', 'claim.', 'code.', 'emergencies.', 'emergency.', 'identify.', 'page.', 'people.', 'screens.', 'specimen.',
  ],
};

/**
 * Hands the page its own words: those of the other page are left out (the build fails where one is said all the same),
 * and a translation comes without its keys, in the order of the English ones.
 */
function ownWords(page: 'post' | 'centre'): Plugin {
  const others = OTHERS_WORDS[page];
  const words = (language: string): Record<string, string> =>
    JSON.parse(readFileSync(new URL(`text/${language}.json`, import.meta.url), 'utf8'));
  const keys = Object.keys(words('en')).filter((key) => !others.some((one) => key.startsWith(one)));
  return {
    name: 'vitalpost-words',
    enforce: 'pre',
    resolveId(source, importer) {
      if (source.startsWith('\0words-')) return source;
      const language = /^\.\/(\w+)\.json$/.exec(source)?.[1];
      return language !== undefined && importer?.endsWith('/text/t.ts') === true ? `\0words-${language}` : null;
    },
    load(id) {
      const language = /^\0words-(\w+)$/.exec(id)?.[1];
      if (language === undefined) return null;
      const all = words(language);
      if (language === 'en') return `export default ${JSON.stringify(Object.fromEntries(keys.map((key) => [key, all[key]])))}`;
      const translated = JSON.stringify(keys.map((key) => all[key]));
      return `import en from '\0words-en';
        const words = ${translated};
        export default Object.fromEntries(Object.keys(en).map((key, n) => [key, words[n]]))`;
    },
    generateBundle(_, bundle) {
      const said = new RegExp(`["'\`](${others.join('|').replaceAll('.', '\\.')})\\w*`);
      for (const chunk of Object.values(bundle)) {
        const found = chunk.type === 'chunk' ? said.exec(chunk.code) : null;
        if (found) throw new Error(`the page ${page} says ${found[0]}, which vite.config.ts leaves out of it`);
      }
    },
  };
}

/** The licences of what is built in, beside it: theirs ask for that. */
function licences(): Plugin {
  const built_in = { Svelte: 'svelte/LICENSE.md', 'lean-qr': 'lean-qr/LICENSE', 'Noto Sans': '@fontsource-variable/noto-sans/LICENSE' };
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
    plugins: [svelte(), ...(mode === 'test' ? [] : [ownWords(page), indexWithBuildId(page), licences()])],
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
    // A test reads the server's table of roles.
    server: { fs: { allow: ['..'] } },
    // The contrast test reads the style sheet as text.
    test: { environment: 'happy-dom', css: true, include: ['tests/unit/**/*.test.ts'] },
  };
});
