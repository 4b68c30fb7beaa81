import { MINUTE_MS, parseTimestamp } from '../../../lib/domain/time/time.ts';
import { edited, shippedRules } from '../../domain/rules/shipped-rules.ts';
import { portalWorld } from '../portal-world.ts';
import { type ShopWorld, shopWorld } from '../shop-world.ts';

const said = (html: string) => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
const page = async (world: ShopWorld, path: string) => said((await world.browser().get(path)).text);

describe('the price list', () => {
  test('is anyone’s, says what each offered card costs in words, and what comes next', async () => {
    const world = await shopWorld();
    const { status, text, headers } = await world.browser().get('/pricing');
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    const words = said(text);
    expect(words).toContain('Growth from USD 49.00 a month');
    expect(words).toContain('10,000 calls included, then the first 1,000,000: USD 0.40 per 1,000 calls');
    expect(words).toContain('From 1 January 2027 on: from USD 250.00 a month');
    expect(words).toContain('the first 14 days: suite no fee; no minimum');
  });

  test('shows nothing of cards that are not offered, of rules, or of any customer’s terms', async () => {
    const world = await shopWorld();
    await world.register('acme', 'Acme Incorporated');
    await world.nightly();
    const text = (await world.browser().get('/pricing?api-calls=60000')).text;
    for (const secret of ['Enterprise', 'enterprise', 'startup', 'healthcare', 'capacity@', 'pricing@example.com']) {
      expect([secret, text.includes(secret)]).toEqual([secret, false]);
    }
    expect(text).not.toMatch(/Acme|acme|free-chosen|reserved/);
  });

  test('marks a member’s own plan, and leads to what a change would mean', async () => {
    const world = await shopWorld();
    await world.register('acme', 'Acme');
    await world.join('ann', 'acme');
    await world.nightly();
    const ann = world.browser();
    await ann.signIn('ann');
    const { text } = await ann.get('/pricing');
    expect(said(text)).toContain('Free Your plan');
    expect(text).toContain('href="/plan/change/growth"');
    expect(text).not.toContain('/join?card=');
  });

  test('says so where nothing is offered, and where nothing is published', async () => {
    let files = shippedRules();
    for (const path of Object.keys(files).filter((each) => each.startsWith('rate-cards/'))) {
      files = edited(files, path, (card) => void delete card.selfService);
    }
    const world = await shopWorld(files);
    expect(await page(world, '/pricing')).toContain('No plan is on offer here');
    const nina = world.browser();
    await nina.signIn('nina');
    expect((await nina.get('/join')).text).not.toContain('/join/account');
    const bare = await portalWorld().browser().get('/pricing');
    expect([bare.status, said(bare.text).includes('There are no prices yet')]).toEqual([503, true]);
  });

  test('is the same for a card in a currency without decimals', async () => {
    let files = shippedRules();
    for (const path of Object.keys(files).filter((each) => each.startsWith('rate-cards/'))) {
      files = edited(files, path, (card) => {
        card.currency = 'JPY';
        for (const { price } of [...card.charges, ...(card.bundles ?? [])]) {
          if (price.model === 'flat') price.amount = String(Math.round(Number(price.amount) * 150));
        }
        for (const phase of card.phases ?? []) {
          for (const { price } of Object.values<{ price?: { amount: string } }>(phase.charges ?? {}))
            if (price) price.amount = '0';
        }
        if (card.minimum) card.minimum.amount = '40000';
        if (card.maximum) card.maximum.amount = '4000000';
      });
    }
    files = edited(files, 'tiers.json', (tiers) => {
      for (const { event } of tiers.rules)
        if (event.params.reservedCapacity) event.params.reservedCapacity.amount = '2';
    });
    const world = await shopWorld(files);
    const text = await page(world, '/pricing?api-calls=250000');
    expect(text).toContain('Growth from JPY 7,350 a month');
    expect(text).toContain('JPY 400 per 1,000,000 calls');
    expect(text).toContain('Growth JPY 7,446');
  });
});

describe('the calculator', () => {
  test('works without a script: what was entered stands there again, with what each plan comes to and why', async () => {
    const world = await shopWorld();
    const { text } = await world.browser().get('/pricing?api-calls=250%2C000&tokens=');
    expect(text).toContain('value="250,000"');
    expect(said(text)).toMatch(
      /Growth USD 145\.00 platform 49\.00 calls, included: 10,000 calls 0\.00 calls, tier 1: 240,000 calls 96\.00/,
    );
    expect(said(text)).toContain('Not possible: its quota is 50,000 calls, and these are 250,000.');
  });

  test('says at the field what is wrong, and escapes what was typed', async () => {
    const world = await shopWorld();
    const { text } = await world
      .browser()
      .get(`/pricing?api-calls=${encodeURIComponent('"><script>alert(1)</script>')}`);
    expect(text).not.toContain('<script>alert');
    expect(text).toContain('aria-invalid="true"');
    expect(said(text)).toContain('Nothing was calculated');
  });

  test.each(['?__proto__=1', '?constructor=5', '?api-calls=1&api-calls=2', '?tokens.each=1'])(
    '%s is only a page',
    async (query) => {
      const world = await shopWorld();
      expect((await world.browser().get(`/pricing${query}`)).status).toBe(200);
    },
  );

  test('is not for machines: sixty a minute from one address', async () => {
    const world = await shopWorld();
    const browser = world.browser();
    const statuses = new Map<number, number>();
    for (let n = 0; n < 62; n++) {
      const { status } = await browser.get('/pricing?tokens=5');
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect([...statuses]).toEqual([
      [200, 60],
      [429, 2],
    ]);
    world.time.now = parseTimestamp('2026-11-02T09:30:00Z') + MINUTE_MS;
    expect((await browser.get('/pricing?tokens=5')).status).toBe(200);
  });
});
