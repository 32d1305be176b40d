// The words of pages that come later, which vite.config.ts takes out of those of the first view.
declare module '*.json?later' {
  const words: Partial<Record<keyof typeof import('./en.json'), string>>;
  export default words;
}
