// What the first view costs on a thin network, and what comes after it.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { parseAst } from 'vite';
import { troubled } from '../ward-state.mjs';
import { WALL, withWard } from '../with-page.mjs';

const FIRST_VIEW_GZIP_BYTES_MAX = 70_000;
const REST_GZIP_BYTES_MAX = 130_000;
/** Of each language; a screen loads the one that it speaks. */
const WORDS_GZIP_BYTES_MAX = 16_000;
/** Of each language's help. */
const HELP_GZIP_BYTES_MAX = 4_000;
const LAYOUT_SHARE_MIN = 10;

/** A file of one language's words: of the first view, of what comes later, of the help. */
export const isWords = (file) => /^(_words|_later|help-(en|fr|hi|sw|ar))-/.test(file);

/** The scripts and styles below assets/ that a browser has to have before it draws: those of the page and all that these
 *  import. The words of its language come to them. */
export function firstView(folder, html) {
  const found = new Set([...html.matchAll(/(?:src|href)="\/assets\/([^"]+\.(?:js|css))"/g)].map(([, file]) => file));
  for (const file of found) {
    if (!file.endsWith('.js')) continue;
    for (const { type, source } of parseAst(readFileSync(folder + file, 'utf8')).body) {
      if (/^(Import|Export)/.test(type) && source != null) found.add(source.value.replace(/^\.\//, ''));
    }
  }
  return found;
}

export const budgetCases = ['post', 'centre'].map((page) => ({
  name: `the_first_view_of_${page}_stays_below_70_kB_and_the_rest_below_130`,
  run: async () => {
    const folder = fileURLToPath(new URL(`../../../dist/${page}/assets/`, import.meta.url));
    const html = readFileSync(`${folder}../index.html`, 'utf8');
    const files = readdirSync(folder);
    const all = files.filter((file) => /\.(js|css)$/.test(file) && !isWords(file));
    const first = firstView(folder, html);
    assert.ok(first.size >= 2 && [...first].every((file) => all.includes(file)), 'a script and a style sheet');
    assert.ok(first.size < all.length, 'something comes later');
    const bytes = (files) => files.reduce((sum, file) => sum + gzipSync(readFileSync(folder + file)).length, 0);
    const [now, later] = [bytes([...first]), bytes(all.filter((file) => !first.has(file)))];
    const kB = (n) => (n / 1000).toFixed(1);
    console.log(`      ${page}: first view ${kB(now)} of ${kB(FIRST_VIEW_GZIP_BYTES_MAX)} kB, later ${kB(later)} of ${kB(REST_GZIP_BYTES_MAX)} kB, gzip`);
    const words = files.filter((file) => /^_(words|later)-/.test(file));
    for (const file of files.filter((file) => isWords(file) && !words.includes(file))) assert.ok(bytes([file]) <= HELP_GZIP_BYTES_MAX, file);
    assert.equal(words.filter((file) => file.startsWith('_words-')).length, 5, 'a file for each language');
    for (const file of words) assert.ok(bytes([file]) <= WORDS_GZIP_BYTES_MAX, `${bytes([file])} bytes of ${file}`);
    console.log(`      ${page}: words ${words.map((file) => `${file.slice(1, 9)} ${kB(bytes([file]))}`).join(', ')} of ${kB(WORDS_GZIP_BYTES_MAX)} kB, gzip`);
    assert.ok(now <= FIRST_VIEW_GZIP_BYTES_MAX, `${now} bytes before anything is drawn`);
    assert.ok(later <= REST_GZIP_BYTES_MAX, `${later} bytes afterwards`);
    assert.doesNotMatch(html, /<style|<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=|https?:/, 'nothing inline, nothing remote');
  },
})).concat({
  // A ratio, because machines differ: before the heights came from outside, the two cost the same.
  name: 'a_new_number_or_age_is_laid_out_alone_and_not_with_the_whole_ward',
  run: (browser) =>
    withWard(browser, { state: troubled(), viewport: WALL }, async ({ page }) => {
      for (const what of ['[data-testid=digits]', '[data-testid=link] strong', '[data-testid=alarm] .elapsed']) {
        const cost = await page.evaluate(layoutCost, what);
        console.log(`      ${what}: ${cost.one.toFixed(1)} ms, the whole ward ${cost.all.toFixed(1)} ms`);
        assert.ok(cost.one < cost.all / LAYOUT_SHARE_MIN, `${what}: ${cost.one} ms of ${cost.all} ms`);
      }
    }),
});

/** Run in the page: the median time, in ms, of a layout after one text has changed, and after all have. */
function layoutCost(what) {
  const element = document.querySelector(what);
  const text = document.createTreeWalker(element, NodeFilter.SHOW_TEXT).nextNode();
  const main = document.querySelector('main');
  const median = (change) => {
    const times = Array.from({ length: 9 }, (_, n) => {
      void main.offsetHeight;
      const began = performance.now();
      change(n % 2 === 0);
      void main.offsetHeight;
      return performance.now() - began;
    });
    return times.sort((a, b) => a - b)[4];
  };
  const was = text.data;
  const one = median((longer) => (text.data = longer ? `${was}1` : was));
  const all = median((wider) => (main.style.letterSpacing = wider ? '0.01em' : ''));
  return { one, all };
}
