// What scrolls is the middle of the page alone: alarms, what the post says of itself and the footer stay where they are.

import assert from 'node:assert/strict';
import { someone } from '../fake-door.mjs';
import { serve, ward } from '../handover-state.mjs';
import { fit } from '../lines-state.mjs';
import { office } from '../office-state.mjs';
import { system } from '../system-state.mjs';
import { trendOf } from '../trend-state.mjs';
import { alarm } from '../ward-state.mjs';
import { PHONE, SETTLED_MS, TABLET, WALL, withWard } from '../with-page.mjs';

const EVERYTHING = someone('ama', 'Ama Mensah', 'senior_nurse', 'technician', 'privacy_officer');
const MENU = ['Handover', 'Alarm log', 'Devices', 'Lines and monitors', 'System and self-test', 'People and screens', 'Emergency looks', 'Audit'];

/** One post that answers whatever any page asks. */
function everything(server, lab) {
  const asked = [];
  for (const serves of [() => serve(server, lab), () => office(server, EVERYTHING), () => fit(server, EVERYTHING), () => system(server, EVERYTHING)]) {
    server.told = () => undefined;
    serves();
    asked.push(server.told);
  }
  server.told = (...question) => {
    if (question[0] === '/api/v1/trend') return trendOf(question[3]);
    return asked.map((told) => told(...question)).find((answer) => answer !== undefined);
  };
}

/** Every page, one after the other, by its name. */
async function eachPage(page, look) {
  await look('beds');
  await page.keyboard.press('l');
  await look('list of alarms');
  await page.keyboard.press('l');
  // What has just moved is not pressed.
  await page.waitForTimeout(SETTLED_MS);
  await page.locator('#bed-2 .open').click();
  await page.locator('[data-testid=panel] [data-testid=identity]').waitFor();
  await look('panel');
  await page.getByRole('button', { name: 'Curves and trends' }).click();
  await page.locator('[data-testid=trends][data-reads=false]').waitFor();
  await look('bed');
  await page.getByRole('button', { name: 'Table' }).click();
  await page.locator('[data-testid=trend-table] tbody tr').nth(5).waitFor();
  await look('table of trends');
  await page.getByRole('button', { name: '‹ Beds' }).click();
  await page.locator('[data-testid=help-open]').click();
  await page.locator('[data-testid=sign]').first().waitFor();
  await look('help');
  for (const name of MENU) {
    await page.locator('[data-testid=person] button.who').click();
    await page.getByRole('button', { name, exact: true }).click();
    await page.locator('main h1').waitFor();
    await page.waitForTimeout(300);
    await look(name);
  }
}

/** Run in the page: what of it is not where it has to be. */
function strayed(isPhone) {
  const wrong = [];
  const root = document.scrollingElement;
  const inView = (what) => {
    const box = document.querySelector(what)?.getBoundingClientRect();
    if (box === undefined || box.height === 0 || box.top < -1 || box.bottom > innerHeight + 1) wrong.push(`${what} is not in view`);
  };
  inView('[data-testid=banner]');
  if (root.scrollWidth > innerWidth) wrong.push(`the page is ${root.scrollWidth} px wide`);
  if (isPhone) return wrong;
  inView('.strip');
  inView('footer');
  if (root.scrollHeight > innerHeight) wrong.push(`the page is ${root.scrollHeight} px high`);
  if (root.scrollTop !== 0) wrong.push(`the page is scrolled by ${root.scrollTop} px`);
  const sheet = document.querySelector('.sheet');
  const last = sheet?.lastElementChild?.getBoundingClientRect().bottom ?? 0;
  if (sheet !== null && last > sheet.getBoundingClientRect().bottom + 1) wrong.push('what stands on the page goes on below its ground');
  return wrong;
}

const state = (lab) => {
  lab.state.alarms = [alarm(1, 'limit.spo2.low', 'high', { bed: '2', value: '84', limit: '90' }), alarm(2, 'limit.rr.high', 'medium', { bed: '1', value: '34', limit: '30' })];
  return lab;
};

export const scrollCases = [['tablet', TABLET], ['wall', WALL], ['low', { width: 1280, height: 640 }], ['phone', PHONE]].map(([size, viewport]) => ({
  name: `alarms_and_footer_stay_while_any_page_is_scrolled_${size}`,
  run: (browser) => {
    const lab = state(ward());
    return withWard(browser, { state: lab.state, viewport, setup: (server) => everything(server, lab) }, async ({ page }) => {
      const found = [];
      await eachPage(page, async (name) => {
        await page.mouse.move(viewport.width / 2, viewport.height / 2);
        for (let turns = 0; turns < 4; turns += 1) await page.mouse.wheel(0, 4000);
        await page.waitForTimeout(150);
        found.push(...(await page.evaluate(strayed, size === 'phone')).map((wrong) => `${name}: ${wrong}`));
        await page.mouse.wheel(0, -20_000);
        await page.waitForTimeout(50);
      });
      assert.deepEqual(found, []);
    });
  },
}));
