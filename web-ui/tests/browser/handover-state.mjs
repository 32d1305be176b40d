// A post with something to hand over, and a server that keeps what was handed over as the appliance does.

import { serve as serveStays, ward } from './stays-state.mjs';

export { ward };

const HOUR_MS = 3_600_000;
export const ID = '00000001aabbccdd-1';

const line = (section, what, ...words) => ({ section, what, words: words.map(String) });

/** Lines of every kind, as the appliance writes them. */
function beds(wall) {
  const ago = (minutes) => Math.round(wall - minutes * 60_000);
  return [
    {
      bed: '1', label: 'Bed 1', admission: 'unidentified-1', to_do: '',
      lines: [
        line('situation', 'who', 'Doe', 'Jane', '1960-01-01', 'F', 'PT-0007'),
        line('situation', 'score', 'NEWS2', '7', 'high', '', '754', ''),
        line('situation', 'alarm', 'high', 'limit.spo2.low', '', '84', '90', '%', '48', 'active', ''),
        line('situation', 'value', 'spo2', 'SpO2', '84', '%', '2', 'questionable', 'continuous', '', '', ''),
        line('situation', 'value', 'hr', 'HR', '118', '/min', '95', 'good', 'continuous', '', '', ''),
        line('situation', 'value', 'nibp_s', 'sys', '104', 'mm[Hg]', '540', 'good', 'intermittent', '', '', ''),
        line('situation', 'value', 'temp', 'Temp', '', 'Cel', '3', 'good', 'continuous', 'probe_off', '38.4', '420'),
        line('situation', 'by_hand', 'bp', '132/84', 'mm[Hg]', 130, 'Grace O.'),
        line('situation', 'by_hand', 'temp', '38.2', 'Cel', 130, 'Grace O.'),
        line('background', 'admitted', ago(300)),
        line('background', 'category', 'adult'),
        line('background', 'care', 'paced', 'true', 'Grace O.'),
        line('background', 'oxygen', 'given', 'mask', '4', '', ago(60), 'Grace O.'),
        line('background', 'specimen', 'S-1001', 'Grace O.'),
        line('background', 'result', 'Haemoglobin', '6.9', 'g/dL', 'critical_low', 'final', ago(30)),
        line('assessment', 'alarms', 14, 2, 9, 3, '', 19),
        line('assessment', 'worst', 'high', 'desaturation', '', '71', '80', '%', ago(200), '96'),
        line('assessment', 'trend', 'spo2', 'SpO2', '%', '97', '71', '99', '84'),
        line('assessment', 'trend', 'hr', 'HR', '/min', '82', '78', '131', '118'),
        line('assessment', 'note', ago(90), 'Grace O.', 'vomited twice', ''),
        line('assessment', 'note', ago(95), 'Grace O.', 'ate well', 'Ama Mensah'),
        line('assessment', 'observation', ago(60), 'Grace O.', '{"consciousness":"C","rr":"26"}', ''),
        line('assessment', 'more', 'note', 3),
        line('recommendation', 'unacknowledged', 'high', 'limit.spo2.low', '', '84', '90', '%', '48'),
        line('recommendation', 'message', 'Dr Ama Boateng', ago(20), 'Second line, then call me'),
        line('recommendation', 'message', 'Dr Ama Boateng', '', '', 'spo2', 'SpO2', 'low', '88', '%'),
        line('recommendation', 'pause', 'audio_paused', '70', 'Grace O.'),
        line('recommendation', 'limit', 'spo2', 'SpO2', '%', '88', '', '90', ''),
      ],
    },
    {
      bed: '2', label: 'Bed 2', admission: 'unidentified-2', to_do: '',
      lines: [
        line('situation', 'who', 'Karim', 'Abdul', '1975-06-02', 'M', 'PT-0012'),
        line('background', 'admitted', ''),
        line('background', 'category', 'adult'),
        line('assessment', 'alarms', 0, 0, 0, 0, ''),
      ],
    },
  ];
}

/** The server keeps what is offered, and who takes it over; `told.drawn` counts. */
export function serve(server, lab, more = {}) {
  serveStays(server, lab);
  const kept = { handovers: [], hours: [], changed: {}, ...more };
  const [told, onCommand] = [server.told, server.onCommand];
  const listed = ({ beds, post, changed, ...one }) => one;
  server.told = (path, now, wall, search) => {
    if (path === '/api/v1/handover') {
      const hours = Number(new URLSearchParams(search).get('hours'));
      kept.hours.push(hours);
      const post = [line('recommendation', 'message', 'Dr Ama Boateng', '', 'I am late')];
      kept.drawn = { draft: `d.${kept.hours.length}`, made_wall_ms: Math.round(wall), hours, clock: kept.clock ?? 'synchronised', post, beds: beds(wall) };
      return { body: kept.drawn };
    }
    if (path === '/api/v1/handovers') return { body: { handovers: kept.handovers.map(listed) } };
    const one = kept.handovers.find(({ handover }) => path === `/api/v1/handovers/${handover}`);
    if (one !== undefined) return { body: { ...one, changed: one.open ? kept.changed : {} } };
    return told(path, now, wall, search);
  };
  server.onCommand = (path, body, by) => {
    const { id } = server.door.person;
    if (path === '/api/v1/handovers') {
      if (body.draft !== kept.drawn.draft) return { refused: 409, error: 'this page is too old to be handed over' };
      offer(kept, { by, by_id: id, to_do: body.to_do, wall: server.wall() });
      return { handover: ID };
    }
    if (!path.startsWith('/api/v1/handovers/')) return onCommand(path, body, by);
    const [one] = kept.handovers;
    if (one.by_id === id) return { refused: 409, error: 'who hands over cannot take over as well' };
    const untold = Object.keys(kept.changed).find((bed) => !body.told.includes(bed));
    if (untold !== undefined) return { refused: 409, error: `something changed at bed ${untold} since you looked` };
    Object.assign(one, { open: false, accepted: { by, wall_ms: server.wall(), changed: body.told } });
    return undefined;
  };
  return kept;
}

/** What somebody handed over. */
export function offer(kept, { by, by_id, to_do, wall }) {
  const drawn = kept.drawn ?? { hours: 12, post: [], beds: beds(wall) };
  const made = drawn.made_wall_ms ?? wall - 600_000;
  const said = drawn.beds.map((bed) => ({ ...bed, to_do: to_do[bed.bed] ?? '' }));
  kept.handovers.unshift({
    handover: ID, by, by_id, made_wall_ms: made, offered_wall_ms: wall, hours: drawn.hours, open: true, accepted: null, post: drawn.post, beds: said, changed: {},
  });
}

/** One that was offered hours ago by somebody else. */
export const before = (wall) => ({ by: 'Ama Mensah', by_id: 'ama', to_do: { 1: 'turn at 16:00' }, wall: Math.round(wall - HOUR_MS / 6) });
