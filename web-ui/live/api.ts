// One question to the server and what came of it; nothing is thrown and nothing is assumed. What is sent and what comes is
// typed by the post's own document of its API (`npm run api`): an address that it does not have does not compile.

import type { components, paths } from '../api/post';
import { t } from '../text/language.svelte';

const ANSWER_WITHIN_MS = 8000;
/** Argon2 on a small box, behind others who sign in at the same time. */
const SIGN_IN_WITHIN_MS = 20_000;

export interface Answer<T> {
  /** HTTP's; 0 = no answer came. */
  status: number;
  ok: boolean;
  /** Null unless `ok`. */
  body: T | null;
  /** Why not, in a sentence; empty when `ok`. */
  error: string;
  /** What else is needed to sign in. */
  needs: string | null;
  /** How long to wait before the next try. */
  waitS: number | null;
}

/** A type of the API by its name in the document. */
export type Said<Name extends keyof components['schemas']> = components['schemas'][Name];

type Method = 'get' | 'post' | 'delete';
/** `/api/v1/beds/${string}/patient` */
type Spelled<Path extends string> = Path extends `${infer Begin}{${string}}${infer End}` ? `${Begin}${string}${Spelled<End>}` : Path;
type Spellings<Path extends string> = Spelled<Path> | `${Spelled<Path>}?${string}`;
type PathsOf<M extends Method> = { [P in keyof paths]: paths[P][M] extends object ? P : never }[keyof paths];
type PathOf<M extends Method, Url extends string> = {
  [P in PathsOf<M>]: Url extends Spellings<P> ? P : never;
}[PathsOf<M>];
type Route<M extends Method, Url extends string> = paths[PathOf<M, Url>][M];

/** What the centre alone has; its API has no document yet. */
type CentreUrl = `/api/v1/${'posts' | 'alerts' | 'duty'}/${string}` | '/api/v1/duty' | '/api/v1/doctors';

/** An address that can be asked, with or without a query. */
export type GetUrl = Spellings<PathsOf<'get'>> | CentreUrl;
export type PostUrl = Spelled<PathsOf<'post'>> | CentreUrl;
/** What is answered there. */
export type Got<Url extends string, M extends Method = 'get'> =
  Route<M, Url> extends { responses: { 200: { content: { 'application/json': infer Body } } } } ? Body : never;
/** What has to be said there; nothing = an empty object, or none. */
export type Sent<Url extends string> = Url extends CentreUrl
  ? object
  : Route<'post', Url> extends { requestBody: { content: { 'application/json': infer Body } } }
    ? Body
    : Record<string, never>;

/** `withinMs`: for what the server reads long for. */
export const get = <Url extends GetUrl, T = Got<Url>>(url: Url, withinMs?: number) => ask<T>('GET', url, undefined, withinMs);
export const post = <Url extends PostUrl>(url: Url, body: Sent<Url>) => ask<Got<Url, 'post'>>('POST', url, body);
export const remove = (url: Spelled<PathsOf<'delete'>>) => ask<Got<typeof url, 'delete'>>('DELETE', url);
/** For what the server takes its time over on purpose. */
export const prove = <Url extends PostUrl>(url: Url, body: Sent<Url>) =>
  ask<Got<Url, 'post'>>('POST', url, body, SIGN_IN_WITHIN_MS);

async function ask<T>(method: string, url: string, body?: object, withinMs = ANSWER_WITHIN_MS): Promise<Answer<T>> {
  try {
    const response = await fetch(url, {
      method,
      cache: 'no-store',
      signal: AbortSignal.timeout(withinMs),
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const said = read(await response.text(), response.ok) as T & { error?: string; needs?: string; wait_s?: number };
    return {
      status: response.status,
      ok: response.ok,
      body: response.ok ? said : null,
      error: response.ok ? '' : (said.error ?? `${response.status} ${response.statusText}`),
      needs: said.needs ?? null,
      waitS: said.wait_s ?? null,
    };
  } catch {
    return { status: 0, ok: false, body: null, error: t('send.no_answer'), needs: null, waitS: null };
  }
}

/** An answer that broke off or is no JSON is none: what it does not say is not made up. A refusal may be in other words. */
function read(text: string, ok: boolean): object {
  if (text === '') return {};
  try {
    const said: unknown = JSON.parse(text);
    return typeof said === 'object' && said !== null ? said : {};
  } catch (error) {
    if (ok) throw error;
    return {};
  }
}
