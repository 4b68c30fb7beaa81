// What takes long is begun first: without timings of an earlier run Jest goes by the size of files, and a long test that is
// begun last leaves a core idle.
const Sequencer = require('@jest/test-sequencer').default;

const SLOW =
  /\/test\/(?:e2e|faults|action)\/|\/test\/app\/books\/books|\/test\/cli\/plan-workers|\/test\/local\/cloud\/project/;

module.exports = class extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const isSlow = ({ path }) => SLOW.test(path.replaceAll('\\', '/'));
    return [...sorted.filter(isSlow), ...sorted.filter((test) => !isSlow(test))];
  }
};
