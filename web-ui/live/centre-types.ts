// The live interface of the doctor's page, as the centre speaks it. `_wall_ms` is UTC; every other `_ms` is the
// CENTRE's monotonic clock or a duration.

import type { Beat, Priority, Problem, Reason } from './types';

export interface RemoteValue {
  code: string;
  label: string;
  unit: string;
  value: string | null;
  reason: Reason | null;
  quality: 'good' | 'questionable';
  measured_wall_ms: number | null;
  /** Estimated by the centre at the time of the snapshot. */
  age_ms: number | null;
}

export interface RemoteBed {
  id: string;
  label: string;
  values: RemoteValue[];
}

export interface Post {
  id: string;
  name: string;
  status: 'online' | 'stopped' | 'lost';
  heartbeat_ms: number | null;
  behind: number;
  beds: RemoteBed[];
}

export interface Alert {
  post: string;
  id: string;
  condition: string;
  priority: Priority;
  kind: 'physiological' | 'technical';
  phase: 'active' | 'acknowledged' | 'latched' | 'ended';
  bed: string | null;
  bed_label: string | null;
  value: string | null;
  limit: string | null;
  onset_wall_ms: number | null;
  received_wall_ms: number;
  delay_ms: number | null;
  past: boolean;
  onsets: number;
  acknowledged_by: string | null;
  /** `expired`: given up before the post had confirmed it. */
  seen: { by: string; wall_ms: number; confirmed: boolean; expired: boolean }[];
}

export interface CentreSnapshot extends Beat {
  build: string;
  centre: string;
  posts: Post[];
  alerts: Alert[];
  /** How many alerts have not ended, those left out of the list included. */
  alerts_total: number;
  /** What is wrong with the centre itself. */
  problems: Problem[];
}

export type CentreMessage = { seq: number } & (
  ({ type: 'snapshot' } & CentreSnapshot) | ({ type: 'beat' } & Beat)
);
