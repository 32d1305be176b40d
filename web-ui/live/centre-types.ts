// The live interface of the doctor's page, as the centre speaks it. `_wall_ms` is UTC; every other `_ms` is the
// CENTRE's monotonic clock or a duration.

import type { DutyNow } from './duty';
import type { Beat, DeliveryState, Priority, Problem, Reason, StepWords } from './types';

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
  /** Whoever lies there, where the post has said anything of him. */
  patient: { initials: string; results: number; revision: number; vacant: boolean; perhaps: boolean } | null;
}

/** Why a post does not carry a command out. */
export type Refusal = 'expired' | 'unknown_alarm' | 'unknown_bed' | 'out_of_range' | 'not_understood' | 'too_many' | 'no_person';

/** Records that are still on their way while newer ones are here. */
export interface Gap {
  records: number;
  from_wall_ms: number | null;
  to_wall_ms: number | null;
  /** Since when something has been missing. */
  since_ms: number;
}

/** What an outage came to, as the post reports it. */
export interface Outage {
  from_wall_ms: number | null;
  to_wall_ms: number | null;
  over_wall_ms: number;
  kept: number;
  lost: number;
  oldest_alert_delay_ms: number | null;
}

/** A message or a proposal to the post; `bed` null = the whole post. */
export interface Sent {
  id: string;
  by: string;
  bed: string | null;
  bed_label: string | null;
  text: string | null;
  limit: { code: string; label: string; side: 'low' | 'high'; limit: string } | null;
  wall_ms: number;
  state: 'waiting' | 'shown' | 'refused' | 'expired';
  answered_wall_ms: number | null;
  reason: Refusal | null;
}

export interface Post {
  id: string;
  name: string;
  status: 'online' | 'stopped' | 'lost';
  heartbeat_ms: number | null;
  behind: number;
  gap: Gap | null;
  outages: Outage[];
  sent: Sent[];
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
  device?: string | null;
  /** For values about the post: their unit, and what their map calls them. */
  unit?: string;
  text?: string;
  onset_wall_ms: number | null;
  received_wall_ms: number;
  delay_ms: number | null;
  past: boolean;
  /** Ended because the post says so; no change of the alarm said when. */
  ended_unheard: boolean;
  onsets: number;
  acknowledged_by: string | null;
  /** `expired`: given up before the post had confirmed it; `refused`: the post will not show it. */
  seen: { by: string; wall_ms: number; confirmed: boolean; expired: boolean; refused: Refusal | null }[];
  /** It had arrived as past, and then the post said that it holds. */
  announced_wall_ms: number | null;
  /** How far it has come. */
  state: DeliveryState;
  responsible: Responsible | null;
  steps: (StepWords & { wall_ms: number; called_ids: string[]; confirmed: boolean; refused: Refusal | null })[];
}

/** Who answers for an alarm; they stay it until the person whom they offered it to has accepted. */
export interface Responsible {
  by: string;
  by_id: string;
  until_wall_ms: number;
  confirmed: boolean;
  offered_to: string | null;
  offered_to_id: string | null;
}

export interface CentreSnapshot extends Beat {
  build: string;
  centre: string;
  /** Who is on duty. */
  duty: DutyNow;
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
