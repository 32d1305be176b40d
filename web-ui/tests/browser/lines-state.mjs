// Lines, ports and a trial of a scripted post, kept as the fitter of the appliance keeps them.

import { DEVICES } from './office-state.mjs';

const line = (more) => ({
  line: 'monitor-1', family: 'intellivue', at: '192.168.1.20:24105', devices: ['monitor-1'], added: false, port: 'open', reason: null, opened: 1, bytes: 1_204_331,
  heard_ms_ago: 300, good_ms_ago: 800, seen: 5120, faults: {}, faults_per_minute: {}, skipped_bytes: 0, stray_bytes: 0, unknown_codes: [], unknown_codes_left_out: 0, recording: null, ...more,
});

const BY_ID = '/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A5069RR4-if00-port0';

const PORTS = [
  { name: BY_ID, device: '/dev/ttyUSB0', with: 'adapter', product: 'FT232R USB UART', console: false, line: null },
  { name: '/dev/serial/by-path/usb-0:1.2:1.0-port0', device: '/dev/ttyUSB1', with: 'socket', product: null, console: false, line: 'nonin-hand-held' },
  { name: '/dev/ttyAMA0', device: '/dev/ttyAMA0', with: 'board', product: null, console: true, line: null },
];

const way = (more) => ({ models: '', transport: 'serial', plug: 'nine_pin', cable: 'measure', port: null, steps: [], ...more });

const FAMILIES = [
  { family: 'nonin_text', title: 'Nonin pulse oximeters with text output', models: 'Nonin 8500, 9847, Avant 9600', ways: [way({ steps: ['two_wires'] })] },
  {
    family: 'intellivue', title: 'Philips IntelliVue monitors', models: 'Philips IntelliVue MP2 to MP90, MX, X2, FM',
    ways: [way({ transport: 'udp', plug: 'lan', cable: 'network', port: 24105, steps: ['lan_on', 'intellivue_central'] }), way({ plug: 'serial_rj45', cable: 'own', steps: ['intellivue_data_out'] })],
  },
];

const heard = (more) => ({ family: 'nonin_text', verdict: 'nothing', bytes: 0, findings: 0, skipped: 0, bad_checksums: 0, plays: false, faults: {}, values: [], curves: [], ...more });
const value = (label, unit, value, reason = null) => ({ label, unit, value, reason });
export const UNDERSTOOD = heard({
  verdict: 'understood', bytes: 204, findings: 24, values: [value('PR', '/min', '72'), value('SpO2', '%', '97'), value('Temp', 'Cel', null, 'probe_off')], curves: ['pleth'],
});

export const trial = (more) => ({
  number: 1, state: 'trying', port: BY_ID, at: 1, tries: 3, lasts_s: 36, over: '9600 8N1', asks: false, heard: [heard({})], tried: [], announced: [], found: null, advice: null, error: null, ...more,
});

export const FOUND = { family: 'nonin_text', port: BY_ID, stable: true, device: 'nonin-text-1' };

/** `who` is signed in; the fitter's answers are in what comes back, and may be changed by a case. */
export function fit(server, who) {
  server.door.person = who;
  const fitter = {
    lines: [
      line({}),
      line({
        line: 'nonin-hand-held', family: 'nonin', at: '/dev/serial/by-path/usb-0:1.2:1.0-port0', devices: ['nonin-hand-held'], added: true, opened: 3, bytes: 90_210, good_ms_ago: 64_000,
        faults: { bad_checksum: 41, resynchronised: 12 }, faults_per_minute: { bad_checksum: 7, resynchronised: 2 }, skipped_bytes: 512, unknown_codes: [{ code: 4711, count: 2 }],
      }),
      line({
        line: 'old-vent', family: '', at: '', devices: [], added: true, port: 'left_out', bytes: 0, seen: 0, good_ms_ago: null,
        reason: 'there is no bed "9": beds in this file: 1, 2, 3, 4; or add [[bed]] with id = "9"',
      }),
      line({
        line: 'wall', at: '/dev/ttyUSB7', family: 'nonin', devices: ['monitor-2'], port: 'closed', good_ms_ago: null, bytes: 0, seen: 0,
        reason: 'serial port /dev/ttyUSB7 is not there: check the cable, the adapter and its power',
      }),
    ],
    ports: PORTS,
    trial: null,
    /** Questions about the trial. */
    looks: 0,
  };
  server.told = (path) => {
    if (path === '/api/v1/lines') return { body: { lines: fitter.lines } };
    if (path === '/api/v1/devices') return { body: { devices: DEVICES } };
    if (path === '/api/v1/fitting') return { body: { families: FAMILIES, others: [{ family: 'modbus', title: 'Modbus units' }], ports: fitter.ports } };
    if (path !== '/api/v1/fitting/trial') return undefined;
    fitter.looks += 1;
    return fitter.trial === null ? { status: 409, body: { error: 'this try is over; begin again' } } : { body: fitter.trial };
  };
  server.onCommand = (path, body) => {
    const [, of, what] = /^\/api\/v1\/lines\/([\w.-]+)\/(remove|record|record\/end)$/.exec(path) ?? [];
    const found = fitter.lines.find((one) => one.line === of);
    if (path === '/api/v1/fitting/trial') {
      if (body.port === '/dev/ttyAMA0') return { refused: 409, error: 'Grace O. tries a port at this moment; ask them, or wait until they are done' };
      fitter.trial = body.lan ? trial({ state: 'listening', port: '', lasts_s: 25, heard: [] }) : trial({ port: body.port });
      return { number: 1 };
    }
    if (path === '/api/v1/fitting/trial/end') fitter.trial = null;
    if (path === '/api/v1/lines') {
      if (DEVICES.some(({ id }) => id === body.device)) return { refused: 422, error: `device "${body.device}" stands here a second time` };
      fitter.trial = null;
      fitter.lines = [...fitter.lines, line({ line: body.device, family: 'nonin_text', at: BY_ID, devices: [body.device], added: true, bytes: 12 })];
      return { line: body.device };
    }
    if (what === 'remove') fitter.lines = fitter.lines.filter((one) => one !== found);
    if (what === 'record') change(fitter, found, { recording: { left_s: body.seconds, bytes: 90 } });
    if (what === 'record/end') change(fitter, found, { recording: { left_s: 0, bytes: 4200 } });
    return undefined;
  };
  return fitter;
}

function change(fitter, found, more) {
  fitter.lines = fitter.lines.map((one) => (one === found ? { ...one, ...more } : one));
}
