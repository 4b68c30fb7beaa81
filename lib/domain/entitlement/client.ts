/** Read in this order: an SDK often names the HTTP library and the runtime under it too, and browsers name everything. */
const FAMILIES: readonly (readonly [token: string, pattern: RegExp])[] = [
  ['python', /\bpython|\baiohttp|\bhttpx\/|\burllib|\bboto/],
  ['node', /\bnode(?:\.js|js|-fetch)?\b|\baxios|\bundici|\bgot \(|\bbun\/|\bdeno\//],
  ['go', /\bgo-http-client|\bgolang|\bgo-resty|\bgo\//],
  ['java', /\bjava\b|\bjava\/|\bokhttp|\bapache-httpclient|\bjersey|\bkotlin|\bktor|\bscala|\bdalvik|\bjdk\b/],
  ['dotnet', /\bdotnet|\.net\b|\brestsharp|\bhttpclient\/|\bcsharp/],
  ['php', /\bphp\b|\bguzzle|\bsymfony/],
  ['ruby', /\bruby\b|\bfaraday|\brest-client\/|\bhttparty/],
  ['rust', /\breqwest|\bhyper\/|\brust\b|\bureq\//],
  ['swift', /\bcfnetwork|\balamofire|\bswift\b/],
  ['perl', /\blibwww-perl|\bperl\b/],
  ['shell', /\bcurl\/|\blibcurl|\bwget\/|\bhttpie|\bpowershell/],
  ['tool', /\bpostman|\binsomnia|\bbruno|\bjmeter|\bk6\/|\bautocannon|\bwrk\b/],
  ['bot', /bot\b|\bspider|\bcrawler/],
  ['browser', /^mozilla\//],
];
/** A User-Agent is as long as its sender likes; what matters stands early. */
const READ_MAX = 256;

/**
 * The language family of the client, from its User-Agent: a safe token of ours, never the client's own text. A hint
 * about the customer, not a fact about each call: the authorizer's answer is cached.
 *
 * @returns `unknown` without a User-Agent, `other` for one that names no family we know
 */
export function clientFamily(userAgent: string | undefined): string {
  if (!userAgent) return 'unknown';
  const text = userAgent.slice(0, READ_MAX).toLowerCase();
  return FAMILIES.find(([, pattern]) => pattern.test(text))?.[0] ?? 'other';
}
