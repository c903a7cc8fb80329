import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Complaints } from '../../src/core/running/complaints.ts';
import { PluginStatistics } from '../../src/core/running/plugin-statistics.ts';

function logged() {
  const lines: string[] = [];
  const error = (fields: object | string, message = '') => {
    const { err, count } = fields as { err?: Error; count?: number };
    lines.push(`${err ? `whole ${err.message}` : count} | ${message}`);
  };
  const statistics = new PluginStatistics();
  return { lines, statistics, complaints: new Complaints({ error }, statistics) };
}

test('a failure is told whole at the first time, then at the tenth, hundredth and thousandth; all are counted', () => {
  const { lines, statistics, complaints } = logged();
  for (let n = 0; n < 20_001; n++) complaints.tell(new Error('no such bus'), 'request handler failed', 1);
  assert.deepEqual(lines, [
    'whole no such bus | request handler failed',
    '10 | request handler failed: no such bus (10 times by now)',
    '100 | request handler failed: no such bus (100 times by now)',
    '1000 | request handler failed: no such bus (1000 times by now)',
    '10000 | request handler failed: no such bus (10000 times by now)',
    '20000 | request handler failed: no such bus (20000 times by now)',
  ]);
  assert.equal(statistics.toJSON().errors, 20_001);
});

test('another failure is told whole, and so is one that has not happened for ten minutes, or not since a reload', () => {
  const { lines, complaints } = logged();
  complaints.tell(new Error('a'), 'request handler failed', 0);
  complaints.tell(new Error('b'), 'request handler failed', 0);
  complaints.tell(new Error('a'), 'an answer cannot be written as JSON', 0);
  complaints.tell(new Error('a'), 'request handler failed', 600_000);
  assert.equal(lines.length, 3);
  complaints.tell(new Error('a'), 'request handler failed', 1_200_001);
  assert.equal(lines.length, 4);
  complaints.forget();
  complaints.tell(new Error('a'), 'request handler failed', 1_200_001);
  assert.equal(lines.length, 5);
});

test('failures that are others each time do not fill the memory, and what says nothing of itself is told, too', () => {
  const { lines, complaints } = logged();
  for (let n = 0; n < 1000; n++) complaints.tell(new Error(`${n}`), 'request handler failed', 0);
  assert.equal(lines.length, 1000);
  complaints.tell(null, 'terminate failed', 0);
  complaints.tell({ toString: () => assert.fail() }, 'terminate failed', 0);
  assert.equal(lines.length, 1002);
});
