// Pictures of the ways in and of the office's pages. `npm run pictures`: they assert nothing.

import { BEGIN_CODE, KOFI, PASSWORD, PIN, SENIOR, someone } from '../fake-door.mjs';
import { serve, ward as labWard } from '../lab-state.mjs';
import { office } from '../office-state.mjs';
import { troubled } from '../ward-state.mjs';
import { PHONE, TABLET, shot, withCentre, withWard } from '../with-page.mjs';

const DOOR = '[data-testid=door]';
const nobody = (server) => (server.door.person = null);
const stranger = (server) => Object.assign(server.door, { person: null, screen: null });
const unclaimed = (server) => Object.assign(server.door, { person: null, screen: null, claimed: false });
const TALL = { width: 1280, height: 1000 };

function ward(name, options, act = async () => {}) {
  return {
    name: `picture ${name}`,
    run: (browser) =>
      withWard(browser, { state: troubled(), ...options }, async (context) => {
        await act(context);
        await shot(context.page, name);
      }),
  };
}

const looks = [['tablet', {}], ['light', { theme: 'light' }], ['phone', { viewport: PHONE }], ['french', { language: 'fr' }]];
const button = (page, name) => page.getByRole('button', { name, exact: true });

async function openPin({ page }) {
  await page.evaluate(() => localStorage.setItem('vitalpost.recent', JSON.stringify([{ id: 'grace', name: 'Grace O.' }, { id: 'ama', name: 'Ama Mensah' }])));
  await page.locator('#bed-2 .act').click();
  await page.locator('[data-testid=sign-in]').waitFor();
}

const menu = async (page) => page.locator('[data-testid=person] button.who').click();

const pages = (name, who, act) => ward(name, { setup: (server) => office(server, who), viewport: TALL }, async ({ page }) => {
  await menu(page);
  await act(page);
  await page.waitForTimeout(300);
});

export const peoplePictures = [
  ...looks.flatMap(([look, options]) => [
    ward(`door-sign-in-${look}`, { setup: stranger, ready: DOOR, ...options }),
    ward(`ward-privacy-${look}`, { setup: nobody, ...options }),
    ward(`ward-pin-${look}`, { setup: nobody, ...options }, openPin),
  ]),
  ward('ward-signed-in-phone', { viewport: PHONE }),
  ward('ward-idle-left', { setup: (server) => (server.door.person = { ...SENIOR, idle_s: 42 }) }),
  ward('ward-pin-typed', { setup: nobody }, async ({ page }) => {
    await page.locator('#bed-2 .act').click();
    await page.getByLabel('Sign-in name').fill('grace');
    await page.getByLabel('PIN', { exact: true }).fill(PIN);
  }),
  ward('door-countdown', { setup: (server) => { stranger(server); server.door.waitS = 27; }, ready: DOOR }, async ({ page }) => {
    await page.getByLabel('Sign-in name').fill('grace');
    await page.getByLabel('Password', { exact: true }).fill('x');
    await page.keyboard.press('Enter');
    await page.locator('[data-testid=countdown]').waitFor();
  }),
  ward('door-claim', { setup: unclaimed, ready: DOOR, viewport: TALL }),
  ward('door-begin-code', { setup: stranger, ready: DOOR }, async ({ page }) => button(page, 'I have a code').click()),
  {
    name: 'picture door-begin-doctor',
    run: (browser) =>
      withCentre(browser, { setup: stranger, ready: DOOR, viewport: { width: 1280, height: 1150 } }, async ({ page }) => {
        await button(page, 'I have a code').click();
        await page.getByLabel('Sign-in name').fill('boateng');
        await page.getByLabel('Code', { exact: true }).fill(BEGIN_CODE);
        await page.keyboard.press('Enter');
        await page.locator('[data-testid=qr]').waitFor();
        await page.getByLabel('New password').fill(PASSWORD);
        await page.getByLabel('The same password again').fill('four dull grey');
        await shot(page, 'door-begin-doctor');
      }),
  },
  {
    name: 'picture door-centre',
    run: (browser) => withCentre(browser, { setup: stranger, ready: DOOR, viewport: TABLET }, ({ page }) => shot(page, 'door-centre')),
  },
  pages('office-menu', SENIOR, async () => {}),
  pages('office-people', SENIOR, async (page) => {
    await button(page, 'People and screens').click();
    await page.getByRole('button', { name: /^Roles: Grace/ }).click();
    await page.getByRole('button', { name: /^New code: Dr/ }).click();
  }),
  pages('office-add', SENIOR, async (page) => {
    await button(page, 'People and screens').click();
    await button(page, 'Add a person').click();
  }),
  pages('office-code', SENIOR, async (page) => {
    await button(page, 'People and screens').click();
    await page.getByRole('button', { name: /^New code: Grace/ }).click();
    await button(page, 'New code').click();
    await page.locator('[data-testid=code]').waitFor();
  }),
  pages('office-audit', someone('efua', 'Efua A.', 'auditor'), async (page) => button(page, 'Audit').click()),
  pages('office-emergencies', someone('abena', 'Abena S.', 'privacy_officer'), async (page) => button(page, 'Emergency looks').click()),
  {
    name: 'picture office-phone',
    run: (browser) =>
      withWard(browser, { state: troubled(), setup: (server) => office(server, someone('x', 'Abena S.', 'senior_nurse', 'auditor')), viewport: PHONE }, async ({ page }) => {
        await menu(page);
        await shot(page, 'office-menu-phone');
        await button(page, 'People and screens').click();
        await page.locator('[data-testid=account]').first().waitFor();
        await shot(page, 'office-people-phone');
        await menu(page);
        await button(page, 'Audit').click();
        await page.locator('[data-testid=entry]').first().waitFor();
        await shot(page, 'office-audit-phone');
      }),
  },
  {
    name: 'picture emergency',
    run: (browser) => {
      const lab = labWard();
      const setup = (server) => {
        serve(server, lab);
        server.door.person = KOFI;
      };
      return withWard(browser, { state: lab.state, setup }, async ({ page, server }) => {
        await page.keyboard.press('1');
        await page.keyboard.press('Enter');
        await page.locator('[data-testid=emergency]').waitFor();
        await shot(page, 'emergency-asks');
        server.onCommand = () => { server.door.person = { ...KOFI, emergencies: [{ bed: '1', until_s: 3540 }] }; };
        await page.getByLabel('Reason').fill('Collapsed, nobody else is here');
        await button(page, 'Emergency: look for 60 minutes').click();
        await page.getByText('Doe Jane').waitFor();
        await shot(page, 'emergency-looks');
      });
    },
  },
];
