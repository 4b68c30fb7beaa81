/**
 * A path of this portal to go back to, from a request that may say anything: never another site, never a sign-in page
 * (which would go round in circles).
 */
export function returnPath(text: string | undefined): string {
  if (text === undefined || text.length > 500 || !/^\/[^/\\]/.test(text)) return '/';
  for (const character of text) if (character <= ' ' || character === '\\') return '/';
  return /^\/(?:sign-|development|customers\/)/.test(text) ? '/' : text;
}
