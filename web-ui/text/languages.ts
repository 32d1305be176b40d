// The languages of these pages: what each calls itself, how it writes a day (always with Latin digits, as monitors do), and
// in which direction it is read.

export const LANGUAGES = {
  en: { name: 'English', locale: 'en-GB', dir: 'ltr' },
  fr: { name: 'Français', locale: 'fr-FR', dir: 'ltr' },
  hi: { name: 'हिन्दी', locale: 'hi-IN-u-nu-latn', dir: 'ltr' },
  sw: { name: 'Kiswahili', locale: 'sw-KE', dir: 'ltr' },
  ar: { name: 'العربية', locale: 'ar-u-nu-latn-ca-gregory', dir: 'rtl' },
} as const;

export type Language = keyof typeof LANGUAGES;
