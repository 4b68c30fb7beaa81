import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { RULES_FILES } from '../../../lib/domain/rules/schema/schemas.ts';

/** Writes rules/schema from the schemas that `validate` uses: `npx tsx test/domain/rules/write-schemas.ts && npm run format`. */
const folder = resolve(import.meta.dirname, '../../../rules/schema');
for (const [file, { schema }] of Object.entries(RULES_FILES)) {
  const name = file.replace('.json', '.schema.json');
  writeFileSync(join(folder, name), `${JSON.stringify(schema, null, 2)}\n`);
}
