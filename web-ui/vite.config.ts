// Two pages, two bundles: `vite build --mode post` and `--mode centre`, each into its own folder with an index.html.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin, Rollup } from 'vite';
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
  post: ['centre.', 'duty.'],
  centre: [
    'alarmlog.', 'aside.', 'assign.', 'audit.', 'claim.', 'code.', 'devices.', 'discharge.', 'emergencies.', 'emergency.', 'identify.', 'merge.', 'page.',
    'people.', 'screens.', 'sound.', 'sound_check.', 'specimen.', 'transfer.',
  ],
};

/** Words that only what comes after the first view says (text/later.ts), by the beginning of their keys, as expressions. */
const BEGIN_WORDS = ['begin\\.(?!open|back|title)', 'secret\\.(?!show|hide)'];
const LATER_WORDS = {
  post: [
    ...BEGIN_WORDS, 'alarmlog\\.', 'aside\\.', 'assign\\.', 'bedpage\\.', 'audit\\.', 'claim\\.(?!why)', 'code\\.', 'curve\\.', 'devices\\.', 'discharge\\.', 'emergencies\\.',
    'emergency\\.', 'identify\\.', 'lab\\.(?!unassigned)', 'limits\\.', 'merge\\.', 'patient\\.(?!open|title)', 'people\\.', 'screens\\.(?!this)',
    'sound_check\\.', 'specimen\\.', 'transfer\\.', 'trends\\.',
  ],
  centre: [...BEGIN_WORDS, 'duty\\.(?!open|none|nobody)'],
};

/** The entry and what it imports before anything is drawn. */
function firstView(bundle: Rollup.OutputBundle): Rollup.OutputChunk[] {
  const chunks = Object.values(bundle).filter((one) => one.type === 'chunk');
  const found = new Set(chunks.filter((one) => one.isEntry));
  for (const chunk of found) for (const one of chunks) if (chunk.imports.includes(one.fileName)) found.add(one);
  return [...found];
}

/**
 * Hands the page its own words: those of the other page are left out, those of what comes later come with it (the build
 * fails where one is said all the same), and a translation comes without its keys, in the order of the English ones.
 */
function ownWords(page: 'post' | 'centre'): Plugin {
  const others = OTHERS_WORDS[page];
  const later = new RegExp(`^(?:${LATER_WORDS[page].join('|')})`);
  const words = (language: string): Record<string, string> =>
    JSON.parse(readFileSync(new URL(`text/${language}.json`, import.meta.url), 'utf8'));
  const own = Object.keys(words('en')).filter((key) => !others.some((one) => key.startsWith(one)));
  const keys = { first: own.filter((key) => !later.test(key)), later: own.filter((key) => later.test(key)) };
  return {
    name: 'vitalpost-words',
    enforce: 'pre',
    resolveId(source, importer) {
      if (source.startsWith('\0words-')) return source;
      const language = /^\.\/(\w+)\.json$/.exec(source)?.[1];
      const when = { 't.ts': 'first', 'later.ts': 'later' }[/\/text\/([\w.]+)$/.exec(importer ?? '')?.[1] ?? ''];
      return language !== undefined && when !== undefined ? `\0words-${when}-${language}` : null;
    },
    load(id) {
      const [, when, language] = /^\0words-(first|later)-(\w+)$/.exec(id) ?? [];
      if (when === undefined || language === undefined) return null;
      const all = words(language);
      const mine = keys[when as keyof typeof keys];
      if (language === 'en') return `export default ${JSON.stringify(Object.fromEntries(mine.map((key) => [key, all[key]])))}`;
      const translated = JSON.stringify(mine.map((key) => all[key]));
      return `import en from '\0words-${when}-en';
        const words = ${translated};
        export default Object.fromEntries(Object.keys(en).map((key, n) => [key, words[n]]))`;
    },
    generateBundle(_, bundle) {
      const refuse = (chunks: Rollup.OutputChunk[], prefixes: string[], why: string) => {
        const said = new RegExp(`["'\`](?:${prefixes.join('|')})[\\w.]*`);
        for (const { code } of chunks) {
          const found = said.exec(code);
          if (found) throw new Error(`the page ${page} says ${found[0]}, which vite.config.ts ${why}`);
        }
      };
      const all = Object.values(bundle).filter((one) => one.type === 'chunk');
      refuse(all, others.map((one) => one.replaceAll('.', '\\.')), 'leaves out of it');
      refuse(firstView(bundle), LATER_WORDS[page], 'brings after the first view');
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
      // One style sheet, in the first view: what comes later is never without its looks.
      cssCodeSplit: false,
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
