// What a nurse, a doctor and a technician do in a shift, in a real browser, on the real programs with simulated devices: no
// answer is scripted. Two stories, of a first start and of a shift; in each, every journey goes on where the one before
// ended. `npm run journeys`.

import assert from 'node:assert/strict';
import { commissioning, afterRestart } from './devices.mjs';
import { centreGone, duty, together } from './doctors.mjs';
import { endFirstStart, firstStart, firstStartLog } from './first-start.mjs';
import { byKeyboard } from './keyboard.mjs';
import { outages } from './outages.mjs';
import { admission, departure } from './patients.mjs';
import { browser, faults, SHOTS } from './screens.mjs';
import { demo } from './shift.mjs';
import { alarms, firstLook, language } from './watching.mjs';

const shift = {
  ...firstLook,
  ...together,
  ...admission,
  ...alarms,
  ...commissioning,
  ...outages,
  ...afterRestart,
  ...departure,
  ...byKeyboard,
  ...duty,
  ...language,
  ...centreGone,
};
const stories = [
  { journeys: firstStart, log: firstStartLog },
  { journeys: shift, log: () => demo.log('post') },
];

let [passed, failed] = [0, 0];
for (const { journeys, log } of stories) {
  for (const [name, journey] of Object.entries(journeys)) {
    const began = performance.now();
    const seconds = () => ((performance.now() - began) / 1000).toFixed(1);
    try {
      await journey();
      assert.deepEqual(faults.splice(0), [], 'the page complained');
      passed += 1;
      console.log(`ok    ${name} (${seconds()} s)`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL  ${name} (${seconds()} s)\n${error.stack}`);
      const pages = browser.contexts().flatMap((context) => context.pages());
      for (const [n, page] of pages.entries()) await page.screenshot({ path: `${SHOTS}journey-failed-${n + 1}.png` }).catch(() => {});
      console.log(`the end of the post's log:\n${log().split('\n').slice(-12).join('\n')}`);
      faults.splice(0);
      break; // what follows goes on from here
    }
  }
}
await browser.close();
await demo.stop();
endFirstStart();
const left = stories.reduce((sum, { journeys }) => sum + Object.keys(journeys).length, 0) - passed - failed;
console.log(`${passed} passed, ${failed} failed${left > 0 ? `, ${left} not tried` : ''}`);
process.exit(failed === 0 ? 0 : 1);
