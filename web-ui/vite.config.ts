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

const NAMES = { post: 'Vitalpost: ward', centre: 'Vitalpost: centre' };

/** What makes the page one that is installed on a tablet: its name and icon, and the files that are kept (service-worker.js). */
function installable(page: 'post' | 'centre'): Plugin {
  return {
    name: 'vitalpost-installable',
    enforce: 'post',
    generateBundle(_, bundle) {
      const html = Object.values(bundle).find(({ fileName }) => fileName === 'index.html');
      if (html?.type !== 'asset') throw new Error('index.html is not in the bundle');
      const icon = Object.keys(bundle).find((name) => /icon-.*\.svg$/.test(name));
      const manifest = {
        name: NAMES[page], short_name: 'Vitalpost', start_url: '/', display: 'standalone', background_color: '#05080c', theme_color: '#05080c',
        icons: [{ src: `/${icon}`, sizes: 'any', type: 'image/svg+xml' }],
      };
      this.emitFile({ type: 'asset', fileName: 'manifest.webmanifest', source: JSON.stringify(manifest) });
      html.source = String(html.source).replace('</head>', '<link rel="manifest" href="/manifest.webmanifest">\n</head>');
      const build = /name="vitalpost-build" content="(\w+)"/.exec(html.source)![1];
      // Letters of other scripts are kept when a screen shows them.
      const names = Object.values(bundle).map(({ fileName }) => fileName);
      const files = names.filter((name) => /\.(js|css|svg)$|latin-wght/.test(name)).map((name) => `/${name}`);
      const worker = readFileSync(new URL('service-worker.js', import.meta.url), 'utf8')
        .replace("const BUILD = '';", `const BUILD = '${build}';`)
        .replace('const FILES = [];', `const FILES = ${JSON.stringify(['/', ...files])};`);
      this.emitFile({ type: 'asset', fileName: 'service-worker.js', source: worker });
    },
  };
}

/** Words that only the other page says, by the beginning of their keys. */
const OTHERS_WORDS = {
  post: ['centre.', 'duty.'],
  centre: [
    'alarmlog.', 'aside.', 'assign.', 'audit.', 'claim.', 'code.', 'devices.', 'discharge.', 'emergencies.', 'emergency.', 'fit.', 'handover.', 'identify.', 'lines.', 'merge.', 'page.',
    'people.', 'scan.', 'screens.', 'sound.', 'sound_check.', 'specimen.', 'system.', 'transfer.',
  ],
};

/** Words of pages that come later, by the beginning of their keys: they come with them. */
const LATER_WORDS = ['fit.', 'handover.', 'lines.', 'system.'];

/** Hands the page its own words: those of the other page are left out, and the build fails where one is said all the same. */
function ownWords(page: 'post' | 'centre'): Plugin {
  const others = OTHERS_WORDS[page];
  const isOwn = (key: string) => !others.some((one) => key.startsWith(one));
  const isLater = (key: string) => LATER_WORDS.some((one) => key.startsWith(one));
  return {
    name: 'vitalpost-words',
    enforce: 'pre',
    resolveId(source, importer) {
      const [, language, later] = /^\.\/(\w+)\.json(\?later)?$/.exec(source) ?? [];
      return language !== undefined && importer?.endsWith('/text/load.ts') === true ? `\0${later === undefined ? 'words' : 'later'}-${language}` : null;
    },
    load(id) {
      const [, when, language] = /^\0(words|later)-(\w+)$/.exec(id) ?? [];
      if (language === undefined) return null;
      const words: Record<string, string> = JSON.parse(readFileSync(new URL(`text/${language}.json`, import.meta.url), 'utf8'));
      return `export default ${JSON.stringify(Object.fromEntries(Object.entries(words).filter(([key]) => isOwn(key) && isLater(key) === (when === 'later'))))}`;
    },
    generateBundle(_, bundle) {
      const said = new RegExp(`["'\`](?:${others.map((one) => one.replaceAll('.', '\\.')).join('|')})[\\w.]*`);
      for (const chunk of Object.values(bundle)) {
        const found = chunk.type === 'chunk' ? said.exec(chunk.code) : null;
        if (found) throw new Error(`the page ${page} says ${found[0]}, which vite.config.ts leaves out of it`);
      }
    },
  };
}

/** The licences of what is built in, beside it: theirs ask for that. */
function licences(): Plugin {
  const built_in = {
    Svelte: 'svelte/LICENSE.md', 'lean-qr': 'lean-qr/LICENSE', uPlot: 'uplot/LICENSE',
    'Noto Sans': '@fontsource-variable/noto-sans/LICENSE', 'Noto Sans Arabic': '@fontsource-variable/noto-sans-arabic/LICENSE',
  };
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
    plugins: [svelte(), ...(mode === 'test' ? [] : [ownWords(page), indexWithBuildId(page), installable(page), licences()])],
    // The Content-Security-Policy is default-src 'self': no data: addresses, no inline script.
    build: {
      outDir: `dist/${page}`,
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      // A part that comes later waits for its own style sheet: it is never without its looks.
      cssCodeSplit: true,
      target: 'es2022',
      rollupOptions: { input: `${page}.html` },
    },
    resolve: mode === 'test' ? { conditions: ['browser'] } : {},
    // A test reads the server's table of roles.
    server: { fs: { allow: ['..'] } },
    // The contrast test reads the style sheet as text.
    test: { environment: 'happy-dom', css: true, setupFiles: ['tests/unit/words.ts'], include: ['tests/unit/**/*.test.ts'] },
  };
});
