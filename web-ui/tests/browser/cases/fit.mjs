// Nothing is wider than its slot, nothing is cut off, no target is too small: on tablet, wall and phone, in each language.

import assert from 'node:assert/strict';
import { SENIOR, someone } from '../fake-door.mjs';
import { office } from '../office-state.mjs';
import { alarm, bed, monitorSays, nibp, troubled, v, wardState } from '../ward-state.mjs';
import { PHONE, TABLET, WALL, withCentre, withWard } from '../with-page.mjs';
import { openBed } from './keys.mjs';
import { withStays } from './stays.mjs';

/** The widest values there are, and the longest words below them. */
function widest() {
  const old = { age: 3_700_000 };
  const values = [v('hr', '238'), v('spo2', '100'), v('rr', '128'), ...nibp('248', '188', '208', 59), v('temp', '40.8')];
  const was = [v('hr', '238', old), v('spo2', '100', old), v('rr', '128', old), ...nibp('248', '188', '208', 1500), v('temp', '40.8', old)];
  const off = values.map((value) => ({ ...value, value: null, reason: 'probe_off' }));
  const impossible = values.map((value) => ({ ...value, value: null, reason: 'implausible' }));
  const weak = values.map((value) => ({ ...value, quality: 'questionable' }));
  return wardState({
    beds: [bed('1', values), bed('2', was), bed('3', off), bed('4', impossible), bed('5', weak), bed('6', values, { patient: { vacant: true } })],
  });
}

/** The same beds silent for days: an age stands where a time of today has room. The last is empty. */
function daysAgo() {
  const old = { age: 5 * 86_400_000 };
  const values = [v('hr', '238', old), v('spo2', '100', old), v('rr', '128', old), ...nibp('248', '188', '208', 7200), v('temp', '40.8', old)];
  const silent = { link: 'silent', link_since_ms: old.age };
  const empty = (n) => ({ ...silent, patient: { vacant: n === 7 } });
  return wardState({ beds: Array.from({ length: 8 }, (_, n) => bed(String(n + 1), values, empty(n))) });
}

/** Every bed rests its signals while it alarms and its monitor says something too. */
export function resting() {
  const beds = widest().beds.map((one) => ({ ...one, patient: { vacant: false }, ...monitorSays(['high', '*** VENTRICULAR TACHYCARDIA'], ['low', 'NBP CUFF LOOSE', 'technical']) }));
  const state = wardState({ beds: [...beds, ...[7, 8].map((n) => ({ ...beds[0], id: String(n), label: `Bed ${n}` }))] });
  state.alarms = state.beds.flatMap(({ id }, n) => [
    alarm(2 * n + 1, 'limit.spo2.low', 'high', { bed: id, value: '84', limit: '90', sounds: false }), alarm(2 * n + 2, 'limit.rr.high', 'medium', { bed: id, value: '34', limit: '30', sounds: false }),
  ]);
  state.signals = { floods: [], pauses: state.beds.map(({ id }, n) => ({ bed: id, what: n % 2 === 0 ? 'audio_paused' : 'alarm_paused', left: 94_000, by: 'Grace O.' })) };
  return state;
}

/** Run in the page: everything that does not fit, in words. */
export function misfits() {
  const wrong = [];
  const inside = (what, inner, outer) => {
    const [a, b] = [inner.getBoundingClientRect(), outer.getBoundingClientRect()];
    const over = Math.max(b.left - a.left, a.right - b.right, b.top - a.top, a.bottom - b.bottom);
    if (over > 1.5) wrong.push(`${what} "${inner.textContent.trim()}" is ${over.toFixed(1)} px outside`);
  };
  const apart = (what, one, other) => {
    const [a, b] = [one.getBoundingClientRect(), other.getBoundingClientRect()];
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const along = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (across > 1 && along > 4) wrong.push(`${what} "${one.textContent}" lies over "${other.textContent}"`);
  };
  const whole = (what, element) => {
    if (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 4) wrong.push(`${what} "${element.textContent.trim()}" is cut off (${element.scrollWidth - element.clientWidth} px, ${element.scrollHeight - element.clientHeight} px)`);
  };
  for (const slot of document.querySelectorAll('[data-testid=slot]')) {
    const name = `${slot.closest('[data-testid=bed]').id} ${slot.dataset.slot}`;
    const [label, ink] = [slot.querySelector('.name'), slot.querySelector('.ink')];
    inside(`${name} number`, ink, slot);
    for (const part of label.children) if (part.offsetParent !== null) inside(`${name} name`, part, slot);
    for (const part of label.children) if (part.offsetParent !== null) apart(name, ink, part);
    whole(`${name} foot`, slot.querySelector('.foot .one-line'));
    inside(`${name} slot`, slot, slot.closest('[data-testid=bed]'));
  }
  for (const line of document.querySelectorAll('[data-testid=monitor-alarms]')) {
    if (line.offsetParent === null) continue;
    const tile = line.closest('[data-testid=bed]');
    inside('monitor line', line, tile);
    for (const alarm of tile.querySelectorAll('[data-testid=alarm], [data-testid=link]')) apart('monitor line', line, alarm);
    for (const foot of line.parentElement.querySelectorAll('[data-testid=foot] .one-line')) if (foot.textContent !== '') apart('monitor line', foot, line);
  }
  for (const chip of document.querySelectorAll('[data-testid=rests]')) {
    const tile = chip.closest('[data-testid=bed]');
    inside('pause', chip, tile);
    for (const alarm of tile.querySelectorAll('[data-testid=alarm]')) apart('pause', chip, alarm);
    const link = chip.parentElement.querySelector('strong');
    const { width } = link.getBoundingClientRect();
    if (width < 8 && tile.dataset.link !== 'live') wrong.push(`the link "${link.textContent}" is hidden by its pause`);
  }
  for (const words of document.querySelectorAll('.words, .label, .link strong, [data-testid=remote-digits]')) whole('words', words);
  for (const cell of document.querySelectorAll('[data-testid=remote-digits] .ink')) inside('centre number', cell, cell.closest('.cell'));
  for (const target of document.querySelectorAll('button, select, input:not([type=checkbox], [type=radio]), label:has(> input[type=radio])')) {
    const { width, height } = target.getBoundingClientRect();
    if (width < 48 || height < 48) wrong.push(`target "${target.textContent.trim()}" is ${width} x ${height}`);
  }
  const page = document.documentElement;
  if (page.scrollWidth > page.clientWidth) wrong.push(`the page is ${page.scrollWidth} px wide`);
  return wrong;
}

const sizes = { tablet: TABLET, wall: WALL, phone: PHONE };
const looks = Object.entries(sizes).flatMap(([size, viewport]) =>
  ['en', 'fr', 'ar'].map((language) => ({ name: `${size}_${language}`, viewport, language })),
).concat(['hi', 'sw'].map((language) => ({ name: `phone_${language}`, viewport: PHONE, language })));

/** What opens takes room from the beds, and they have their places a moment later. */
async function fitsSoon(page, what) {
  let found = [];
  for (let tries = 0; tries < 20; tries++) {
    await page.waitForTimeout(100);
    found = await page.evaluate(misfits);
    if (found.length === 0) return;
  }
  assert.deepEqual(found, [], what);
}

export const fitCases = looks.flatMap(({ name, ...options }) => [
  {
    name: `everything_fits_ward_${name}`,
    run: (browser) => {
      const beds = widest().beds;
      const more = [7, 8].map((n) => ({ ...beds[1], id: String(n), label: `Bed ${n}` }));
      const states = [troubled(), widest(), { ...widest(), beds: [...beds, ...more] }, { ...widest(), beds: beds.slice(0, 2) }, daysAgo(), resting()];
      return withWard(browser, { state: wardState(), settled: false, ...options }, async ({ page, server, state: shown }) => {
        for (const [n, state] of states.entries()) {
          const post = { id: 'demo', name: `Demo health post ${n}` };
          Object.assign(shown, state, { post });
          server.cut();
          await page.waitForSelector(`main[aria-label="${post.name}"]`);
          assert.equal(await page.locator('[data-testid=bed]').count(), state.beds.length);
          assert.deepEqual(await page.evaluate(misfits), [], `state ${n}, ${state.beds.length} beds`);
        }
      });
    },
  },
  {
    name: `everything_fits_with_list_and_sign_in_${name}`,
    run: (browser) =>
      withWard(browser, { state: troubled(), ...options }, async ({ page }) => {
        await page.keyboard.press('l');
        await fitsSoon(page, 'list');
        await page.locator('[data-testid=person] .out').click();
        await page.locator('#bed-2 .act').click();
        await page.waitForSelector('[data-testid=sign-in]');
        await fitsSoon(page, 'sign-in');
      }),
  },
  {
    name: `everything_fits_office_${name}`,
    run: (browser) => {
      const longest = someone('abena.s', 'Abena Serwaa Opoku-Agyemang Boateng', 'senior_nurse', 'privacy_officer', 'technician');
      return withWard(browser, { state: troubled(), setup: (server) => office(server, longest), ...options }, async ({ page }) => {
        // What the others need to be filled, their own cases have.
        for (const name of ['alarm_log', 'devices', 'people', 'emergencies', 'audit']) {
          await page.locator('[data-testid=person] button.who').click();
          assert.deepEqual(await page.evaluate(misfits), [], 'menu');
          await page.locator(`[data-page=${name}]`).click();
          await page.waitForSelector('[data-testid=sheet]');
          assert.deepEqual(await page.evaluate(misfits), [], name);
        }
      });
    },
  },
  {
    name: `everything_fits_centre_${name}`,
    run: (browser) =>
      withCentre(browser, { settled: false, ...options }, async ({ page }) => {
        assert.deepEqual(await page.evaluate(misfits), []);
      }),
  },
]).concat({
  name: 'everything_fits_stays_and_devices_phone_fr',
  run: (browser) =>
    withStays(browser, { who: SENIOR, viewport: PHONE, language: 'fr' }, async ({ page }) => {
      const panel = page.locator('[data-testid=panel]');
      for (const [open, first] of [['Sortie', 'Domicile'], ['Vers un autre lit', 'Bed 2'], ['Déjà venu ici', 'Mensah Kofi'], ["Admettre un autre ou corriger", 'Un nouveau patient']]) {
        await openBed(page, 1);
        await panel.getByRole('button', { name: open }).click();
        await panel.getByLabel(first).first().check();
        assert.deepEqual(await page.evaluate(misfits), [], open);
        await panel.getByRole('button', { name: 'Annuler' }).click();
        await page.keyboard.press('Escape');
      }
      await page.locator('[data-testid=person] button.who').click();
      await page.getByRole('button', { name: 'Appareils' }).click();
      await page.locator('[data-device=monitor-1]').getByRole('button', { name: 'Déplacer' }).click();
      await page.getByLabel('à aucun lit').check();
      assert.deepEqual(await page.evaluate(misfits), [], 'devices');
    }),
});
