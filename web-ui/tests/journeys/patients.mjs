// Journeys: who lies in a bed, what was found at it, and who goes.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { scan } from '../browser/cases/keys.mjs';
import { hasNumber, panel, SHOTS, tile, until } from './screens.mjs';
import { matron, openBed, openMatron, ward } from './shift.mjs';

/** A service relation number, as wristbands carry it behind the mark ]C1 and the identifier 8018. */
const GSRN = '950110153000000014';
const score = (bed) => tile(ward, bed).locator('[data-testid=score]');

export const admission = {
  async 'a patient is admitted by keyboard, and the wall says initials'() {
    await ward.keyboard.press('1');
    await ward.keyboard.press('Enter');
    await panel(ward).getByRole('button', { name: /^Admit/ }).press('Enter');
    await panel(ward).getByLabel('A new patient').press('Space');
    await panel(ward).getByLabel('Family name').fill('Mensah');
    await panel(ward).getByLabel('Given names').fill('Adwoa');
    await panel(ward).getByLabel('Patient number').fill('PT-0042');
    await panel(ward).getByRole('button', { name: 'Save' }).press('Enter');
    await panel(ward).locator('[data-testid=identity]', { hasText: 'Mensah' }).waitFor();
    await ward.keyboard.press('Escape');
    await tile(ward, 1).locator('[data-testid=initials]', { hasText: 'A. M.' }).waitFor();
  },
  async 'a wristband is read where no finger types, and the words of the patient are corrected'() {
    await openBed(1);
    await panel(ward).getByRole('button', { name: 'Admit another or correct' }).click();
    await panel(ward).getByLabel('The same patient').check();
    await panel(ward).getByLabel('Given names').fill('Adwoa Esi');
    await scan(ward, `]C18018${GSRN}`);
    await panel(ward).locator('[data-testid=scan-read]').getByRole('button', { name: 'Use it' }).click();
    await panel(ward).getByRole('button', { name: 'Save' }).click();
    await panel(ward).locator('[data-testid=identity]', { hasText: `Mensah Adwoa Esi, ${GSRN}` }).waitFor();
    await ward.keyboard.press('Escape');
  },
  async 'what was found at the bed makes a score with its parts and their ages, and can be taken back'() {
    await openBed(1);
    await panel(ward).getByRole('button', { name: 'Enter what you found' }).click();
    await panel(ward).getByRole('group', { name: 'Consciousness' }).getByLabel(/newly confused/).check();
    await panel(ward).getByRole('group', { name: 'Air or oxygen' }).getByLabel('Air', { exact: true }).check();
    await panel(ward).getByLabel('Temperature °C').fill('38.6');
    await panel(ward).getByLabel('Breaths in a minute').fill('22');
    await panel(ward).getByLabel('Systolic mmHg').fill('118');
    await panel(ward).getByRole('button', { name: 'Save' }).click();
    const shown = panel(ward).locator('[data-testid=score-panel]');
    await shown.locator('[data-part=acvpu]', { hasText: /C\s*\d+ s\s*Demo nurse\s*3/ }).waitFor();
    await shown.locator('[data-part=spo2]', { hasText: 'monitor' }).waitFor();
    await shown.getByText('red', { exact: false }).first().waitFor();
    await ward.screenshot({ path: `${SHOTS}journey-score.png` });
    const confused = await score(1).innerText();
    await panel(ward).getByRole('button', { name: 'Take back' }).first().click();
    await panel(ward).getByText('taken back by Demo nurse').waitFor();
    await until('the score is another one', async () => (await score(1).innerText()) !== confused);
    await ward.keyboard.press('Escape');
  },
  async 'the bed on the whole page has its trends, in a chart and as a table'() {
    await openBed(1);
    await ward.getByRole('button', { name: 'Curves and trends' }).click();
    await ward.locator('[data-testid=trends][data-reads=false]').waitFor();
    await ward.getByRole('button', { name: '1 h' }).click();
    await ward.getByRole('button', { name: 'Table' }).click();
    const newest = ward.locator('[data-testid=trend-table] tbody tr').first().locator('td').first();
    await until('the newest line has a heart rate', async () => /^\d/.test(await newest.innerText()));
    await ward.screenshot({ path: `${SHOTS}journey-bed.png` });
    await newest.waitFor();
    const [file] = await Promise.all([ward.waitForEvent('download'), ward.getByRole('button', { name: 'As a file (CSV)' }).click()]);
    assert.match(readFileSync(await file.path(), 'utf8'), /^from_utc,seconds,bed,patient,value,[^]*Z,300,Bed 1,"Mensah Adwoa Esi, [^"]+",hr,\/min,monitor-1,\d/);
    await ward.emulateMedia({ media: 'print' });
    assert.match(await ward.locator('body').innerText(), /Mensah Adwoa/, 'a sheet of paper says whose it is');
    await ward.screenshot({ path: `${SHOTS}journey-bed-print.png`, fullPage: true });
    await ward.emulateMedia({ media: 'screen' });
    await ward.getByRole('button', { name: '‹ Beds' }).click();
  },
};

export const departure = {
  async 'limits of one patient are set, and one that nobody may switch off is refused'() {
    await openBed(1);
    await ward.getByRole('button', { name: 'Alarm limits' }).click();
    const limit = (code) => ward.locator(`[data-testid=limit][data-code=${code}]`);
    await limit('spo2').getByRole('button', { name: 'Change' }).click();
    await limit('spo2').getByLabel('Alarm below').fill('');
    await ward.keyboard.press('Enter');
    await ward.getByText('Limits not set: the lower limit of SpO2 cannot be switched off').waitFor();
    await limit('spo2').getByLabel('Alarm below').fill('85');
    await ward.keyboard.press('Enter');
    await limit('spo2').locator('[data-testid=wider]').waitFor();
    await ward.keyboard.press('Escape');
    await ward.keyboard.press('Escape');
  },
  async 'a patient is discharged, and another goes to the empty bed, with name and values'() {
    await openBed(1);
    await panel(ward).getByRole('button', { name: 'Discharge' }).click();
    await panel(ward).getByLabel('Home').check();
    await panel(ward).getByRole('button', { name: 'Discharge', exact: true }).click();
    await panel(ward).locator('[data-testid=identity]', { hasText: 'Bed is empty' }).waitFor();
    await ward.keyboard.press('Escape');
    await openBed(2);
    await panel(ward).getByRole('button', { name: 'To another bed' }).click();
    await panel(ward).getByLabel('Bed 1').check();
    await panel(ward).getByRole('button', { name: 'Transfer', exact: true }).click();
    await panel(ward).getByText('Okafor').first().waitFor();
    await ward.keyboard.press('Escape');
    await tile(ward, 1).locator('[data-testid=initials]', { hasText: 'N. O.' }).waitFor();
    await until('of the patient who came the numbers of this bed', () => hasNumber(ward, 1));
  },
  async 'somebody nobody knew turns out to be the patient of before, and both stays are one'() {
    await openMatron();
    await tile(matron, 3).locator('.open').click();
    await panel(matron).getByRole('button', { name: 'Was here before' }).click();
    await panel(matron).getByLabel(/Mensah/).check();
    const both = await panel(matron).locator('[data-testid=read-back]').innerText();
    assert.match(both, /In Bed 3[^]*Nobody said who it was[^]*Earlier stay[^]*Mensah Adwoa Esi/);
    await panel(matron).getByRole('button', { name: 'It is the same person' }).click();
    await panel(matron).locator('[data-testid=identity]', { hasText: 'Mensah Adwoa Esi' }).waitFor();
    await panel(matron).getByText('1 earlier stay counts as this patient too').waitFor();
    await matron.keyboard.press('Escape');
    await tile(ward, 3).locator('[data-testid=initials]', { hasText: 'A. M.' }).waitFor();
  },
};
