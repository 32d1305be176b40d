// What the first view costs on a thin network.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const GZIP_BYTES_MAX = 70_000;

export const budgetCases = ['post', 'centre'].map((page) => ({
  name: `script_and_style_of_${page}_stay_below_70_kB`,
  run: async () => {
    const folder = fileURLToPath(new URL(`../../../dist/${page}/assets/`, import.meta.url));
    const files = readdirSync(folder).filter((file) => /\.(js|css)$/.test(file));
    assert.ok(files.length >= 2, 'a script and a style sheet');
    const bytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(folder + file)).length, 0);
    console.log(`      ${page}: ${(bytes / 1000).toFixed(1)} kB of ${GZIP_BYTES_MAX / 1000} kB, gzip`);
    assert.ok(bytes <= GZIP_BYTES_MAX, `${bytes} bytes`);
    const html = readFileSync(`${folder}../index.html`, 'utf8');
    assert.doesNotMatch(html, /<style|<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=|https?:/, 'nothing inline, nothing remote');
  },
}));
