// Who may do what, only to say which role is needed: what a person may do, the server says (`may`), and it decides.
// A test compares this with the server's table (appliance/src/access/policy.rs).

export const NEEDS = {
  see_chart: ['nurse', 'senior_nurse', 'doctor'],
  acknowledge: ['nurse', 'senior_nurse', 'doctor'],
  read_message: ['nurse', 'senior_nurse', 'doctor'],
  admit: ['nurse', 'senior_nurse', 'doctor'],
  merge: ['senior_nurse', 'doctor'],
  bind: ['nurse', 'senior_nurse', 'doctor', 'technician'],
  assign_result: ['nurse', 'senior_nurse', 'doctor'],
  see_lines: ['senior_nurse', 'technician'],
  fit_lines: ['technician'],
  self_test: ['senior_nurse', 'technician'],
  manage_people: ['senior_nurse'],
  register_screen: ['senior_nurse', 'technician'],
  see_audit: ['privacy_officer', 'auditor'],
  review_emergency: ['privacy_officer'],
  pause_sound: ['nurse', 'senior_nurse', 'doctor'],
  rest_signals: ['senior_nurse', 'doctor'],
  set_limits: ['nurse', 'senior_nurse', 'doctor'],
  observe: ['nurse', 'senior_nurse', 'doctor'],
  write_note: ['nurse', 'senior_nurse', 'doctor'],
  hand_over: ['nurse', 'senior_nurse', 'doctor'],
  set_spo2_scale: ['senior_nurse', 'doctor'],
  see_alarm_log: ['nurse', 'senior_nurse', 'doctor', 'privacy_officer', 'auditor'],
} as const;

export type Action = keyof typeof NEEDS;

/** The roles whose names are translated: those of a post, and those of a centre. */
export const ROLES = [
  'viewer', 'nurse', 'senior_nurse', 'doctor', 'technician', 'privacy_officer', 'auditor', 'manager',
] as const;
export type Role = (typeof ROLES)[number];
