// An album of pictures: each page in three sizes, dark, and once more in light; a sheet that shows them all.

import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const SIZES = { phone: { width: 360, height: 800 }, tablet: { width: 1280, height: 800 }, wall: { width: 1920, height: 1080 } };
/** A layout that changed, a font, a chart that is drawn anew. */
const SETTLE_MS = 500;
/** A curve begins anew in another size; so long until it has gone across a tile. */
const CURVE_MS = 7000;

export class Album {
  #folder;
  #taken = [];

  constructor(folder) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  get count() {
    return this.#taken.length;
  }

  /** What stands on this page now; `curves` are waited for. A phone shows all that one can scroll to. */
  async page(page, name, { curves = false } = {}) {
    const settle = curves ? CURVE_MS : SETTLE_MS;
    for (const [size, viewport] of Object.entries(SIZES)) {
      await page.setViewportSize(viewport);
      await this.#one(page, `${name}-${size}`, settle, size === 'phone');
    }
    await page.setViewportSize(SIZES.tablet);
    await theme(page, 'light');
    await this.#one(page, `${name}-light`, settle);
    await theme(page, 'dark');
  }

  async #one(page, name, settle, whole = false) {
    await page.waitForTimeout(settle);
    await page.screenshot({ path: join(this.#folder, `${name}.png`), fullPage: whole });
    this.#taken.push(name);
  }

  /** All pictures below the folder on one sheet, to be looked at. */
  sheet() {
    const files = readdirSync(this.#folder, { recursive: true }).filter((file) => file.endsWith('.png')).sort();
    const one = (file) => `<figure><a href="${file}"><img loading="lazy" src="${file}" alt=""></a><figcaption>${file}</figcaption></figure>`;
    const style = 'body{background:#333;color:#fff;font:14px sans-serif;display:flex;flex-wrap:wrap;gap:12px}figure{margin:0}img{height:320px;max-width:90vw;object-fit:cover;object-position:top}';
    writeFileSync(join(this.#folder, 'index.html'), `<!doctype html><meta charset="utf-8"><title>Pictures</title><style>${style}</style>${files.map(one).join('')}`);
    return files.length;
  }

  /** Copies pictures, `{ to: from }`, into another folder. */
  give(kept, folder) {
    for (const [to, from] of Object.entries(kept)) copyFileSync(join(this.#folder, `${from}.png`), join(folder, `${to}.png`));
  }
}

/** As a person changes it: in the footer. */
async function theme(page, wanted) {
  await page.evaluate((wanted) => {
    if (document.documentElement.dataset.theme !== wanted) document.querySelector('footer .choices button:last-of-type')?.click();
  }, wanted);
}

/** The words of a button as a part of a file name. */
export const slug = (words) => words.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
