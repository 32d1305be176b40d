// The live interface of the nurse's page, as the appliance speaks it: its words are those of the API's document. All `_ms`
// without `wall` are the SERVER's monotonic clock; nothing here may be compared with a clock of the browser.

import type { Said } from './api';

export type ClockTrust = Said<'ClockTrust'>;
export type Reason = Said<'AbsentReason'>;
export type Priority = Said<'Priority'>;
/** Whose limits and plausible values count. */
export type Category = Said<'Category'>;
export type Link = Said<'DeviceLink'>;

export type Value = Said<'BedValue'>;
export type Bed = Said<'Bed'>;
/** Who lies in a bed, in as few words as a wall may show. */
export type BedPatient = Said<'BedPatient'>;
/** Laboratory results that are nobody's. */
export type Laboratory = Said<'Unassigned'>;
/** The alarms of a bed's own devices, in the devices' words. */
export type DeviceAlarms = Said<'DeviceAlarms'>;

export type Alarm = Said<'Alarm'>;
export type DeliveryState = Said<'DeliveryState'>;
export type RejectReason = Said<'RejectReason'>;
export type Step = Said<'Step'>;
/** One step on the way of an alarm; who, to whom, until when and why where that belongs to it. */
export type StepWords = Omit<Step, 'at_ms'>;

/** Signals that a person paused. */
export type Pause = Said<'Pause'>;
/** What of the alarm signals rests, and beds at which alarms follow one another too fast. */
export type Signals = Said<'Signals'>;
export type Centre = Said<'Centre'>;
export type SiteValue = Said<'SiteValue'>;
export type Problem = Said<'Problem'>;
/** What a doctor wrote, until somebody has read it. */
export type Message = Said<'Message'>;
/** The last outage of the way to the centre: all that waited has arrived. */
export type Outage = Said<'Outage'>;
/** Who hears the alarms of this post. */
export type SoundNow = Said<'SoundNow'>;
/** A curve of a bed, as one device counts its samples. */
export type Lane = Said<'Lane'>;

export type Beat = Pick<Said<'Clocks'>, 'now_ms' | 'wall_ms'> & Partial<Said<'Clocks'>>;
export type WardMessage = Said<'WardMessage'>;
export type Snapshot = Extract<WardMessage, { type: 'snapshot' }>;
