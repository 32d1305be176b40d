// Journeys: what goes between the nurse and the doctors at the centre.

import assert from 'node:assert/strict';
import { SETTLED_MS, SHOTS, tile, until } from './screens.mjs';
import { centre, demo, matron, openCentre, openSystem, row, ward } from './shift.mjs';

export const together = {
  async 'a doctor with six digits sees the alert, says so, and the nurse reads who it was'() {
    await openCentre();
    const alert = centre.locator('[data-testid=alert]', { hasText: 'Bed 2' }).first();
    await alert.waitFor();
    await alert.getByRole('button', { name: /^Seen/ }).click();
    await tile(ward, 2).getByText(/Seen Dr Demo/).waitFor();
    await centre.screenshot({ path: `${SHOTS}journey-centre.png` });
  },
  async 'a doctor writes to the post, sees that it is shown there, and a nurse reads it'() {
    const post = centre.locator('[data-testid=post]');
    await post.getByRole('button', { name: /^Write to the post/ }).click();
    await post.locator('[data-testid=send-form]').getByLabel('To').selectOption({ label: 'Bed 2' });
    await post.getByLabel(/^Message, at most/).fill('Put the sensor on another finger');
    await post.getByRole('button', { name: 'Send' }).click();
    const message = ward.locator('[data-testid=message]', { hasText: 'Put the sensor on another finger' });
    await message.getByText(/Dr Demo/).first().waitFor();
    await ward.waitForTimeout(SETTLED_MS);
    await message.getByRole('button', { name: 'Read' }).click();
    await message.waitFor({ state: 'detached' });
    await post.locator('[data-testid=sent]', { hasText: /Put the sensor[^]*shown at the post at \d\d:\d\d/ }).waitFor();
  },
};

export const duty = {
  async 'a doctor takes duty, sets a shift and who is called, and the nurse reads when nobody is on duty'() {
    await centre.locator('[data-testid=duty-open]').click();
    const page = centre.locator('[data-testid=duty]');
    await page.locator('[data-testid=no-roster]').waitFor();
    await page.getByRole('button', { name: 'Take duty' }).click();
    await page.locator('[data-testid=present]', { hasText: 'Dr Demo' }).waitFor();
    await page.getByRole('combobox', { name: /^Day/ }).selectOption({ label: 'Tuesday' });
    await page.getByLabel('From').fill('20:00');
    await page.getByLabel('To', { exact: true }).fill('08:00');
    await page.getByRole('combobox', { name: /^Doctor/ }).selectOption({ label: 'Dr Demo' });
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.locator('[data-testid=roster]').getByText('20:00–08:00 next day').waitFor();
    const high = page.locator('[data-testid=ladder-high]');
    await high.getByLabel('After minutes').first().fill('1');
    await high.getByRole('button', { name: 'Save' }).click();
    await high.getByRole('button', { name: 'Save' }).and(centre.locator(':disabled')).waitFor();
    await centre.screenshot({ path: `${SHOTS}journey-duty.png`, fullPage: true });
    await ward.keyboard.press('Escape');
    await ward.keyboard.press('l');
    const nobody = ward.locator('aside').getByText('No doctor is on duty').first();
    assert.equal(await nobody.count(), 0);
    await page.getByRole('button', { name: 'Go off duty' }).click();
    await page.getByRole('button', { name: 'Nobody is on duty then: go all the same' }).click();
    // A minute without anybody is no handover any more.
    await nobody.waitFor({ timeout: 90_000 });
    // What was set is the centre's own, not this screen's.
    await centre.reload();
    await centre.locator('[data-testid=duty-open]').click();
    await page.locator('[data-testid=roster]').getByText('20:00–08:00 next day').waitFor();
    assert.equal(await high.getByLabel('After minutes').first().inputValue(), '1');
    await page.getByRole('button', { name: 'Take duty' }).click();
    await nobody.waitFor({ state: 'detached' });
    await ward.keyboard.press('l');
    await page.getByRole('button', { name: 'Back to the alerts' }).click();
  },
};

export const centreGone = {
  async 'when doctors do not see the post, the nurse is told'() {
    demo.stopCentre();
    await ward.getByText('Doctors do not see this post').first().waitFor({ timeout: 60_000 });
    await openSystem();
    await until('the row says so', async () => (await row(matron, 'link').getAttribute('data-found')) === 'link_unreachable');
    assert.equal(await row(matron, 'link').getAttribute('data-state'), 'failed');
  },
};
