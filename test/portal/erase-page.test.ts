import { whatIsKept } from '../../lib/portal/data/what-is-kept.ts';
import { portalWorld } from './portal-world.ts';

test('what is kept is said with the times that the stack was made with, before anything is erased', async () => {
  const world = portalWorld();
  await world.register('acme', 'Acme');
  await world.join('ann', 'acme');
  const ann = world.browser();
  await ann.signIn('ann');
  const { text } = await ann.get('/account/data/erase');
  for (const days of [
    'For 500 days',
    'For 400 days',
    'For 35 days',
    'For 90 days, and in queues for 14 days',
    'For one day',
  ])
    expect(text).toContain(days);
  for (const { what } of whatIsKept(world.settings.kept)) expect(text).toContain(what.replaceAll('’', '’'));
  const forEver = whatIsKept({ ...world.settings.kept, logs: null }).map(({ until }) => until);
  expect(forEver).toContain('For ever, and in queues for 14 days');
});
