// Journeys: a technician connects a monitor and proves that the box is well.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { digits, hasNumber, menu, SHOTS, signIn, tile, until } from './screens.mjs';
import { bench, demo, matron, openBench, openSystem, row, ward } from './shift.mjs';

export const commissioning = {
  async 'a technician adds a monitor while the post runs, compares its values, and the ward shows its numbers'() {
    await demo.account('tech', 'Demo technician', 'technician');
    const { host, port } = await demo.startMonitor();
    await openBench();
    // The bed's own device goes to the workshop.
    await menu(bench, 'Devices');
    const old = bench.locator('[data-testid=device]', { hasText: 'Bed 6' });
    await old.getByRole('button', { name: 'Move' }).click();
    await old.getByLabel('at no bed').check();
    await old.getByRole('button', { name: 'It stands there' }).click();
    await bench.locator('[data-testid=device]', { hasText: 'set up for: Bed 6' }).waitFor();
    await until('the bed is bare', async () => !/^\d/.test(await digits(ward, 6, 'heart').innerText()));
    await menu(bench, 'Lines and monitors');
    await bench.getByRole('button', { name: 'Add a monitor' }).click();
    await bench.locator('[data-family=mindray_pds]').click();
    await bench.getByRole('button', { name: 'Next' }).click();
    await bench.getByLabel('Address', { exact: true }).fill(host);
    await bench.getByLabel('Port number').fill(port);
    await bench.locator('form').getByRole('button', { name: 'Try this port' }).click();
    await bench.locator('[data-testid=values]', { hasText: /HR\s*\d+/ }).waitFor();
    await bench.screenshot({ path: `${SHOTS}journey-wizard.png` });
    await bench.getByRole('button', { name: 'They are the same' }).click();
    await bench.getByLabel('Name of the device').fill('monitor-new');
    await bench.getByLabel('Bed 6').check();
    await bench.getByRole('button', { name: 'Add it' }).click();
    await bench.getByText('monitor-new is heard from now on.').waitFor();
    await until('the ward shows its numbers', () => hasNumber(ward, 6));
    await bench.getByRole('button', { name: 'Lines and monitors' }).click();
    const line = bench.locator('[data-line=monitor-new]');
    await line.getByText('added at this page').waitFor();
    await line.getByRole('button', { name: /^Record/ }).click();
    await line.getByLabel('30 s').check();
    await line.getByRole('button', { name: 'Begin' }).click();
    await bench.waitForTimeout(4000);
    await line.getByRole('button', { name: 'Stop' }).click();
    const [file] = await Promise.all([bench.waitForEvent('download'), line.getByRole('link', { name: /Take the file along/ }).click()]);
    assert.match(readFileSync(await file.path(), 'utf8'), /^# Capture[^]*!family mindray_pds\n!transport tcp\n[^]*@\d+\.\d{3}\n([0-9A-F]{2} )+/);
    await bench.screenshot({ path: `${SHOTS}journey-lines.png` });
  },
  async 'the self-test measures the box, is signed by a person and printed'() {
    await openSystem();
    await until('the centre is measured', async () => (await row(matron, 'link').getAttribute('data-state')) === 'ok');
    await matron.screenshot({ path: `${SHOTS}journey-system.png` });
    await matron.getByRole('button', { name: 'Self-test', exact: true }).click();
    await matron.getByRole('button', { name: 'Run the self-test' }).click();
    await matron.locator('[data-testid=running]').waitFor();
    await matron.locator('[data-testid=result]').waitFor();
    const figures = async (part) => (await row(matron, part).first().locator('.figures').innerText()).replace(/\s+/g, ' ');
    console.log(`      way to the centre: ${await figures('link')}; card: ${await figures('disk')}; first device: ${await figures('device')}`);
    assert.equal(await row(matron, 'link').getAttribute('data-found'), 'link_good');
    assert.match(await figures('link'), /^[\d.]+ ms to the centre and back longest [\d.]+ ms [1-9]\d* measured 0 lost$/);
    assert.match(await figures('disk'), /GB free.* ms to write longest .* ms/);
    await row(matron, 'device').filter({ hasText: 'monitor-new' }).waitFor();
    assert.equal(await row(matron, 'device').first().getAttribute('data-state'), 'ok');
    assert.match(await figures('device'), /heard [\d.]+ s ago [\d.]+ values\/s must be heard every 10 s/);
    assert.equal(await row(matron, 'output').getAttribute('data-found'), 'output_none');
    await matron.getByLabel('Remark').fill('set up on the bench');
    await matron.getByRole('button', { name: /^Sign as/ }).click();
    const kept = matron.locator('[data-testid=kept-test]');
    await kept.getByText('set up on the bench').waitFor();
    await matron.emulateMedia({ media: 'print' });
    assert.equal(await kept.locator('.signature').isVisible(), true);
    await matron.screenshot({ path: `${SHOTS}journey-system-print.png`, fullPage: true });
    await matron.emulateMedia({ media: 'screen' });
  },
  async 'a cable that is pulled is said on the tile, and mends by itself'() {
    demo.pullCable();
    await until('the tile says it', async () => (await tile(ward, 2).getAttribute('data-link')) === 'lost');
    demo.startAgain();
    await until('live again', async () => (await tile(ward, 2).getAttribute('data-link')) === 'live', 60_000);
  },
};

export const afterRestart = {
  async 'the line that was added is still heard after the restart, and the technician takes it away'() {
    await until('its numbers are back', () => hasNumber(ward, 6), 60_000);
    await bench.reload();
    await signIn(bench, 'tech', demo.nursePassword);
    await menu(bench, 'Lines and monitors');
    const line = bench.locator('[data-line=monitor-new]');
    await line.getByText('port open').waitFor();
    await line.getByRole('button', { name: /^Remove/ }).click();
    await line.getByRole('button', { name: 'Remove' }).click();
    await line.waitFor({ state: 'detached' });
    await until('nobody measures there', async () => !/^\d/.test(await digits(ward, 6, 'heart').innerText()));
    await bench.context().close();
  },
  async 'what was signed before the power went is still there, unchanged'() {
    await openSystem();
    await matron.getByRole('button', { name: 'Self-test', exact: true }).click();
    await matron.locator('[data-testid=kept]').click();
    const kept = matron.locator('[data-testid=kept-test]');
    await kept.getByText('set up on the bench').waitFor();
    assert.equal(await kept.getByText('was changed since it was signed').count(), 0);
    await matron.getByRole('button', { name: '‹ Beds' }).click();
  },
};
