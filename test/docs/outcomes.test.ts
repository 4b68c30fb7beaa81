import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseUsageEvent } from '../../lib/app/accept-events/usage-event.ts';
import { compileMeters } from '../../lib/domain/metering/compile-meters.ts';
import { countObject } from '../../lib/domain/metering/count-ledger.ts';
import { parseMeters } from '../../lib/domain/metering/parse-meters.ts';
import { answerTo } from './priced-examples.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = readFileSync(join(ROOT, 'docs/outcomes.md'), 'utf8');
const block = (fence: string): string => new RegExp(`\`\`\`${fence}\n([^\`]*)\`\`\``).exec(PAGE)?.[1] ?? '';

test('the events of the page, taken, metered and rated as it says', () => {
  const meters = compileMeters(parseMeters(JSON.parse(block('json meters.json'))));
  const events = block('ndjson').trim().split('\n');
  const lines = events.map((text) => parseUsageEvent(JSON.parse(text)).line);
  const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''));
  const { records, lines: counted } = countObject({ meters }, { name: 'page', content: 'events', bytes });
  expect(counted).toMatchObject({ read: 3, counted: 3 });
  const usage = [...records()].map(({ meter, hour, outcomes }) => ({ meter, hour, outcomes }));
  const { charges } = JSON.parse(readFileSync(join(ROOT, 'rules/examples/travel-bookings-commission.json'), 'utf8'));
  expect(answerTo(JSON.stringify({ card: { charges }, usage }))).toBe(block('text'));
});
