// One question to the server and what came of it; nothing is thrown and nothing is assumed.

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

/** `withinMs`: for what the server reads long for. */
export const get = <T>(url: string, withinMs?: number) => ask<T>('GET', url, undefined, withinMs);
export const post = <T>(url: string, body: object = {}) => ask<T>('POST', url, body);
export const remove = <T>(url: string) => ask<T>('DELETE', url);
/** For what the server takes its time over on purpose. */
export const prove = <T>(url: string, body: object) => ask<T>('POST', url, body, SIGN_IN_WITHIN_MS);

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
