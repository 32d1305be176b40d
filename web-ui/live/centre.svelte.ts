// The posts and alerts as the doctor's screen knows them: always the last snapshot, whole.

import { t } from '../text/language.svelte';
import { alarmWords } from './alarms';
import { ownBuild, shouldReload } from './build';
import type { Alert, CentreMessage, Post, RemoteBed, RemoteValue } from './centre-types';
import { Commands } from './commands.svelte';
import type { DutyNow } from './duty';
import { Feed } from './feed.svelte';
import { Looks } from './looks';
import { heardPosts, waitsForADoctor } from './remote-alerts';
import { session } from './session.svelte';
import type { Problem } from './types';

/** What a doctor can do with an alert. */
export type Answer = 'seen' | 'accept' | 'reject' | 'offer' | 'decline';

/** An alert's id is unique within its post only. */
export function alertKey(alert: Alert): string {
  return `${alert.post}/${alert.id}`;
}

/** What is sent to a post. */
export function postKey(id: string): string {
  return `post/${id}`;
}

class CentreView {
  name = $state('');
  posts = $state.raw<Post[]>([]);
  alerts = $state.raw<Alert[]>([]);
  alertsTotal = $state(0);
  readonly heard = $derived(heardPosts(this.posts));
  problems = $state.raw<Problem[]>([]);
  duty = $state.raw<DutyNow>({ state: 'no_roster', present: [] });
  /** Who is on duty and whom the centre calls stands in the place of posts and alerts. */
  dutyOpen = $state(false);
  /** The alert of which everything is shown. */
  opened = $state<string | null>(null);
  /** Only what this person answers for, or what is offered to them. */
  mineOnly = $state(false);
  readonly looks = new Looks();
  /** The post to which somebody is writing. */
  writing = $state<string | null>(null);
  readonly commands = new Commands();
  readonly feed = new Feed<CentreMessage>('/api/v1/centre', { onMessage: (message) => this.#apply(message) });
  /** The server's clock at the snapshot: what the ages in it are counted from. */
  #snapshotMs = 0;
  #build: string | null = null;

  #apply(message: CentreMessage): void {
    if (message.type === 'snapshot') {
      this.name = message.centre;
      this.posts = message.posts;
      this.alerts = message.alerts;
      this.alertsTotal = message.alerts_total;
      this.problems = message.problems;
      this.duty = message.duty;
      this.#snapshotMs = message.now_ms;
      this.#build = message.build;
      const posts = message.posts.map((post) => postKey(post.id));
      const alerts = message.alerts.map(alertKey);
      this.commands.keep(new Set([...alerts, ...posts, 'duty']));
      this.looks.keep(new Set(alerts));
    }
    const open = message.type === 'beat' && this.alerts.some((alert) => waitsForADoctor(alert, this.heard));
    const calm = message.type === 'beat' && !open && session.want === null && this.writing === null && this.opened === null && !this.dutyOpen && !this.commands.busy();
    if (this.#build !== null && shouldReload(ownBuild(), this.#build, calm, sessionStorage)) location.reload();
  }

  /** How old a value is now; null when nobody knows. */
  ageOf(value: RemoteValue): number | null {
    const now = this.feed.now;
    return value.age_ms === null || now === null ? null : value.age_ms + Math.max(0, now - this.#snapshotMs);
  }

  /** The age of the newest value that a bed has, NIBP aside: it comes once in a while only. */
  newestAge(bed: RemoteBed): number | null {
    const ages = bed.values
      .filter((value) => !value.code.startsWith('nibp_'))
      .flatMap((value) => this.ageOf(value) ?? []);
    return ages.length === 0 ? null : Math.min(...ages);
  }

  postName(id: string): string {
    return this.posts.find((post) => post.id === id)?.name ?? id;
  }

  /** `14:02`, or with its day: up to when what is said of an alert was known: when its post was last heard, and never before it began. */
  lastKnown(alert: Alert): string {
    const began = Math.min(alert.onset_wall_ms ?? alert.received_wall_ms, alert.received_wall_ms);
    const heartbeat = this.posts.find((post) => post.id === alert.post)?.heartbeat_ms ?? null;
    const heard = heartbeat === null ? null : this.feed.clock.wallOf(heartbeat);
    return this.feed.atWall(Math.max(heard ?? began, began));
  }

  /** Posts that are lost, those that stopped in order aside. */
  readonly lost = $derived(this.posts.filter((post) => post.status === 'lost'));

  /** Sends a message or a proposal; the form closes when the centre has taken it. */
  async send(post: string, what: 'messages' | 'limits', body: object): Promise<void> {
    const url = `/api/v1/posts/${encodeURIComponent(post)}/${what}` as const;
    const words = t('want.send', { post: this.postName(post) });
    if (await this.commands.give({ key: postKey(post), words, action: null }, url, body)) this.writing = null;
  }

  /** Tells the post that this doctor saw it. */
  seen(alert: Alert): void {
    void this.answer(alert, 'seen');
  }

  /** Says what this doctor does with it; true when the centre has taken it. */
  async answer(alert: Alert, what: Answer, body: object = {}): Promise<boolean> {
    const url = `/api/v1/alerts/${encodeURIComponent(alert.post)}/${encodeURIComponent(alert.id)}/${what}` as const;
    const where = `${this.postName(alert.post)} ${alert.bed_label ?? alert.bed ?? ''}`.trim();
    const words = t('centre.answer.label', { does: t(`centre.answer.${what}`), what: alarmWords(alert, t), where });
    return (await this.commands.give({ key: alertKey(alert), words, action: null }, url, body)) !== null;
  }

  /** Opens what is known of an alert, or closes it. Whoever opens it has read it. */
  open(alert: Alert): void {
    const key = alertKey(alert);
    this.opened = this.opened === key ? null : key;
    if (this.opened === key) this.looks.opened(key);
  }

  /** Tells the centre what stood before the eyes of whoever is here. */
  tellLooks(now: number): void {
    const me = session.person?.name ?? null;
    if (me === null || !this.feed.live || document.visibilityState !== 'visible') {
      this.looks.interrupted();
      return;
    }
    const due = this.looks.due(this.alerts, alertKey, me, now);
    // One message at a time: the server hears one now and then only.
    const what = due.read.length > 0 ? 'read' : 'shown';
    if (due[what].length === 0) return;
    const alerts = due[what].map(({ post, id }) => ({ post, id }));
    if (!this.feed.say({ type: what, alerts })) return;
    for (const alert of due[what]) this.looks.told(what, alertKey(alert), now);
  }
}

export const centre = new CentreView();
