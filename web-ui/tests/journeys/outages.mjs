// Journeys: the box loses its power, a bed falls silent, and nothing and nobody is confused afterwards.

import assert from 'node:assert/strict';
import { menu, NOT_LIVE, panel, SHOTS, tile, until } from './screens.mjs';
import { comesBack, demo, openBed, signInAgain, ward } from './shift.mjs';

/** By this test's clock, on a machine that does other things too; the page's own clock is in tests/browser/cases/honesty.mjs. */
const OVERLAY_MS = 6000;
/** The shortest that the post takes. */
const SILENCE_S = 30;

async function openHandover() {
  await menu(ward, 'Handover');
  await ward.locator('[data-testid=handover-bed]').first().waitFor();
}

export const outages = {
  async 'a post without power is not live within seconds, and comes back with its patient and who acknowledged'() {
    demo.configure('same_patient_after_s', SILENCE_S);
    const overlay = ward.locator(NOT_LIVE).waitFor();
    const began = performance.now();
    demo.cutPower();
    await overlay;
    const took = performance.now() - began;
    console.log(`      the overlay stood after ${(took / 1000).toFixed(1)} s`);
    assert.ok(took <= OVERLAY_MS, `${took} ms`);
    assert.doesNotMatch((await ward.locator('body').innerText()).replace(await ward.locator(`${NOT_LIVE} .since`).innerText(), ''), /\d/);
    demo.startAgain();
    await comesBack();
    await tile(ward, 1).locator('[data-testid=initials]', { hasText: 'A. M.' }).waitFor();
    await until('the beds are live', async () => (await tile(ward, 1).getAttribute('data-link')) === 'live');
  },
  async 'what a nurse wrote and handed over survives a power cut, and another takes it over'() {
    await openBed(1);
    const notes = ward.locator('[data-testid=panel] [data-testid=notes]');
    await notes.getByRole('button', { name: 'Write a note' }).click();
    await notes.getByRole('textbox').fill('slept badly');
    await notes.getByRole('button', { name: 'Save the note' }).click();
    await notes.locator('[data-testid=note]', { hasText: 'slept badly' }).waitFor();
    await openHandover();
    const bed = ward.locator('[data-testid=handover-bed][data-bed="1"]');
    await bed.getByText('slept badly').waitFor();
    await bed.getByText('Mensah Adwoa').waitFor();
    await bed.getByRole('textbox').fill('turn at 16:00');
    await ward.locator('.sign .go').click();
    await ward.getByText('You handed this over yourself').waitFor();
    demo.cutPower();
    await ward.locator(NOT_LIVE).waitFor();
    demo.startAgain();
    await signInAgain('matron', demo.nursePassword);
    await openHandover();
    await ward.locator('[data-testid=handover-open]', { hasText: 'Demo nurse' }).getByRole('button', { name: 'Read it' }).click();
    await bed.getByText('What to do: turn at 16:00').waitFor();
    await bed.getByText('slept badly').waitFor();
    const state = ward.locator('[data-testid=handover-state]');
    await state.waitFor();
    // What alarmed since is told, and what alarms while it is read is told before anything is taken over.
    await until('it is taken over', async () => {
      const take = ward.getByRole('button', { name: 'Take over', exact: true });
      if ((await take.count()) > 0) await take.click();
      await ward.waitForTimeout(1500);
      return /Demo matron took over/.test(await state.innerText()) || (await state.innerText());
    });
    await ward.screenshot({ path: `${SHOTS}journey-handover.png` });
    await ward.getByRole('button', { name: 'Sign out' }).first().click();
    await signInAgain('nurse', demo.nursePassword);
  },
  async 'a bed that was silent for long asks who lies there, also after a cut of power, and a nurse answers'() {
    await openBed(2);
    await panel(ward).getByRole('button', { name: /^Admit/ }).click();
    await panel(ward).getByLabel('A new patient').check();
    await panel(ward).getByLabel('Family name').fill('Okafor');
    await panel(ward).getByLabel('Given names').fill('Ngozi');
    await panel(ward).getByRole('button', { name: 'Save' }).click();
    const initials = tile(ward, 2).locator('[data-testid=initials]', { hasText: 'N. O.' });
    await initials.waitFor();
    await ward.keyboard.press('Escape');
    // Of a patient of whom nothing was heard there is nothing to confuse.
    await ward.waitForTimeout(3000);
    demo.pullCable();
    await until('the tile says it', async () => (await tile(ward, 2).getAttribute('data-link')) === 'lost');
    await ward.waitForTimeout((SILENCE_S + 3) * 1000);
    const asked = tile(ward, 2).locator('[data-testid=perhaps]');
    assert.equal(await asked.count(), 0, 'nothing is asked while nothing is measured');
    demo.startAgain();
    await asked.waitFor({ timeout: 60_000 });
    assert.equal(await initials.count(), 0, 'of nobody there are no initials');
    assert.equal(await tile(ward, 1).locator('[data-testid=perhaps]').count(), 0, 'the others are not asked about');
    demo.cutPower();
    await ward.locator(NOT_LIVE).waitFor();
    demo.startAgain();
    await comesBack();
    await asked.waitFor();
    await ward.screenshot({ path: `${SHOTS}journey-same-patient-ward.png` });
    await openBed(2);
    assert.match(await panel(ward).locator('[data-testid=perhaps-form]').innerText(), /Okafor Ngozi/);
    await ward.screenshot({ path: `${SHOTS}journey-same-patient.png` });
    await panel(ward).getByRole('button', { name: 'Yes, the same patient' }).click();
    await initials.waitFor();
    await panel(ward).locator('[data-testid=merged]').waitFor();
    await ward.keyboard.press('Escape');
    demo.cutPower();
    await ward.locator(NOT_LIVE).waitFor();
    demo.startAgain();
    await comesBack();
    await initials.waitFor();
    assert.equal(await asked.count(), 0, 'answered for good');
  },
};
