// Which device stands where: said by whoever may, and asked anew when it was moved meanwhile.

import assert from 'node:assert/strict';
import { KOFI, someone } from '../fake-door.mjs';
import { tabTo } from './keys.mjs';
import { withStays } from './stays.mjs';

const TECHNICIAN = someone('yaw', 'Yaw B.', 'technician');
const device = (page, id) => page.locator(`[data-device=${id}]`);
const place = (page, id) => device(page, id).locator('[data-testid=place]').innerText();

async function open(page) {
  await page.locator('[data-testid=person] button.who').click();
  await page.getByRole('button', { name: 'Devices' }).click();
  await page.locator('[data-testid=device]').nth(2).waitFor();
}

export const deviceCases = [
  {
    name: 'a_technician_moves_a_device_to_a_bed_by_keyboard_and_reads_back_from_where_to_where',
    run: (browser) =>
      withStays(browser, { who: TECHNICIAN }, async ({ page, server }) => {
        await open(page);
        assert.equal(await place(page, 'nonin-hand-held'), 'at no bed');
        assert.match(await device(page, 'nonin-hand-held').innerText(), /disconnected\s+set up for: Bed 3\s+moved by Ama Mensah/);
        await device(page, 'nonin-hand-held').getByRole('button', { name: 'Move' }).press('Enter');
        const go = page.getByRole('button', { name: 'It stands there' });
        assert.ok(await go.isDisabled(), 'nothing is chosen beforehand');
        assert.equal(await page.getByLabel('at no bed').count(), 0, 'there it stands already');
        await page.keyboard.press('ArrowDown');
        const back = device(page, 'nonin-hand-held').locator('[data-testid=read-back]');
        assert.match(await back.innerText(), /From\s+at no bed\s+To\s+Bed 2 \(A\. K\.\)[^]*of whoever lies in Bed 2[^]*There already: monitor-2\./);
        await tabTo(page, 'It stands there');
        await page.keyboard.press('Enter');
        await device(page, 'nonin-hand-held').getByText('moved by Yaw B.').waitFor();
        assert.equal(await place(page, 'nonin-hand-held'), 'Bed 2 (A. K.)');
        assert.deepEqual(server.commands, [{ path: '/api/v1/devices/nonin-hand-held/bind', body: { saw: null, bed: '2' } }]);
      }),
  },
  {
    name: 'a_device_is_taken_from_every_bed_and_that_says_what_it_means',
    run: (browser) =>
      withStays(browser, {}, async ({ page, server }) => {
        await open(page);
        await device(page, 'monitor-1').getByRole('button', { name: 'Move' }).click();
        await page.getByLabel('at no bed').check();
        await page.getByText('From now on it watches nobody').waitFor();
        await page.getByRole('button', { name: 'It stands there' }).click();
        await device(page, 'monitor-1').getByText('set up for: Bed 1').waitFor();
        assert.deepEqual(server.commands.at(-1).body, { saw: '1', bed: null });
      }),
  },
  {
    name: 'a_device_that_was_moved_meanwhile_is_asked_about_anew_and_a_refusal_says_why',
    run: (browser) =>
      withStays(browser, {}, async ({ page, server, chart }) => {
        await open(page);
        await device(page, 'monitor-1').getByRole('button', { name: 'Move' }).click();
        await page.getByLabel('Bed 2').check();
        server.answer = { status: 409, body: { error: 'that bed is not known' } };
        const readAnew = page.waitForResponse((answer) => answer.url().endsWith('/api/v1/devices'));
        await page.getByRole('button', { name: 'It stands there' }).click();
        await readAnew;
        await page.getByText('Not saved: that bed is not known').waitFor();
        server.answer = { status: 200, body: {} };
        chart.devices = chart.devices.map((one) => (one.id === 'monitor-1' ? { ...one, bed: '4', moved_by: 'Ama Mensah' } : one));
        await page.getByRole('button', { name: 'It stands there' }).click();
        await device(page, 'monitor-1').getByText('It was moved meanwhile; it stands here: Bed 4').waitFor();
        assert.equal(await device(page, 'monitor-1').locator('form').count(), 0);
        assert.equal(await place(page, 'monitor-1'), 'Bed 4');
      }),
  },
  {
    name: 'whoever_may_not_move_devices_finds_no_page_for_it',
    run: (browser) =>
      withStays(browser, { who: KOFI }, async ({ page }) => {
        assert.equal(await page.locator('[data-testid=person] button.who').count(), 0);
      }),
  },
];
