// The pictures of README.md and docs: taken of a demo that runs. `cargo xtask demo` says the passwords; `cargo xtask demo-code`
// the doctor's six digits.
//
//     npm run demo-pictures -- NURSE_PASSWORD DOCTOR_PASSWORD SIX_DIGITS

import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const [nurse, doctor, six] = process.argv.slice(2);
if (six === undefined) {
  console.error('say the nurse\'s password, the doctor\'s password and the six digits; the demo prints where they come from');
  process.exit(1);
}
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--autoplay-policy=no-user-gesture-required'] });
const shot = (page, name) => page.screenshot({ path: fileURLToPath(new URL(`../../docs/pictures/${name}.png`, import.meta.url)) });

async function open(address, name, password, digits = null) {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' })).newPage();
  await page.goto(address);
  await page.getByLabel('Sign-in name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  if (digits !== null) await page.getByLabel('Six digits').fill(digits);
  await page.locator('form button[type=submit]').click();
  return page;
}

const ward = await open('http://127.0.0.1:8080/', 'nurse', nurse);
await ward.locator('canvas[data-state=runs]').first().waitFor({ timeout: 60_000 });
await ward.waitForTimeout(8000);
await shot(ward, 'ward');
const centre = await open('http://127.0.0.1:8081/', 'dr.demo', doctor, six);
await centre.locator('[data-testid=post]').waitFor();
await centre.waitForTimeout(3000);
await shot(centre, 'centre');
await ward.locator('.tile:has(canvas[data-state=runs]) .open').first().click();
await ward.getByRole('button', { name: 'Curves and trends' }).click();
await ward.locator('[data-testid=trends][data-reads=false]').waitFor();
await ward.waitForTimeout(8000);
await shot(ward, 'bed');
await browser.close();
